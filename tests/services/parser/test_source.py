"""The publication's name and country."""

from __future__ import annotations

import pytest

from services.parser import source
from services.parser.countries import CODES, code_of
from services.parser.witness import Witness

URL = "https://www.thebote.example/a"


def name(*said: tuple[str, str], title: str | None = None, url: str | None = URL) -> tuple[str, str] | None:
    found = source.name((Witness(who, what) for who, what in said), title=title, url=url)
    return (found.source, found.value) if found else None


@pytest.mark.parametrize(
    ("said", "cleaned"),
    [
        ("The Bote", "The Bote"),
        ("The Bote | Home", "The Bote"),
        ("The Bote - News from the river and the sea", "The Bote"),
        ("News from the river and the sea | The Bote", "The Bote"),
        ("The Bote: Breaking News", "The Bote"),
        ("Kreisblatt - Nord", "Kreisblatt - Nord"),
        ("Tom's Wharf", "Tom's Wharf"),
        ("thebote.example", "thebote.example"),
        ("www.thebote.example", "thebote.example"),
        ("The Bote, Inc.", "The Bote"),
        ("Zürcher Verlag AG", "Zürcher Verlag AG"),
        ("@thebote", None),
        ("https://thebote.example/", None),
        ("Home", None),
        ("null", None),
        ("x" * 200, None),
    ],
)
def test_a_name_loses_what_is_no_name(said, cleaned):
    assert (name(("og:site_name", said)) or ("", None))[1] == cleaned


def test_a_domain_counts_only_where_nobody_has_a_name():
    assert name(("og:site_name", "thebote.example"), ("jsonld", "The Bote")) == ("jsonld", "The Bote")


def test_a_part_that_another_witness_confirms_is_the_name():
    said = (("og:site_name", "Ferries and more | Quay Post"), ("jsonld", "Quay Post"))

    assert name(*said, url="https://x.example/") == ("og:site_name", "Quay Post")


@pytest.mark.parametrize(
    ("said", "cleaned"),
    [("Quay Post RSS Feed", "Quay Post"), ("RSS: Quay Post", "Quay Post"), ("Quay Post > Top Stories", "Quay Post")],
)
def test_a_feed_s_title_names_the_publication_first(said, cleaned):
    assert name(("feed", said)) == ("feed", cleaned)


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("A bridge | The Bote", "The Bote"),
        ("A bridge - Local - The Bote", "The Bote"),
        ("A bridge | Ferries", None),
        ("A bridge", None),
        ("The Bote", None),
    ],
)
def test_the_end_of_the_title_is_a_name_only_where_it_spells_the_domain(title, cleaned):
    assert (name(title=title) or ("", None))[1] == cleaned


def country(stated: str | None = None, url: str | None = None, **locales: str) -> str | None:
    winner, _ = source.country(stated, (Witness(who, what) for who, what in locales.items()), url=url)
    return winner.value if winner else None


@pytest.mark.parametrize(
    ("said", "code"),
    [("AT", "AT"), ("at", "AT"), ("Österreich", "AT"), ("United Kingdom", "GB"), ("CHILE", "CL"), ("日本", "JP"),
     ("USA", "US"), ("Atlantis", None), ("XX", None), ("", None)],
)  # fmt: skip
def test_a_stated_country_is_read_by_code_or_name(said, code):
    assert country(said) == code
    assert code_of(said) == code


def test_a_locale_and_the_domain_s_country_are_believed_together():
    assert country(url="https://bote.at/a", html="de-AT") == "AT"
    assert country(url="https://bote.co.uk/a", html="en", og="en_GB") == "GB"


@pytest.mark.parametrize(
    ("url", "locale"),
    [
        ("https://bote.example/a", "en_US"),
        ("https://bote.com/a", "de-DE"),
        ("https://bote.at/a", "de-DE"),
        ("https://bote.at/a", "de"),
        ("https://bote.tv/a", "en-US"),
        (None, "de-AT"),
    ],
)
def test_neither_alone_is(url, locale):
    assert country(url=url, html=locale) is None


def test_what_is_not_believed_says_why():
    _, said = source.country(None, [Witness("html", "en-US")], url="https://bote.com/a")

    assert [(one.value, one.reason) for one in said] == [("US", "not the country of the site's domain")]


def test_all_codes_are_two_letters():
    assert len(CODES) == 249
    assert all(len(code) == 2 and code.isupper() for code in CODES)
