"""Polling one feed: claim, ask with the validators of last time, read, take the entries into the ledger."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from typing import Any

from services.fetcher import moving, push
from services.fetcher.answer import (
    NotModified,
    PollResult,
    Read,
    Unreadable,
    Way,
    looked_into,
    nameless,
    read_response,
)
from services.fetcher.asking import PollAsker
from services.fetcher.context import FetcherContext, SiteBusyError
from services.fetcher.limits import SITEMAP_FORMATS, ReadLimits, most_bytes, sitemap_bytes
from services.fetcher.parts import is_index, take_parts
from services.fetcher.schedule import Changed, Failed, Limits, PollState, Unchanged, next_poll
from services.fetcher.seen import seen_entries
from services.fetcher.sending import Sending
from services.fetcher.validators import Look, Trust
from services.fetcher.visit import Visit
from services.fetcher.watch import watch
from services.fetcher.website import look_further
from shared.database import Connection
from shared.errors import FetchError
from shared.http import Validators
from shared.jobs import PollFeed
from shared.ledger import addresses, moves, polls, sitemaps
from shared.ledger.discovery import Discovery, record_entries
from shared.ledger.polls import FeedForPoll, PollRecord
from shared.records import FeedHints, ParsedFeed
from shared.settings import Settings
from shared.urls import site_of

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
    # Over before the row is written: writing it wakes the site, and the scheduler must find the token free then.
    with Visit(context, job.site, job.job_id) as visit:
        feed = _claim(context, job)
        if feed is None:
            return "superseded"
        if (told := push.take_deliveries(context, visit, job, feed)) is not None:
            return told
        # Of the dispatch, not of the moment: the same poll asks twice wherever it is run again.
        result = _ask(context, visit, feed, chance=random.Random(job.job_id).random())  # noqa: S311 - a sample
    if isinstance(result, Busy):
        with context.database.transaction() as connection:
            polls.step_aside(connection, feed, job.lease, seconds=result.seconds)
        return result.detail
    outage = isinstance(result, Unreadable) and result.status is None and visit.outage
    ms = round((time.monotonic() - began) * 1000)
    with context.database.transaction() as connection:
        return _write(context, connection, job, feed, result, ms, outage=outage)


def _claim(context: FetcherContext, job: PollFeed) -> FeedForPoll | None:
    lease_seconds = context.settings.fetch_lease_seconds
    with context.database.transaction() as connection:
        return polls.claim(connection, job.feed_id, job.lease, lease_seconds=lease_seconds)


def _ask(context: FetcherContext, visit: Visit, feed: FeedForPoll, *, chance: float) -> PollResult | Busy:
    trust = Trust.of(feed.poll_state)
    if push.wants_document(context.settings, feed):
        feed = replace(feed, etag=None, last_modified=None, body_sha256=None)
    result = _request(context, visit, feed, conditional=trust.may_ask(feed.now))
    if isinstance(result, NotModified) and result.look is Look.TOLD and trust.wants_proof(chance):
        whole = _request(context, visit, feed, conditional=False)
        # A site that has no time for a second question has answered the first.
        return result if isinstance(whole, Busy) else looked_into(whole)
    if isinstance(result, Unreadable) and result.is_cut_sitemap:
        # Only now known as one: what is called a sitemap is asked for as such at once.
        result = _request(context, visit, feed, conditional=False, most=sitemap_bytes(context.settings))
    if isinstance(result, Unreadable):
        asker = PollAsker(Sending.with_feed(context, feed.id).means(context), visit)
        return look_further(asker, context.settings, feed, result)
    return result


def _request(
    context: FetcherContext, visit: Visit, feed: FeedForPoll, *, conditional: bool, most: int | None = None
) -> PollResult | Busy:
    most = most or most_bytes(feed.url, feed.format, context.settings)
    validators = Validators(etag=feed.etag, last_modified=feed.last_modified) if conditional else None
    sent = Sending.with_feed(context, feed.id)
    try:
        response = sent.means(context).client.get(
            feed.url,
            max_bytes=most,
            headers={"Accept": ACCEPT, "User-Agent": visit.user_agent(feed.url)},
            conditional=validators,
            credentials=sent.credentials,
            before_request=visit,
        )
    except SiteBusyError as busy:
        return Busy(busy.seconds, str(busy))
    except FetchError as error:
        visit.failed(error)
        return Unreadable(error.reason, str(error))
    visit.answered(response)
    limits = ReadLimits.of(context.settings, feed.now)
    return read_response(response, feed, max_entries=limits.max_entries, sitemaps=limits.sitemaps)


def _write(
    context: FetcherContext,
    connection: Connection,
    job: PollFeed,
    feed: FeedForPoll,
    result: PollResult,
    ms: int,
    *,
    outage: bool,
) -> str:
    if is_index(result):
        # Before any row: its parts become feeds.
        addresses.lock(connection)
    outlook = moving.foresee(connection, feed, result)
    if not polls.lock_for_record(connection, feed.id, job.lease):
        return "superseded"
    found, document = Discovery(0, 0, 0), None
    if isinstance(result, Unreadable):
        for alternate in result.alternates if feed.may_move else ():
            if moves.move(connection, feed, alternate) is not None:
                polls.record_pointed(connection, feed.id, result.detail)
                return f"a website: its feed is {alternate}"
    elif isinstance(result, NotModified):
        document = result.document or None
    else:
        if is_index(result):
            found, result = take_parts(connection, feed, result)
        else:
            # An archive takes every other turn of its site at most.
            spacing = 2 * context.settings.site_interval_seconds
            seen = seen_entries(result.feed, feed, polled_at=feed.now)
            found = record_entries(connection, feed.id, seen, spacing_seconds=spacing)
        if isinstance(result, Read):
            if result.way is not None and _is_strange(feed, result.way, found):
                result = nameless(result, result.way.url)
            document = result.document
    reliance = push.after_poll(context, connection, feed, result, found)
    decided = decide(context.settings, feed, result, found, ms, pushed=reliance.alive, outage=outage)
    record = outlook.noted(reliance.noted(decided))
    polls.record_poll(connection, feed, record, document=document)
    moving.carry_out(connection, feed, outlook)
    sitemaps.retire_if_stale(connection, feed.id)
    return f"{record.outcome}: {record.detail or record.why}"


def _is_strange(feed: FeedForPoll, way: Way, found: Discovery) -> bool:
    """Whether a redirect has brought the document of another site, none of whose entries this feed has ever shown.

    They are recorded all the same: a paper may move to another service, and begin there anew.
    """
    has_left = site_of(way.url) != feed.site
    return has_left and feed.ever_succeeded and found.listed > 0 and found.new_in_feed == found.listed


def decide(
    settings: Settings,
    feed: FeedForPoll,
    result: PollResult,
    found: Discovery,
    ms: int,
    *,
    pushed: bool = False,
    outage: bool = False,
) -> PollRecord:
    """What a poll that brought ``result``, and with it ``found``, comes to: its record, and when the next one is.

    ``pushed``: the feed's hub delivers; ``outage``: our own line seems to be dead.
    """
    limits = Limits(floor_seconds=settings.poll_floor_seconds, ceiling_seconds=settings.poll_ceiling_seconds)
    hints = result.feed.hints if isinstance(result, Read) else FeedHints()
    outcome: Changed | Unchanged | Failed
    facts: dict[str, Any] = {}
    trust, doubt = Trust.of(feed.poll_state), None
    if not isinstance(result, Unreadable):
        trust, doubt = trust.after(result.look, new_entries=found.new_in_feed, now=feed.now)
    if isinstance(result, Unreadable):
        outcome = Failed(result.reason, result.status, result.retry_after, outage=outage)
        facts = {"detail": f"{result.reason}: {result.detail}"}
    elif isinstance(result, NotModified):
        outcome, hints = Unchanged(), FeedHints(cache_seconds=result.cache_seconds)
    else:
        outcome = Changed(
            total=found.listed,
            known=found.listed - found.new_in_feed,
            new=found.new_in_feed,
            published=[] if feed.ever_succeeded else [e.published_at for e in result.feed.entries if e.published_at],
            ages=result.feed.format in SITEMAP_FORMATS,
        )
        facts = {
            "entries": found.listed,
            "new_entries": found.new_in_feed,
            "edited_entries": found.edited,
            "detail": _notes(result.feed, doubt),
        }
    state = PollState.model_validate(feed.poll_state)
    decision = next_poll(state, outcome, feed.now, hints, limits, random.random(), pushed=pushed)  # noqa: S311 - jitter
    watched = watch(state, outcome, decision, feed.now)
    names = {Changed: "changed", Unchanged: "unchanged", Failed: "failed"}
    return PollRecord(
        outcome=names[type(outcome)],
        why=decision.why,
        due_at=decision.due_at,
        poll_state=watched.state.model_dump(mode="json") | trust.kept() | push.looked(settings, feed, result),
        status=result.status,
        gap=decision.gap,
        ms=ms,
        opens=watched.opens,
        closes=watched.closes,
        **facts,
    )


def _notes(parsed: ParsedFeed, doubt: str | None) -> str | None:
    notes = [*([doubt] if doubt else []), *parsed.problems]
    if parsed.skipped:
        notes.append(f"{parsed.skipped} entries skipped")
    return "; ".join(notes) or None
