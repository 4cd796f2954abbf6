"""Nothing but NotAFeedError comes out of the reader, whatever goes in, and the same for the same bytes."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.fetcher.errors import NotAFeedError
from services.fetcher.identity import identities
from services.fetcher.reader import read_feed
from shared.records import ParsedFeed

RSS = b"""<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0" xml:base="https://b.example/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T &amp; t</title><link>https://paper.example/</link>
 <ttl>60</ttl><item><title>A&#8217;s</title><guid isPermaLink="false">1</guid><pubDate>Tue, 24 Nov 2026 08:00:00 +1100
 </pubDate><content:encoded><![CDATA[<p>x <b>y</b></p>]]></content:encoded><media:content url="/a.jpg" medium="image">
 <media:credit>AFP</media:credit></media:content><dc:creator>Ann</dc:creator><category domain="d">c</category>
 <enclosure url="/a.mp3" length="1" type="audio/mpeg"/></item><item/></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title type="html">Ä &lt;b&gt;</title><id>urn:1</id>
 <link rel="hub" href="https://h.example/"/><author><name>Ann</name><uri>/ann</uri></author><entry><id>2</id>
 <link href="/2"/><updated>2026-11-24T08:00:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
 <p>漢字<br/></p></div></content><source><title>S</title></source></entry></feed>""".encode()
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": 1, "content_html": "<p>x",
 "authors": [{"name": "Ann"}], "tags": ["a"], "date_published": "2026-11-24T08:00:00Z"}]}"""
SEEDS = (RSS, ATOM, JSON, ATOM.decode().encode("utf-16"), RSS.replace(b"utf-8", b"gb18030"))
SPLICES = (
    *(
        b"<",
        b">",
        b"&",
        b"&a;",
        b"&#0;",
        b"&#x80;",
        b"]]>",
        b"<![CDATA[",
        b"<!--",
        b"-->",
        b"'",
        b'"',
        b"{",
        b"[",
        b"}",
    ),
    *(b"</item>", b"<item>", b"<entry>", b"</channel>", b"<rss>", b"<title>", b"<image>", b"<svg>", b"<newlocation/>"),
    *(b"<a:b c:d='e'>", b" xmlns='x'", b" xmlns:media='y'", b' xml:base="/z"', b"<?xml?>", b"<!DOCTYPE x ["),
    *(b"\x00", b"\x7f", b"\xff", b"\xc2\x85", b"\xed\xa0\x80", b"\xef\xbf\xbe"),
    *(b"<content type='x/y'>", b"<itunes:owner>", b"<gml:pos>1 2</gml:pos>"),
)
REASONS = {"not_a_feed", "empty", "hostile", "malformed", "too_large"}


def read(body: bytes) -> ParsedFeed | NotAFeedError:
    try:
        return read_feed(body, url="https://paper.example/feed")
    except NotAFeedError as error:
        return error


def outcome(body: bytes) -> tuple[object, ...]:
    """What comes of ``body``: a feed whose entries all have an identity, or a refusal in one line."""
    found = read(body)
    if isinstance(found, NotAFeedError):
        assert found.reason in REASONS
        assert str(found)
        assert "\n" not in str(found)
        return (found.reason, str(found))
    assert ParsedFeed.model_validate(found.model_dump()) == found
    assert None not in identities(found.entries)
    return (found,)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    assert outcome(body) == outcome(body)


@settings(
    max_examples=600, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32), st.integers(1, 8))
def test_feeds_with_damage(seed: bytes, key: int, wounds: int) -> None:
    chance = random.Random(key)
    body = bytearray(seed)
    for _ in range(wounds):
        place = chance.randrange(len(body) + 1)
        match chance.randrange(4):
            case 0:
                body[place:place] = chance.choice(SPLICES)
            case 1:
                del body[place : place + chance.randrange(1, 40)]
            case 2:
                body[place:place] = body[place : place + chance.randrange(200)]
            case _:
                body[place : place + 1] = bytes([chance.randrange(256)])
    outcome(bytes(body))
