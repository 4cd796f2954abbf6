"""Whether a site is read worse than it was: found where it is, and no alarm in a steady year."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.drift import (
    CONFIRMED,
    FEWEST_BEFORE,
    FEWEST_NOW,
    LONGER,
    REJECTED,
    SHORTER,
    Reading,
    Share,
    Standing,
    State,
    after,
    drift,
)

BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
WELL = Reading(BEGAN, words=400)


def pages(count: int, *marks: str, words: int | None = 400, per_day: float = 10) -> list[Reading]:
    return [Reading(BEGAN + timedelta(days=number / per_day), frozenset(marks), words=words) for number in range(count)]


def mixed(marked: int, count: int, mark: str) -> list[Reading]:
    """Pages of which some have the mark, evenly over the days."""
    return [
        Reading(
            page.at,
            frozenset({mark}) if number * marked // count < (number + 1) * marked // count else frozenset(),
            400,
        )
        for number, page in enumerate(pages(count))
    ]


def test_a_site_that_is_read_as_before_is_steady() -> None:
    verdict = drift(mixed(30, 300, "no_author"), mixed(6, 50, "no_author"))
    assert verdict.state is State.STEADY
    assert verdict.told == "50 pages lately, read as the 300 before"


def test_a_share_that_rises_far_is_a_change_and_is_told_in_figures() -> None:
    verdict = drift(mixed(6, 300, "no_date"), mixed(48, 50, "no_date"))
    assert verdict.state is State.CHANGED
    assert verdict.told == "48 of 50 pages without a date, before 2%"


def test_the_farthest_change_is_told_first() -> None:
    now = [
        Reading(page.at, frozenset({"too_short", "paywall"} if number % 4 else {"paywall"}), 400)
        for number, page in enumerate(pages(60))
    ]
    assert [measure.mark for measure in drift(pages(300), now).changes] == ["paywall", "too_short"]


def test_what_was_always_so_is_no_change() -> None:
    assert drift(pages(300, "no_author"), pages(60, "no_author")).state is State.STEADY


def test_a_share_that_falls_is_no_change() -> None:
    assert drift(pages(300, "too_short"), pages(60)).state is State.STEADY


def test_a_rise_that_may_be_chance_is_unsure() -> None:
    assert drift(mixed(6, 300, "no_date"), mixed(6, 20, "no_date")).state is State.UNSURE


@pytest.mark.parametrize(
    ("before", "now", "state"),
    [
        (FEWEST_BEFORE - 1, 60, State.TOO_FEW),
        (300, FEWEST_NOW - 1, State.TOO_FEW),
        (0, 0, State.TOO_FEW),
        (FEWEST_BEFORE, FEWEST_NOW, State.CHANGED),
    ],
)
def test_of_few_pages_nothing_is_said(before: int, now: int, state: State) -> None:
    assert drift(pages(before), pages(now, "no_date")).state is state


def test_a_weekday_that_was_always_different_is_none() -> None:
    """A paper that fills its Sundays with agency copy, which nobody signs."""

    def one(day: int) -> Reading:
        at = BEGAN + timedelta(days=day // 10, hours=day % 10)
        return Reading(at, frozenset({"no_author"} if at.weekday() == 6 else set()), 400)

    before = [one(number) for number in range(280)]
    sunday = [
        Reading(BEGAN + timedelta(days=34, minutes=number), frozenset({"no_author"}), 400) for number in range(60)
    ]
    assert sunday[0].at.weekday() == 6
    assert drift(before, sunday).state is State.STEADY
    assert drift([page for page in before if page.at.weekday() != 6], sunday).state is State.CHANGED


def test_texts_are_measured_by_the_site_s_own() -> None:
    before = [*pages(150, words=300), *pages(150, words=500)]
    assert [measure.mark for measure in drift(before, pages(60, words=100)).changes] == [SHORTER]
    assert [measure.mark for measure in drift(before, pages(60, words=1500)).changes] == [LONGER]
    assert drift(before, pages(60, words=200)).changes == ()


def test_what_is_no_article_counts_for_that_alone() -> None:
    """Thirty of sixty are rejected; of the others, all are as before."""
    now = [*pages(30, REJECTED, words=None), *pages(30, "no_author")]
    verdict = drift(pages(300, "no_author"), now)
    assert verdict.told == "30 of 60 pages no article, before 0%"


def test_where_every_page_is_rejected_that_is_told() -> None:
    verdict = drift(pages(300, "no_author"), pages(60, REJECTED, words=None))
    assert verdict.told == "60 of 60 pages no article, before 0%"
    # Nothing is known about what articles were like.
    assert drift(pages(300, REJECTED, words=None), pages(60, "no_date")).state is State.STEADY


@pytest.mark.parametrize(("marked", "count", "low", "high"), [(0, 100, 0.0, 0.0982), (50, 100, 0.3433, 0.6567)])
def test_bounds_are_wilson_s(marked: int, count: int, low: float, high: float) -> None:
    assert Share(marked, count).lowest == pytest.approx(low, abs=1e-4)
    assert Share(marked, count).highest == pytest.approx(high, abs=1e-4)
    assert (Share(0, 0).lowest, Share(0, 0).highest) == (0.0, 1.0)


def test_a_change_is_an_alarm_when_it_lasts_and_until_it_is_over() -> None:
    hour = timedelta(hours=1)
    first = after(Standing(), State.CHANGED, BEGAN)
    assert first == Standing(BEGAN)
    assert after(first, State.CHANGED, BEGAN + CONFIRMED - hour) == Standing(BEGAN)
    assert after(first, State.UNSURE, BEGAN + CONFIRMED + hour) == Standing(BEGAN)
    alarmed = after(first, State.CHANGED, BEGAN + CONFIRMED)
    assert alarmed == Standing(BEGAN, alarm=True)
    assert after(alarmed, State.UNSURE, BEGAN + 30 * hour) == alarmed
    for over in (State.STEADY, State.TOO_FEW):
        assert after(alarmed, over, BEGAN + 30 * hour) == Standing()


def read_by(version: str | None, found: list[Reading], *, days_later: int = 0) -> list[Reading]:
    return [replace(page, version=version, at=page.at + timedelta(days=days_later)) for page in found]


def test_what_another_parser_read_is_not_compared() -> None:
    """A new flag would make every site look changed."""
    old, now = read_by("1", pages(200)), read_by("2", pages(60, "paywall"), days_later=50)
    verdict = drift(old, now)
    assert (verdict.state, verdict.before, verdict.now) == (State.NEW_PARSER, 0, 60)
    alarmed = Standing(BEGAN, alarm=True)
    assert after(alarmed, verdict.state, BEGAN + timedelta(days=3)) == alarmed
    for marks, state in (((), State.CHANGED), (("paywall",), State.STEADY)):
        assert drift([*old, *read_by("2", pages(60, *marks), days_later=30)], now).state is state


def test_of_rejections_those_since_the_parser_came_are_compared() -> None:
    old = [*read_by("1", pages(100)), *pages(40, REJECTED, words=None)]
    before = [*old, *read_by("2", pages(100), days_later=60)]
    verdict = drift(before, read_by("2", pages(30), days_later=80))
    assert (verdict.state, verdict.before) == (State.STEADY, 100)


Shares = Mapping[str, float]


def year(
    chance: random.Random, per_day: int, *, weekend: float, days: int = 365, change: Shares | None = None
) -> list[Reading]:
    """A site's pages: shares that differ from day to day and at weekends, and copy that comes in runs.

    ``change``: what its shares are from the 100th day on.
    """
    shares = {mark: chance.choice([0.01, 0.05, 0.2, 0.5]) for mark in ("no_author", "too_short", "paywall", "no_date")}
    found: list[Reading] = []
    for day in range(days):
        at = BEGAN + timedelta(days=day)
        count = chance.randint(per_day // 2, per_day * 3 // 2)
        today = {mark: min(0.95, max(0.0, chance.gauss(share, 0.06))) for mark, share in shares.items()}
        if at.weekday() >= 5:
            count //= 2
            today["no_author"] = min(0.95, today["no_author"] + weekend)
        if change is not None and day >= 100:
            today.update(change)
        for second in sorted(chance.sample(range(86_400), count)):
            moment = at + timedelta(seconds=second)
            if found and chance.random() < 0.2:
                found.append(Reading(moment, found[-1].marks, found[-1].words))
                continue
            marks = frozenset(mark for mark, share in today.items() if chance.random() < share)
            found.append(Reading(moment, marks, int(chance.lognormvariate(6, 0.6))))
    return found


def alarms(found: Sequence[Reading], *, hours: int) -> Iterator[datetime]:
    """When looks every so many hours raise an alarm. The pages of a look are chosen as the ledger chooses them."""
    times = [page.at for page in found]

    def between(since: datetime, until: datetime) -> Sequence[Reading]:
        return found[bisect_left(times, since) : bisect_left(times, until)]

    def sampled(since: datetime, until: datetime, most: int) -> list[Reading]:
        slots = int((until - since) / timedelta(hours=6))
        starts = [since + slot * timedelta(hours=6) for slot in range(slots)]
        return [page for start in starts for page in between(start, start + timedelta(hours=6))[-most:]]

    standing = Standing()
    now = BEGAN + timedelta(days=36)
    while now < found[-1].at:
        week = now - timedelta(days=7)
        latest: Sequence[Reading] = sampled(now - timedelta(days=1), now, 16)
        if len(latest) < 50:
            latest = between(week, now)[-50:]
        verdict = drift(sampled(week - timedelta(days=28), week, 3), latest)
        was, standing = standing, after(standing, verdict.state, now)
        if standing.alarm and not was.alarm:
            yield now
        now += timedelta(hours=hours)


@pytest.mark.parametrize(("per_day", "weekend"), [(6, 0.0), (20, 0.3), (100, 0.3)])
def test_a_steady_year_has_no_alarm(per_day: int, weekend: float) -> None:
    """In 50 years of sites with days that differ twice as much there was none either, at four looks a day."""
    chance = random.Random(per_day)
    assert list(alarms(year(chance, per_day, weekend=weekend), hours=24)) == []


@pytest.mark.parametrize(("per_day", "days"), [(8, 9), (20, 5), (100, 2.5)])
def test_a_site_whose_pages_change_is_told_within_days(per_day: int, days: float) -> None:
    chance = random.Random(3)
    change = {"no_date": 0.95, "too_short": 0.9}
    (first, *others) = alarms(year(chance, per_day, weekend=0.3, days=130, change=change), hours=6)
    assert timedelta(0) < first - (BEGAN + timedelta(days=100)) < timedelta(days=days)
    assert others == []
