"""Whose by-line is believed."""

from __future__ import annotations

import time

import pytest
from lxml.html import document_fromstring

from services.parser import authors
from services.parser.jsonld import LinkedName
from services.parser.linked.names import names as linked_names
from services.parser.linked.nodes import Graph
from services.parser.meta import MetaTags
from shared.records import EntryAuthor


def choose(
    *linked: LinkedName, tags: dict[str, str] | None = None, feed: str | None = None, body: str = "<p>x</p>"
) -> tuple[list[str], str | None]:
    byline = decide(*linked, tags=tags, feed=feed, body=body)
    return [author.name for author in byline.authors], byline.winner.source if byline.winner else None


def decide(
    *linked: LinkedName, tags: dict[str, str] | None = None, feed: str | None = None, body: str = "<p>x</p>"
) -> authors.Byline:
    return authors.choose(
        linked,
        MetaTags(values={name: (value,) for name, value in (tags or {}).items()}),
        (EntryAuthor(name=feed),) if feed else (),
        document_fromstring(f"<html><body>{body}</body></html>"),
        sites=("The Bote", "BBC", "bote.example"),
        base="https://bote.example/news/1",
    )


def urls(byline: authors.Byline) -> list[str | None]:
    return [author.url for author in byline.authors]


def test_a_person_in_json_ld_is_believed_first():
    assert choose(LinkedName("Ann Lee"), tags={"author": "Bo Yang"}, feed="Cy Orr") == (["Ann Lee"], "jsonld")


def test_two_names_in_one_place_are_two_people_wherever_they_stand():
    names = ["Ann Lee", "Bo Yang"]

    assert choose(LinkedName("Ann Lee and Bo Yang", in_node=True)) == (names, "jsonld")
    assert choose(feed="Ann Lee and Bo Yang") == (names, "feed")


def test_commas_make_a_list_of_one_element():
    names = ["Ann Lee", "Bo Yang", "Cy Orr"]

    assert choose(LinkedName("Ann Lee, Bo Yang and Cy Orr", in_node=True)) == (names, "jsonld")


def test_words_that_are_no_name_are_no_person_for_the_and_between_them():
    assert choose(tags={"author": "Staff and agencies"}, feed="Ann Lee") == (["Ann Lee"], "feed")
    assert choose(tags={"author": "Staff"}, feed="Ann Lee") == (["Ann Lee"], "feed")


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


def test_one_person_written_in_several_ways_is_named_once():
    assert choose(LinkedName("Dr. Zoë Lee"), LinkedName("ZOE LEE"), LinkedName("Zoe Lee")) == (
        ["Dr. Zoë Lee"],
        "jsonld",
    )


def test_an_agency_stands_behind_people_and_alone_where_there_are_none():
    assert choose(LinkedName("dpa"), LinkedName("Ann Lee")) == (["Ann Lee", "dpa"], "jsonld")
    assert choose(tags={"author": "Reuters"}) == (["Reuters"], "author")
    assert choose(body='<span class="byline">Von AFP</span>') == (["AFP"], "byline")
    assert choose(LinkedName("dpa"), LinkedName("The Bote")) == (["dpa"], "jsonld")


def test_a_person_on_the_page_is_believed_before_an_agency_in_json_ld():
    agency = LinkedName("The Associated Press", organization=True)

    assert choose(agency, body='<span class="byline">By Cy Orr</span>') == (["Cy Orr"], "byline")
    assert choose(agency) == (["The Associated Press"], "jsonld")


@pytest.mark.parametrize("name", ["The Bote", "Bote", "bote.example", "BBC News", "Redaktion"])
def test_the_publication_or_its_staff_signs_where_nobody_else_does(name):
    assert choose(tags={"author": name}) == ([name], "author")
    assert choose(tags={"author": name}, body='<span class="byline">By Cy Orr</span>') == (["Cy Orr"], "byline")


@pytest.mark.parametrize("name", ["annlee", "admin", "Super User", "Staff Writer", "https://bote.example/ann"])
def test_an_account_or_a_job_is_no_author(name):
    assert choose(tags={"author": name}) == ([], None)


@pytest.mark.parametrize("desk", ["Redaktion other.example", "BBC Sport", "The Bote Staff", "bote.example", "Bote"])
def test_a_desk_of_the_publication_is_no_person(desk):
    assert choose(LinkedName(desk), body='<span class="byline">By Cy Orr</span>') == (["Cy Orr"], "byline")


def test_what_lost_is_kept():
    byline = decide(LinkedName("Ann Lee"), tags={"author": "Bo Yang"}, feed="Cy Orr")

    assert [(witness.source, witness.value) for witness in byline.said] == [
        ("jsonld", "Ann Lee"),
        ("author", "Bo Yang"),
        ("feed", "Cy Orr"),
    ]


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("/people/ann", "https://bote.example/people/ann"),
        ("https://ann.example/", "https://ann.example/"),
        ("javascript:alert(1)", None),
        ("mailto:ann@bote.example", None),
        ("#ann", None),
    ],
)
def test_an_authors_address_is_resolved_and_of_the_web(url, resolved):
    assert urls(decide(LinkedName("Ann Lee", url=url))) == [resolved]


