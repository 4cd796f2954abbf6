"""Ways to decide when a feed is polled, and what each of them finds of a simulated feed."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from benchmarks.publishing import DAY, HOUR, START, SimulatedFeed
from services.fetcher.schedule import Changed, Failed, Limits, Outcome, PollState, Unchanged, next_poll
from services.fetcher.watch import watch
from shared.ledger.alerts import AlertKind
from shared.records import FeedHints

LIMITS = Limits(floor_seconds=600, ceiling_seconds=DAY)
NO_HINTS = FeedHints()
# Feeds that are added together are polled within half an hour.
FIRST_POLLS_WITHIN = HOUR / 2
# How late a poll is: it waits for its site.
LATE_SECONDS = 10.0


@dataclass
class Tally:
    """What polls found. ``delays``: seconds from an article's appearance to the poll that found it."""

    polls: int = 0
    with_new: int = 0
    missed: int = 0
    delays: list[float] = field(default_factory=list)
    alarms: list[float] = field(default_factory=list)
    """When it was said that the feed has stopped, seconds from the start."""
    silences: int = 0

    def delay(self, share: float) -> float:
        """The delay that ``share`` of the articles found did not exceed, 0 where there are none."""
        ordered = sorted(self.delays)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0

    @classmethod
    def of(cls, tallies: Iterable[Tally]) -> Tally:
        """All of them as one."""
        whole = cls()
        for tally in tallies:
            whole.polls += tally.polls
            whole.with_new += tally.with_new
            whole.missed += tally.missed
            whole.delays.extend(tally.delays)
        return whole


@dataclass(frozen=True)
class Found:
    """What one poll found: of ``listed`` entries, whose dates are ``dates``, ``new`` ones; ``None``: a failure."""

    at: float
    listed: int
    new: int
    dates: Sequence[float]
    outcome: Outcome


class Policy(Protocol):
    """Decides for one feed."""

    def wait(self, found: Found) -> float:
        """Seconds until the next poll."""


def run(feed: SimulatedFeed, policy: Policy, days: float, rng: random.Random) -> Tally:
    """Poll a feed for ``days``. What it listed at the first poll is neither found nor missed."""
    tally, arrivals, window = Tally(), feed.arrivals, feed.pattern.listed
    at, seen = feed.phase * FIRST_POLLS_WITHIN, 0
    while at <= days * DAY:
        there = bisect_right(arrivals, at)
        listed = min(there, window)
        new = min(there - seen, listed)
        dates = arrivals[there - listed : there]
        if tally.polls:
            lost = there - seen - new
            tally.missed += lost
            tally.with_new += new > 0
            tally.delays.extend([at - moment for moment in arrivals[seen + lost : there]])
        outcome = _outcome(feed.pattern.answer, listed, new, dates, first=not tally.polls)
        tally.polls += 1
        seen = there
        at += policy.wait(Found(at, listed, new, dates, outcome)) + rng.random() * LATE_SECONDS
    if isinstance(policy, Wiredesk):
        tally.alarms, tally.silences = policy.alarms, policy.state.silence.count
    return tally


def _outcome(answer: str, listed: int, new: int, dates: Sequence[float], *, first: bool) -> Outcome:
    if answer == "http_404":
        return Failed("http_404", 404)
    if first:
        return Changed(listed, 0, listed, [START + timedelta(seconds=date) for date in dates])
    return Changed(listed, listed - new, new) if new or answer == "always" else Unchanged()


