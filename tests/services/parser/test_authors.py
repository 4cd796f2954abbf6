"""Names out of by-lines."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from services.parser import authors
from services.parser.jsonld import LinkedName
from services.parser.meta import MetaTags
from shared.records import EntryAuthor


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ann Lee", ["Ann Lee"]),
        ("Von Jördis Häßler und Max Öl", ["Jördis Häßler", "Max Öl"]),
        ("Ann Lee, Bo Yang and Cy Orr", ["Ann Lee", "Bo Yang", "Cy Orr"]),
        ("Ann Lee; Bo Yang", ["Ann Lee", "Bo Yang"]),
        ("Par Anne Dupont et Luc Petit", ["Anne Dupont", "Luc Petit"]),
        ("Ann Lee & Bo Yang", ["Ann Lee", "Bo Yang"]),
        ("Ann Lee, Senior Political Editor", ["Ann Lee"]),
        ("Ann Lee (Korrespondentin)", ["Ann Lee"]),
        ("Martin Luther King, Jr.", ["Martin Luther King, Jr"]),
        ("ann@bote.example Ann Lee @annlee", ["Ann Lee"]),
        ("ANN MARIE LEE", ["Ann Marie Lee"]),
        ("Felix Schröder und Jörg Soldwisch, dpa", ["Felix Schröder", "Jörg Soldwisch", "dpa"]),
        ("大渡 美咲", ["大渡 美咲"]),
        ("https://www.facebook.com/bote", []),
        ("20 May 2022", []),
        ("", []),
        ("Andrea Sandhaus", ["Andrea Sandhaus"]),
    ],
)
def test_a_byline_is_taken_apart(byline, names):
    assert authors.names(byline) == names


def test_an_inverted_name_is_turned_round():
    assert authors.names("You, Xiaoying", inverted=True) == ["Xiaoying You"]


def choose(
    *linked: LinkedName, tags: dict[str, str] | None = None, feed: str | None = None, body: str = "<p>x</p>"
) -> tuple[list[str], str | None]:
    byline = authors.choose(
        linked,
        MetaTags(values={name: (value,) for name, value in (tags or {}).items()}),
        (EntryAuthor(name=feed),) if feed else (),
        document_fromstring(f"<html><body>{body}</body></html>"),
        sites=("The Bote",),
    )
    return [author.name for author in byline.authors], byline.winner.source if byline.winner else None


def test_a_person_in_json_ld_is_believed_first():
    assert choose(LinkedName("Ann Lee"), tags={"author": "Bo Yang"}, feed="Cy Orr") == (["Ann Lee"], "jsonld")


def test_a_person_elsewhere_is_believed_before_the_publication_in_json_ld():
    house = LinkedName("The Bote", organization=True)

    assert choose(house, tags={"author": "Bo Yang"}) == (["Bo Yang"], "author")
    assert choose(house, body='<span class="byline">By Cy Orr</span>') == (["Cy Orr"], "byline")
    assert choose(house) == (["The Bote"], "jsonld")


def test_the_publications_name_beside_a_person_goes_and_an_agency_stays():
    assert choose(LinkedName("Ann Lee"), LinkedName("The Bote"), LinkedName("dpa", organization=True)) == (
        ["Ann Lee", "dpa"],
        "jsonld",
    )


def test_the_feed_is_asked_before_the_visible_byline():
    assert choose(feed="Ann Lee", body='<span class="byline">By Cy Orr</span>') == (["Ann Lee"], "feed")


@pytest.mark.parametrize(
    "body",
    [
        '<div class="comments"><span class="author">Cy Orr</span></div>',
        '<aside><span class="author">Cy Orr</span></aside>',
        '<a class="author" href="/follow">Follow</a>',
        '<p class="author">' + "a long text about an author " * 20 + "</p>",
    ],
)
def test_a_name_that_stands_elsewhere_is_not_the_authors(body):
    assert choose(body=body) == ([], None)


def test_everybody_is_named_once():
    assert choose(LinkedName("Ann Lee"), LinkedName("ANN LEE"), LinkedName("Ann Lee")) == (["Ann Lee"], "jsonld")
