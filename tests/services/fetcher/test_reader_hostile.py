"""Documents built to cost more than any feed does: refused or read, and soon either way."""

from __future__ import annotations

import time

import pytest

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import WebPage, read_feed, read_page

MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
ITUNES = 'xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd"'
ATTRIBUTE = ' a#="1"'
QUOTED = ' a#=">"'
NAMESPACE = ' xmlns:a#="u#"'
BLANK = "\n" * 1_000_000
X = "<item><title>x</title></item>"
# Of CPU, for a document; a twentieth of what feedparser took for most of these.
SECONDS = 2.0


def rss(inner: str, attributes: str = "") -> str:
    return f'<rss version="2.0" {attributes}><channel><title>t</title>{inner}</channel></rss>'


def numbered(pattern: str, count: int) -> str:
    return "".join(pattern.replace("#", str(number)) for number in range(count))


def described_item(markup: str) -> str:
    return f"<item><title>x</title><description><![CDATA[{markup}]]></description></item>"


def laughs() -> str:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE rss [<!ENTITY l0 "lol">{levels}]>{rss("<item><title>&l9;</title></item>")}'


REFUSED = {
    "attributes": rss(f"<item {numbered(ATTRIBUTE, 100_000)}/>"),
    "attributes on each": rss(f"<item {numbered(ATTRIBUTE, 900)}/>" * 500),
    "categories": rss(f"<item>{numbered('<category>c#</category>', 20_000)}</item>"),
    "categories of the feed": rss(numbered("<category>c#</category><item/>", 20_000)),
    "keywords": rss(f"<item><media:keywords>{numbered('k#,', 100_000)}</media:keywords></item>", MEDIA),
    "podcast keywords": rss(f"<item><itunes:keywords>{numbered('k#,', 100_000)}</itunes:keywords></item>", ITUNES),
    "depth": "<rss>" + "<a>" * 1_000_000 + "</a>" * 1_000_000 + "</rss>",
    "depth without end": "<rss>" + "<a>" * 1_000_000,
    "laughs": laughs(),
    "one long entity": f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]>{rss("<item>" + "&a;" * 50_000 + "</item>")}',
    "external entity": f'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>{rss("<item><title>&a;</title></item>")}',
    "author": rss(f"<item><author>{'a' * 500_000}</author></item>"),
    "long base": rss("<a/>" * 100_000, f'xml:base="http://x/{"a" * 500_000}"'),
    "base on many": rss("<a/>" * 100_000, f'xml:base="http://x/{"a" * 4000}"'),
    "elements of one entry": rss(f"<item>{'<a/>' * 600_000}</item>"),
    "json of many values": '{"version": "https://jsonfeed.org/version/1", "items": [' + "{}," * 500_000 + "{}]}",
    "entries without number": rss("<item/>" * 400_000),
    "broken, and of marks only": rss(f"<item><title>x{'&' * 2_500_000}</title></item>"),
    "json": '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 500_000,
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    began = time.process_time()
    with pytest.raises(NotAFeedError) as caught:
        read_feed(REFUSED[name].encode(), url="https://a.example/f")
    assert caught.value.reason == "hostile"
    assert time.process_time() - began < SECONDS


def described(markup: str) -> str:
    return rss(described_item(markup))


CONTAINED = {
    "comments in a description": described("<!--" * 100_000),
    "nested markup": described("<div>" * 90_000),
    "nested markup with ends for others": described("<div></p>" * 50_000),
    "ampersands": described("&" * 400_000),
    "attributes in markup": described(f"<p {numbered(' a#', 60_000)}>"),
    "attributes behind a quoted bracket": described(f"<p a='>' {numbered(' a#', 60_000)}>"),
    "entries": rss(X + "<item/>" * 200_000),
    "formatting that is opened anew": "".join(
        (rss("".join(described_item(f"<p>{numbered('<b t=#>', 360)}</p>{'<p>x</p>' * 360}") for _ in range(200))),)
    ),
    "attributes hidden in values": rss("".join(described_item(f"<p {numbered(QUOTED, 30_000)}>") for _ in range(8))),
    "attributes in many texts": rss("".join(described_item(f"<p {numbered(' a#', 2500)}>") for _ in range(300))),
    "tags without end": rss("".join(described_item("<b></b>" * 60_000) for _ in range(10))),
    "titles of markup": rss("".join(f"<item><title><![CDATA[x{'<b>' * 1500}]]></title></item>" for _ in range(1000))),
    "blank lines": "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title><content type='xhtml'>"
    + BLANK
    + "</content></entry></feed>",
    "blank lines before": f"<!--{BLANK}-->{rss(X)}",
    "broken: brackets": rss(X + "<" * 500_000),
    "broken: open CDATA": rss(X + "<![CDATA[" * 200_000),
    "broken: open comments": rss(X + "<!--" * 300_000),
    "broken: references": rss(f"<item><title>x{'&' * 500_000}</title></item>"),
    "broken: equal signs": rss(X + "<a " + "=" * 1_000_000),
    "broken: quotes": rss(X + "<a " + 'a="' * 500_000),
    "broken: instructions": rss(X + "<?" * 500_000),
}


@pytest.mark.parametrize("name", CONTAINED)
def test_contained(name: str) -> None:
    began = time.process_time()
    feed = read_feed(CONTAINED[name].encode(), url="https://a.example/f")
    assert (feed.entries[0].title or "").startswith("x")
    assert time.process_time() - began < SECONDS


# What made feedparser slow, and is nothing to libxml2.
HARMLESS = {
    "namespaces": rss(f"<item {numbered(NAMESPACE, 20_000)}/>"),
    "namespaces one by one": rss(numbered('<a:b xmlns:a="u#"/>', 20_000)),
    "authors": rss(f"<item><author>{'a.' * 500}</author></item>" * 3000),
    "broken: attributes": rss(f"{X}<a {numbered(' a#=1', 100_000)}>"),
    "attributes in the middle": rss(f"{X}<a {numbered(ATTRIBUTE, 900)}/>{X}"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_read_in_no_time(name: str) -> None:
    began = time.process_time()
    feed = read_feed(HARMLESS[name].encode(), url="https://a.example/f")
    assert time.process_time() - began < SECONDS
    assert all(entry.title == "x" for entry in feed.entries)


def test_what_an_entity_names_is_never_read() -> None:
    for name in ("external entity", "laughs"):
        with pytest.raises(NotAFeedError) as caught:
            read_feed(REFUSED[name].encode())
        assert "root:" not in str(caught.value)


def test_markup_that_is_too_tangled_to_clean_is_kept_as_text() -> None:
    tangled = f"<div>{'<div>' * 5000}words &amp; more<script>alert(1)</script>"
    (entry,) = read_feed(described(tangled).encode()).entries
    assert entry.summary is not None
    assert "words &amp; more" in entry.summary
    assert "<" not in entry.summary


PAGES = {
    "depth": "<div>" * 500_000,
    "links": "<link rel=alternate " * 200_000,
    "brackets": "<" * 1_000_000,
    "nothing": "\x00" * 1_000_000,
    "comments": "<!--" * 300_000,
}


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_names_no_feeds_and_takes_no_time(name: str) -> None:
    began = time.process_time()
    assert read_page(PAGES[name].encode(), "https://a.example/") in (None, WebPage("https://a.example/"))
    assert time.process_time() - began < SECONDS
