"""When is a feed due next? A pure decision over what its polls have brought.

Overlap decides. A poll that brings little new was early, one that brings mostly new was late, and one in which
nothing is known any more was too late: what stood between the two polls may have been missed. Failures back off by
their cause and never end; feeds come back from the dead (mediacloud/rss-fetcher 0.16.8).

The time until the next poll lies between floor and ceiling, except that failures back off to a day whatever the
ceiling is, then to a week, a feed that is gone (410) is asked once a month, and hours and days that the feed asks to
be skipped are waited for, a week at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.records import FeedHints, Instant

HOUR = 3600.0
DAY = 86_400.0
FIRST_INTERVAL = HOUR / 2
GONE_PROBE = 30 * DAY
DEAD_PROBE = 7 * DAY
DEAD_AFTER = timedelta(days=30)
# One feed in a few may go on asking for months; nobody's header holds a feed back for longer than a day.
LONGEST_RETRY_AFTER = DAY
JITTER = 0.1

# At most this many new entries, and this share of what is listed, let the next poll come later.
FEW_NEW = 2
SMALL_SHARE = 0.1
LARGE_SHARE = 0.25
LATER = 1.3
SOONER = 0.5
MUCH_SOONER = 0.25

# How much one failure counts, by its reason; a count of 1 doubles the wait. A hiccup of name servers is often our own.
_WEIGHTS = {
    "dns_temporary": 0.25,
    "connect": 0.5,
    "connect_timeout": 0.5,
    "read_timeout": 0.5,
    "deadline": 0.5,
    "reset": 0.5,
    "http_429": 0.5,
    "http_5xx": 0.5,
    "http_404": 2.0,
    "bad_url": 2.0,
    "blocked_address": 2.0,
}
_DEFAULT_WEIGHT = 1.0
_MOST_FAILURES = 1000.0
_MOST_DOUBLINGS = 12.0
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Changed:
    """A new document: ``total`` entries, of which ``known`` were seen before and ``new`` were not."""

    total: int
    known: int
    new: int


@dataclass(frozen=True)
class Unchanged:
    """The feed is as it was."""


@dataclass(frozen=True)
class Failed:
    """No feed came: a reason (:class:`shared.http.FetchReason`, ``http_404``, ``not_a_feed``...), the status where
    there was one, and the seconds after which the site asked to be asked again.
    """

    reason: str
    status: int | None = None
    retry_after: float | None = None


Outcome = Changed | Unchanged | Failed


@dataclass(frozen=True)
class Limits:
    """Shortest and longest time between two polls of a working feed; of the two, the floor has the last word."""

    floor_seconds: float
    ceiling_seconds: float


class PollState(BaseModel):
    """What is remembered of a feed's polls between them; kept as JSON. An empty object is a feed never polled."""

    # Not a Record: a worker of an older version must be able to read what a newer one wrote.
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    interval_seconds: Annotated[float, Field(gt=0)] = FIRST_INTERVAL
    has_listed: bool = False
    """Whether any poll has brought entries, so that the next has something to overlap with."""
    last_success_at: Instant | None = None
    failures: Annotated[float, Field(ge=0)] = 0.0
    """Failures since the last success, each by its weight."""
    failed_polls: Annotated[int, Field(ge=0)] = 0
    failing_since: Instant | None = None
    hints: FeedHints = FeedHints()

    @field_validator("hints", mode="before")
    @classmethod
    def _known_hints(cls, value: object) -> object:
        """Hints are a record, which refuses what it does not know; here what a newer version knows is left out."""
        return (
            {name: value[name] for name in value if name in FeedHints.model_fields}
            if isinstance(value, dict)
            else value
        )


@dataclass(frozen=True)
class Decision:
    """What to remember and when to come back, with the reason in a sentence. ``gap``: entries may have been missed."""

    state: PollState
    due_at: datetime
    why: str
    gap: bool = False


