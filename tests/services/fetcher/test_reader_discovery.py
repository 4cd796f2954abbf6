"""The feeds that a web page names."""

from __future__ import annotations

import itertools
import string
import time

import pytest

from services.fetcher.reader import read_page

PAGE = "https://paper.example/news/index.html"
RSS = "rel='alternate' type='application/rss+xml'"


def named(body: bytes) -> tuple[str, ...]:
    page = read_page(body, PAGE)
    return page.named if page is not None else ()


def discover(*links: str, head: str = "") -> tuple[str, ...]:
    tags = "".join(f"<link {link}>" for link in links)
    return named(f"<!DOCTYPE html><html><head>{head}{tags}</head><body></body></html>".encode())


def test_feeds_of_every_kind_come_in_the_page_s_order() -> None:
    assert discover(
        "rel='alternate' type='application/atom+xml' href='https://paper.example/atom'",
        f"{RSS} href='/rss'",
        "rel='alternate' type='application/feed+json' href='feed.json'",
        "rel='alternate' type='application/json' href='//cdn.example/feed.json'",
    ) == (
        "https://paper.example/atom",
        "https://paper.example/rss",
        "https://paper.example/news/feed.json",
        "https://cdn.example/feed.json",
    )


def test_feeds_of_comments_come_last() -> None:
    assert discover(
        f"{RSS} href='/comments/feed/' title='Paper &raquo; Comments Feed'", f"{RSS} href='/feed/' title='Paper'"
    ) == ("https://paper.example/feed/", "https://paper.example/comments/feed/")


def test_the_page_s_base_counts() -> None:
    assert discover(f"{RSS} href='rss'", head="<base href='/de/'>") == ("https://paper.example/de/rss",)


def test_names_are_read_as_browsers_read_them() -> None:
    found = discover("REL='Feed Alternate' TYPE='Application/RSS+XML; charset=utf-8' HREF=' /rss '")
    assert found == ("https://paper.example/rss",)


def test_what_is_no_feed_is_left_out() -> None:
    assert (
        discover(
            "rel='stylesheet' type='text/css' href='/a.css'",
            "rel='alternate' hreflang='fr' href='/fr'",
            f"{RSS} href='javascript:alert(1)'",
            f"{RSS} href='file:///etc/passwd'",
            RSS,
            "rel='alternate' type='application/json' href='/wp-json/wp/v2/pages/7'",
        )
        == ()
    )


def test_a_feed_named_twice_comes_once() -> None:
    assert discover(f"{RSS} href='/rss'", f"{RSS} href='https://paper.example/rss'") == ("https://paper.example/rss",)


def test_links_in_the_body_and_in_unclosed_pages_are_found() -> None:
    assert named(f"<body><p>x<link {RSS} href=/rss>".encode()) == ("https://paper.example/rss",)


def test_a_page_in_another_charset_is_read() -> None:
    page = f"<html><head><link {RSS} href='/rss' title='Zürich'></head></html>"
    assert named(page.encode("utf-16")) == ("https://paper.example/rss",)


def test_a_page_with_an_xml_declaration_is_read() -> None:
    page = f"<?xml version='1.0' encoding='utf-8'?><html><head><link {RSS} href='/rss'/></head></html>"
    assert named(page.encode()) == ("https://paper.example/rss",)


def test_what_is_no_page_names_nothing() -> None:
    for body in (b"", b"   ", b"%PDF-1.7", b"\xff\xfe\x00", b"<!-- -->", b"{}"):
        assert named(body) == ()


@pytest.mark.parametrize("hidden", [False, True])
def test_an_element_of_a_hundred_thousand_attributes_is_contained(hidden: bool) -> None:
    pairs = itertools.product(string.ascii_lowercase, string.ascii_lowercase, string.ascii_lowercase, "0123456789")
    names = ["".join(pair) for pair in itertools.islice(pairs, 100_000)]
    bomb = " ".join(f'{name}="<"' if hidden else name for name in names)
    page = f"<html><head><link {RSS} href='/rss'></head><body {bomb}></body></html>"
    assert len(page) > 500_000
    began = time.process_time()
    assert named(page.encode()) == ("https://paper.example/rss",)
    assert time.process_time() - began < 3
