"""Documents built to cost their reader more than any feed, sitemap or list does. Each is made when it is asked for."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable
from functools import partial

MIB = 1024 * 1024
SITEMAP = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)
NEWS = (
    "<url><loc>https://paper.example/2026/11/{0}/a-story-of-the-usual-length-{0}.html</loc>"
    "<lastmod>2026-11-24T08:{1:02}:00Z</lastmod><news:news><news:publication><news:name>Paper</news:name>"
    "<news:language>en</news:language></news:publication><news:publication_date>2026-11-24T08:{1:02}:00Z"
    "</news:publication_date><news:title>A story of the usual length, number {0}</news:title></news:news></url>"
)
ITEM = (
    "<item><title>A story of the usual length, number {0}</title><link>https://paper.example/{0}.html</link>"
    "<guid>https://paper.example/{0}</guid><pubDate>Tue, 24 Nov 2026 08:{1:02}:00 GMT</pubDate>"
    "<description>&lt;p&gt;Two sentences that say what the story says. The other one.&lt;/p&gt;</description></item>"
)
ATTRIBUTE = ' a#="1"'
NAMESPACE = ' xmlns:a#="u#"'


def _rss(inner: str, attributes: str = "") -> bytes:
    return f'<rss version="2.0" {attributes}><channel><title>t</title>{inner}</channel></rss>'.encode()


def _numbered(pattern: str, count: int) -> str:
    return "".join(pattern.replace("#", str(number)) for number in range(count))


def _described(markup: str) -> bytes:
    return _rss(f"<item><title>x</title><description><![CDATA[{markup}]]></description></item>")


def _laughs(root: str) -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{levels}]>{root}'.encode()


def _items(count: int) -> bytes:
    return _rss("".join(ITEM.format(number, number % 60) for number in range(count)))


def _urlset(inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {SITEMAP}>{inner}</urlset>'.encode()


def _sitemap(count: int) -> bytes:
    return _urlset("".join(NEWS.format(number, number % 60) for number in range(count)))


def _index(count: int) -> bytes:
    entries = _numbered("<sitemap><loc>https://paper.example/sitemap-#.xml.gz</loc></sitemap>", count)
    return f"<sitemapindex {SITEMAP}>{entries}</sitemapindex>".encode()


def _gzip_of_zeros(start: bytes, mib: int) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    block = bytes(MIB)
    return b"".join([compressor.compress(start), *(compressor.compress(block) for _ in range(mib)), compressor.flush()])


def _noise(mib: int) -> bytes:
    return b"<rss>" + random.Random(1).randbytes(mib * MIB)  # noqa: S311 - the same every time


def _json_feed(items: str) -> bytes:
    return f'{{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": {items}}}'.encode()


def _json_items(count: int) -> bytes:
    item = {"url": "https://paper.example/#", "id": "#", "title": "Story #", "content_html": "<p>What it says. #</p>"}
    return _json_feed("[" + ",".join([json.dumps(item).replace("#", str(number)) for number in range(count)]) + "]")


def _opml(outlines: str) -> bytes:
    return f'<opml version="2.0"><head><title>t</title></head><body>{outlines}</body></opml>'.encode()


FEEDS: dict[str, Callable[[], bytes]] = {
    "100,000 attributes": lambda: _rss(f"<item {_numbered(ATTRIBUTE, 100_000)}/>"),
    "20,000 namespaces": lambda: _rss(f"<item {_numbered(NAMESPACE, 20_000)}/>"),
    "20,000 categories": lambda: _rss(f"<item>{_numbered('<category>c#</category>', 20_000)}</item>"),
    "100,000 <!--": lambda: _described("<!--" * 100_000),
    "million nested": lambda: b"<rss>" + b"<a>" * 1_000_000 + b"</a>" * 1_000_000 + b"</rss>",
    "90,000 nested <div>": lambda: _described("<div>" * 90_000),
    "billion laughs": lambda: _laughs("<rss><channel><item><title>&l9;</title></item></channel></rss>"),
    "50,000 of one entity": lambda: (
        b'<!DOCTYPE r [<!ENTITY a "' + b"a" * 50_000 + b'">]>' + _rss(f"<item>{'&a;' * 50_000}</item>")
    ),
    "10 MiB of one title": lambda: _rss(f"<item><title>{'word ' * (2 * MIB)}</title></item>"),
    "10 MiB of one description": lambda: _described("<p>word</p> " * (10 * MIB // 12)),
    "10 MiB of ampersands": lambda: _rss(f"<item><title>{'&' * (10 * MIB)}</title></item>"),
    "10 MiB of one attribute": lambda: _rss(f'<item><link href="{"a" * (10 * MIB)}"/></item>'),
    "10 MiB of noise": partial(_noise, 10),
    "10 MiB of <": lambda: b"<rss>" + b"<" * (10 * MIB),
    "10 MiB of blank lines": lambda: b"<rss>" + b"\n" * (10 * MIB) + b"</rss>",
    "10 MiB of UTF-32": lambda: _items(5000).decode().encode("utf-32")[: 10 * MIB],
    "10,000 items": partial(_items, 10_000),
    "50,000 items": partial(_items, 50_000),
    "300,000 empty items": lambda: _rss("<item/>" * 300_000),
    "not well-formed, 10,000 items": lambda: _items(10_000).replace(b"</title>", b" & </title>"),
    "JSON, 50,000 items": partial(_json_items, 50_000),
    "JSON, million nested": lambda: _json_feed("[" * 1_000_000),
    "JSON, a number of 5 MiB": lambda: _json_feed("[{" + f'"id": {"1" * (5 * MIB)}' + "}]"),
    "gzip of 1 GiB": lambda: _gzip_of_zeros(b"<rss><channel>", 1024),
    "HTML, 200,000 <link>": lambda: (
        b"<html><head>" + b'<link rel="alternate" type="application/rss+xml" href="/f">' * 200_000
    ),
}
SITEMAPS: dict[str, Callable[[], bytes]] = {
    "50,000 addresses": partial(_sitemap, 50_000),
    "50,000 addresses, gz": lambda: gzip.compress(_sitemap(50_000), 6),
    "index of 50,000": partial(_index, 50_000),
    "500,000 addresses": lambda: _urlset(_numbered("<url><loc>https://p.example/#</loc></url>", 500_000)),
    "a million nested": lambda: f"<urlset {SITEMAP}>".encode() + b"<url>" * 1_000_000,
    "100,000 attributes": lambda: _urlset(f"<url {_numbered(ATTRIBUTE, 100_000)}/>"),
    "billion laughs": lambda: _laughs(f"<urlset {SITEMAP}><url><loc>https://p.example/&l9;</loc></url></urlset>"),
    "an address of 10 MiB": lambda: _urlset(f"<url><loc>https://p.example/{'a' * (10 * MIB)}</loc></url>"),
    "gzip of 1 GiB": lambda: _gzip_of_zeros(f"<urlset {SITEMAP}><url><loc>".encode(), 1024),
    "text, 500,000 lines": lambda: _numbered("https://paper.example/#\n", 500_000).encode(),
}
LISTS: dict[str, Callable[[], bytes]] = {
    "billion laughs": lambda: _laughs('<opml><body><outline xmlUrl="https://p.example/&l9;"/></body></opml>'),
    "a million nested": lambda: _opml("<outline>" * 1_000_000),
    "100,000 attributes": lambda: _opml(f"<outline {_numbered(ATTRIBUTE, 100_000)}/>"),
    "200,000 feeds": lambda: _opml(
        _numbered('<outline text="Paper #" xmlUrl="https://paper#.example/feed"/>', 200_000)
    ),
    "10 MiB of one address": lambda: _opml(f'<outline xmlUrl="https://p.example/{"a" * (10 * MIB)}"/>'),
    "broken, 50,000 feeds": lambda: _opml(
        _numbered('<outline text="A & B #" xmlUrl="http://p#.example/?a&b"/>', 50_000)
    ),
    "10 MiB of &": lambda: _opml("&" * (10 * MIB)),
}
ROBOTS: dict[str, Callable[[], bytes]] = {
    "500 KiB of rules": lambda: ("User-agent: *\n" + _numbered("Disallow: /a#\n", 40_000)).encode()[: 512 * 1024],
    "500 KiB of agents": lambda: (_numbered("User-agent: a#\n", 20_000) + "Disallow: /*a*b\n" * 15_000).encode()[
        : 512 * 1024
    ],
    "500 KiB of wildcards": lambda: ("User-agent: *\n" + f"Disallow: /{'*a' * 900}\n" * 300).encode()[: 512 * 1024],
}