def next_poll(
    state: PollState, outcome: Outcome, now: datetime, hints: FeedHints, limits: Limits, jitter: float
) -> Decision:
    """Decide what follows from ``outcome``. ``hints``: the document's, used where one came; ``jitter``: in [0, 1)."""
    now = now.astimezone(UTC)
    ceiling = max(limits.floor_seconds, limits.ceiling_seconds)
    if isinstance(outcome, Failed):
        return _after_failure(state, outcome, now, limits.floor_seconds, jitter)
    gap = isinstance(outcome, Changed) and outcome.total > 0 and outcome.known == 0 and state.has_listed
    interval = min(max(_interval(state, outcome, now), limits.floor_seconds), ceiling)
    remembered = hints if isinstance(outcome, Changed) else state.hints
    kept = state.model_copy(
        update={
            "interval_seconds": interval,
            "has_listed": state.has_listed or (isinstance(outcome, Changed) and outcome.total > 0),
            "last_success_at": now,
            "failures": 0.0,
            "failed_polls": 0,
            "failing_since": None,
            "hints": remembered,
        }
    )
    asked = min(max(remembered.ttl_seconds or 0, remembered.syndication_seconds or 0), ceiling)
    earliest = max(interval * (1 - JITTER), limits.floor_seconds, asked)
    latest = max(min(max(interval, asked) * (1 + JITTER), ceiling), earliest)
    seconds = earliest + (latest - earliest) * jitter
    due = _past_skipped(now + timedelta(seconds=seconds), remembered)
    why = f"{_brought(outcome, gap)}: again in {_span(seconds)}"
    if asked > interval:
        why += ", as the feed asks"
    if due - now > timedelta(seconds=seconds + 1):
        why += f"; it asks to be left alone until {due:%a %H:%M} UTC"
    return Decision(kept, due, why, gap)


def _interval(state: PollState, outcome: Changed | Unchanged, now: datetime) -> float:
    """The interval that the overlap suggests, limits aside."""
    interval = state.interval_seconds
    elapsed = (now - state.last_success_at).total_seconds() if state.last_success_at else None
    if elapsed is None or elapsed <= 0:
        # The first poll brings everything there is, and says nothing about how fast that came.
        return interval
    new = outcome.new if isinstance(outcome, Changed) else 0
    total = outcome.total if isinstance(outcome, Changed) else 0
    share = new / total if total > 0 else 0.0
    if new > 0 and share > LARGE_SHARE:
        # A poll that came late itself, after an outage perhaps, is no evidence that the interval is too long.
        factor = MUCH_SOONER if new == total else SOONER
        return min(interval, elapsed * factor)
    if new <= FEW_NEW and share <= SMALL_SHARE and elapsed >= interval / 2:
        return interval * LATER
    return interval


def _after_failure(state: PollState, outcome: Failed, now: datetime, floor: float, jitter: float) -> Decision:
    weight = _WEIGHTS.get(outcome.reason, _DEFAULT_WEIGHT)
    failures = min(state.failures + weight, _MOST_FAILURES)
    since = state.failing_since or now
    kept = state.model_copy(
        update={
            "failures": failures,
            "failed_polls": min(state.failed_polls + 1, 1_000_000),
            "failing_since": since,
        }
    )
    if outcome.status == 410:
        seconds = GONE_PROBE
        plan = "gone, by its own words"
    else:
        # A daily feed that failed is asked again within the hour.
        base = max(min(state.interval_seconds, HOUR), floor)
        dead = now - since >= DEAD_AFTER
        longest = DEAD_PROBE if dead else DAY
        seconds = longest if dead else min(base * 2.0 ** min(failures, _MOST_DOUBLINGS), longest)
        plan = f"{outcome.reason}, {_times(kept.failed_polls)} in a row"
        if dead:
            plan += f" since {since:%Y-%m-%d}"
    seconds = max(seconds, floor)
    asked = min(outcome.retry_after or 0.0, LONGEST_RETRY_AFTER)
    by_request = asked > seconds
    seconds = max(seconds, asked) * (1 + JITTER * jitter)
    why = f"{plan}: again in {_span(seconds)}{', as the site asks' if by_request else ''}"
    return Decision(kept, now + timedelta(seconds=seconds), why)


def _past_skipped(due: datetime, hints: FeedHints) -> datetime:
    """``due``, or the end of the hours and days (UTC) that the feed wants skipped, a week later at most."""
    hours, days = set(hints.skip_hours), {day.lower() for day in hints.skip_days}
    later = due
    for _ in range(7 * 24):
        if later.hour not in hours and _DAYS[later.weekday()] not in days:
            return later
        # The minute is kept: feeds that end their night at the same hour do not all come back on its stroke.
        later += timedelta(hours=1)
    return due


def _brought(outcome: Changed | Unchanged, gap: bool) -> str:
    if isinstance(outcome, Unchanged):
        return "unchanged"
    if gap:
        listed = "the only entry is" if outcome.total == 1 else f"all {outcome.total} entries are"
        return f"{listed} new, some before may have been missed"
    if not outcome.total:
        return "no entries"
    return f"{outcome.new} of {outcome.total} entries new"


def _times(count: int) -> str:
    return "1 failure" if count == 1 else f"{count} failures"


def _span(seconds: float) -> str:
    minutes = max(round(seconds / 60), 1)
    if minutes < 120:
        return f"{minutes} min" if seconds >= 60 else f"{seconds:.0f} s"
    hours = round(seconds / HOUR)
    return f"{hours} h" if hours < 48 else f"{round(seconds / DAY)} days"
