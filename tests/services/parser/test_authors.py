"""Whose by-line is believed."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from services.parser import authors
from services.parser.jsonld import LinkedName
from services.parser.meta import MetaTags
from shared.records import EntryAuthor


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


def test_a_name_in_a_node_or_a_feeds_element_of_its_own_is_one_name():
    name = "Ann Lee and Bo Yang"

    assert choose(LinkedName(name, in_node=True)) == ([name], "jsonld")
    assert choose(feed=name) == ([name], "feed")
    assert choose(LinkedName(name)) == (["Ann Lee", "Bo Yang"], "jsonld")


def test_commas_make_a_list_of_one_element():
    names = ["Ann Lee", "Bo Yang", "Cy Orr"]

    assert choose(LinkedName("Ann Lee, Bo Yang and Cy Orr", in_node=True)) == (names, "jsonld")


def test_words_that_are_no_name_are_no_person_for_the_and_between_them():
    assert choose(tags={"author": "Staff and agencies"}, feed="Ann Lee") == (["Ann Lee"], "feed")
    assert choose(tags={"author": "Food and Agriculture"}, feed="Ann Lee") == (["Ann Lee"], "feed")


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