def test_an_address_for_several_names_is_nobodys():
    assert urls(decide(LinkedName("Ann Lee and Bo Yang", url="/people/ann"))) == [None, None]


def test_a_link_that_is_the_authors_gives_an_address_to_a_name_without():
    body = '<a rel="author nofollow" href="/people/ann">Ann Lee</a><a rel="next" href="/2">Bo Yang</a>'

    assert urls(decide(LinkedName("ANN LEE"), LinkedName("Bo Yang"), body=body)) == [
        "https://bote.example/people/ann",
        None,
    ]


@pytest.mark.parametrize(
    "body",
    [
        '<div class="meta byline-top"><span>By <a href="/people/cy">Cy Orr</a></span></div>',
        '<a rel="author" href="/people/cy">Cy Orr</a>',
        '<span itemprop="author"><a href="/people/cy">Cy Orr</a></span>',
        '<address class="post-author">By <a href="/people/cy">Cy Orr</a>, May 12, 2023</address>',
    ],
)
def test_a_visible_byline_gives_name_and_address(body):
    byline = decide(body=body)

    assert [(author.name, author.url) for author in byline.authors] == [("Cy Orr", "https://bote.example/people/cy")]


def test_a_list_of_sections_is_no_byline():
    assert choose(body='<p class="byline">12.05.2022 / Politics / Local / Sport / Top Stories</p>') == ([], None)


def test_a_link_to_a_page_of_authors_counts_where_the_name_is_in_its_address():
    assert choose(body='<p><a href="/autoren/name/cy-orr">Dr. Cy Orr</a></p>') == (["Dr. Cy Orr"], "byline")
    assert choose(body='<p><a href="/authors/">Our Authors</a></p>') == ([], None)
    assert choose(body='<p><a href="/person/cy-orr">Cy Orr</a></p>') == ([], None)


def test_words_under_the_headline_that_begin_as_bylines_do_are_one():
    assert choose(body="<h1>A bridge</h1><p>By Cy Orr</p>") == (["Cy Orr"], "byline")
    assert choose(body="<h1>A bridge</h1><p>By the river lies a town.</p>") == ([], None)
    assert choose(body="<p>By Cy Orr</p>") == ([], None)


def test_a_page_of_bylines_is_cheap():
    crowd = "".join(f'<span class="author x{number}">Follow {number}</span>' for number in range(20_000))
    began = time.process_time()
    decide(*(LinkedName("1 " * 500) for _ in range(10_000)), tags={"author": "," * 4_000}, body=crowd)

    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", ["Jane Roe<br>John Doe", "Jane Roe&lt;br/&gt;John Doe", "Jane Roe&amp;John Doe"])
def test_markup_in_json_ld_parts_two_names(name):
    graph = Graph(())

    assert choose(*linked_names({"@type": "Person", "name": name}, graph)) == (["Jane Roe", "John Doe"], "jsonld")
    assert choose(*linked_names(name, graph)) == (["Jane Roe", "John Doe"], "jsonld")


def test_elements_that_touch_name_two_people_each_with_a_page():
    byline = decide(body='<div class="byline"><a href="/a">Jane Roe</a><a href="/b">John Doe</a></div>')

    assert [author.name for author in byline.authors] == ["Jane Roe", "John Doe"]
    assert urls(byline) == ["https://bote.example/a", "https://bote.example/b"]


@pytest.mark.parametrize(
    "inner",
    [
        "By <a href=/j>Jane Roe</a><span>Health correspondent</span>",
        "<a href=/j>Jane Roe</a><span>Gazette News</span>",
        "<a href=/j>Jane Roe</a><span>Berlin</span>",
        "By <a href=/j>Jane Roe</a><a href=/x>@janeroe</a>",
        "By<a href=/j>Jane Roe</a><span>Monday, 23 November 2026</span>",
    ],
)
def test_what_touches_a_linked_name_is_no_part_of_it_and_no_author(inner):
    byline = decide(body=f'<div class="byline">{inner}</div>')

    assert [(author.name, author.url) for author in byline.authors] == [("Jane Roe", "https://bote.example/j")]


def test_an_agency_beside_a_linked_name_signs_too():
    body = '<div class="byline"><a href="/j">Jane Roe</a><span>Reuters</span></div>'

    assert choose(body=body) == (["Jane Roe", "Reuters"], "byline")


def test_buttons_behind_the_date_are_nobody():
    body = '<div class="byline">Jane Roe<time>3 May 2026</time><a>Share</a><b>Text Size Large</b></div>'

    assert choose(body=body) == (["Jane Roe"], "byline")
    assert choose(body='<div class="byline"><i>3 May 2026</i><b>Jane Roe</b></div>') == (["Jane Roe"], "byline")
