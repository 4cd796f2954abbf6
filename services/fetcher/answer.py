"""What a feed's answer means: unchanged, a document, or something that is no feed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.fetcher.errors import NotAFeedError
from services.fetcher.outcomes import Hold, hold_for
from services.fetcher.reader import discover_feeds, read_feed
from shared.http import Response
from shared.ledger.polls import FeedForPoll
from shared.records import ParsedFeed
from shared.urls import canonical_url

# Statuses that mean something of their own for a feed; the others are told by their class.
OWN_REASONS = frozenset({401, 403, 404, 410, 429})


@dataclass(frozen=True)
class NotModified:
    """The feed is as it was: by its validators, or byte for byte."""

    status: int
    document: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """A new document, read."""

    status: int
    feed: ParsedFeed
    document: dict[str, str | None]


@dataclass(frozen=True)
class Unreadable:
    """No feed came. ``alternates``: feeds that the page names instead, where it is a website; ``hold``: what its site
    asked for.
    """

    reason: str
    detail: str
    status: int | None = None
    retry_after: float | None = None
    alternates: tuple[str, ...] = ()
    hold: Hold | None = None


PollResult = NotModified | Read | Unreadable


def read_response(response: Response, feed: FeedForPoll, *, max_entries: int) -> PollResult:
    """What a feed's answer means: unchanged, a document, or something that is no feed."""
    if response.is_not_modified:
        return NotModified(response.status)
    if not response.is_success:
        own = response.status in OWN_REASONS
        retry_after = response.retry_after(feed.now)
        return Unreadable(
            f"http_{response.status}" if own else f"http_{response.status // 100}xx",
            f"{response.url} answered {response.status}",
            status=response.status,
            retry_after=retry_after,
            hold=hold_for(response.status, url=response.url, retry_after=retry_after),
        )
    if response.closed_early:
        return Unreadable("incomplete", f"{response.url} hung up before the end of the feed", response.status)
    if response.truncated:
        # Half a feed read as a whole would look as if the other half had been withdrawn.
        size = max(1, len(response.body) // 1048576)
        return Unreadable("too_large", f"{response.url} is larger than {size} MiB", response.status)
    sha256 = hashlib.sha256(response.body).hexdigest()
    document: dict[str, str | None] = {
        "etag": response.validators.etag,
        "last_modified": response.validators.last_modified,
        "sha256": sha256,
    }
    if sha256 == feed.body_sha256:
        return NotModified(response.status, document)
    try:
        parsed = read_feed(response.body, url=response.url, content_type=response.content_type, max_entries=max_entries)
    except NotAFeedError as error:
        named = discover_feeds(response.body, response.url) if error.reason == "not_a_feed" else ()
        alternates = usable_alternates(named, (feed.url, response.url))
        return Unreadable(error.reason, str(error), response.status, alternates=alternates)
    document |= {"title": parsed.title, "site_url": parsed.site_url, "language": parsed.language}
    return Read(response.status, parsed, document)


def usable_alternates(named: Iterable[str], own: Iterable[str]) -> tuple[str, ...]:
    """Of the feeds that a page names those that may be polled in its place: web addresses, and none of its ``own``."""
    pages = {_key(url) for url in own}
    return tuple(url for url in named if _key(url) not in {None, *pages})


def _key(url: str) -> str | None:
    try:
        return canonical_url(url)
    except ValueError:
        return None
