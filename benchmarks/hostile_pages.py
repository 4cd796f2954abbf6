"""Pages built to cost their reader more than any article does. Each is made when it is asked for; none is copied."""

from __future__ import annotations

import codecs
import random
from collections.abc import Callable
from functools import partial

MIB = 1024 * 1024
SENTENCE = "The ferry is back after eleven months in the yard, and nobody on either bank had expected it so early."
PARAGRAPH = f"<p>{SENTENCE} The town paid for half of it.</p>".encode()
TEXT = b"".join(
    f"<p>{sentence}</p>".encode()
    for sentence in (
        SENTENCE,
        "The town paid for half of the repair; the other half came from the county, which had long refused.",
        "Captain Ann Example said that the hull was as good as new, and that the engine was better than new.",
        "For a year children had gone to school by the bridge upstream, which took three quarters of an hour.",
        "From Monday the boat goes every twenty minutes, and on market days as often as there is somebody to take.",
        "A ticket costs what it cost before, which the council had argued about until late in the evening.",
    )
)
LINKED = '{"@type":"NewsArticle","headline":"The ferry is back","datePublished":"2026-03-01T10:00:00Z"}'


def page(inner: bytes, *, head: bytes = b"") -> bytes:
    """A page with an article in it, and ``inner`` at the end of that."""
    return (
        b"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>The ferry is back</title>"
        + head
        + b"</head><body><article><h1>The ferry is back</h1>"
        + TEXT
        + inner
        + b"</article></body></html>"
    )


def _nested(count: int, *names: str, text: bytes = TEXT) -> bytes:
    opened = "".join(f"<{name}>" for name in names).encode()
    closed = "".join(f"</{name}>" for name in reversed(names)).encode()
    return page(opened * count + text + closed * count)


def _unclosed(count: int, markup: bytes) -> bytes:
    return page(markup * count)


def _numbered(count: int, pattern: bytes) -> bytes:
    return b"".join(pattern.replace(b"#", str(number).encode()) for number in range(count))


def _random_bytes(size: int) -> bytes:
    return random.Random(4).randbytes(size)  # noqa: S311 - the same in every run


