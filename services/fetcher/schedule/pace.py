"""How much a feed publishes, and how often that is worth a look."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from services.fetcher.schedule.state import DAY, FIRST_INTERVAL, HOUR, Pace

MEMORY_DAYS = 14.0
# The interval of a feed with one entry a day; a hundred times as many make it a tenth of that. With the root of the
# pace a given number of polls, shared among feeds, finds their entries soonest on average: the delay of all entries is
# the sum of pace * interval / 2, the polls are the sum of 1 / interval, and the best shares are those where a further
# poll would gain the same everywhere.
ONE_A_DAY = 3 * HOUR
# As if a feed had brought this much of an entry before its first poll: one that brings nothing is asked ever later.
_BEFORE = 0.15
_DAYS_BEFORE = _BEFORE * (FIRST_INTERVAL / ONE_A_DAY) ** 2
# What an interval is worth that was learnt before there was a pace.
_DAYS_OF_AN_INTERVAL = 2.0


def per_day(pace: Pace) -> float:
    """Entries a day."""
    return (pace.entries + _BEFORE) / (pace.days + _DAYS_BEFORE)


def interval_for(pace: Pace) -> float:
    """Seconds between polls that a pace is worth, limits aside."""
    return ONE_A_DAY / math.sqrt(per_day(pace))


def pace_for(interval: float) -> Pace:
    """A pace that an interval is worth: for a feed of which only that is known."""
    wanted = (ONE_A_DAY / interval) ** 2
    return Pace(
        entries=max(wanted * (_DAYS_OF_AN_INTERVAL + _DAYS_BEFORE) - _BEFORE, 0.0),
        days=max(_DAYS_OF_AN_INTERVAL, _BEFORE / wanted - _DAYS_BEFORE),
    )


def learn_pace(pace: Pace, elapsed: float, new: int) -> Pace:
    """The pace after ``new`` entries in ``elapsed`` seconds; what was before counts ever less."""
    days = elapsed / DAY
    kept = math.exp(-days / MEMORY_DAYS)
    return Pace(entries=round(pace.entries * kept + new, 6), days=round(pace.days * kept + days, 6))


def pace_by_dates(published: Sequence[datetime], now: datetime) -> Pace | None:
    """The pace at which a feed has published what it lists, by its own dates; ``None`` where they say nothing."""
    # Entries of one moment count once: some feeds give all of them the time of the request.
    ages = {age for moment in published if (age := (now - moment).total_seconds() / DAY) >= 0}
    if len(ages) < 2:
        return None
    return Pace(
        entries=round(sum(math.exp(-age / MEMORY_DAYS) for age in ages), 6),
        days=round(MEMORY_DAYS * (1 - math.exp(-max(ages) / MEMORY_DAYS)), 6),
    )
