"""A ledger with work in it, without the polls that would have found it."""

from __future__ import annotations

from collections.abc import Iterable

from shared.database import Connection
from shared.ledger import feeds
from shared.ledger.discovery import SeenEntry, record_entries
from shared.records import FeedEntry
from shared.urls import canonical_url, site_of


def list_pages(connection: Connection, feed_url: str, pages: Iterable[FeedEntry], *, title: str | None = None) -> None:
    """Have the ledger know a feed, paused, that has listed these ``pages``: all of them are due."""
    feed = feeds.add(connection, feed_url, title=title)
    feeds.set_paused(connection, feed.id, paused=True)
    record_entries(connection, feed.id, [_seen(page) for page in pages])


def _seen(page: FeedEntry) -> SeenEntry:
    url = page.link or ""
    key = canonical_url(url)
    return SeenEntry(url, page.title or url, page, url, key, site_of(key))
