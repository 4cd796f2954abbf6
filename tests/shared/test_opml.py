"""OPML as people keep it, in and out."""

from __future__ import annotations

import contextlib
import html
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import UsageError
from shared.opml import OpmlFeed, read_opml, write_opml

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "feeds" / "opml"


def opml(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head/><body>{body}</body></opml>'.encode()


def urls(body: bytes) -> list[str]:
    return [feed.url for feed in read_opml(body)]


def test_a_feed_comes_with_its_title_site_and_folders() -> None:
    assert read_opml(
        opml(
            '<outline text="News"><outline title="Europe"><outline type="rss" text="Paper" title="The Paper" '
            'xmlUrl="https://paper.example/rss" htmlUrl="https://paper.example/"/></outline></outline>'
        )
    ) == [OpmlFeed("https://paper.example/rss", "The Paper", "https://paper.example/", ("News/Europe",))]


def test_categories_of_the_outline_itself_count_too() -> None:
    (feed,) = read_opml(opml('<outline text="A"><outline xmlUrl="https://x.example/" category="/B/C, D,"/></outline>'))
    assert feed.categories == ("A", "B/C", "D")


def test_folders_nest_as_deep_as_they_are_and_come_back() -> None:
    outline = '<outline xmlUrl="https://x.example/" text="X"/>'
    for name in ("D", "C &amp; c", "B", "A"):
        outline = f'<outline text="{name}">{outline}</outline>'
    (feed,) = read_opml(opml(outline))
    assert feed.categories == ("A/B/C & c/D",)
    assert read_opml(write_opml([feed])) == [feed]


def test_a_feed_in_several_folders_stands_in_each_and_comes_back_once() -> None:
    feed = OpmlFeed("https://x.example/", "X", None, ("A/B", "A", "C"))
    written = write_opml([feed])
    assert written.count(b"https://x.example/") == 3
    (read,) = read_opml(written)
    assert set(read.categories) == set(feed.categories)


def test_a_feed_inside_of_another_feed_s_outline_is_found() -> None:
    inner = '<outline xmlUrl="https://b.example/"/>'
    assert urls(opml(f'<outline xmlUrl="https://a.example/">{inner}</outline>')) == [
        "https://a.example/",
        "https://b.example/",
    ]


@pytest.mark.parametrize(
    "written", ["feed://x.example/rss", "FEED:http://x.example/rss", "feed://http://x.example/rss"]
)
def test_addresses_for_feed_readers_are_addresses_of_the_web(written: str) -> None:
    assert urls(opml(f'<outline xmlUrl="{written}"/>')) == ["http://x.example/rss"]


def test_a_feed_listed_twice_comes_once_with_all_its_folders() -> None:
    (feed,) = read_opml(
        opml(
            '<outline text="A"><outline xmlUrl="https://x.example/rss"/></outline>'
            '<outline text="B"><outline xmlUrl="HTTPS://X.example/rss" title="X"/></outline>'
        )
    )
    assert feed == OpmlFeed("https://x.example/rss", "X", None, ("A", "B"))


def test_feeds_come_in_the_list_s_order() -> None:
    names = ["c", "a", "b"]
    body = "".join(f'<outline text="{name}"><outline xmlUrl="https://{name}.example/"/></outline>' for name in names)
    assert urls(opml(body)) == [f"https://{name}.example/" for name in names]


@pytest.mark.parametrize(
    "body",
    [
        opml('<outline xmlUrl="https://x.example/?a=1&b=2"/>'),
        opml('<outline text="Rock & Roll" xmlUrl="https://x.example/?a=1&amp;b=2"/>'),
        opml('<outline text="A "quoted" name" xmlUrl="https://x.example/?a=1&amp;b=2"/>'),
        opml('<outline XMLURL="https://x.example/?a=1&amp;b=2">'),
        opml('<outline text="a\x0bb" xmlUrl="https://x.example/?a=1&amp;b=2"/>'),
        b"\xef\xbb\xbf\n" + opml('<outline xmlUrl=" https://x.example/?a=1&amp;b=2\n"/>'),
        b'<OPML><outline xmlurl="https://x.example/?a=1&amp;b=2"/>',
        '<?xml version="1.0" encoding="utf-16"?><opml><outline xmlUrl="https://x.example/?a=1&b=2"/></opml>'.encode(
            "utf-16"
        ),
    ],
    ids=["address", "title", "quotes", "unclosed", "control", "mark", "old", "utf-16"],
)
def test_a_broken_list_is_read_all_the_same(body: bytes) -> None:
    assert urls(body) == ["https://x.example/?a=1&b=2"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"hello", "no OPML"),
        (b"<html><body/></html>", "no OPML"),
        (b"<rss><channel/></rss>", "no OPML"),
        (b"%PDF-1.7", "no OPML"),
        (b"\x00\x01\x02", "no OPML"),
        (b"<opml/>", "no feeds"),
        (opml('<outline text="A"/><outline xmlUrl=""/>'), "no feeds"),
    ],
)
def test_what_lists_nothing_is_said_in_one_line(body: bytes, line: str) -> None:
    with pytest.raises(UsageError, match=line) as caught:
        read_opml(body)
    assert "\n" not in str(caught.value)