class Wiredesk:
    """The schedule that is shipped, and its watch over feeds that stop."""

    def __init__(self, rng: random.Random, *, watching: bool = False) -> None:
        self.state = PollState()
        self.alarms: list[float] = []
        self._random = rng.random
        self._watching = watching
        self._quiet = False

    def wait(self, found: Found) -> float:
        """As decided by :func:`services.fetcher.schedule.next_poll`."""
        now = START + timedelta(seconds=found.at)
        decision = next_poll(self.state, found.outcome, now, NO_HINTS, LIMITS, self._random())
        if self._watching:
            watched = watch(self.state, found.outcome, decision, now)
            self.state = watched.state
            quiet = AlertKind.FEED_QUIET in watched.opens
            if quiet and not self._quiet:
                self.alarms.append(found.at)
            self._quiet = quiet
        else:
            self.state = decision.state
        return (decision.due_at - now).total_seconds()


class RssFetcher:
    """mediacloud/rss-fetcher 0.16 (fetcher/tasks.py): ten minutes later where two thirds or more were known, an hour
    sooner where less than a third was; six hours at first.
    """

    def __init__(self) -> None:
        self._minutes = 360.0
        self._successes = 0
        self._failures = 0.0
        self._last_new = 0.0

    def wait(self, found: Found) -> float:
        """Seconds until the next poll."""
        if isinstance(found.outcome, Failed):
            self._successes, self._failures = 0, self._failures + 0.5
            return min(self._minutes * 60 * max(self._failures, 1.0), DAY)
        self._successes += 1
        self._failures = 0.0
        if found.new:
            self._last_new = found.at
        if self._successes > 1:
            known = 101.0
            if isinstance(found.outcome, Changed):
                known = 100 * found.outcome.known / found.outcome.total if found.outcome.total else 102.0
            if known >= 67:
                self._minutes += 60 if found.at - self._last_new > 31 * DAY else 10
            elif known < 33:
                self._minutes = 360.0 if self._minutes > 360 else self._minutes - 60
            self._minutes = min(max(self._minutes, 10.0), 1440.0)
        return self._minutes * 60


class Miniflux:
    """miniflux 2, ``POLLING_SCHEDULER=entry_frequency``: a week, divided by the entries of the last week."""

    def wait(self, found: Found) -> float:
        """Seconds until the next poll, within the same floor and ceiling as ours."""
        if isinstance(found.outcome, Failed):
            return LIMITS.ceiling_seconds
        week = sum(date > found.at - 7 * DAY for date in found.dates)
        seconds = round(7 * 24 * 60 / week) * 60.0 if week else LIMITS.ceiling_seconds
        return min(max(seconds, LIMITS.floor_seconds), LIMITS.ceiling_seconds)


def run_fixed(feed: SimulatedFeed, interval: float, days: float) -> Tally:
    """What polls every ``interval`` seconds find, reckoned without making them."""
    first, end = feed.phase * interval, days * DAY
    tally = Tally(polls=int((end - first) // interval) + 1 if first <= end else 0)
    arrivals = feed.arrivals[bisect_right(feed.arrivals, first) :]
    place = 0
    while place < len(arrivals):
        at = first + math.ceil((arrivals[place] - first) / interval) * interval
        if at > end:
            break
        there = bisect_right(arrivals, at, place)
        lost = max(there - place - feed.pattern.listed, 0)
        tally.with_new += 1
        tally.missed += lost
        tally.delays.extend([at - moment for moment in arrivals[place + lost : there]])
        place = max(there, place + 1)
    return tally


def interval_of_same_median(feeds: Sequence[SimulatedFeed], median: float, days: float) -> float:
    """The fixed interval at which the median delay over all articles is ``median`` seconds, by bisection."""
    # Polls at a fixed interval find articles after half of it in the middle, or sooner where some fall out unseen.
    low, high = median, 16 * median
    for _ in range(10):
        middle = math.sqrt(low * high)
        if Tally.of(run_fixed(feed, middle, days) for feed in feeds).delay(0.5) < median:
            low = middle
        else:
            high = middle
    return high


POLICIES: dict[str, Callable[[random.Random], Policy]] = {
    "wiredesk": Wiredesk,
    "rss-fetcher": lambda _: RssFetcher(),
    "miniflux, by entries": lambda _: Miniflux(),
}
