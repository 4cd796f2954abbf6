"""A feed's own hours: learnt from polls, slow at night, never for longer than the feed is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.schedule import HOUR, Changed, Limits, PollState, Unchanged, next_poll
from services.fetcher.schedule.rhythm import FASTEST, SLOWEST, Clock, learn
from services.fetcher.schedule.state import Rhythm
from shared.records import FeedHints

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
LIMITS = Limits(600, 86_400)


def office(moment: datetime) -> int:
    """Four entries an hour from 8 to 18, Monday to Friday."""
    return 4 if 8 <= moment.hour < 18 and moment.weekday() < 5 else 0


def watched(days: float) -> tuple[Rhythm, datetime]:
    """The rhythm of the office after so many days of hourly polls."""
    rhythm, now = Rhythm(), MONDAY
    while now < MONDAY + timedelta(days=days):
        later = now + timedelta(hours=1)
        rhythm, now = learn(rhythm, now, later, office(now)), later
    return rhythm, now


def test_busy_hours_are_fast_and_quiet_ones_slow() -> None:
    rhythm, now = watched(28)
    clock = Clock(rhythm, now)
    assert clock.speed(now.replace(hour=12)) > 3 * clock.speed(now.replace(hour=3))
    assert clock.speed(now) > 3 * clock.speed(now + timedelta(days=5)), "Monday, Saturday"


def test_weekdays_count_only_after_two_weeks_and_hours_after_three_days() -> None:
    rhythm, now = watched(13)
    saturday = now + timedelta(days=(5 - now.weekday()) % 7)
    assert Clock(rhythm, now).speed(now.replace(hour=12)) == Clock(rhythm, now).speed(saturday.replace(hour=12))
    rhythm, now = watched(2)
    assert {Clock(rhythm, now).speed(now + timedelta(hours=hour)) for hour in range(24)} == {1.0}


def test_a_few_entries_make_no_rhythm() -> None:
    rhythm = learn(Rhythm(), MONDAY, MONDAY + timedelta(hours=1), 2)
    clock = Clock(rhythm, MONDAY + timedelta(days=20))
    assert 0.8 < clock.speed(MONDAY + timedelta(hours=12)) <= clock.speed(MONDAY) < 2


def test_a_week_is_as_long_as_on_the_wall() -> None:
    rhythm, now = watched(28)
    clock = Clock(rhythm, now)
    hours = sum(clock.between(now + timedelta(hours=h), now + timedelta(hours=h + 1)) for h in range(7 * 24))
    assert hours == pytest.approx(7 * 24 * HOUR)
    assert clock.between(now, now + timedelta(days=21)) == 21 * 24 * HOUR


def test_a_night_counts_little_towards_a_silence() -> None:
    rhythm, now = watched(28)
    night = now.replace(hour=20)
    clock = Clock(rhythm, now)
    assert clock.between(night, night + timedelta(hours=10)) < 0.3 * 10 * HOUR
    assert clock.between(night, night) == 0


def test_what_was_long_ago_is_forgotten() -> None:
    rhythm, now = watched(28)
    for day in range(120):
        morning = now + timedelta(days=day, hours=3)
        rhythm = learn(rhythm, morning, morning + timedelta(hours=1), 20)
    end = now + timedelta(days=120)
    assert Clock(rhythm, end).speed(end.replace(hour=3)) > 5 * Clock(rhythm, end).speed(end.replace(hour=12))


def test_a_day_of_entries_found_at_once_says_nothing_about_hours() -> None:
    rhythm = learn(Rhythm(), MONDAY, MONDAY + timedelta(days=1), 40)
    assert sum(rhythm.hours) == 0
    assert sum(rhythm.days) == pytest.approx(40)
    assert sum(learn(rhythm, MONDAY, MONDAY + timedelta(days=10), 40).days) == pytest.approx(40)


@given(st.floats(1, 1e6), st.integers(0, 7 * 24 * 60))
def test_a_wait_is_stretched_and_shortened_within_bounds(seconds: float, minute: int) -> None:
    rhythm, now = watched(28)
    wait = Clock(rhythm, now).after(now + timedelta(minutes=minute), seconds)
    assert seconds / FASTEST - 1e-6 <= wait <= seconds / SLOWEST + 1e-6


def test_a_paper_with_a_night_is_polled_less_at_night() -> None:
    state, now, polls, why = PollState(), MONDAY, [0] * 24, ""
    published = seen = 0.0
    while now < MONDAY + timedelta(days=21):
        new = int(published) - int(seen)
        decision = next_poll(state, Changed(40, 40 - new, new) if new else Unchanged(), now, FeedHints(), LIMITS, 0.5)
        if now > MONDAY + timedelta(days=7) and now.weekday() < 5:
            polls[now.hour] += 1
            why = decision.why if now.hour == 22 else why
        seen, moment = published, now
        while moment < decision.due_at:
            published += office(moment) / 60
            moment += timedelta(minutes=1)
        state, now = decision.state, decision.due_at
    assert sum(polls[9:17]) > 2 * sum(polls[0:4]) + 2 * sum(polls[20:24])
    assert "in its quiet hours" in why
