"""When an article is a new version of itself: words count, their dress does not."""

from __future__ import annotations

import pytest

from services.indexer.versions import content_sha256, reason_for_version

TEXT = "Three people were hurt in Köln, police said."


@pytest.mark.parametrize(
    "text",
    [
        "Three people  were hurt in Köln, police said.",
        "“Three people were hurt in Köln”, police said",
        "THREE PEOPLE WERE HURT IN KÖLN - POLICE SAID!",
        "Three people were hurt in Ko\u0308ln, police said.",
        "\nThree people\u00a0were hurt\u200b in Köln… police said.",
    ],
    ids=["spaces", "quotes", "case", "decomposed", "invisible"],
)
def test_noise_is_no_version(text: str) -> None:
    assert content_sha256("Fire", text) == content_sha256("fire!", TEXT)


@pytest.mark.parametrize("text", ["Four people were hurt in Köln, police said.", TEXT + " Later more.", "", "Feuer"])
def test_a_change_of_words_is_one(text: str) -> None:
    assert content_sha256("Fire", text) != content_sha256("Fire", TEXT)


def test_a_word_that_moves_from_title_to_text_is_a_change() -> None:
    assert content_sha256("Fire in", "Köln") != content_sha256("Fire", "in Köln")
    assert content_sha256(None, "x") == content_sha256("", "x")


def test_the_reason_names_what_changed() -> None:
    assert reason_for_version("Fire", "fire!") == "text"
    assert reason_for_version("Fire", "Great fire") == "title"
    assert reason_for_version(None, "Fire") == "title"
