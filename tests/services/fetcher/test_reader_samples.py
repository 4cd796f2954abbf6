"""Feeds as they are served: all are read, quickly, and nothing but NotAFeedError ever comes out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import read_feed
from shared.records import ParsedFeed

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "feeds"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample feeds (../shared/data/feeds) are not here")
# For one feed, on a machine that others use as well.
SECONDS = 2.0


def outcomes(pattern: str, *, every: int = 1) -> Iterator[tuple[Path, ParsedFeed | NotAFeedError]]:
    paths = sorted(path for path in SAMPLES.glob(pattern) if path.is_file())
    for path in paths[::every]:
        body = path.read_bytes()
        began = time.process_time()
        outcome: ParsedFeed | NotAFeedError
        try:
            outcome = read_feed(body, url="https://feeds.example/feed")
        except NotAFeedError as error:
            outcome = error
        assert time.process_time() - began < SECONDS, path.name
        yield path, outcome


def test_real_feeds_are_all_read() -> None:
    feeds = {path.name: outcome for path, outcome in outcomes("real/*")}
    read = [feed for feed in feeds.values() if isinstance(feed, ParsedFeed)]
    assert len(read) == len(feeds) == 97
    assert Counter(feed.format for feed in read) == {"rss20": 66, "atom10": 29, "rss10": 2}
    entries = [entry for feed in read for entry in feed.entries]
    assert len(entries) == 2592
    assert sum(feed.skipped for feed in read) == 0
    assert sum(entry.title is not None for entry in entries) == 2592
    assert sum(entry.link is not None for entry in entries) == 2591
    assert sum(entry.published_at is not None for entry in entries) == 2566
    assert sum(bool(feed.hub_urls) for feed in read) == 13
    # Go's zero date is the only one that means nothing.
    unread = {entry.published_raw for entry in entries if entry.published_raw and entry.published_at is None}
    assert unread == {"Mon, 01 Jan 0001 00:00:00 +0000"}


def test_correct_feeds_are_read() -> None:
    refused = {path.name for path, outcome in outcomes("feedparser/wellformed/**/*") if isinstance(outcome, Exception)}
    # It declares parameter entities from outside.
    assert refused == {"doctype_contains_entity_decl.xml"}


@pytest.mark.parametrize(
    ("pattern", "every", "least"),
    [
        ("feedparser/illformed/**/*", 1, 18),
        ("feedparser/encoding/**/*", 1, 200),
        ("feedparser/json/*", 1, 1),
        ("feedvalidator/**/*", 2, 900),
    ],
)
def test_wrong_feeds_are_read_where_they_can_be(pattern: str, every: int, least: int) -> None:
    found = [outcome for _, outcome in outcomes(pattern, every=every)]
    assert sum(isinstance(outcome, ParsedFeed) for outcome in found) >= least


def test_other_documents_are_named_for_what_they_are() -> None:
    kinds = {str(outcome) for _, outcome in outcomes("opml/**/*")}
    assert kinds == {"no feed: an OPML list of feeds, not a feed"}
