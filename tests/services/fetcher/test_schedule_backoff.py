"""Failures back off by their cause and never end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.answer import OWN_REASONS
from services.fetcher.schedule import (
    DAY,
    DEAD_PROBE,
    GONE_PROBE,
    HOUR,
    JITTER,
    OUTAGE_RETRY,
    Changed,
    Decision,
    Failed,
    FailureCode,
    Limits,
    PollState,
    failure_code,
    next_poll,
)
from shared.http.reasons import FetchReason
from shared.records import FeedHints

OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LIMITS = Limits(600, 86_400)
CODES = st.sampled_from([code for code in FailureCode if code is not FailureCode.HTTP_410])


def polled(interval: float) -> PollState:
    return PollState(interval_seconds=interval, has_listed=True, last_success_at=NOW - timedelta(seconds=interval))


def fail(state: PollState, outcome: Failed, now: datetime = NOW, jitter: float = 0.0) -> Decision:
    return next_poll(state, outcome, now, FeedHints(), LIMITS, jitter)


def wait(decision: Decision, now: datetime = NOW) -> float:
    return (decision.due_at - now).total_seconds()


def test_a_success_forgives_all_failures() -> None:
    state = fail(polled(3600), Failed("http_404", 404)).state
    after = next_poll(state, Changed(30, 25, 5), NOW, FeedHints(), LIMITS, 0.5).state
    assert (after.failures, after.failed_polls, after.failing_since) == (0, 0, None)
    assert after.interval_seconds == 3600


@pytest.mark.parametrize(
    ("interval", "seconds"), [(900, OUTAGE_RETRY), (DAY, OUTAGE_RETRY), (60, LIMITS.floor_seconds)]
)
def test_an_outage_of_our_own_counts_nothing_and_the_feed_is_asked_again_soon(interval: float, seconds: float) -> None:
    state, now = polled(interval), NOW
    for _ in range(20):
        decision = fail(state, Failed("connect", outage=True), now)
        assert wait(decision, now) == seconds
        assert decision.state == state
        now = decision.due_at
    assert "our own line" in decision.why


def test_an_outage_of_our_own_has_a_feed_that_failed_before_asked_no_sooner() -> None:
    failed = fail(polled(3600), Failed("http_404", 404))
    outage = fail(failed.state, Failed("connect", outage=True))
    assert (wait(outage), outage.state) == (wait(failed), failed.state)
    dead = failed.state.model_copy(update={"failing_since": NOW - timedelta(days=40)})
    assert wait(fail(dead, Failed("connect", outage=True))) == DEAD_PROBE


def test_failures_back_off_to_a_day() -> None:
    state, now, waits = polled(3600), NOW, []
    for _ in range(12):
        decision = fail(state, Failed("http_404", 404), now)
        waits.append(wait(decision, now))
        state, now = decision.state, decision.due_at
    assert waits == sorted(waits)
    assert waits[0] > 3600
    assert waits[-1] == DAY


@given(CODES, st.floats(600, 86_400))
def test_a_cause_that_counts_for_more_waits_longer(code: FailureCode, interval: float) -> None:
    for other in FailureCode:
        if other.weight < code.weight and other is not FailureCode.HTTP_410:
            assert wait(fail(polled(interval), Failed(other))) < wait(fail(polled(interval), Failed(code)))


def test_a_hiccup_of_name_servers_counts_little_and_a_missing_page_much() -> None:
    weights = [failure_code(reason).weight for reason in ("dns_temporary", "read_timeout", "dns", "http_404")]
    assert weights == [0.25, 0.5, 1.0, 2.0]


@given(st.lists(CODES, min_size=2, max_size=30), st.floats(600, 86_400))
def test_each_failure_waits_at_least_as_long_as_the_one_before(causes: list[FailureCode], interval: float) -> None:
    state, now, before = polled(interval), NOW, 0.0
    for code in causes:
        decision = fail(state, Failed(code), now)
        assert wait(decision, now) >= before - 1e-3
        state, now, before = decision.state, decision.due_at, wait(decision, now)


@pytest.mark.parametrize("years", [1 / 12, 1, 10])
def test_a_feed_that_fails_for_a_month_is_probed_every_week_for_ever(years: float) -> None:
    state = fail(polled(3600), Failed("http_404", 404)).state
    later = NOW + timedelta(days=365 * years)
    decision = fail(state, Failed("http_404", 404), later, jitter=0.5)
    assert DEAD_PROBE <= wait(decision, later) <= DEAD_PROBE * (1 + JITTER)
    assert "since 2026-11-24" in decision.why


def test_a_feed_that_is_gone_is_asked_once_a_month() -> None:
    assert GONE_PROBE <= wait(fail(polled(3600), Failed("http_410", 410), jitter=0.9)) <= GONE_PROBE * (1 + JITTER)


def test_a_daily_feed_that_failed_once_is_asked_again_within_hours() -> None:
    assert wait(fail(polled(DAY), Failed("http_5xx", 503), jitter=0.9)) < 2 * HOUR


def test_retry_after_wins_when_it_is_longer() -> None:
    decision = fail(polled(3600), Failed("http_429", 429, retry_after=6 * HOUR), jitter=0.5)
    assert 6 * HOUR <= wait(decision) <= 6 * HOUR * (1 + JITTER)
    assert "as the site asks" in decision.why


def test_retry_after_never_shortens() -> None:
    assert wait(fail(polled(3600), Failed("http_429", 429, retry_after=1))) > 3600


def test_retry_after_is_honoured_for_a_day_at_most() -> None:
    assert wait(fail(polled(3600), Failed("http_429", 429, retry_after=10 * 365 * DAY))) <= DAY * (1 + JITTER)


def test_every_reason_of_a_request_and_of_an_answer_has_a_code() -> None:
    told = {reason.value for reason in FetchReason} | {f"http_{status}" for status in OWN_REASONS}
    assert told <= {code.value for code in FailureCode}


@pytest.mark.parametrize("code", FailureCode)
def test_every_code_is_documented_with_its_weight(code: FailureCode) -> None:
    assert f"| `{code.value}` | {code.weight:g} | {code.meaning} |" in OPERATING.read_text("utf-8")


def test_a_reason_that_nobody_knows_is_other() -> None:
    assert failure_code("from the future") is FailureCode.OTHER
    assert wait(fail(polled(3600), Failed("from the future"))) == 2 * HOUR
