"""Which of several headlines is the article's."""

from __future__ import annotations

import pytest

from services.parser import titles

SITES = ("The Bote", "bote.example")


def choose(
    *headings: str, linked: str | None = None, graph: str | None = None, tag: str | None = None, feed: str | None = None
) -> tuple[str, str] | None:
    chosen = titles.choose(headings, linked=linked, graph=graph, tag=tag, feed=feed, sites=SITES)
    return (chosen.source, chosen.value) if chosen else None


def test_a_heading_that_another_witness_confirms_wins():
    assert choose("A bridge for the town", linked="Bridge!", graph="A bridge for the town | The Bote") == (
        "h1",
        "A bridge for the town",
    )
    assert choose("A bridge for the town", feed="A bridge for the town") == ("h1", "A bridge for the town")


def test_a_heading_that_says_something_else_does_not():
    assert choose("The Bote’s daily quiz", linked="A bridge for the town") == ("jsonld", "A bridge for the town")


def test_the_confirmed_heading_need_not_be_the_first():
    assert choose("Local news", "A bridge for the town", graph="A bridge for the town") == (
        "h1",
        "A bridge for the town",
    )


def test_a_kicker_glued_to_the_heading_is_left_out():
    assert choose("Opinion A bridge for the town", linked="A bridge for the town") == (
        "jsonld",
        "A bridge for the town",
    )


def test_words_that_markup_glued_together_are_taken_from_another_witness():
    assert choose("BridgesA bridge for the town", graph="Bridges: A bridge for the town") == (
        "h1",
        "Bridges: A bridge for the town",
    )


def test_a_headline_that_json_ld_cut_off_is_completed_by_the_heading():
    assert choose("A bridge for the town and its river", linked="A bridge for the town and...") == (
        "h1",
        "A bridge for the town and its river",
    )


@pytest.mark.parametrize(
    "graph",
    [
        "A bridge - now | The Bote",
        "A bridge - now — The Bote",
        "The Bote: A bridge - now",
        "A bridge - now - bote.example",
    ],
)
def test_the_sites_name_is_taken_off_and_nothing_else(graph):
    chosen = choose(graph=graph)

    assert chosen is not None
    assert chosen[1] in {"A bridge - now", "The Bote: A bridge - now"}
    assert "bote.example" not in chosen[1]
    assert not chosen[1].endswith("The Bote")


def test_the_sites_name_alone_is_no_headline():
    assert choose("The Bote", graph="A bridge for the town") == ("og", "A bridge for the town")


def test_the_feed_is_asked_before_the_title_tag():
    assert choose(tag="Bote | News, sport and weather", feed="A bridge for the town") == (
        "feed",
        "A bridge for the town",
    )


def test_without_a_witness_there_is_no_title():
    assert choose() is None
