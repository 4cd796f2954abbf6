"""Sitemaps, news sitemaps, indexes and lists of addresses: bytes in, a record out."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import SitemapLimits, is_sitemap, read_feed
from services.fetcher.reader.addresses import MOST_LOOKED_AT
from shared.records import ParsedFeed
from tests.conftest import SAMPLES

URL = "https://paper.example/sitemaps/news.xml"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEAD = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
NEWS = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
)
ENTRY = """<url><loc>https://paper.example/a?x=1&amp;y=2</loc><lastmod>2026-11-24</lastmod>
<news:news><news:publication><news:name>The Paper</news:name><news:language>en</news:language></news:publication>
<news:genres>Blog, Opinion</news:genres><news:publication_date>2026-11-23T08:00:00+01:00</news:publication_date>
<news:title>Bread &amp; butter</news:title><news:keywords>food, Politics,food</news:keywords></news:news>
<image:image><image:loc>/a.jpg</image:loc><image:caption>A loaf</image:caption></image:image></url>"""


def read(document: str | bytes, **limits: object) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    return read_feed(body, url=URL, sitemaps=SitemapLimits(**limits))  # type: ignore[arg-type]  # what the test says


def urls(*rows: str) -> str:
    return f"{HEAD}{''.join(f'<url><loc>{row}</loc></url>' for row in rows)}</urlset>"


def dated(*moments: datetime | str | None) -> str:
    def row(number: int, moment: datetime | str | None) -> str:
        text = moment.isoformat() if isinstance(moment, datetime) else moment
        return f"<url><loc>/{number}</loc>{f'<lastmod>{text}</lastmod>' if text else ''}</url>"

    return f"{HEAD}{''.join(row(number, moment) for number, moment in enumerate(moments))}</urlset>"


def links(feed: ParsedFeed) -> list[str]:
    return [(entry.link or "").removeprefix("https://paper.example") for entry in feed.entries]


def test_a_news_sitemap_has_everything_that_it_says() -> None:
    feed = read(f"{NEWS}{ENTRY}</urlset>")
    (entry,) = feed.entries
    assert (feed.format, feed.title, feed.language, feed.problems) == ("news-sitemap", "The Paper", "en", ())
    assert entry.entry_id is None
    assert entry.link == "https://paper.example/a?x=1&y=2"
    assert entry.title == "Bread & butter"
    assert entry.published_at == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert (entry.published_precision, entry.published_raw) == ("second", "2026-11-23T08:00:00+01:00")
    assert (entry.updated_at, entry.updated_precision) == (datetime(2026, 11, 24, tzinfo=UTC), "day")
    assert entry.tags == ("food", "Politics", "Blog", "Opinion")
    assert entry.language == "en"
    assert [(image.url, image.caption) for image in entry.images] == [("https://paper.example/a.jpg", "A loaf")]


def test_lastmod_is_no_date_of_publication() -> None:
    (entry,) = read(dated(NOW)).entries
    assert (entry.published_at, entry.published_raw, entry.updated_at) == (None, None, NOW)


@pytest.mark.parametrize(
    "document",
    [
        f"<?xml version='1.0'?><!-- made by hand --><?xml-stylesheet href='x.xsl'?>{urls('/a')}",
        urls("/a").replace(HEAD, "<urlset>"),
        urls("/a").replace(HEAD, "<urlset xmlns='http://www.google.com/schemas/sitemap/0.84'>"),
        "<s:urlset xmlns:s='http://www.sitemaps.org/schemas/sitemap/0.9'><s:url><s:loc>/a</s:loc></s:url></s:urlset>",
        "<URLSET><URL><LOC>/a</LOC></URL></URLSET>",
        urls("<![CDATA[ /a ]]>"),
        urls("\n   /a\n"),
        f"\r\n  {urls('/a')}",
        f"\ufeff{urls('/a')}",
        urls("/a").encode("utf-16"),
        f"<?xml version='1.0' encoding='iso-8859-1'?>{urls('/a')}".encode("latin-1"),
        urls("/a").replace("</url>", "<video:video><video:title>x</video:title></video:video></url>"),
    ],
    ids=[
        "prolog",
        "bare",
        "old",
        "prefix",
        "capitals",
        "cdata",
        "spaces",
        "blanks",
        "mark",
        "utf-16",
        "latin",
        "video",
    ],
)
def test_a_sitemap_is_told_by_its_elements_whatever_their_namespace(document: str | bytes) -> None:
    feed = read(document)
    assert (feed.format, links(feed)) == ("sitemap", ["/a"])


def test_names_of_news_and_images_are_told_by_their_place() -> None:
    feed = read(f"{NEWS}{ENTRY}</urlset>".replace("news:", "n:").replace("image:", "i:"))
    assert feed == read(f"{NEWS}{ENTRY}</urlset>")


def test_a_feed_that_only_declares_a_sitemap_s_namespace_is_a_feed() -> None:
    body = '<rss version="2.0" xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><channel><item><title>A</title>'
    assert read(f"{body}<link>https://a.example/</link></item></channel></rss>").format == "rss20"


@pytest.mark.parametrize("members", [1, 2])
def test_gzip_is_read_as_what_is_in_it(members: int) -> None:
    whole = urls("/a", "/b").encode()
    middle = len(whole) // members
    parts = [whole[:middle], whole[middle:]] if members == 2 else [whole]
    body = b"".join(gzip.compress(part) for part in parts)
    assert is_sitemap(body)
    assert read(body) == read(whole)


def test_a_feed_in_gzip_is_read_too() -> None:
    rss = b"<rss version='2.0'><channel><item><title>A</title><link>https://a.example/</link></item></channel></rss>"
    assert read(gzip.compress(rss)) == read(rss)


def test_an_index_lists_its_parts() -> None:
    feed = read(
        "<sitemapindex><sitemap><loc>/one.xml</loc><lastmod>2026-11-24T08:00:00Z</lastmod></sitemap>"
        "<sitemap><loc>./two.xml.gz</loc></sitemap></sitemapindex>"
    )
    assert feed.format == "sitemap-index"
    assert links(feed) == ["/one.xml", "/sitemaps/two.xml.gz"]
    assert [entry.updated_at for entry in feed.entries] == [datetime(2026, 11, 24, 8, tzinfo=UTC), None]


def test_what_changed_last_before_the_limit_is_skipped_and_counted() -> None:
    old, day = NOW - timedelta(days=31), NOW - timedelta(days=30)
    feed = read(dated(old, NOW, None, day.date().isoformat(), "yesterday"), since=NOW - timedelta(days=30))
    assert links(feed) == ["/1", "/2", "/3", "/4"]
    assert (feed.skipped, feed.problems) == (1, ("1 older than 2026-10-25 skipped",))


def test_an_old_article_that_changed_lately_is_read() -> None:
    published = NOW - timedelta(days=300)
    document = f"{NEWS}{ENTRY}</urlset>".replace("2026-11-23T08:00:00+01:00", published.isoformat())
    assert len(read(document, since=NOW - timedelta(days=30)).entries) == 1


def test_of_too_many_the_newest_are_kept_in_the_document_s_order() -> None:
    ages = [NOW - timedelta(hours=hours) for hours in (5, 1, 4, 2, 3)]
    feed = read(dated(ages[0], None, *ages[1:], None), max_entries=3)
    assert links(feed) == ["/2", "/4", "/5"]
    assert (feed.skipped, feed.problems) == (4, ("only the newest 3 read, 4 skipped",))


def test_of_too_many_without_a_date_the_first_are_kept() -> None:
    assert links(read(dated(None, None, None, None), max_entries=2)) == ["/0", "/1"]


@given(st.lists(st.none() | st.integers(0, 100), max_size=30), st.integers(1, 10))
def test_what_is_kept_is_never_older_than_what_is_not(hours: list[int | None], most: int) -> None:
    ages = [None if hour is None else NOW - timedelta(hours=hour) for hour in hours]
    feed = read(dated(*ages, NOW), max_entries=most)
    kept = [entry.updated_at for entry in feed.entries]
    lost = [*ages, NOW]
    for age in kept:
        lost.remove(age)
    assert len(kept) + feed.skipped == len(hours) + 1
    assert len(kept) == min(most, len(hours) + 1)
    dates = [age for age in kept if age is not None]
    if None in kept:
        assert all(age is None for age in lost)
    else:
        assert min(dates) >= max((age for age in lost if age is not None), default=min(dates))


def test_a_lastmod_that_is_when_the_file_was_made_is_not_believed() -> None:
    feed = read(dated(*(NOW + timedelta(seconds=number) for number in range(50)), NOW - timedelta(days=9)))
    assert {(entry.updated_at, entry.updated_raw) for entry in feed.entries} == {(None, None)}
    assert feed.problems == ("lastmod is when the file was made: not believed",)


def test_dates_that_differ_are_believed() -> None:
    for moments in ([NOW] * 10, [NOW + timedelta(minutes=number) for number in range(50)], ["2026-11-24"] * 50):
        feed = read(dated(*moments))
        assert not feed.problems
        assert all(entry.updated_raw for entry in feed.entries)


def test_what_has_no_web_address_is_counted() -> None:
    feed = read(f"{HEAD}<url/><url><loc>mailto:a@b.example</loc></url><url><loc>/a</loc></url></urlset>")
    assert (links(feed), feed.skipped, feed.problems) == (["/a"], 2, ("2 without a web address",))


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (urls("/a?x=1&y=2&copy=3"), "not well-formed: mended"),
        (urls("/a?x=1&y=2&copy=3").replace("</loc>", "</loc><a>&nbsp;\x03</a>"), "not well-formed: mended"),
        (f"{urls('/a?x=1&y=2&copy=3')[:-9]}<url><loc>/b</l", "not well-formed, read up to there: "),
        (f"{urls('/a?x=1&y=2&copy=3')[:-9]}</url>", "not well-formed, read up to there: "),
        (f"<?xml version='1.0' encoding='nonsense'?>{urls('/a?x=1&amp;y=2&amp;copy=3')}", "not well-formed: mended"),
    ],
    ids=["ampersand", "entity", "cut", "tags", "encoding"],
)
def test_a_broken_sitemap_is_read_as_far_as_it_goes(broken: str, told: str) -> None:
    for body in (broken.encode(), gzip.compress(broken.encode())):
        feed = read(body)
        assert links(feed) == ["/a?x=1&y=2&copy=3"]
        assert feed.problems[0].startswith(told)


def test_ampersands_are_mended_wherever_a_piece_ends() -> None:
    rows = [f"/{'x' * number}?a=1&b=2&amp;c=&#38;d" for number in range(900)]
    assert links(read(urls(*rows))) == [row.replace("&amp;", "&").replace("&#38;", "&") for row in rows]


def test_titles_in_the_encoding_that_the_file_has_in_truth_are_read() -> None:
    document = f"<?xml version='1.0' encoding='utf-8'?>{NEWS}{ENTRY}</urlset>".replace("Bread", "Brötchen")
    assert read(document.encode("cp1252")).entries[0].title == "Brötchen & butter"


def test_gzip_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    body = gzip.compress(urls(*(f"/{zlib.crc32(bytes([n % 250, n // 250]))}" for n in range(20_000))).encode())
    feed = read(body[: len(body) // 2])
    assert feed.problems[0] == "breaks off: the gzip data is cut short"
    assert 1000 < len(feed.entries) < 20_000


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<sitemapindex><sitemap><loc>/a.xml</loc></sitemap><sitemap><loc>/b", "malformed"),
        (b"<urlset><url><loc>/b", "malformed"),
        (gzip.compress(urls("/a").encode(), mtime=0)[:-20], "malformed"),
        (gzip.compress(urls("/a").encode(), mtime=0)[:60] + b"nonsense" * 20, "malformed"),
        (b"<!DOCTYPE urlset [<!ENTITY a 'aaaa'>]><urlset><url><loc>&a;</loc></url></urlset>", "hostile"),
        (b"<urlset>" + b"<a>" * 100, "hostile"),
        (b"<urlset><url " + b" ".join(b'a%d="x"' % number for number in range(2000)) + b"/></urlset>", "hostile"),
        (b"<urlset>" + b"".join(b"<a%d/>" % number for number in range(2000)) + b"</urlset>", "hostile"),
        (b"<urlset><url " + b"a" * 400_000, "hostile"),
        (gzip.compress(b"nothing of the kind", mtime=0), "not_a_feed"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "not_a_feed"),
        (b"\x1f\x8b", "malformed"),
    ],
)
def test_what_is_no_use_has_one_clear_reason(body: bytes, reason: str) -> None:
    with pytest.raises(NotAFeedError) as caught:
        read(body)
    assert caught.value.reason == reason
    assert "\n" not in str(caught.value)


def test_an_empty_sitemap_is_a_feed_without_entries() -> None:
    assert read(f"{HEAD}</urlset>").entries == ()


@pytest.mark.parametrize("name", ["/urls.txt", "/urls.TXT", "/urls.txt.gz"])
def test_a_list_of_addresses_is_a_sitemap(name: str) -> None:
    body = b"\xef\xbb\xbfhttps://paper.example/a\r\n\r\nhttp://paper.example/b \nnonsense\nhttps://paper.example/c"
    body = gzip.compress(body) if name.endswith("gz") else body
    feed = read_feed(body, url=f"https://paper.example{name}", content_type="text/plain; charset=utf-8")
    assert feed.format == "sitemap"
    assert [entry.link for entry in feed.entries] == [
        "https://paper.example/a",
        "http://paper.example/b",
        "https://paper.example/c",
    ]
    assert feed.problems == ("1 without a web address",)


@pytest.mark.parametrize(
    ("name", "content_type", "body"),
    [
        ("/urls.txt", "text/html", b"https://paper.example/a"),
        ("/urls", "text/plain", b"https://paper.example/a"),
        ("/readme.txt", "text/plain", b"This is\nhttps://paper.example/a\nand that."),
        ("/readme.txt", "text/plain", b"Nothing."),
    ],
)
def test_other_text_is_no_list_of_addresses(name: str, content_type: str, body: bytes) -> None:
    with pytest.raises(NotAFeedError, match="plain text"):
        read_feed(body, url=f"https://paper.example{name}", content_type=content_type)


def test_a_bomb_costs_the_cap_and_not_what_it_holds() -> None:
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(HEAD.encode() + b"<url><loc>")
    packed = head + b"".join(packer.compress(b" " * 2**20) for _ in range(200)) + packer.flush()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(NotAFeedError) as caught:
        read(packed)
    assert caught.value.reason == "too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_sitemap_beyond_the_protocol_is_read_in_part() -> None:
    extra = 5
    document = urls(*(f"/{number}" for number in range(MOST_LOOKED_AT + extra)))
    feed = read(document, max_entries=10)
    assert len(feed.entries) == 10
    assert feed.skipped == MOST_LOOKED_AT + extra - 10
    assert feed.problems[-1] == f"{extra} beyond the first {MOST_LOOKED_AT} not read"


MEASURE = """
import gzip, sys, time
from services.fetcher.reader import read_feed

