"""The hours and weekdays at which a feed publishes, learnt from its polls, and time as the feed counts it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from services.fetcher.schedule.state import DAY, HOUR, Rhythm

MEMORY = 28 * DAY
# A poll that stands for more time than this says nothing about hours, or about weekdays.
HOURS_WITHIN = 12 * HOUR
DAYS_WITHIN = 2 * DAY
# As if so many entries had been spread evenly: a few entries make no rhythm.
EVEN_HOURS = 48.0
EVEN_DAYS = 42.0
# Until every hour and weekday has been watched as often as the others, some of them look quiet and are only unknown.
HOURS_KNOWN_AFTER = 3 * DAY
DAYS_KNOWN_AFTER = 14 * DAY
SLOWEST = 0.3
FASTEST = 2.0
WEEK = timedelta(days=7)
_FLAT = (1.0,) * 24


def learn(rhythm: Rhythm, since: datetime, until: datetime, new: int) -> Rhythm:
    """The rhythm after ``new`` entries were found that had appeared between ``since`` and ``until``."""
    elapsed = (until - since).total_seconds()
    if rhythm.since is None:
        rhythm = Rhythm(since=since, until=since, hours=(0.0,) * 24, days=(0.0,) * 7)
    if not new or not 0 < elapsed <= DAYS_WITHIN:
        return rhythm
    kept = math.exp(-(until - (rhythm.until or since)).total_seconds() / MEMORY)
    hours = [count * kept for count in rhythm.hours]
    days = [count * kept for count in rhythm.days]
    for moment, seconds in _clock_hours(since, until):
        share = new * seconds / elapsed
        days[moment.weekday()] += share
        if elapsed <= HOURS_WITHIN:
            hours[moment.hour] += share
    return Rhythm(
        since=rhythm.since,
        until=until,
        hours=tuple([round(count, 3) for count in hours]),
        days=tuple([round(count, 3) for count in days]),
    )


class Clock:
    """How fast a feed's own time runs: 1 on average, slow in its quiet hours."""

    def __init__(self, rhythm: Rhythm, now: datetime) -> None:
        watched = (now - rhythm.since).total_seconds() if rhythm.since else 0.0
        self._hours = _hour_shares(rhythm.hours) if watched >= HOURS_KNOWN_AFTER else _FLAT
        self._days = _day_shares(rhythm.days) if watched >= DAYS_KNOWN_AFTER else _FLAT

    def speed(self, moment: datetime) -> float:
        """How much is published at ``moment``, in units of the average."""
        return self._hours[moment.hour] * self._days[moment.weekday()]

    def after(self, moment: datetime, seconds: float) -> float:
        """The seconds in which ``seconds`` of polling time pass from ``moment`` on.

        Polling time runs with the root of the publishing rate: so polls a day find entries soonest on average.
        """
        if self._hours is _FLAT:
            return seconds
        passed, left = 0.0, seconds
        while True:
            speed = min(max(math.sqrt(self.speed(moment)), SLOWEST), FASTEST)
            rest = HOUR - (moment.minute * 60 + moment.second)
            if left <= rest * speed:
                return passed + left / speed
            passed += rest
            left -= rest * speed
            moment += timedelta(seconds=rest)

    def between(self, since: datetime, until: datetime) -> float:
        """The seconds of publishing time from ``since`` to ``until``: as many as on the wall for whole weeks."""
        weeks = max((until - since) // WEEK, 0)
        rest = _clock_hours(since + weeks * WEEK, until)
        return weeks * WEEK.total_seconds() + sum(seconds * self.speed(moment) for moment, seconds in rest)


@lru_cache(maxsize=1024)
def _hour_shares(counts: tuple[float, ...]) -> tuple[float, ...]:
    """Each hour with its neighbours: what a poll finds at ten past may be of the hour before."""
    return _shares([(counts[i - 1] + 2 * counts[i] + counts[(i + 1) % 24]) / 4 for i in range(24)], EVEN_HOURS)


@lru_cache(maxsize=1024)
def _day_shares(counts: tuple[float, ...]) -> tuple[float, ...]:
    return _shares(counts, EVEN_DAYS)


def _shares(counts: Sequence[float], even: float) -> tuple[float, ...]:
    size, total = len(counts), sum(counts) + even
    return tuple([(count + even / size) * size / total for count in counts])


def _clock_hours(since: datetime, until: datetime) -> list[tuple[datetime, float]]:
    """Each hour of the clock that is touched from ``since`` to ``until``, with the seconds of it."""
    pieces = []
    moment = since
    while moment < until:
        end = min(until, moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
        pieces.append((moment, (end - moment).total_seconds()))
        moment = end
    return pieces
