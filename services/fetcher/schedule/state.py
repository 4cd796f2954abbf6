"""What a poll brought, what is remembered of polls, and what is decided: the types of the schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.records import FeedHints, Instant

HOUR = 3600.0
DAY = 86_400.0
FIRST_INTERVAL = HOUR / 2
# A tenth more or less, so that feeds that were added together do not stay together.
JITTER = 0.1

Amount = Annotated[float, Field(ge=0)]


@dataclass(frozen=True)
class Changed:
    """A new document: ``total`` entries, of which ``known`` were seen before and ``new`` were not.

    ``published``: the entries' own dates, where they have any; only the first poll of a feed looks at them. ``ages``:
    entries leave the list by age alone, not because others have come.
    """

    total: int
    known: int
    new: int
    published: Sequence[datetime] = ()
    ages: bool = False


@dataclass(frozen=True)
class Unchanged:
    """The feed is as it was."""


@dataclass(frozen=True)
class Failed:
    """No feed came: a reason (:class:`services.fetcher.schedule.FailureCode`), the status where there was one, and the
    seconds after which the site asked to be asked again. ``outage``: it is hardly the feed's fault, but our own line's.
    """

    reason: str
    status: int | None = None
    retry_after: float | None = None
    outage: bool = False


Outcome = Changed | Unchanged | Failed


@dataclass(frozen=True)
class Limits:
    """Shortest and longest time between two polls of a working feed; of the two, the floor has the last word."""

    floor_seconds: float
    ceiling_seconds: float

    @property
    def longest(self) -> float:
        """The ceiling, or the floor where somebody set it above."""
        return max(self.floor_seconds, self.ceiling_seconds)


class _Kept(BaseModel):
    """Kept as JSON on the feed's row. Not a Record: an older worker must be able to read what a newer one wrote."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Pace(_Kept):
    """How much the feed publishes: entries found new and the days in which they were, the past counting ever less."""

    entries: Amount = 0.0
    days: Amount = 0.0


class Rhythm(_Kept):
    """When the feed publishes: entries found new by hour of the day and by weekday (UTC), the past counting ever less.

    ``since``: when watching it began; ``until``: when the counts were last true.
    """

    since: Instant | None = None
    until: Instant | None = None
    hours: tuple[Amount, ...] = ()
    days: tuple[Amount, ...] = ()


class Silence(_Kept):
    """How long the feed stays silent at most, in seconds of its own publishing time; ``services.fetcher.watch``."""

    now: Amount = 0.0
    """Since the last poll that brought something."""
    longest: Amount = 0.0
    count: Annotated[int, Field(ge=0)] = 0
    """Silences that have ended."""


class PollState(_Kept):
    """What is remembered of a feed's polls between them. An empty object is a feed never polled."""

    interval_seconds: Annotated[float, Field(gt=0)] = FIRST_INTERVAL
    has_listed: bool = False
    """Whether the last document listed entries, so that the next has something to overlap with."""
    last_success_at: Instant | None = None
    planned_at: Instant | None = None
    """When the next poll is meant to be: one that comes at another time is no evidence."""
    pace: Pace = Pace()
    rhythm: Rhythm = Rhythm()
    silence: Silence = Silence()
    pushed: bool = False
    """Whether a hub delivered what was new since: a poll that found nothing new is no evidence then."""
    gap_at: Instant | None = None
    """The last poll in which nothing was known any more."""
    lengthened: bool = False
    """Whether the feed's hints made the wait for the next poll longer."""
    misled_at: Instant | None = None
    """The last gap that came of obeying the feed's hints."""
    failures: Amount = 0.0
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


def span(seconds: float) -> str:
    """A length of time for a person, in one number."""
    minutes = max(round(seconds / 60), 1)
    if minutes < 120:
        return f"{minutes} min" if seconds >= 60 else f"{seconds:.0f} s"
    hours = round(seconds / HOUR)
    return f"{hours} h" if hours < 48 else f"{round(seconds / DAY)} days"
