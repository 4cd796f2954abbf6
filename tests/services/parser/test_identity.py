"""What a page calls its own address, and why some of it is not believed."""

from __future__ import annotations

import pytest

from services.parser.identity import Identity, identify
from services.parser.witness import Witness

OWN = "https://www.bote.example/lokales/2022/05/council-approves-new-bridge-4711"


def identity(final: str | None, *claims: str) -> Identity:
    names = ("canonical", "og:url", "jsonld")
    return identify(final, tuple(Witness(name, claim) for name, claim in zip(names, claims, strict=False)))


def refusal(final: str, *claims: str) -> str | None:
    provenance = identity(final, *claims).provenance
    assert provenance is not None
    return provenance.candidates[0].reason


@pytest.mark.parametrize(
    ("final", "claim"),
    [
        (f"{OWN}?utm_source=x", OWN),
        (f"{OWN}/amp", OWN),
        ("https://amp.bote.example/lokales/2022/05/council-approves-new-bridge-4711", OWN),
        ("https://m.bote.example/amp/lokales/2022/05/council-approves-new-bridge-4711", OWN),
        (OWN, "https://www.bote.example/politik/council-approves-new-bridge-4711"),
        (OWN, "/lokales/2022/05/council-approves-new-bridge-4711.html"),
        ("https://www.bote.example/print.php?id=4711", OWN),
        ("https://www.bote.example/?p=4711", OWN),
        (OWN, "https://www.bote.example/?p=4711"),
        ("https://www-bote-example.cdn.ampproject.org/c/s/www.bote.example/a/new-bridge/amp", "https://www.bote.example/a/new-bridge"),
    ],
)  # fmt: skip
def test_a_plausible_claim_is_believed(final, claim):
    found = identity(final, claim)

    assert found.canonical is not None
    assert found.canonical.endswith(claim.removeprefix("https://www.bote.example"))
    assert found.provenance is not None
    assert found.provenance.source == "canonical"


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (f"{OWN}/amp", "the page's AMP rendition"),
        ("https://www.bote.example/amp/lokales/2022/05/council-approves-new-bridge-4711", "the page's AMP rendition"),
        (f"{OWN}/2", "another page of the article"),
        (f"{OWN}/page/2", "another page of the article"),
        (f"{OWN}?page=2", "another page of the article"),
    ],
)
def test_another_rendition_of_the_page_is_not_the_article(claim, reason):
    assert identity(OWN, claim).canonical == OWN
    assert refusal(OWN, claim) == reason


@pytest.mark.parametrize("own", [f"{OWN}/amp", f"{OWN}/2", f"{OWN}?page=2"])
def test_a_page_may_call_itself_by_its_own_rendition(own):
    assert identity(own, own).canonical == own


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("https://victim.example/lokales/council-approves-new-bridge-4711", "another site"),
        ("https://www.bote.example/", "the home page"),
        ("https://www.bote.example/?utm_source=x", "the home page"),
        ("https://www.bote.example/index.html", "the home page"),
        ("https://www.bote.example/de/", "the home page"),
        ("https://www.bote.example/lokales", "a section of the site"),
        ("https://www.bote.example/thema/bruecken", "a section of the site"),
        ("https://www.bote.example/lokales/2022/05/ferry-sinks-off-harbour-4712", "another article"),
        ("javascript:alert(1)", "no address of the web"),
        ("http://[::1", "no address of the web"),
    ],
)
def test_an_implausible_claim_is_refused_with_its_reason(claim, reason):
    assert refusal(OWN, claim) == reason
    assert identity(OWN, claim).canonical == OWN


def test_a_claim_to_be_another_page_does_not_count_against_the_page_s_own_word():
    other = "https://www.bote.example/lokales/2022/05/council-debates-bridge-4699"

    assert identity(OWN, other).canonical == other
    assert identity(OWN, other, OWN).canonical == OWN
    assert refusal(OWN, other, OWN) == "the page also gives its own address"


def test_the_same_headline_in_another_folder_is_the_same_article_even_against_it():
    moved = "https://news.bote.example/2022/council-approves-new-bridge-4711"

    assert identity(OWN, moved, OWN).canonical == moved


def test_a_template_s_address_without_the_page_s_number_is_another_article():
    final = "https://www.bote.example/story.php?id=4711"

    assert refusal(final, "https://www.bote.example/story.php") == "another article"
    assert refusal(final, "https://www.bote.example/story.php?id=4712") == "another article"
    assert (
        identity(final, "https://bote.example/story.php?id=4711").canonical == "https://bote.example/story.php?id=4711"
    )


def test_a_cache_s_page_is_not_any_site_s():
    final = "https://www-bote-example.cdn.ampproject.org/c/s/www.bote.example/a/new-bridge"

    assert refusal(final, "https://victim.example/a/new-bridge") == "another site"
    assert refusal(final, "https://www.bote.example/another") == "another site"


def test_where_the_page_was_unknown_a_claim_is_taken_as_it_is():
    assert identity(None, OWN).canonical == OWN
    assert identity(None).canonical is None
