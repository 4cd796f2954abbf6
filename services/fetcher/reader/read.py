"""From a body to its record: which format is it, and if none, what is it?"""

from __future__ import annotations

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import sniff
from services.fetcher.reader.addresses import SitemapLimits
from services.fetcher.reader.charset import decode, says_utf8
from services.fetcher.reader.gzipped import unzip
from services.fetcher.reader.jsonfeed import read_json_feed
from services.fetcher.reader.sitemap import read_sitemap
from services.fetcher.reader.xmlfeed import read_whole_feed, read_xml_feed
from shared.records import ParsedFeed

HEAD = 1024
_BLANK = b" \t\r\n\x00\xef\xbb\xbf"
MAX_BYTES = 64 * 1024 * 1024
# As much as a feed may have by default. A sitemap is never inflated as a whole.
MAX_UNZIPPED = 10 * 1024 * 1024


def read_feed(
    body: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    max_entries: int = 2000,
    sitemaps: SitemapLimits = SitemapLimits(),  # noqa: B008 - frozen
) -> ParsedFeed:
    """Read a feed in whatever format it has.

    ``url`` is where the body came from, for relative links; ``content_type`` the header it came with, of which only
    the charset counts: feeds are served under every type there is. The newest ``max_entries`` entries are read; the
    others are counted in ``skipped``, and so are those that nothing identifies. ``sitemaps``: what is read of one, in
    place of ``max_entries``. gzip is inflated. Deterministic, and bounded in time and
    memory by the size of ``body``.

    :raises NotAFeedError: when it is none, with what it is instead.
    """
    if len(body) > MAX_BYTES:
        raise NotAFeedError("too_large", f"larger than {MAX_BYTES // 2**20} MiB")
    if not body[:HEAD].strip(_BLANK) and not body.strip(_BLANK):
        raise NotAFeedError("empty", "nothing: the body is empty")
    if says_utf8(body, content_type):
        feed = read_whole_feed(body, url=url, max_entries=max_entries)
        if feed is not None:
            return _identified(feed, None)
    sitemap = read_sitemap(body, url=url, content_type=content_type, limits=sitemaps)
    if sitemap is not None:
        return sitemap
    body = unzip(body, max_bytes=MAX_UNZIPPED)
    binary = sniff.binary_kind(body)
    if binary is not None:
        raise NotAFeedError("not_a_feed", f"no feed: {binary}")
    text, _, problem = decode(body, content_type)
    start = text[:1000].lstrip("\ufeff \t\r\n")[:1]
    if start in ("{", "["):
        feed = read_json_feed(text.lstrip("\ufeff"), url=url, max_entries=max_entries)
    elif sniff.looks_like_html(text):
        raise NotAFeedError("not_a_feed", "no feed: an HTML page")
    elif "<" not in text:
        raise NotAFeedError("not_a_feed", f"no feed: {sniff.kind(text)}")
    else:
        feed = read_xml_feed(text, url=url, max_entries=max_entries)
    return _identified(feed, problem)


def _identified(feed: ParsedFeed, problem: str | None) -> ParsedFeed:
    """``feed`` without the entries that have no identity (:mod:`services.fetcher.identity`)."""
    entries = tuple(entry for entry in feed.entries if entry.entry_id or entry.link or entry.title)
    if len(entries) == len(feed.entries) and problem is None:
        return feed
    return feed.model_copy(
        update={
            "entries": entries,
            "skipped": feed.skipped + len(feed.entries) - len(entries),
            "problems": (problem, *feed.problems) if problem else feed.problems,
        }
    )
