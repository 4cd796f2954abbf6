"""Feeds as they publish: patterns taken from real feeds and built in, and the moments at which articles appear.

A pattern has a rate, an hourly profile of the week and gaps. Gaps are counted in *publishing time*, in which the feed's
hours all count alike: quiet nights are short and busy mornings long, so that a gap drawn from a real feed's own gaps
falls into that feed's own hours.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import read_feed
from shared.records import FeedEntry

REAL_FEEDS = Path(__file__).parent.parent.parent / "shared" / "data" / "feeds" / "real"
HOUR, DAY, WEEK = 3600.0, 86_400.0, 604_800.0
START = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
FLAT = (1.0,) * 168
# Fewer dates than this say nothing about hours; fewer than two nothing at all.
DATES_FOR_HOURS = 8
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC).timestamp()  # a Monday; older dates are no dates of a feed


@dataclass(frozen=True)
class Pattern:
    """How a feed publishes. ``profile``: a weight for each hour of the week from Monday 00:00 UTC, 1 on average;
    ``gap``: draws a gap in units of the average gap; ``listed``: entries in its window.
    """

    name: str
    per_day: float
    listed: int
    gap: Callable[[random.Random], float]
    profile: tuple[float, ...] = FLAT
    answer: str = "changed"
    """``always`` (other bytes at each poll, nothing new) or ``http_404`` instead: what is special about its answers."""


@dataclass(frozen=True)
class SimulatedFeed:
    """A feed of the simulation: when its articles appear, in seconds from the start; before it, below zero."""

    pattern: Pattern
    arrivals: tuple[float, ...]
    phase: float
    """In [0, 1): where in the first interval its first poll falls."""

    @property
    def kind(self) -> str:
        """The pattern's name, or ``real``."""
        return self.pattern.name.partition(" ")[0] if self.pattern.name.startswith("real ") else self.pattern.name


def make_feeds(count: int, days: float, seed: int, *, folder: Path = REAL_FEEDS) -> list[SimulatedFeed]:
    """``count`` feeds over ``days``: seven in ten like the real ones where those are there, the others built in."""
    rng = random.Random(f"feeds {seed}")  # noqa: S311 - a simulation
    real, generic = real_patterns(folder), generic_patterns()
    feeds = []
    for number in range(count):
        # All patterns take their turn: which of them are there is no matter of the seed.
        tens, ones = divmod(number, 10)
        if not real:
            pattern = generic[number % len(generic)]
        elif ones < 7:
            pattern = real[(tens * 7 + ones) % len(real)]
        else:
            pattern = generic[(tens * 3 + ones - 7) % len(generic)]
        rate = pattern.per_day * rng.lognormvariate(0, 0.3)
        feeds.append(SimulatedFeed(pattern, tuple(arrivals(pattern, rate, days, rng)), rng.random()))
    return feeds


def arrivals(pattern: Pattern, per_day: float, days: float, rng: random.Random) -> Iterator[float]:
    """When articles appear until ``days`` after the start; the window's worth before it first."""
    if not per_day:
        # It has published once, long ago.
        yield from (-400 * DAY - number * DAY for number in reversed(range(pattern.listed)))
        return
    mean = DAY / per_day
    gaps = [pattern.gap(rng) * mean for _ in range(pattern.listed)]
    moment = -sum(gaps) + rng.random() * gaps[-1]
    clock = PublishingClock(pattern.profile)
    for gap in gaps:
        yield clock.wall(moment)
        moment += gap
    while True:
        wall = clock.wall(moment)
        if wall > days * DAY:
            return
        yield wall
        moment += pattern.gap(rng) * mean