def _flipped() -> bytes:
    chance = random.Random(4)  # noqa: S311 - as above
    body = bytearray(page(TEXT * 300))
    for _ in range(len(body) // 50):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


def _twice_encoded() -> bytes:
    return page("<p>Die Fähre fährt über die Möhne.</p>".encode() * 2000).decode("latin-1").encode()


PAGES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "only blanks, 5 MB": lambda: b" \n" * (5 * MIB // 2),
    "50 MB": lambda: page(PARAGRAPH * (50 * MIB // len(PARAGRAPH))),
    "24 MB": lambda: page(PARAGRAPH * (24 * MIB // len(PARAGRAPH))),
    "10 MB": lambda: page(PARAGRAPH * (10 * MIB // len(PARAGRAPH))),
    "2 MB of article": lambda: page(PARAGRAPH * (2 * MIB // len(PARAGRAPH))),
    "one text of 10 MB": lambda: page(b"<p>" + b"word " * (2 * MIB) + b"</p>"),
    "one word of 10 MB": lambda: page(b"<p>" + b"w" * (10 * MIB) + b"</p>"),
    "a title of 10 MB": lambda: page(b"", head=b"<title>" + b"word " * (2 * MIB) + b"</title>"),
    "a headline of 2 MB": lambda: page(b"<h1>" + b"word " * 400_000 + b"</h1>"),
    "bytes at random, 5 MB": lambda: _random_bytes(5 * MIB),
    "bytes at random within HTML, 5 MB": lambda: page(_random_bytes(5 * MIB)),
    "every 50th byte another": _flipped,
    "NULs, 5 MB": lambda: page(b"\x00" * (5 * MIB)),
    "encoded twice": _twice_encoded,
    "said to be UTF-16, is not": lambda: page(b"").replace(b"utf-8", b"utf-16"),
    "said to be UTF-7": lambda: page(b"").replace(b"utf-8", b"utf-7"),
    "said to be punycode": lambda: page(PARAGRAPH * 3000).replace(b"utf-8", b"punycode"),
    "UTF-16 that nobody mentions": lambda: codecs.BOM_UTF16_LE + page(TEXT * 50).decode().encode("utf-16-le"),
    "100,000 deep": partial(_nested, 100_000, "div"),
    "2,040 deep": partial(_nested, 2_040, "div"),
    "1,000 deep": partial(_nested, 1_000, "div"),
    "200 KB 240 deep": partial(_nested, 240, "div", text=TEXT * 320),
    "2 MB 240 deep": partial(_nested, 240, "div", text=TEXT * 3_200),
    "2,000 quotes deep": partial(_nested, 2_000, "blockquote"),
    "1,000 tables deep": partial(_nested, 1_000, "table", "tr", "td"),
    "2,000 lists deep": partial(_nested, 2_000, "ul", "li"),
    "100,000 lists deep": partial(_nested, 100_000, "ul", "li"),
    "100,000 articles deep": partial(_nested, 100_000, "article"),
    "100,000 open b": partial(_unclosed, 100_000, b"<b>x "),
    "100,000 open a": partial(_unclosed, 100_000, b"<a href=x>y "),
    "10,000 open font and p": partial(_unclosed, 10_000, b"<font><p>some words "),
    "100,000 forms in forms": partial(_unclosed, 100_000, b"<form><select><option>x"),
    "100,000 attributes": lambda: page(b"<p " + _numbered(100_000, b'a#="v" ') + b">words</p>"),
    "100,000 attributes on html": lambda: page(b"").replace(b"lang=en", _numbered(100_000, b'a#="v" ')),
    "1,000 elements of 1,000 attributes": lambda: page((b"<p " + _numbered(999, b"a#=v ") + b">words</p>") * 1000),
    "an attribute of 1 MB": lambda: page(b"<p class='" + b"author " * 150_000 + b"'>words</p>"),
    "an attribute of 20 MB": lambda: page(b"<p class='" + b"author " * (20 * MIB // 7) + b"'>words</p>"),
    "a link of 5 MB": lambda: page(b"<a href='/" + b"a/" * (5 * MIB // 2) + b"'>words</a>"),
    "an image of 10 MB inlined": lambda: page(b"<img src='data:image/png;base64," + b"QUJD" * (10 * MIB // 4) + b"'>"),
    "100,000 links in a list": lambda: page(
        b"<ul>" + _numbered(100_000, b'<li><a href="/#">Headline no. #</a></li>') + b"</ul>"
    ),
    "8,000 links in a paragraph": lambda: page(b"<p>" + _numbered(8_000, b'<a href="/#">link #</a> and ') + b"</p>"),
    "19,000 links in paragraphs": lambda: page(_numbered(9_500, b'<p><a href="/#">link #</a> and words. </p>')),
    "1,000,000 empty elements": lambda: page(b"<i></i>" * 1_000_000),
    "1,000,000 unknown elements": lambda: page(_numbered(1_000_000, b"<x#>")),
    "19,000 elements of unknown names": lambda: page(_numbered(19_000, b"<x#>y</x#>")),
    "500,000 br": lambda: page(b"words<br>" * 500_000),
    "19,000 br": lambda: page(b"words<br>" * 19_000),
    "19,000 short paragraphs": lambda: page(_numbered(19_000, b"<p>Words no. #.</p>")),
    "4,500 paragraphs of an article": lambda: page(PARAGRAPH * 4_500),
    "19,000 cells": lambda: page(b"<table>" + b"<tr>" + b"<td>a</td>" * 17 + b"</tr>" * 1_000 + b"</table>"),
    "a table of 1,000 columns": lambda: page(b"<table>" + (b"<tr>" + b"<td>a</td>" * 1_000 + b"</tr>") * 18),
    "colspan of a billion": lambda: page(
        b"<table><tr><td colspan=1000000000 rowspan=65534>words</td></tr></table>" * 9
    ),
    "5,000 JSON-LD scripts": lambda: page(b"", head=_script(LINKED) * 5_000),
    "100,000 JSON-LD scripts": lambda: page(b"", head=_script(LINKED) * 100_000),
    "JSON-LD 20,000 deep": lambda: page(b"", head=_script('{"@graph":[' * 20_000)),
    "JSON-LD of 200,000 articles": lambda: page(b"", head=_script("[" + ",".join([LINKED] * 200_000) + "]")),
    "JSON-LD of 50,000 authors": lambda: page(
        b"", head=_script(LINKED[:-1] + ',"author":[' + '"A B",' * 50_000 + '"C D"]}')
    ),
    "JSON-LD that is broken, 5 MB": lambda: page(b"", head=_script(LINKED[:-1] + ',"a":"' + '\\"' * (5 * MIB // 2))),
    "JSON-LD with a body of 10 MB": lambda: page(
        b"", head=_script(LINKED[:-1] + ',"articleBody":"' + SENTENCE * (10 * MIB // len(SENTENCE)) + '"}')
    ),
    "JSON-LD with escaped tags, 5 MB": lambda: page(
        b"", head=_script(LINKED[:-1] + ',"articleBody":"' + "&lt;p&gt;" * (5 * MIB // 9) + '"}')
    ),
    "a number of 100,000 digits in JSON-LD": lambda: page(b"", head=_script('{"@type":"Article","n":' + "9" * 100_000)),
    "200,000 meta tags": lambda: page(b"", head=_numbered(200_000, b'<meta property="article:tag" content="tag #">')),
    "100,000 metas of authors": lambda: page(b"", head=_numbered(100_000, b'<meta name="author" content="Ann #">')),
    "a description of 5 MB": lambda: page(
        b"", head=b'<meta name=description content="' + b"word &amp; " * (5 * MIB // 11) + b'">'
    ),
    "19,000 times": lambda: page(b'<time datetime="2026-03-01T10:00:00Z">1 March</time>' * 19_000),
    "19,000 dates in text": lambda: page(_numbered(19_000, b"<p>On 01.03.2026 at 10:#</p>")),
    "19,000 bylines": lambda: page(_numbered(19_000, b'<span class="author byline">By Ann #</span>')),
    "19,000 images": lambda: page(_numbered(19_000, b'<img src="/#.jpg" alt="a picture" width=600 height=400>')),
    "6,000 figures": lambda: page(
        _numbered(6_000, b"<figure><img src=#.jpg><figcaption>Photo: Ann</figcaption></figure>")
    ),
    "100,000 headings": lambda: page(_numbered(100_000, b"<h1>Heading #</h1>")),
    "a million references": lambda: page(b"<p>" + b"&amp;&lt;&#65;&nbsp;" * 250_000 + b"</p>"),
    "a million broken references": lambda: page(b"<p>" + b"&#&#x;&;&a" * 250_000 + b"</p>"),
    "escaped tags, 1 MB": lambda: page(b"&lt;p&gt;" * 120_000),
    "declared entities": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "lol">'
        + _numbered(9, b'<!ENTITY b# "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">')
        + b"]>"
        + page(b"&b8;" * 1000)
    ),
    "100,000 open comments": lambda: page(b"<!--" * 100_000),
    "100,000 comments": lambda: page(b"<!-- x -->" * 100_000),
    "comments, 10 MB unclosed": lambda: page(b"<!--" + b"- -- " * (2 * MIB)),
    "100,000 CDATA": lambda: page(b"<![CDATA[ x ]]>" * 100_000),
    "a million <": lambda: page(b"<" * 1_000_000),
    "a million tags cut short": lambda: page(b"<p <a " * 500_000),
    "100,000 scripts": lambda: page(b"<script>if (a < b) c()</script>" * 100_000),
    "script of 20 MB": lambda: page(b"<script>" + b"a<b;" * (5 * MIB) + b"</script>"),
    "script that never ends, 5 MB": lambda: page(b"<script>" + b"<p>words</p>" * (5 * MIB // 12)),
    "100,000 open svg": lambda: page(b"<svg><title>x" * 100_000),
    "styles of 5 MB": lambda: page(b"", head=b"<style>" + b"a{b:c}" * (5 * MIB // 6) + b"</style>"),
    "100,000 templates": lambda: page(b"<template><div>x</div></template>" * 100_000),
    "100,000 iframes": lambda: page(b"<iframe src=x>words</iframe>" * 100_000),
    "100,000 noscripts": lambda: page(b"<noscript><img src=x></noscript>" * 100_000),
    "a textarea of 5 MB": lambda: page(b"<textarea>" + b"<p>words" * (5 * MIB // 8)),
    "plaintext": lambda: page(b"<plaintext>" + b"<p>words</p>" * 50_000),
    "a frameset": lambda: b"<html><frameset cols='20%,80%'><frame src=a><frame src=b></frameset></html>",
    "100,000 frames": lambda: b"<html><frameset>" + b"<frame src=a>" * 100_000 + b"</frameset></html>",
    "AMP": lambda: page(b"<amp-img src=x></amp-img>" * 500).replace(b"<html", "<html ⚡".encode()),
    "XML": lambda: b'<?xml version="1.0"?><rss><channel><title>x</title></channel></rss>',
    "XHTML": lambda: b'<?xml version="1.0" encoding="utf-8"?>' + page(TEXT * 100),
    "a PDF": lambda: b"%PDF-1.7\n" + _random_bytes(MIB),
    "JSON, 5 MB": lambda: b'{"a":"' + b"b" * (5 * MIB) + b'"}',
    "blanks between 100,000 words": lambda: page((b"word" + b" " * 100) * 100_000),
    "a line of 1,000,000 dots": lambda: page(b"<p>" + b". " * 500_000 + b"</p>"),
    "right to left marks, 1 MB": lambda: page(b"<p>" + "\u202e\u200f\u200b".encode() * 120_000 + b"</p>"),
    "combining marks, 1 MB": lambda: page(b"<p>a" + "\u0301\u0323".encode() * 250_000 + b"</p>"),
    "Chinese without a full stop, 1 MB": lambda: page(b"<p>" + "新闻".encode() * 170_000 + b"</p>"),
    "the same paragraph 4,000 times": lambda: page(b"<div><p>Read more: the ferry is back</p></div>" * 4_000),
    "share lines, 6,000": lambda: page(b"<p>Share on Facebook</p><p>Photo: Ann / agency</p>" * 6_000),
    "upper case, 1 MB": lambda: page(b"<p>" + b"WORDS AND WORDS " * 60_000 + b"</p>"),
}


def _script(content: str) -> bytes:
    return b'<script type="application/ld+json">' + content.encode() + b"</script>"
