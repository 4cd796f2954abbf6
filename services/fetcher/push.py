"""Push as a feed's polls see it: documents that its hub has delivered, and the hubs that it names."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.fetcher.answer import PollResult, Read, Unreadable
from services.fetcher.context import FetcherContext
from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import read_feed
from services.fetcher.schedule import JITTER, SAFETY_FACTOR, PollState
from services.fetcher.seen import seen_entries
from services.fetcher.visit import Visit
from shared.database import Connection
from shared.jobs import PollFeed
from shared.ledger import polls, push, subscriptions
from shared.ledger.discovery import Discovery, record_entries
from shared.ledger.feeds import HUBS_LOOKED_AT
from shared.ledger.polls import FeedForPoll, PollRecord
from shared.ledger.push import Standing
from shared.ledger.subscriptions import QUIET_DAYS
from shared.records import ParsedFeed
from shared.settings import Settings
from shared.urls import MAX_CANONICAL
from shared.webaddress import WebAddress, web_address


@dataclass(frozen=True)
class Reliance:
    """What push means for the next poll. ``alive``: it is only for safety; ``note``: what to add to its reason."""

    alive: bool = False
    note: str = ""

    def noted(self, record: PollRecord) -> PollRecord:
        """``record`` with what push has to do with it."""
        return replace(record, why=record.why + self.note)


def safety_interval(feed: FeedForPoll, settings: Settings, jitter: float) -> float:
    """Seconds between two polls of a feed whose hub delivers: six times its own interval, the ceiling at most.

    ``jitter``: in [0, 1).
    """
    own = max(PollState.model_validate(feed.poll_state).interval_seconds, settings.poll_floor_seconds)
    return min(own * SAFETY_FACTOR * (1 - JITTER * jitter), max(settings.poll_ceiling_seconds, own))


def take_deliveries(context: FetcherContext, visit: Visit, job: PollFeed, feed: FeedForPoll) -> str | None:
    """Take what the feed's hub has delivered into the ledger, without a request to its site.

    ``None``: nothing was delivered, or something that only says that there is news, so that the site is to be asked.
    Entries are taken as found: what a delivery does not list has not gone (WebSub 7: it may hold only what is new).
    """
    began = time.monotonic()
    with context.database.transaction() as connection:
        waiting = push.take(connection, feed.id)
        standing = push.standing(connection, feed.id)
    if not waiting:
        return None
    read: list[ParsedFeed] = []
    thin: list[int] = []
    for document in waiting:
        try:
            read.append(
                read_feed(
                    document.body,
                    url=standing.topic or feed.url,
                    content_type=document.content_type,
                    max_entries=context.settings.feed_max_entries,
                )
            )
        except NotAFeedError:
            thin.append(document.id)
    if read:
        # Before the row is written: writing it wakes the site, and the scheduler must find the token free then.
        visit.leave()
    # Also where the poll was due by itself, or somebody asked for it.
    asks_for_poll = bool(thin) or standing.overflowed or standing.poll_due_at is None
    with context.database.transaction() as connection:
        if not polls.lock_for_record(connection, feed.id, job.lease):
            return "superseded"
        push.drop(connection, [document.id for document in waiting])
        if not read:
            return None
        found = [record_entries(connection, feed.id, seen_entries(parsed, feed)) for parsed in read]
        standing = push.standing(connection, feed.id)
        due_at = feed.now if asks_for_poll else _due_after(context, feed, standing)
        record = _record(read, found, due_at, feed.now, ms=round((time.monotonic() - began) * 1000))
        push.record_delivery(connection, feed, record, slows=standing.alive and not asks_for_poll)
    return f"pushed: {record.why}"


def _due_after(context: FetcherContext, feed: FeedForPoll, standing: Standing) -> datetime:
    """When the site is asked next: as it was due, or later where push can be relied on."""
    due_at = max(standing.poll_due_at or feed.now, feed.now)
    state = PollState.model_validate(feed.poll_state)
    if not standing.alive or state.last_success_at is None:
        return due_at
    # Counted from the last poll, not from now: deliveries in a row must not put the next one off for ever.
    seconds = safety_interval(feed, context.settings, random.random())  # noqa: S311 - jitter
    return max(due_at, min(state.last_success_at, feed.now) + timedelta(seconds=seconds))


def _record(read: list[ParsedFeed], found: list[Discovery], due_at: datetime, now: datetime, *, ms: int) -> PollRecord:
    listed, new = sum(one.listed for one in found), sum(one.new_in_feed for one in found)
    minutes = max(round((due_at - now).total_seconds() / 60), 0)
    problems = dict.fromkeys(problem for parsed in read for problem in parsed.problems)
    return PollRecord(
        outcome="pushed",
        why=f"delivered by its hub, {new} of {listed} entries new: the site itself is asked "
        + (f"in {minutes} min" if minutes else "at once"),
        due_at=due_at,
        poll_state={},
        entries=listed,
        new_entries=new,
        edited_entries=sum(one.edited for one in found),
        ms=ms,
        detail="; ".join(problems) or None,
    )


def wants_document(settings: Settings, feed: FeedForPoll) -> bool:
    """Whether the whole document is wanted, changed or not: hubs are named in it, and were not looked at since push
    has become possible (``WIREDESK_PUBLIC_URL``), or the feed was resumed.
    """
    return settings.public_url is not None and not feed.poll_state.get(HUBS_LOOKED_AT)


def looked(settings: Settings, feed: FeedForPoll, result: PollResult) -> dict[str, bool]:
    """What ``poll_state`` keeps of that."""
    if isinstance(result, Read):
        return {HUBS_LOOKED_AT: True} if settings.public_url is not None else {}
    return {HUBS_LOOKED_AT: True} if feed.poll_state.get(HUBS_LOOKED_AT) else {}


def after_poll(
    context: FetcherContext, connection: Connection, feed: FeedForPoll, result: PollResult, found: Discovery
) -> Reliance:
    """What push means for the next poll, after what ``result`` brought was recorded in this transaction: ``found``.

    New entries that the hub should have delivered before take the trust in it away, until it delivers again.
    """
    if isinstance(result, Read):
        _follow_hub(context, connection, feed, result.feed)
    standing = push.standing(connection, feed.id)
    if standing.hub is None:
        return Reliance()
    missed = push.missed(connection, feed.id, found.identities) if standing.alive else 0
    alive = standing.alive and not missed
    # A feed that fails backs off whatever its hub does.
    push.polled(connection, feed.id, slows=alive and not isinstance(result, Unreadable), missed=missed > 0)
    if missed:
        return Reliance(note=f"; its hub did not deliver {missed} of them: polled as without push until it delivers")
    return Reliance(alive=alive)


def _follow_hub(context: FetcherContext, connection: Connection, feed: FeedForPoll, parsed: ParsedFeed) -> None:
    """Have the feed's subscription follow what its document says now, to another hub once a day at most: each that is
    named is sent requests, and so is each that is left.
    """
    current = subscriptions.current(connection, feed.id)
    named = usable_hubs(parsed.hub_urls, feed.url)
    topic = topic_of(parsed, feed.url)
    if current is not None and (current.hub not in named or current.topic != topic):
        if subscriptions.has_left_one(connection, feed.id):
            return
        subscriptions.end(connection, feed.id, "the feed names another hub, or itself by another address")
        current = None
    if current is None and named and context.settings.public_url and is_lively(parsed, feed.now):
        subscriptions.want(connection, feed.id, hub=named[0], topic=topic)


def usable_hubs(named: Iterable[str], feed_url: str) -> list[str]:
    """Of the hubs that a feed names those that may be asked, best first: https before http, else in the feed's order.

    The request carries the secret with which deliveries are signed, so that a hub without TLS is as good as none
    for a feed with it.
    """
    found = dict.fromkeys(filter(None, map(_address, named)))
    feed = _address(feed_url)
    schemes = ("https", "http") if feed is not None and feed.scheme == "http" else ("https",)
    return [str(hub) for scheme in schemes for hub in found if hub is not None and hub.scheme == scheme]


def topic_of(parsed: ParsedFeed, feed_url: str) -> str:
    """What to subscribe to: the feed's own name for itself (WebSub 4), else the address that it is polled at."""
    own = parsed.self_url
    return own if own is not None and _address(own) is not None else feed_url


def _address(url: str) -> WebAddress | None:
    try:
        return web_address(url) if len(url) <= MAX_CANONICAL else None
    except ValueError:
        return None


def is_lively(parsed: ParsedFeed, now: datetime) -> bool:
    """Whether the feed published anything in the last 30 days, or does not say when it did."""
    dates = [entry.updated_at or entry.published_at for entry in parsed.entries]
    dated = [date for date in dates if date is not None]
    return bool(dates) and (not dated or max(dated) > now - timedelta(days=QUIET_DAYS))
