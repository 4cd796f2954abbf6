"""What the parts of a sitemap index come to: which of them are polled, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.fetcher.answer import PollResult, Read, Unreadable
from shared.database import Connection
from shared.ledger import sitemaps
from shared.ledger.discovery import Discovery
from shared.ledger.indexes import MOST_LEVELS, level_of
from shared.ledger.polls import FeedForPoll
from shared.ledger.sitemaps import DELISTED_DAYS, MOST_WAITING, Part, PartsFound
from shared.records import FeedEntry
from shared.urls import canonical_url, site_of

INDEX = "sitemap-index"


@dataclass(frozen=True)
class Plan:
    """The parts that may be polled, most urgent first, and how many are on other sites, or no addresses."""

    parts: tuple[Part, ...]
    foreign: int = 0
    nameless: int = 0


def plan_parts(entries: Sequence[FeedEntry], index_url: str, now: datetime) -> Plan:
    """Of the parts that an index lists those on its own site, each once, what changed last first.

    Those that do not say when they changed come after, in the index's order. A part of another site is refused
    (sitemaps.org, "Sitemap file location"): sitemaps of strangers have been smuggled into indexes, to have them crawled
    (commoncrawl/news-crawl#58).
    """
    site, own = site_of(index_url), canonical_url(index_url)
    found: dict[str, tuple[float, Part]] = {}
    foreign = nameless = 0
    for entry in entries:
        try:
            key = canonical_url(entry.link or "")
        except ValueError:
            nameless += 1
            continue
        if site_of(key) != site:
            foreign += 1
            continue
        if key == own:
            continue
        # What lies ahead is a wrong clock: it changed, and that is all.
        changed = min(entry.updated_at, now) if entry.updated_at is not None else None
        # The midnight that stands for a day says nothing of whether it has changed since this morning.
        instant = changed if entry.updated_precision != "day" else None
        rank = -changed.timestamp() if changed is not None else 0.0
        if key not in found or rank < found[key][0]:
            found[key] = (rank, Part(entry.link or "", key, instant))
    ordered = sorted(found.values(), key=lambda item: item[0])
    return Plan(tuple(part for _, part in ordered), foreign, nameless)


def is_index(result: PollResult) -> bool:
    """Whether ``result`` lists parts, which become feeds."""
    return isinstance(result, Read) and result.feed.format == INDEX


def take_parts(connection: Connection, feed: FeedForPoll, result: Read) -> tuple[Discovery, PollResult]:
    """Make feeds of what an index lists. Returns what it brought, and ``result`` with what is to be said of it."""
    if level_of(connection, feed.id) >= MOST_LEVELS:
        told = f"{feed.url} is a sitemap index, {MOST_LEVELS} levels below another one"
        return Discovery(0, 0, 0), Unreadable("nested_index", told, result.status)
    plan = plan_parts(result.feed.entries, feed.url, feed.now.astimezone(UTC))
    found = sitemaps.record_parts(connection, feed.id, plan.parts)
    document = dict(result.document)
    if found.left:
        # Read again next time, whether or not it has changed.
        document |= {"etag": None, "last_modified": None, "sha256": None}
    problems = (*result.feed.problems, *notes(plan, found))
    read = replace(result, document=document, feed=result.feed.model_copy(update={"problems": problems}))
    return Discovery(found.known + found.created, found.created, found.due), read


def notes(plan: Plan, found: PartsFound) -> tuple[str, ...]:
    """What a poll of an index says of its parts."""
    said = (
        (found.created, _parts(found.created, "new ")),
        (found.due, f"{_parts(found.due)} changed since the last read"),
        (found.retired, f"{_parts(found.retired)} no longer listed"),
        (found.left, f"{_parts(found.left)} left for later, {_why_later(found)}"),
        (plan.foreign, f"{_parts(plan.foreign)} on other sites refused"),
        (plan.nameless, f"{_parts(plan.nameless)} without a web address"),
    )
    return tuple(text for count, text in said if count)


def _why_later(found: PartsFound) -> str:
    if not found.delisted:
        return f"{MOST_WAITING} are waiting"
    return f"{found.delisted} others were polled and listed no more within {DELISTED_DAYS} days"


def _parts(count: int, kind: str = "") -> str:
    return f"{count} {kind}part{'' if count == 1 else 's'}"
