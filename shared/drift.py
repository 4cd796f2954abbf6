"""Whether a site's pages are read worse than they were: its latest pages against its own past. Pure.

A site that is rebuilt sends the same feeds as before, and nothing fails: pages lose their date, or their text, or all
come out as listings. No share of such pages is bad by itself (many papers sign nothing), only one that rises is. So
each is held against the site's own past: the share that it had there, as far as that is known (Wilson's interval), and
the one of its worst weekday, since papers fill their weekends with other copy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

FEWEST_NOW = 20
FEWEST_BEFORE = 60
"""Pages below which nothing is said."""

Z = 3.3
"""Standard errors on either side: a look in a thousand is beyond them by chance, and two sides must meet."""
MARGIN = 0.15
"""What a share may rise by without a word, sampling apart: days differ by more than chance."""

CONFIRMED = timedelta(hours=20)
"""For how long a change must be there. Looks are six hours apart, and a look covers a day at the most busy sites."""

_FEWEST_OF_A_WEEKDAY = 8
_MUCH_SHORTER, _MUCH_LONGER = 0.4, 2.5

REJECTED = "rejected"
SHORTER = "much_shorter"
LONGER = "much_longer"
RULE_MISSED = "site_rule_missed"
WORDS = {
    REJECTED: "no article",
    SHORTER: "much shorter than usual",
    LONGER: "much longer than usual",
    "no_title": "without a title",
    "no_date": "without a date",
    "no_author": "without an author",
    "not_from_page": "with a text that is not the page's",
    RULE_MISSED: "not as the site's rule says",
}
"""What the marks mean that are no flags of the article's quality."""


@dataclass(frozen=True)
class Reading:
    """How one page was read. ``marks``: everything about it that is worse than it could be; ``words``: of its text,
    none where it became no article. ``version``: the parser's, where it is known.
    """

    at: datetime
    marks: frozenset[str] = frozenset()
    words: int | None = None
    version: str | None = None


class State(StrEnum):
    """What a look at a site found; each is a word on a row."""

    STEADY = "steady"
    CHANGED = "changed"
    UNSURE = "unsure"
    """Some share is higher than it was, by no more than chance may do: what was said before still counts."""
    TOO_FEW = "too_few"
    """Too few pages to say anything, now or before."""
    NEW_PARSER = "new_parser"
    """Enough pages, but most were read by another version of the parser: what was said before still counts."""


@dataclass(frozen=True)
class Share:
    """How many of the pages that could have a mark have it."""

    marked: int
    pages: int

    @property
    def value(self) -> float:
        """From 0 to 1."""
        return self.marked / self.pages if self.pages else 0.0

    @property
    def lowest(self) -> float:
        """The lower end of Wilson's interval."""
        return self._bound(-1)

    @property
    def highest(self) -> float:
        """The upper end of Wilson's interval."""
        return self._bound(1)

    def _bound(self, side: int) -> float:
        if not self.pages:
            return 0.0 if side < 0 else 1.0
        n, p, z2 = self.pages, self.value, Z * Z
        reach = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return min(1.0, max(0.0, (p + z2 / (2 * n) + side * reach) / (1 + z2 / n)))


@dataclass(frozen=True)
class Measure:
    """One mark: its share before and now, and the share that it may have."""

    mark: str
    before: Share
    now: Share
    limit: float

    @property
    def told(self) -> str:
        """In words: ``48 of 50 pages without a date, before 2 %``."""
        what = WORDS.get(self.mark, self.mark)
        return f"{self.now.marked} of {self.now.pages} pages {what}, before {self.before.value:.0%}"


@dataclass(frozen=True)
class Verdict:
    """What a look found, in how many pages of before and of now."""

    state: State
    before: int
    now: int
    measures: tuple[Measure, ...] = ()

    @property
    def changes(self) -> tuple[Measure, ...]:
        """The measures beyond their limit for sure, the farthest first."""
        found = [measure for measure in self.measures if measure.now.lowest > measure.limit]
        return tuple(sorted(found, key=lambda measure: measure.limit - measure.now.value))

    @property
    def told(self) -> str:
        """In a sentence, for whoever is on call."""
        match self.state:
            case State.CHANGED:
                return "; ".join(measure.told for measure in self.changes)
            case State.TOO_FEW:
                return f"{self.now} pages lately and {self.before} before: too few to say"
            case State.NEW_PARSER:
                return f"{self.now} pages lately and {self.before} before were read by this parser: too few to say yet"
            case State.UNSURE:
                return f"{self.now} pages lately, some worse than the {self.before} before, perhaps by chance"
            case State.STEADY:
                return f"{self.now} pages lately, read as the {self.before} before"