class PublishingClock:
    """Turns publishing time into seconds from a Monday 00:00 UTC, and back. A week is as long in both."""

    def __init__(self, profile: Sequence[float]) -> None:
        scale = 168 / sum(profile)
        self._speeds = [weight * scale for weight in profile]
        self._marks = [0.0]
        for speed in self._speeds:
            self._marks.append(self._marks[-1] + speed * HOUR)

    def wall(self, published: float) -> float:
        """Seconds at which the clock shows ``published``."""
        weeks, rest = divmod(published, WEEK)
        low, high = 0, 167
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._marks[middle] <= rest else (low, middle - 1)
        speed = self._speeds[low]
        return weeks * WEEK + low * HOUR + ((rest - self._marks[low]) / speed if speed else 0.0)

    def published(self, wall: float) -> float:
        """What the clock shows at ``wall``."""
        weeks, rest = divmod(wall, WEEK)
        hour = min(int(rest // HOUR), 167)
        return weeks * WEEK + self._marks[hour] + (rest - hour * HOUR) * self._speeds[hour]


def real_patterns(folder: Path) -> list[Pattern]:
    """A pattern for each feed document in ``folder`` with dates; none where there is no such folder."""
    documents = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            feed = read_feed(path.read_bytes(), url=None)
        except NotAFeedError:
            continue
        dated = [entry for entry in feed.entries if entry.published_at and entry.published_at.timestamp() > _EPOCH]
        if len(dated) > 1:
            documents.append((path.name, len(feed.entries), dated))
    # All were fetched on one day: the newest entry of all says when.
    fetched = max((_moment(entry) for _, _, dated in documents for entry in dated), default=0.0)
    return [_real_pattern(name, listed, dated, fetched) for name, listed, dated in documents]


def _moment(entry: FeedEntry) -> float:
    assert entry.published_at is not None
    return entry.published_at.timestamp() - _EPOCH


def _real_pattern(name: str, listed: int, dated: Sequence[FeedEntry], fetched: float) -> Pattern:
    moments = sorted(_moment(entry) for entry in dated)
    profile: tuple[float, ...] = FLAT
    if len(dated) >= DATES_FOR_HOURS:
        clocked = [_moment(entry) for entry in dated if entry.published_precision != "day"]
        hours = _smooth([sum(int(m % DAY // HOUR) == hour for m in clocked) for hour in range(24)], circular=True)
        days = _smooth([sum(int(m % WEEK // DAY) == day for m in moments) for day in range(7)], circular=False)
        profile = tuple(hours[hour % 24] * days[hour // 24] for hour in range(168))
    clock = PublishingClock(profile)
    marks = [clock.published(moment) for moment in [*moments, fetched]]
    # The silence until the feed was fetched is one of its gaps, and with a blog that ended its longest.
    gaps = [max(later - earlier, 1.0) for earlier, later in pairwise(marks)]
    mean = sum(gaps) / len(gaps)
    return Pattern(f"real {name[:6]}", DAY / mean, listed, Drawn(tuple(gap / mean for gap in gaps)), profile)


def _smooth(counts: Sequence[int], *, circular: bool) -> list[float]:
    """Weights of 1 on average: a few dates must not close an hour for ever."""
    size, total = len(counts), sum(counts)
    if not total:
        return [1.0] * size
    near = (
        [(counts[i - 1] + 2 * counts[i] + counts[(i + 1) % size]) / 4 for i in range(size)]
        if circular
        else [float(count) for count in counts]
    )
    return [(count + 0.1 * total / size) / (1.1 * total / size) for count in near]


@dataclass(frozen=True)
class Drawn:
    """Gaps drawn from a feed's own, each half as long or as long again at most."""

    gaps: tuple[float, ...]

    def __call__(self, rng: random.Random) -> float:
        """One of them, about."""
        return rng.choice(self.gaps) * rng.uniform(0.5, 1.5)


def by_chance(rng: random.Random) -> float:
    """Gaps of a feed whose entries know nothing of each other."""
    return rng.expovariate(1.0)


def in_bursts(rng: random.Random) -> float:
    """Nine short gaps to a long one."""
    return rng.expovariate(20.0) if rng.random() < 0.9 else rng.expovariate(1 / 9.55)


def regular(rng: random.Random) -> float:
    """About the same gap each time."""
    return rng.uniform(0.8, 1.2)


def generic_patterns() -> list[Pattern]:
    """Built in: what a list of feeds holds whoever made it."""
    office = _profile(dict.fromkeys(range(6, 20), 1.0), night=0.03, weekend=0.5)
    paper = _profile({**dict.fromkeys(range(5, 22), 1.0), 6: 2.0, 17: 1.5}, night=0.02, weekend=0.7)
    wire = _profile(dict.fromkeys(range(5, 22), 1.0), night=0.35, weekend=0.8)
    return [
        Pattern("news wire", 200, 50, by_chance, wire),
        Pattern("daily paper", 40, 40, by_chance, paper),
        Pattern("daily paper", 80, 30, by_chance, paper),
        Pattern("local paper", 12, 20, by_chance, office),
        Pattern("trade press", 4, 20, by_chance, office),
        Pattern("daily blog", 1, 10, by_chance, office),
        Pattern("weekly blog", 1 / 7, 10, regular),
        Pattern("weekly blog", 1 / 7, 20, by_chance),
        Pattern("monthly blog", 1 / 30, 10, by_chance),
        Pattern("monthly blog", 1 / 30, 15, regular),
        Pattern("bursty", 6, 30, in_bursts),
        Pattern("small window", 48, 10, by_chance, paper),
        Pattern("ended", 0, 10, by_chance),
        Pattern("other bytes each time", 0, 10, by_chance, answer="always"),
        Pattern("not there", 0, 10, by_chance, answer="http_404"),
    ]


def _profile(hours: dict[int, float], *, night: float, weekend: float) -> tuple[float, ...]:
    return tuple(hours.get(hour % 24, night) * (weekend if hour // 24 >= 5 else 1.0) for hour in range(168))