def test_no_entity_is_ever_expanded() -> None:
    secret = b'<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "bbbb">]>'
    (feed,) = read_opml(secret + b'<opml><outline text="&a;" xmlUrl="https://x.example/&b;"/></opml>')
    assert feed == OpmlFeed("https://x.example/&b;", "&a;")


HOSTILE = {
    "depth": b"<opml>" + b'<outline text="a">' * 300_000,
    "attributes": b"<opml><outline " + b" ".join(b'a%d="x"' % number for number in range(100_000)) + b"/>",
    "ampersands": b'<opml><outline xmlUrl="' + b"&" * 1_000_000,
    "addresses": b'<opml><outline xmlUrl="' * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_list_takes_no_time(name: str) -> None:
    began = time.process_time()
    with contextlib.suppress(UsageError):
        read_opml(HOSTILE[name])
    assert time.process_time() - began < 5


def test_folders_nest() -> None:
    written = write_opml(
        [
            OpmlFeed("https://a.example/", "A", None, ("News/Europe",)),
            OpmlFeed("https://b.example/", "B", "https://b.example/home", ("News",)),
            OpmlFeed("https://c.example/"),
        ]
    ).decode()
    assert re.sub(r"\s*\n\s*", "", written).endswith(
        '<body><outline type="rss" text="https://c.example/" xmlUrl="https://c.example/"/>'
        '<outline text="News"><outline text="Europe">'
        '<outline type="rss" text="A" title="A" xmlUrl="https://a.example/"/></outline>'
        '<outline type="rss" text="B" title="B" xmlUrl="https://b.example/" htmlUrl="https://b.example/home"/>'
        "</outline></body></opml>"
    )


words = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=12).map(
    lambda text: " ".join(re.sub("[\x00-\x1f\x7f\ufffe\uffff]+", " ", text).split()) or "x"
)
paths = st.lists(words, min_size=1, max_size=3).map("/".join)
listed = st.lists(
    st.builds(
        OpmlFeed,
        url=st.integers(0, 10**6).map(lambda number: f"https://feeds.example/{number}?a=1&b=<2>"),
        title=words,
        site_url=st.none() | st.just("https://paper.example/"),
        categories=st.lists(paths, max_size=3, unique=True).map(tuple),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda feed: feed.url,
)


@given(listed)
def test_what_is_written_is_read_back(feeds: list[OpmlFeed]) -> None:
    def plain(found: list[OpmlFeed]) -> dict[str, tuple[str | None, str | None, set[str]]]:
        return {feed.url: (feed.title, feed.site_url, set(feed.categories)) for feed in found}

    assert plain(read_opml(write_opml(feeds))) == plain(feeds)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample lists (../shared/data/feeds/opml) are not here")
def test_every_address_of_real_lists_comes_out() -> None:
    expected: set[str] = set()
    found: set[str] = set()
    for path in SAMPLES.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            expected |= {html.unescape(url.decode()).strip() for url in re.findall(rb'xmlUrl="([^"]*)"', body)}
            found |= set(urls(body))
    assert len(expected) == 782
    assert found == expected


def test_a_file_of_ampersands_is_refused_before_it_takes_memory() -> None:
    with pytest.raises(UsageError, match="more ampersands than any list"):
        read_opml(b"<opml>" + b"&" * 1_000_001)


def test_a_feed_without_a_title_comes_back_without_one() -> None:
    feeds = [OpmlFeed("https://c.example/feed"), OpmlFeed("https://d.example/feed", "D")]
    assert read_opml(write_opml(feeds)) == feeds