@dataclass(frozen=True)
class Standing:
    """What the looks at a site have come to: since when it has been found changed, and whether that is an alarm."""

    since: datetime | None = None
    alarm: bool = False


def after(standing: Standing, state: State, at: datetime) -> Standing:
    """What a look at ``at`` makes of ``standing``.

    A change is an alarm when it is still there after :data:`CONFIRMED`, by other pages: one odd day (a tournament, a
    strike, an evening of live tickers) is none.
    """
    match state:
        case State.CHANGED:
            since = standing.since or at
            return Standing(since, alarm=standing.alarm or at - since >= CONFIRMED)
        case State.UNSURE | State.NEW_PARSER:
            return standing
        case _:
            return Standing()


def drift(before: Sequence[Reading], now: Sequence[Reading]) -> Verdict:
    """How ``now``, a site's latest pages, compare with those of ``before``, as far as one parser has read both."""
    if len(now) < FEWEST_NOW or len(before) < FEWEST_BEFORE:
        return Verdict(State.TOO_FEW, len(before), len(now))
    before, now = _of_one_parser(before, now)
    if len(now) < FEWEST_NOW or len(before) < FEWEST_BEFORE:
        return Verdict(State.NEW_PARSER, len(before), len(now))
    usual = median([page.words for page in before if page.words is not None] or [0])
    earlier, latest = _Tally(before, usual), _Tally(now, usual)
    marks = sorted({*earlier.marked, *latest.marked})
    measures = tuple(Measure(mark, earlier.share(mark), latest.share(mark), earlier.limit(mark)) for mark in marks)
    state = State.STEADY
    if any(measure.now.lowest > measure.limit for measure in measures):
        state = State.CHANGED
    elif any(measure.now.value > measure.limit for measure in measures):
        state = State.UNSURE
    return Verdict(state, len(before), len(now), measures)


def _of_one_parser(before: Sequence[Reading], now: Sequence[Reading]) -> tuple[list[Reading], list[Reading]]:
    """The pages that the version of the latest one has read. Of what became no article the version is not known: it
    counts from that version's first page on.
    """
    known = [page for page in (*before, *now) if page.version is not None]
    if not known:
        return list(before), list(now)
    version = max(known, key=lambda page: page.at).version
    if all(page.version == version for page in known):
        return list(before), list(now)
    first = min(page.at for page in known if page.version == version)

    def fits(page: Reading) -> bool:
        return page.version == version or (page.version is None and page.at >= first)

    return [page for page in before if fits(page)], [page for page in now if fits(page)]


class _Tally:
    """How many pages there were on each weekday, how many became articles, and how many of them have each mark."""

    def __init__(self, pages: Sequence[Reading], usual: float) -> None:
        self._pages = [0] * 7
        self._articles = [0] * 7
        self.marked: dict[str, list[int]] = {}
        for page in pages:
            weekday = page.at.weekday()
            self._pages[weekday] += 1
            self._articles[weekday] += page.words is not None
            for mark in (*page.marks, *_size(page, usual)):
                self.marked.setdefault(mark, [0] * 7)[weekday] += 1

    def share(self, mark: str) -> Share:
        return Share(sum(self._marked(mark)), sum(self._able(mark)))

    def limit(self, mark: str) -> float:
        """What the share may be later on."""
        weekdays = zip(self._marked(mark), self._able(mark), strict=True)
        worst = max((marked / able for marked, able in weekdays if able >= _FEWEST_OF_A_WEEKDAY), default=0.0)
        return max(self.share(mark).highest, worst) + MARGIN

    def _marked(self, mark: str) -> list[int]:
        return self.marked.get(mark, [0] * 7)

    def _able(self, mark: str) -> list[int]:
        """The pages that can have ``mark``: whatever is no article can only be rejected."""
        return self._pages if mark == REJECTED else self._articles


def _size(page: Reading, usual: float) -> tuple[str, ...]:
    """The mark of a text that is much shorter or longer than the site's usually are."""
    if page.words is None or not usual:
        return ()
    return (SHORTER,) * (page.words < _MUCH_SHORTER * usual) + (LONGER,) * (page.words > _MUCH_LONGER * usual)
