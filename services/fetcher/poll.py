"""Polling one feed: claim, ask with the validators of last time, read, take the entries into the ledger."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Any

from services.fetcher.answer import NotModified, PollResult, Read, Unreadable, read_response
from services.fetcher.context import FetcherContext, SiteBusyError
from services.fetcher.schedule import Changed, Failed, Limits, PollState, Unchanged, next_poll
from services.fetcher.seen import seen_entries
from shared.database import Connection
from shared.errors import FetchError
from shared.http import Validators
from shared.jobs import PollFeed
from shared.ledger import moves, polls, sites
from shared.ledger.discovery import Discovery, record_entries
from shared.ledger.polls import FeedForPoll, PollRecord
from shared.records import FeedHints, ParsedFeed
from shared.settings import Settings

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json;q=0.9, application/rdf+xml;q=0.8,"
    " application/xml;q=0.7, text/xml;q=0.7, */*;q=0.1"
)


@dataclass(frozen=True)
class Busy:
    """The feed was not asked: its site may be only in ``seconds``."""

    seconds: float
    detail: str


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
            polls.step_aside(connection, feed, job.lease, seconds=result.seconds)
        return result.detail
    return _record(context, job, feed, result, ms=round((time.monotonic() - began) * 1000))


def _claim(context: FetcherContext, job: PollFeed) -> FeedForPoll | None:
    lease_seconds = context.settings.fetch_lease_seconds
    with context.database.transaction() as connection:
        return polls.claim(connection, job.feed_id, job.lease, lease_seconds=lease_seconds)


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
    if not polls.lock_for_record(connection, feed.id, job.lease):
        return "superseded"
    found, document = Discovery(0, 0, 0), None
    if isinstance(result, Unreadable):
        for alternate in result.alternates if feed.may_move else ():
            if moves.move(connection, feed, alternate) is not None:
                return f"a website: its feed is {alternate}"
    elif isinstance(result, NotModified):
        document = result.document or None
    else:
        found = record_entries(connection, feed.id, seen_entries(result.feed, feed))
        document = result.document
    record = decide(context.settings, feed, result, found, ms)
    polls.record_poll(connection, feed, record, document=document)
    return f"{record.outcome}: {record.detail or record.why}"


def decide(settings: Settings, feed: FeedForPoll, result: PollResult, found: Discovery, ms: int) -> PollRecord:
    """What a poll that brought ``result``, and with it ``found``, comes to: its record, and when the next one is."""
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
