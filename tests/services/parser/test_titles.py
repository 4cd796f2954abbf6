"""Which of several headlines is the article's."""

from __future__ import annotations

import time

import pytest

from services.parser import titles
from services.parser.witness import Witness

SITES = ("The Bote", "bote.example")


def choose(*headings: str, **said: str) -> tuple[str, str] | None:
    order = ("jsonld", "og", "twitter", "title", "feed")
    witnesses = [Witness(source, said[source]) for source in order if source in said]
    chosen = titles.choose(headings, witnesses, sites=SITES)
    return (chosen.source, chosen.value) if chosen else None


def test_a_heading_that_another_witness_confirms_wins():
    assert choose("A bridge for the town", jsonld="Bridge!", og="A bridge for the town | The Bote") == (
        "h1",
        "A bridge for the town",
    )
    assert choose("A bridge for the town", feed="A bridge for the town") == ("h1", "A bridge for the town")
    assert choose("A bridge: ours", jsonld="A bridge", og="A bridge", twitter="A bridge: ours") == (
        "h1",
        "A bridge: ours",
    )


def test_a_heading_that_says_something_else_does_not():
    assert choose("The Bote’s daily quiz", jsonld="A bridge for the town") == ("jsonld", "A bridge for the town")


def test_the_confirmed_heading_need_not_be_the_first():
    assert choose("Local news", "A bridge for the town", og="A bridge for the town") == (
        "h1",
        "A bridge for the town",
    )


def test_what_is_the_same_everywhere_is_taken_as_it_is():
    headline = "A bridge for the town and its river, at last"

    assert choose(headline, jsonld=headline, title=f"{headline} | The Bote") == ("h1", headline)


@pytest.mark.parametrize("source", ["jsonld", "og"])
def test_a_kicker_glued_to_the_heading_is_left_out(source):
    said = {source: "A bridge for the town", "title": "A bridge for the town"}

    assert choose("Opinion A bridge for the town", **said) == (source, "A bridge for the town")


def test_a_kicker_that_the_page_has_above_the_heading_belongs_to_it_where_all_others_say_so():
    assert choose(
        "A bridge for the town", jsonld="Traffic - A bridge for the town", og="Traffic: A bridge for the town"
    ) == ("og", "Traffic: A bridge for the town")
    assert choose("A bridge for the town", og="Traffic: A bridge for the town") == ("h1", "A bridge for the town")


@pytest.mark.parametrize(
    ("heading", "other"),
    [
        ("BridgesA bridge for the town", "Bridges: A bridge for the town"),
        ("Bridges:A bridge for the town", "Bridges: A bridge for the town"),
        ("पुल की पीड़ा:दो शहर", "पुल की पीड़ा: दो शहर"),
    ],
)
def test_words_that_markup_glued_together_are_taken_from_another_witness(heading, other):
    assert choose(heading, og=other) == ("h1", other)


@pytest.mark.parametrize("other", ["A bridge — for the town", "A bridge | for the town |"])
def test_a_dash_or_bar_of_its_own_is_no_word_that_was_glued(other):
    assert choose("A bridge—for the town", og=other, title=other) == ("h1", "A bridge—for the town")


def test_a_headline_that_json_ld_cut_off_is_completed():
    whole = "A bridge for the town and its river"

    assert choose(whole, jsonld="A bridge for the town and...") == ("h1", whole)
    assert choose(jsonld="A bridge for the town and…", og=whole) == ("og", whole)


def test_a_headline_that_ends_in_dots_everywhere_is_not_completed_by_the_title_tag():
    headline = "A bridge for the town and…"

    assert choose(headline, jsonld=headline, title=f"{headline} - Local") == ("h1", headline)


@pytest.mark.parametrize(
    ("graph", "headline"),
    [
        ("A bridge - now | The Bote", "A bridge - now"),
        ("A bridge - now — The Bote", "A bridge - now"),
        ("A bridge - now | TheBote", "A bridge - now"),
        ("The Bote | A bridge - now", "A bridge - now"),
        ("A bridge - now - bote.example", "A bridge - now"),
        ("A bridge - now - Bote", "A bridge - now"),
        ("The Bote: A bridge - now", "The Bote: A bridge - now"),
        ("A bridge - now - Local", "A bridge - now - Local"),
    ],
)
def test_the_sites_name_is_taken_off_and_nothing_else(graph, headline):
    assert choose(og=graph) == ("og", headline)


def test_the_sites_name_alone_is_no_headline():
    assert choose("The Bote", og="A bridge for the town") == ("og", "A bridge for the town")
    assert choose("The Bote", title="www.bote.example") is None
    assert choose(og="The Bote", title="The Bote") is None
    assert choose(jsonld="The Bote", title="A bridge for the town | The Bote") == ("title", "A bridge for the town")


@pytest.mark.parametrize(
    "filler", ["Untitled Document", "Home", "index.html", "Startseite", "Accueil", "Home | The Bote", "Главная"]
)
def test_what_stands_where_there_is_no_title_is_no_headline(filler):
    assert choose(title=filler) is None
    assert choose(filler, title=filler) is None
    assert choose(filler, title="A bridge for the town") == ("title", "A bridge for the town")


def test_an_article_that_editors_call_home_keeps_its_name():
    assert choose("Home", jsonld="Home") == ("jsonld", "Home")


def test_a_page_that_gives_the_site_the_name_of_its_article_has_a_headline():
    headline = "A bridge for the town and its river at last"
    said = (Witness("og", headline), Witness("title", headline))

    assert titles.choose((headline,), said, sites=(headline,)) == Witness("h1", headline)


def test_what_json_ld_alone_says_loses_against_a_heading_that_is_the_title():
    assert choose("Möhne", jsonld="river in Westphalia", title="Möhne - Encyclopaedia") == ("h1", "Möhne")
    assert choose("Möhne", jsonld="A bridge for the town", og="A bridge for the town", title="Möhne - Local") == (
        "jsonld",
        "A bridge for the town",
    )


def test_a_lone_heading_loses_against_opengraph_and_the_title_together():
    assert choose("What we know so far", og="A bridge", title="A bridge | The Bote") == ("og", "A bridge")
    assert choose("What we know so far", og="A bridge", twitter="A bridge") == ("h1", "What we know so far")


def test_the_feed_is_asked_before_the_title_tag():
    assert choose(title="Bote | News, sport and weather", feed="A bridge for the town") == (
        "feed",
        "A bridge for the town",
    )


def test_a_short_heading_in_a_script_without_spaces_is_long_enough():
    assert choose("町に新しい橋ができる", jsonld="橋", og="町に新しい橋ができる 地域") == ("h1", "町に新しい橋ができる")
    assert choose("地域", og="町に新しい橋ができる 地域") == ("og", "町に新しい橋ができる 地域")


def test_without_a_witness_there_is_no_title():
    assert choose() is None
    assert choose("---", og="|") is None


def test_hostile_headlines_are_cheap():
    began = time.process_time()
    choose("- " * 1_000, jsonld="a - " * 500, og="| " * 1_000, title="x" * 2_000, feed="…" * 2_000)

    assert time.process_time() - began < 0.25
