"""What a feed and its site ask for lengthens the wait, never shortens it, and never beyond the ceiling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.schedule import (
    DAY,
    JITTER,
    MOST_CACHE_SECONDS,
    Changed,
    Decision,
    Failed,
    Limits,
    Outcome,
    PollState,
    Unchanged,
    cache_seconds,
    next_poll,
)
from shared.http.response import Headers
from shared.records import FeedHints

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # a Tuesday
LIMITS = Limits(600, 86_400)
SOME_NEW = Changed(total=30, known=28, new=2)
ALL_NEW = Changed(total=30, known=0, new=30)
A_DAY = FeedHints(ttl_seconds=86_400)
DATE = "Tue, 24 Nov 2026 08:00:00 GMT"
AN_HOUR_LATER = "Tue, 24 Nov 2026 09:00:00 GMT"


def polled(interval: float, hints: FeedHints | None = None) -> PollState:
    before = NOW - timedelta(seconds=interval)
    return PollState(
        interval_seconds=interval,
        has_listed=True,
        last_success_at=before,
        planned_at=NOW,
        hints=hints or FeedHints(),
    )


def decide(
    state: PollState, outcome: Outcome = SOME_NEW, hints: FeedHints | None = None, now: datetime = NOW
) -> Decision:
    return next_poll(state, outcome, now, hints or FeedHints(), LIMITS, 0.5)


def wait(decision: Decision, now: datetime = NOW) -> float:
    return (decision.due_at - now).total_seconds()


@pytest.mark.parametrize("name", ["ttl_seconds", "syndication_seconds", "cache_seconds"])
def test_hints_lengthen(name: str) -> None:
    decision = decide(polled(1200), hints=FeedHints(**{name: 7200}))
    assert 7200 <= wait(decision) <= 7200 * (1 + JITTER)
    assert "as the feed asks" in decision.why
    assert decision.state.interval_seconds < 7200, "the interval is the feed's own"


def test_a_hint_beyond_the_ceiling_is_cut_to_it() -> None:
    assert wait(decide(polled(1200), hints=FeedHints(ttl_seconds=31_536_000))) == LIMITS.ceiling_seconds


def test_hints_are_remembered_while_the_feed_is_unchanged_and_forgotten_when_it_drops_them() -> None:
    state = decide(polled(1200), hints=FeedHints(ttl_seconds=7200)).state
    assert state.hints.ttl_seconds == 7200
    assert decide(state, Unchanged()).state.hints.ttl_seconds == 7200
    assert decide(state, SOME_NEW).state.hints.ttl_seconds is None


def test_how_long_an_answer_is_fresh_is_learnt_from_an_unchanged_feed_too() -> None:
    state = polled(1200, FeedHints(ttl_seconds=900, cache_seconds=300))
    assert decide(state, Unchanged(), FeedHints(cache_seconds=7200)).state.hints == FeedHints(
        ttl_seconds=900, cache_seconds=7200
    )
    assert decide(state, Unchanged()).state.hints.cache_seconds == 300


def test_a_feed_whose_hints_made_us_miss_entries_is_polled_by_its_own_pace() -> None:
    obeyed = decide(polled(7200), SOME_NEW, A_DAY)
    now = obeyed.due_at
    lost = decide(obeyed.state, ALL_NEW, A_DAY, now)
    assert lost.gap
    assert wait(lost, now) < 7200
    assert "sooner than it asks" in lost.why
    while lost.due_at < now + timedelta(days=29):
        lost = decide(lost.state, SOME_NEW, A_DAY, lost.due_at)
        assert "sooner than it asks" in lost.why
    later = now + timedelta(days=30)
    assert wait(decide(lost.state, SOME_NEW, A_DAY, later), later) == DAY


def test_after_an_outage_of_the_desk_the_hints_are_obeyed_as_before() -> None:
    obeyed = decide(polled(7200), SOME_NEW, A_DAY)
    monday = obeyed.due_at + timedelta(days=2)
    back = decide(obeyed.state, ALL_NEW, A_DAY, monday)
    assert back.gap
    assert wait(back, monday) == DAY
    assert wait(decide(back.state, SOME_NEW, A_DAY, back.due_at), back.due_at) == DAY


def test_after_a_failing_spell_the_hints_are_obeyed_as_before() -> None:
    obeyed = decide(polled(7200), SOME_NEW, A_DAY)
    failed = decide(obeyed.state, Failed("http_5xx", 503), now=obeyed.due_at)
    back = decide(failed.state, ALL_NEW, A_DAY, failed.due_at)
    assert back.gap
    assert wait(back, failed.due_at) == DAY


def test_a_gap_that_no_hint_has_brought_about_leaves_the_hints_as_they_are() -> None:
    lost = decide(polled(7200), ALL_NEW, A_DAY)
    assert lost.gap
    assert wait(lost) == DAY


def test_a_gap_while_the_hints_are_not_obeyed_does_not_prolong_that() -> None:
    obeyed = decide(polled(7200), SOME_NEW, A_DAY)
    lost = decide(obeyed.state, ALL_NEW, A_DAY, obeyed.due_at)
    again = decide(lost.state, ALL_NEW, A_DAY, lost.due_at)
    assert again.gap
    assert again.state.misled_at == obeyed.due_at


@given(
    st.floats(600, 86_400),
    st.builds(
        FeedHints, ttl_seconds=st.none() | st.integers(-5, 10**7), cache_seconds=st.none() | st.integers(0, 10**7)
    ),
    st.sampled_from([Unchanged(), SOME_NEW, Changed(30, 30, 0), Changed(30, 0, 30)]),
    st.floats(0, 1, exclude_max=True),
)
def test_hints_never_shorten(interval: float, hints: FeedHints, outcome: Changed | Unchanged, jitter: float) -> None:
    without = next_poll(polled(interval), outcome, NOW, FeedHints(), LIMITS, jitter)
    with_them = next_poll(polled(interval, hints), outcome, NOW, hints, LIMITS, jitter)
    assert wait(with_them) >= wait(without) - 1e-3
    assert wait(with_them) <= LIMITS.ceiling_seconds + 1e-3


def test_hours_to_skip_are_waited_for() -> None:
    assert decide(polled(3600, FeedHints(skip_hours=tuple(range(8, 18)))), Unchanged()).due_at.hour == 18


def test_days_to_skip_are_waited_for() -> None:
    decision = decide(polled(3600, FeedHints(skip_days=("Tuesday", "Wednesday"))), Unchanged())
    assert f"{decision.due_at:%A}" == "Thursday"
    assert "left alone" in decision.why


def test_a_feed_that_wants_every_hour_skipped_is_polled_all_the_same() -> None:
    assert wait(decide(polled(3600, FeedHints(skip_hours=tuple(range(24)))), Unchanged())) < 3 * 3600


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=300"}, 300),
        ({"Cache-Control": "public, MAX-AGE = 300, must-revalidate"}, 300),
        ({"Cache-Control": 'private="x, max-age=5", max-age="600"'}, 600),
        ({"Cache-Control": "max-age=300, max-age=900"}, 300),
        ({"Cache-Control": "s-maxage=900"}, None),
        ({"Cache-Control": "s-maxage=900, max-age=60"}, 60),
        ({"Cache-Control": "max-age=0"}, None),
        ({"Cache-Control": "no-cache, max-age=900"}, None),
        ({"Cache-Control": "max-age=900, no-store"}, None),
        ({"Cache-Control": "max-age=-1"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Cache-Control": "max-age"}, None),
        ({"Cache-Control": "max-age=1.5"}, None),
        ({"Cache-Control": "max-age=٣٠٠"}, None),
        ({"Cache-Control": "max-age=99999999999999999999"}, MOST_CACHE_SECONDS),
        ({"Cache-Control": "max-age=" + "9" * 5000}, None),
        ({"Cache-Control": ';;==,,"max-age=4'}, None),
        ({"Cache-Control": "max-age=900", "Age": "600"}, 300),
        ({"Cache-Control": "max-age=900", "Age": "1000"}, None),
        ({"Cache-Control": "max-age=900", "Age": "old"}, 900),
        ({"Cache-Control": "max-age=900", "Expires": "0"}, 900),
        ({"Cache-Control": "max-age=0", "Expires": AN_HOUR_LATER, "Date": DATE}, None),
        ({"Expires": AN_HOUR_LATER, "Date": DATE}, 3600),
        ({"Expires": AN_HOUR_LATER, "Date": AN_HOUR_LATER}, None),
        ({"Expires": AN_HOUR_LATER}, 3600),
        ({"Expires": AN_HOUR_LATER, "Date": "yesterday"}, 3600),
        ({"Expires": "0", "Date": DATE}, None),
        ({"Expires": "-1", "Date": DATE}, None),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT", "Date": DATE}, None),
        ({"Expires": "Fri, 31 Dec 9999 23:59:59 GMT", "Date": DATE}, MOST_CACHE_SECONDS),
        ({"Expires": "Tue, 99 Nov 99999 09:00:00 GMT", "Date": DATE}, None),
        ({"Expires": "\x00", "Date": DATE}, None),
        ({"Pragma": "no-cache"}, None),
    ],
)
def test_how_long_an_answer_is_fresh(fields: dict[str, str], seconds: int | None) -> None:
    assert cache_seconds(Headers(fields.items()), NOW) == seconds


def test_repeated_fields_are_read_as_one() -> None:
    assert cache_seconds(Headers([("Cache-Control", "public"), ("cache-control", "max-age=60")]), NOW) == 60


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_no_header_field_breaks_the_reading(cache_control: str, expires: str, date: str) -> None:
    fields = {"Cache-Control": cache_control, "Expires": expires, "Date": date, "Age": date}
    found = cache_seconds(Headers(fields.items()), NOW)
    assert found is None or 0 < found <= 7 * DAY
