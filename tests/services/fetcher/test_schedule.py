"""When a feed is due: overlap moves the interval, hints lengthen it, failures back off and never end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.schedule import (
    DAY,
    DEAD_PROBE,
    GONE_PROBE,
    JITTER,
    Changed,
    Decision,
    Failed,
    Limits,
    Outcome,
    PollState,
    Unchanged,
    next_poll,
)
from shared.records import FeedHints

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # a Tuesday
LIMITS = Limits(floor_seconds=600, ceiling_seconds=86_400)
NO_HINTS = FeedHints()


def decide(
    state: PollState, outcome: Outcome, *, now: datetime = NOW, hints: FeedHints = NO_HINTS, jitter: float = 0.5
) -> Decision:
    return next_poll(state, outcome, now, hints, LIMITS, jitter)


def polled(interval: float, *, ago: float | None = None) -> PollState:
    """A feed that has worked so far, last polled ``ago`` seconds ago; one interval when not said."""
    before = NOW - timedelta(seconds=interval if ago is None else ago)
    return PollState(interval_seconds=interval, has_listed=True, last_success_at=before)


def wait(decision: Decision, now: datetime = NOW) -> float:
    return (decision.due_at - now).total_seconds()


def test_a_poll_with_little_new_makes_the_next_come_later() -> None:
    assert decide(polled(3600), Changed(total=30, known=29, new=1)).state.interval_seconds > 3600


def test_an_unchanged_feed_makes_the_next_poll_come_later() -> None:
    assert decide(polled(3600), Unchanged()).state.interval_seconds > 3600


def test_a_poll_with_mostly_new_entries_makes_the_next_come_sooner() -> None:
    assert decide(polled(3600), Changed(total=30, known=10, new=20)).state.interval_seconds < 3600


def test_a_poll_in_between_changes_nothing() -> None:
    assert decide(polled(3600), Changed(total=30, known=25, new=5)).state.interval_seconds == 3600


def test_a_feed_without_entries_is_no_gap_and_comes_later() -> None:
    decision = decide(polled(3600), Changed(total=0, known=0, new=0))
    assert not decision.gap
    assert decision.state.interval_seconds > 3600


def test_no_overlap_with_the_last_poll_is_a_gap_and_brings_the_next_much_sooner() -> None:
    decision = decide(polled(3600), Changed(total=30, known=0, new=30))
    assert decision.gap
    assert "missed" in decision.why
    assert decision.state.interval_seconds <= 900


def test_the_first_poll_is_no_gap() -> None:
    assert not decide(PollState(), Changed(total=30, known=0, new=30)).gap


def test_the_first_entries_after_an_empty_feed_are_no_gap() -> None:
    empty = decide(PollState(), Changed(total=0, known=0, new=0))
    later = NOW + timedelta(hours=1)
    assert not decide(empty.state, Changed(total=3, known=0, new=3), now=later).gap


def test_a_poll_that_came_late_itself_does_not_shorten_the_interval() -> None:
    assert decide(polled(3600, ago=3 * DAY), Changed(total=30, known=0, new=30)).state.interval_seconds == 3600


def test_a_poll_ahead_of_time_does_not_lengthen_the_interval() -> None:
    assert decide(polled(3600, ago=60), Unchanged()).state.interval_seconds == 3600


@pytest.mark.parametrize(
    "hints", [FeedHints(ttl_seconds=7200), FeedHints(syndication_seconds=7200)], ids=["ttl", "syndication"]
)
def test_hints_lengthen(hints: FeedHints) -> None:
    decision = decide(polled(1200), Changed(total=30, known=25, new=5), hints=hints)
    assert 7200 <= wait(decision) <= 7200 * (1 + JITTER)
    assert "as the feed asks" in decision.why


def test_hints_never_shorten() -> None:
    decision = decide(polled(7200), Changed(total=30, known=25, new=5), hints=FeedHints(ttl_seconds=60))
    assert wait(decision) >= 7200 * (1 - JITTER)


def test_a_hint_beyond_the_ceiling_is_cut_to_it() -> None:
    decision = decide(polled(1200), Changed(total=30, known=25, new=5), hints=FeedHints(ttl_seconds=31_536_000))
    assert wait(decision) == LIMITS.ceiling_seconds


def test_hints_are_remembered_while_the_feed_is_unchanged_and_forgotten_when_it_drops_them() -> None:
    state = decide(polled(1200), Changed(total=9, known=7, new=2), hints=FeedHints(ttl_seconds=7200)).state
    assert wait(decide(state, Unchanged())) >= 7200
    without = decide(state, Changed(total=9, known=7, new=2)).state
    assert wait(decide(without, Unchanged())) < 7200


def test_hours_to_skip_are_waited_for() -> None:
    decision = decide(polled(3600), Unchanged(), now=NOW)
    remembered = decision.state.model_copy(update={"hints": FeedHints(skip_hours=tuple(range(8, 18)))})
    assert decide(remembered, Unchanged()).due_at.hour == 18


def test_days_to_skip_are_waited_for() -> None:
    remembered = polled(3600).model_copy(update={"hints": FeedHints(skip_days=("Tuesday", "Wednesday"))})
    decision = decide(remembered, Unchanged())
    assert f"{decision.due_at:%A}" == "Thursday"
    assert "left alone" in decision.why


def test_a_feed_that_wants_every_hour_skipped_is_polled_all_the_same() -> None:
    remembered = polled(3600).model_copy(update={"hints": FeedHints(skip_hours=tuple(range(24)))})
    assert wait(decide(remembered, Unchanged())) < 2 * 3600


def test_a_success_forgives_all_failures() -> None:
    state = decide(polled(3600), Failed("http_404", 404)).state
    after = decide(state, Changed(total=30, known=25, new=5)).state
    assert (after.failures, after.failed_polls, after.failing_since) == (0, 0, None)
    assert after.interval_seconds == 3600


def test_failures_back_off_to_a_day() -> None:
    state, now, waits = polled(3600), NOW, []
    for _ in range(12):
        decision = decide(state, Failed("http_404", 404), now=now, jitter=0)
        waits.append(wait(decision, now))
        state, now = decision.state, decision.due_at
    assert waits == sorted(waits)
    assert waits[0] > 3600
    assert waits[-1] == DAY


def test_a_hiccup_of_name_servers_counts_little_and_a_missing_page_much() -> None:
    def after_three(reason: str) -> float:
        state = polled(3600)
        for _ in range(3):
            state = decide(state, Failed(reason)).state
        return wait(decide(state, Failed(reason), jitter=0))

    assert after_three("dns_temporary") < after_three("read_timeout") < after_three("dns") < after_three("http_404")


def test_a_feed_that_fails_for_a_month_is_probed_every_week_for_ever() -> None:
    state = decide(polled(3600), Failed("http_404", 404)).state
    for years in (1, 10):
        decision = decide(state, Failed("http_404", 404), now=NOW + timedelta(days=365 * years))
        assert DEAD_PROBE <= wait(decision, NOW + timedelta(days=365 * years)) <= DEAD_PROBE * (1 + JITTER)
        state = decision.state


def test_a_feed_that_is_gone_is_asked_once_a_month() -> None:
    assert GONE_PROBE <= wait(decide(polled(3600), Failed("http_410", 410))) <= GONE_PROBE * (1 + JITTER)


def test_a_daily_feed_that_failed_once_is_asked_again_within_hours() -> None:
    assert wait(decide(polled(DAY), Failed("http_5xx", 503))) < 2 * 3600


def test_retry_after_wins_when_it_is_longer() -> None:
    decision = decide(polled(3600), Failed("http_429", 429, retry_after=6 * 3600))
    assert 6 * 3600 <= wait(decision) <= 6 * 3600 * (1 + JITTER)
    assert "as the site asks" in decision.why


def test_retry_after_never_shortens() -> None:
    assert wait(decide(polled(3600), Failed("http_429", 429, retry_after=1))) > 3600


def test_retry_after_is_honoured_for_a_day_at_most() -> None:
    assert wait(decide(polled(3600), Failed("http_429", 429, retry_after=10 * 365 * DAY))) <= DAY * (1 + JITTER)


def test_an_empty_object_is_the_initial_state() -> None:
    assert PollState.model_validate({}) == PollState()


def test_what_a_newer_version_wrote_is_read_without_what_it_added() -> None:
    written = polled(1200).model_dump(mode="json") | {"new_field": 1}
    written["hints"] |= {"new_hint": 2}
    assert PollState.model_validate(written) == polled(1200)


def test_why_is_one_short_line() -> None:
    for outcome in (Unchanged(), Changed(30, 0, 30), Changed(1, 0, 1), Changed(0, 0, 0), Failed("dns", None, 7200)):
        why = decide(polled(3600), outcome).why
        assert "again in" in why
        assert "\n" not in why
        assert len(why) < 120


counts = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda pair: (max(pair), min(pair)))
changes = counts.map(lambda pair: Changed(total=pair[0], known=pair[0] - pair[1], new=pair[1]))
reasons = st.sampled_from(["dns_temporary", "dns", "http_404", "http_5xx", "not_a_feed", "read_timeout", "anything"])
failures = st.builds(
    Failed, reason=reasons, status=st.sampled_from([None, 404, 500]), retry_after=st.none() | st.floats(0, 1e12)
)
working = changes | st.just(Unchanged())
hints_given = st.builds(
    FeedHints, ttl_seconds=st.none() | st.integers(1, 10**8), syndication_seconds=st.none() | st.integers(1, 10**8)
)
limits_given = st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)).map(lambda pair: Limits(min(pair), max(pair)))
steps = st.lists(st.tuples(working | failures, st.floats(0, 1e6), st.floats(0, 1, exclude_max=True)), max_size=12)


@given(steps, hints_given, limits_given)
def test_whatever_happens_the_next_poll_is_within_its_bounds(
    happened: list[tuple[Outcome, float, float]], hints: FeedHints, limits: Limits
) -> None:
    state, now = PollState(), NOW
    for outcome, late, jitter in happened:
        decision = next_poll(state, outcome, now, hints, limits, jitter)
        seconds = wait(decision, now)
        assert seconds >= limits.floor_seconds - 1e-3
        highest = limits.ceiling_seconds
        if isinstance(outcome, Failed):
            highest = max(DEAD_PROBE, limits.floor_seconds) * (1 + JITTER)
        assert seconds <= highest + 1e-3
        assert PollState.model_validate_json(decision.state.model_dump_json()) == decision.state
        state, now = decision.state, decision.due_at + timedelta(seconds=late)


@given(st.lists(reasons, min_size=2, max_size=30), st.floats(600, 86_400))
def test_each_failure_waits_at_least_as_long_as_the_one_before(causes: list[str], interval: float) -> None:
    state, now, before = polled(interval), NOW, 0.0
    for reason in causes:
        decision = decide(state, Failed(reason), now=now, jitter=0)
        assert wait(decision, now) >= before - 1e-3
        state, now, before = decision.state, decision.due_at, wait(decision, now)


@pytest.mark.parametrize("listed", [10, 30, 100])
@pytest.mark.parametrize("a_day", [5, 24, 100, 500])
def test_a_steady_feed_settles_on_a_steady_interval_without_gaps(listed: int, a_day: int) -> None:
    state, now, seen, waits = PollState(), NOW, None, []
    for poll in range(80):
        published = int((now - NOW).total_seconds() * a_day / DAY)
        new = listed if seen is None else min(published - seen, listed)
        decision = decide(state, Changed(listed, listed - new, new) if new else Unchanged(), now=now)
        assert not decision.gap or poll < 3
        if poll > 40:
            waits.append(wait(decision, now))
        state, now, seen = decision.state, decision.due_at, published
    assert max(waits) <= 3 * min(waits)
    assert max(waits) * a_day / DAY < listed / 2
