"""The Link header field: every spelling that RFC 8288 allows, and what is made of the rest."""

from __future__ import annotations

import time

import pytest

from services.fetcher.links import links, with_header_links
from shared.records import ParsedFeed

BASE = "https://paper.example/news/feed.xml"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('<https://hub.example/>; rel="hub"', {"hub": ["https://hub.example/"]}),
        ("<https://hub.example/>;rel=hub", {"hub": ["https://hub.example/"]}),
        ("<https://hub.example/> ; REL = HUB", {"hub": ["https://hub.example/"]}),
        (
            '<https://a.example/>; rel="hub",<https://b.example/>; rel=hub , <https://c.example/>; rel=self',
            {"hub": ["https://a.example/", "https://b.example/"], "self": ["https://c.example/"]},
        ),
        ('<https://a.example/>; rel="self hub"', {"self": ["https://a.example/"], "hub": ["https://a.example/"]}),
        (
            '<https://a.example/?a=1,2;b>; title="one, <two>; rel=self"; rel=hub',
            {"hub": ["https://a.example/?a=1,2;b"]},
        ),
        (r'<https://a.example/>; title="a \"quoted\" word"; rel="hub"', {"hub": ["https://a.example/"]}),
        ("<https://a.example/>; rel=self; rel=hub", {"self": ["https://a.example/"]}),
        ("</hub>; rel=hub, <feed2.xml>; rel=self", {
            "hub": ["https://paper.example/hub"], "self": ["https://paper.example/news/feed2.xml"],
        }),
        ('<https://a.example/>; rel=hub; anchor="#part", <https://b.example/>; rel=hub; anchor=""', {
            "hub": ["https://b.example/"],
        }),
        ("<mailto:a@b.example>; rel=hub, <https://b.example/>; rel=hub", {"hub": ["https://b.example/"]}),
        ("<https://a.example/>", {}),
        ('<https://a.example/>; rel="hub', {"hub": ["https://a.example/"]}),
        ("https://a.example/; rel=hub", {}),
        ("<https://a.example/; rel=hub", {}),
        (", ,", {}),
        ("", {}),
        (None, {}),
    ],
)  # fmt: skip
def test_links_are_read_by_relation(header: str | None, found: dict[str, list[str]]) -> None:
    assert links(header, base=BASE) == found


@pytest.mark.parametrize("piece", ["<", ";", "; a=", '; a="', " ", ",", "<x>;", '<x>; rel="\\'])
def test_a_hostile_header_costs_no_time(piece: str) -> None:
    began = time.perf_counter()
    links("<https://a.example/>" + piece * 60_000, base=BASE)
    assert time.perf_counter() - began < 0.5


def test_the_header_goes_before_the_document() -> None:
    document = ParsedFeed(format="rss20", hub_urls=("https://old.example/",), self_url="https://paper.example/own")
    both = with_header_links(document, "<https://hub.example/>; rel=hub, </self>; rel=self", base=BASE)
    assert (both.hub_urls, both.self_url) == (("https://hub.example/",), "https://paper.example/self")
    hub_only = with_header_links(document, "<https://hub.example/>; rel=hub", base=BASE)
    assert (hub_only.hub_urls, hub_only.self_url) == (("https://hub.example/",), "https://paper.example/own")
    assert with_header_links(document, "</self>; rel=self", base=BASE) == document
    assert with_header_links(document, None, base=BASE) == document
