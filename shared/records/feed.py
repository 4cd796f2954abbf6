"""What a feed says: its own description and its entries, as one feed reader hands them on."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from shared.records.base import Instant, Record

FeedPrecision = Literal["second", "minute", "day"]
FeedStamp = Literal["one_instant", "poll_time"]
"""What all dates of a document are where they are not its entries' own: one instant, or the time of the poll."""


class EntryImage(Record):
    """An image or thumbnail that the feed attaches to an entry."""

    url: str
    caption: str | None = None
    credit: str | None = None
    width: int | None = None
    height: int | None = None


class EntryAuthor(Record):
    """A person or agency named by the feed."""

    name: str
    url: str | None = None


class FeedEntry(Record):
    """One entry as the feed gives it; nothing invented, unknown is ``None``.

    ``summary`` and ``content`` are sanitised HTML or plain text. ``published_raw`` keeps the feed's own words
    for the date, offset included. ``published_at`` is an instant, unless ``published_precision`` is ``day``: then it is
    the midnight UTC that stands for the day, and was given without a clock, or with one of no known zone. Without a
    precision (entries read before there was one) only the feed's own words tell. The same for ``updated_at``.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    entry_id: str | None = None
    link: str | None = None
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    authors: tuple[EntryAuthor, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    published_at: Instant | None = None
    published_precision: FeedPrecision | None = None
    published_raw: str | None = None
    updated_at: Instant | None = None
    updated_precision: FeedPrecision | None = None
    updated_raw: str | None = None
    images: tuple[EntryImage, ...] = ()
    enclosures: tuple[str, ...] = ()


class DocumentFacts(Record):
    """What an entry's document as a whole tells of its dates.

    ``polled_at``: when it was asked for. ``published_stamp`` and ``updated_stamp``: as what its dates were found to be
    none of the entries' own; ``None`` where they seem to be, or nobody looked.
    """

    polled_at: Instant | None = None
    published_stamp: FeedStamp | None = None
    updated_stamp: FeedStamp | None = None


class EntryHints(DocumentFacts, FeedEntry):
    """A feed entry beside the feed it came from: what the parser may use as a witness."""

    feed_id: int | None = None
    feed_url: str | None = None
    feed_title: str | None = None
    feed_language: str | None = None
    site_url: str | None = None


class FeedHints(Record):
    """How often the feed asks to be read; each may only lengthen the interval. Units: seconds.

    ``cache_seconds`` is what its site says of the answer, in ``Cache-Control`` or ``Expires``.
    """

    ttl_seconds: int | None = None
    syndication_seconds: int | None = None
    cache_seconds: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()


class ParsedFeed(Record):
    """A whole feed document, read."""

    format: str
    """``rss20``, ``rss10``, ``rss091u``, ``atom10``, ``atom03``, ``json11``..."""
    title: str | None = None
    site_url: str | None = None
    self_url: str | None = None
    language: str | None = None
    hub_urls: tuple[str, ...] = ()
    hints: FeedHints = Field(default_factory=FeedHints)
    entries: tuple[FeedEntry, ...] = ()
    skipped: int = 0
    """Entries beyond the limit, or without anything that could identify them: counted, never dropped silently."""
    problems: tuple[str, ...] = ()
    """What was wrong with the document although it could be read, in short words."""