def memory(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) / 1024

rows = b"".join(
    b"<url><loc>https://paper.example/politics/2026/11/some-longer-title-%d.html?a=1&amp;b=2</loc>"
    b"<lastmod>2026-11-%02dT08:%02d:00+01:00</lastmod><changefreq>daily</changefreq><priority>0.5</priority></url>"
    % (number, number % 28 + 1, number % 60) for number in range(50_000))
body = b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>" + rows + b"</urlset>"
if sys.argv[1] == "gz":
    body = gzip.compress(body)
del rows
open("/proc/self/clear_refs", "w").write("5")
before, began = memory("VmRSS"), time.process_time()
feed = read_feed(body, url="https://paper.example/sitemap.xml")
print(len(feed.entries), time.process_time() - began, memory("VmHWM") - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is measured by /proc, which only Linux has")
@pytest.mark.parametrize("kind", ["plain", "gz"])
def test_fifty_thousand_addresses_take_bounded_time_and_memory(kind: str) -> None:
    ran = subprocess.run([sys.executable, "-c", MEASURE, kind], capture_output=True, text=True, check=True, timeout=60)
    entries, seconds, mebibytes = (float(word) for word in ran.stdout.split())
    assert entries == 50_000
    # 1.3 s and 80 MB, two thirds of it the entries; on a machine that is shared, CPU time varies by a half.
    assert seconds < 4
    assert mebibytes < 150


@pytest.mark.parametrize(
    "body",
    [
        HEAD.encode() + b"<a/>" * 3_000_000,
        HEAD.encode() + b"<url><loc>" + b"&" * 5_000_000,
        HEAD.encode() + b"<!--" + b" x" * 5_000_000,
        HEAD.encode() + b"<url><loc>" + b"x" * 20_000_000,
    ],
    ids=["elements", "ampersands", "comment", "text"],
)
def test_a_hostile_sitemap_takes_no_time(body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(NotAFeedError):
        read(body)
    assert time.process_time() - began < 3


def test_of_a_page_s_images_some_are_kept() -> None:
    images = "".join(f"<image:image><image:loc>/{number}.jpg</image:loc></image:image>" for number in range(50))
    feed = read(f"{NEWS}<url><loc>/a</loc>{images}</url></urlset>")
    assert [image.url[-6:] for image in feed.entries[0].images[-2:]] == ["18.jpg", "19.jpg"]
    assert feed.problems == ("30 images left out",)


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_raise_anything_else(noise: bytes, packed: bool) -> None:
    body = HEAD.encode() + b"<url><loc>/a</loc>" + noise
    body = gzip.compress(body)[: -len(noise) or None] if packed else body
    try:
        feed = read(body)
    except NotAFeedError:
        return
    assert feed.format == "sitemap"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample feeds (../shared/data/feeds) are not here")
def test_the_sample_sitemap_is_read() -> None:
    feed = read((SAMPLES / "feeds" / "sitemaps" / "sitemap-news.xml").read_bytes())
    assert feed.format == "news-sitemap"
    assert feed.entries
    assert all(entry.link and entry.title and entry.published_at for entry in feed.entries)
