"""Sections and tags."""

from __future__ import annotations

import pytest

from services.parser import topics


@pytest.mark.parametrize(
    ("values", "items"),
    [
        (["ferry, bridge; quay"], ["ferry", "bridge", "quay"]),
        (["ferry|bridge"], ["ferry", "bridge"]),
        (["渡船、橋"], ["渡船", "橋"]),
        (['["ferry", "bridge, new"]'], ["ferry", "bridge, new"]),
        (["Washington, D.C.", "Ferries"], ["Washington, D.C.", "Ferries"]),
        (["a, b, c, d", "Ferries"], ["a", "b", "c", "d", "Ferries"]),
        ([", ,ferry,"], ["ferry"]),
        (["[1]"], []),
        ([], []),
    ],
)
def test_lists_are_split_as_they_were_meant(values, items):
    assert topics.listed(values) == items


@pytest.mark.parametrize(
    "junk",
    [
        "News", "Nachrichten", "HOME", "article", "null", "_syndication_noshow", "@exmeter", "type: news",
        "Section: Showbiz:Celebrity", "word count: 701-1200 words", "105726154", "550e8400-e29b-41d4", "layout_hero",
        "k5a:paid", "https://bote.example/tag", "The Bote", "the bote", "", "#", "x" * 200,
    ],
)  # fmt: skip
def test_what_is_no_topic_is_left_out(junk):
    assert topics.tags([junk, "Ferries"], sites=("The Bote",)) == ["Ferries"]


def test_topics_that_look_a_little_like_marks_stay():
    kept = ["Breaking News: Business", "2024", "Euro 2024", "#MeToo", "C++", "5G", "Washington, D.C.", "渡船", "U.S."]

    assert topics.tags(kept) == ["Breaking News: Business", "2024", "Euro 2024", "MeToo", *kept[4:]]


def test_a_tag_is_one_whatever_its_case():
    assert topics.tags(["Ferry", "ferry", "FERRY", "bridge"]) == ["Ferry", "bridge"]


@pytest.mark.parametrize(
    ("values", "section"),
    [
        (["Local"], "Local"),
        (["News"], None),
        (["News > Local > Ferries"], "Local"),
        (["news/local/ferries"], "local"),
        (["News/Bay Area & State"], "Bay Area & State"),
        (["2024 Draft on B/R"], "2024 Draft on B/R"),
        (["Home | Sport"], "Sport"),
        (["- Politik"], "Politik"),
        (["tags", "inside the hive"], "inside the hive"),
        (["The Bote", "Ferries"], "Ferries"),
        (["news_news", "World"], "World"),
        (["x" * 300], None),
        ([], None),
    ],
)
def test_the_section_is_the_first_that_says_something(values, section):
    assert topics.section(values, sites=("The Bote",)) == section


def test_a_trail_leaves_out_the_home_page_and_the_article():
    assert topics.trail(("Home", "Local", "A bridge for the town"), titles=("A Bridge for the Town",)) == ("Local",)
    assert topics.trail(("Local",), titles=()) == ("Local",)
