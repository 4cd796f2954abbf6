"""Polling one feed: claim, ask with the validators of last time, read, take the entries into the ledger."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from services.fetcher.context import FetcherContext, SiteBusyError
from services.fetcher.errors import NotAFeedError
from services.fetcher.outcomes import Hold, hold_for
from services.fetcher.reader import discover_feeds, read_feed
from services.fetcher.schedule import Changed, Failed, Limits, PollState, Unchanged, next_poll
from services.fetcher.seen import seen_entries
from shared.database import Connection
from shared.errors import FetchError
from shared.http import Response, Validators
from shared.jobs import PollFeed
from shared.ledger import feeds, sites
from shared.ledger.discovery import Discovery, record_entries
from shared.ledger.feeds import FeedForPoll, PollRecord
from shared.records import FeedHints, ParsedFeed
from shared.urls import canonical_url

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json;q=0.9, application/rdf+xml;q=0.8,"
    " application/xml;q=0.7, text/xml;q=0.7, */*;q=0.1"
)
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


@dataclass(frozen=True)
class Busy:
    """The feed was not asked: its site may be only in ``seconds``."""

    seconds: float
    detail: str


PollResult = NotModified | Read | Unreadable


def poll(context: FetcherContext, job: PollFeed) -> str:
    """Poll the feed of ``job``, if the dispatch is still the current one."""
    began = time.monotonic()
    try:
        feed = _claim(context, job)
        if feed is None:
            return "superseded"
        result = _ask(context, feed)
        if isinstance(result, Unreadable) and result.hold is not None:
            context.politeness.hold(result.hold.site, result.hold.seconds)
    finally:
        # Before the row is written: writing it wakes the site, and the scheduler must find the token free then.
        context.politeness.release(job.site, job.job_id)
    if isinstance(result, Busy):
        with context.database.transaction() as connection:
            feeds.step_aside(connection, feed, job.lease, seconds=result.seconds)
        return result.detail
    return _record(context, job, feed, result, ms=round((time.monotonic() - began) * 1000))


def _claim(context: FetcherContext, job: PollFeed) -> FeedForPoll | None:
    lease_seconds = context.settings.fetch_lease_seconds
    with context.database.transaction() as connection:
        return feeds.claim(connection, job.feed_id, job.lease, lease_seconds=lease_seconds)


def _ask(context: FetcherContext, feed: FeedForPoll) -> PollResult | Busy:
    try:
        response = context.client.get(
            feed.url,
            max_bytes=context.settings.feed_max_bytes,
            headers={"Accept": ACCEPT},
            conditional=Validators(etag=feed.etag, last_modified=feed.last_modified),
            before_request=context.pace,
        )
    except SiteBusyError as busy:
        return Busy(busy.seconds, str(busy))
    except FetchError as error:
        return Unreadable(error.reason, str(error))
    return read_response(response, feed, max_entries=context.settings.feed_max_entries)


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


def _record(context: FetcherContext, job: PollFeed, feed: FeedForPoll, result: PollResult, *, ms: int) -> str:
    with context.database.transaction() as connection:
        told = _write(context, connection, job, feed, result, ms)
        if isinstance(result, Unreadable) and result.hold is not None:
            # What the site asked for outlives Valkey; last, after all other locks.
            sites.hold(connection, result.hold.site, result.hold.seconds)
    return told


def _write(
    context: FetcherContext, connection: Connection, job: PollFeed, feed: FeedForPoll, result: PollResult, ms: int
) -> str:
    if not feeds.lock_for_record(connection, feed.id, job.lease):
        return "superseded"
    found, document = Discovery(0, 0, 0), None
    if isinstance(result, Unreadable):
        for alternate in result.alternates if feed.may_move else ():
            if feeds.move(connection, feed, alternate) is not None:
                return f"a website: its feed is {alternate}"
    elif isinstance(result, NotModified):
        document = result.document or None
    else:
        found = record_entries(connection, feed.id, seen_entries(result.feed, feed))
        document = result.document
    record = _decide(context, feed, result, found, ms)
    feeds.record_poll(connection, feed, record, document=document)
    return f"{record.outcome}: {record.detail or record.why}"


def _decide(context: FetcherContext, feed: FeedForPoll, result: PollResult, found: Discovery, ms: int) -> PollRecord:
    settings = context.settings
    limits = Limits(floor_seconds=settings.poll_floor_seconds, ceiling_seconds=settings.poll_ceiling_seconds)
    hints = result.feed.hints if isinstance(result, Read) else FeedHints()
    outcome: Changed | Unchanged | Failed
    facts: dict[str, Any] = {}
    if isinstance(result, Unreadable):
        outcome = Failed(reason=result.reason, status=result.status, retry_after=result.retry_after)
        facts = {"detail": f"{result.reason}: {result.detail}"}
    elif isinstance(result, NotModified):
        outcome = Unchanged()
    else:
        outcome = Changed(total=found.listed, known=found.listed - found.new_in_feed, new=found.new_in_feed)
        facts = {
            "entries": found.listed,
            "new_entries": found.new_in_feed,
            "edited_entries": found.edited,
            "detail": _notes(result.feed),
        }
    state = PollState.model_validate(feed.poll_state)
    decision = next_poll(state, outcome, feed.now, hints, limits, random.random())  # noqa: S311 - jitter
    names = {Changed: "changed", Unchanged: "unchanged", Failed: "failed"}
    return PollRecord(
        outcome=names[type(outcome)],
        why=decision.why,
        due_at=decision.due_at,
        poll_state=decision.state.model_dump(mode="json"),
        status=result.status,
        gap=decision.gap,
        ms=ms,
        **facts,
    )


def _notes(parsed: ParsedFeed) -> str | None:
    notes = list(parsed.problems)
    if parsed.skipped:
        notes.append(f"{parsed.skipped} entries skipped")
    return "; ".join(notes) or None
