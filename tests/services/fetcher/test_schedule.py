"""When a feed is due: what its polls find new moves the interval, between floor and ceiling, when they came on time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.schedule import (
    DAY,
    DEAD_PROBE,
    FIRST_INTERVAL,
    GONE_PROBE,
    HOUR,
    JITTER,
    LATER,
    Changed,
    Decision,
    Failed,
    FailureCode,
    Limits,
    Outcome,
    PollState,
    Unchanged,
    is_on_time,
    next_poll,
)
from shared.records import FeedHints

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # a Tuesday
LIMITS = Limits(floor_seconds=600, ceiling_seconds=86_400)
NO_HINTS = FeedHints()
MOSTLY_NEW = Changed(total=30, known=10, new=20)
ALL_NEW = Changed(total=30, known=0, new=30)
ONE_NEW = Changed(total=30, known=29, new=1)


def decide(
    state: PollState,
    outcome: Outcome,
    *,
    now: datetime = NOW,
    hints: FeedHints = NO_HINTS,
    limits: Limits = LIMITS,
    jitter: float = 0.5,
    pushed: bool = False,
) -> Decision:
    return next_poll(state, outcome, now, hints, limits, jitter, pushed=pushed)


def polled(interval: float, *, ago: float | None = None) -> PollState:
    """A feed that has worked so far, last polled ``ago`` seconds ago; one interval when not said."""
    before = NOW - timedelta(seconds=interval if ago is None else ago)
    planned = before + timedelta(seconds=interval)
    return PollState(interval_seconds=interval, has_listed=True, last_success_at=before, planned_at=planned)


def wait(decision: Decision, now: datetime = NOW) -> float:
    return (decision.due_at - now).total_seconds()


@pytest.mark.parametrize("outcome", [Unchanged(), Changed(total=30, known=30, new=0), Changed(0, 0, 0)])
def test_a_poll_that_brings_nothing_makes_the_next_come_later(outcome: Outcome) -> None:
    assert 3600 < decide(polled(3600), outcome).state.interval_seconds <= 3600 * LATER


def test_the_less_is_new_the_later_the_next_poll() -> None:
    intervals = [decide(polled(3600), Changed(30, 30 - new, new)).state.interval_seconds for new in range(31)]
    assert intervals == sorted(intervals, reverse=True)
    assert intervals[-1] < 3600 < intervals[0]


def test_a_poll_that_brings_mostly_new_entries_makes_the_next_come_within_half_the_time() -> None:
    assert decide(polled(3600), MOSTLY_NEW).state.interval_seconds <= 1800


def test_a_feed_without_entries_is_no_gap() -> None:
    assert not decide(polled(3600), Changed(total=0, known=0, new=0)).gap


def test_no_overlap_with_the_last_poll_is_a_gap_and_brings_the_next_much_sooner() -> None:
    decision = decide(polled(3600), ALL_NEW)
    assert decision.gap
    assert "missed" in decision.why
    assert decision.state.interval_seconds <= 900


def test_the_first_poll_is_no_gap() -> None:
    assert not decide(PollState(), ALL_NEW).gap


def test_the_first_entries_after_an_empty_feed_are_no_gap() -> None:
    empty = decide(PollState(), Changed(total=0, known=0, new=0))
    assert not decide(empty.state, Changed(3, 0, 3), now=empty.due_at).gap


def test_the_first_entries_of_a_feed_that_has_run_empty_are_no_gap() -> None:
    empty = decide(polled(3600), Changed(total=0, known=0, new=0))
    assert not decide(empty.state, Changed(1, 0, 1), now=empty.due_at).gap
    # That it is still empty says nothing new; that it lists something does.
    still = decide(empty.state, Unchanged(), now=empty.due_at)
    filled = decide(still.state, Changed(1, 0, 1), now=still.due_at)
    assert not filled.gap
    assert decide(filled.state, Changed(1, 0, 1), now=filled.due_at).gap


def test_what_leaves_a_list_by_age_alone_was_not_missed() -> None:
    decision = decide(polled(3600), Changed(total=5, known=0, new=5, ages=True))
    assert not decision.gap
    assert "missed" not in decision.why


def test_after_a_burst_the_interval_grows_back_step_by_step() -> None:
    state, now, intervals = polled(6 * HOUR), NOW, [6 * HOUR]
    for outcome in (ALL_NEW, *[Changed(30, 30, 0)] * 12):
        decision = decide(state, outcome, now=now)
        state, now = decision.state, decision.due_at
        intervals.append(state.interval_seconds)
    assert intervals[1] <= 1.5 * HOUR
    steps = [later / sooner for sooner, later in pairwise(intervals[1:])]
    assert all(1 <= step <= LATER for step in steps)


def test_the_first_poll_takes_the_pace_from_the_dates_of_what_is_listed() -> None:
    def first(hours_between: float, listed: int = 20) -> float:
        dates = [NOW - timedelta(hours=hours_between * (number + 1)) for number in range(listed)]
        return decide(PollState(), Changed(listed, 0, listed, dates)).state.interval_seconds

    assert first(0.05) == LIMITS.floor_seconds
    assert first(1) < FIRST_INTERVAL * 2 < first(24) < first(24 * 7)
    assert first(24 * 300) == LIMITS.ceiling_seconds


@pytest.mark.parametrize(
    "dates",
    [[], [NOW], [NOW] * 30, [NOW + timedelta(days=number) for number in range(1, 30)]],
    ids=["none", "one", "all the same", "all to come"],
)
def test_dates_that_say_nothing_leave_the_first_interval_as_it_is(dates: list[datetime]) -> None:
    assert decide(PollState(), Changed(30, 0, 30, dates)).state.interval_seconds == FIRST_INTERVAL


@pytest.mark.parametrize("outcome", [Unchanged(), ONE_NEW, MOSTLY_NEW, ALL_NEW])
@pytest.mark.parametrize("ago", [1.3 * HOUR, 2 * HOUR, 3 * DAY])
def test_a_late_poll_is_no_evidence(outcome: Outcome, ago: float) -> None:
    decision = decide(polled(3600, ago=ago), outcome)
    before = polled(3600, ago=ago)
    assert decision.state.interval_seconds == 3600
    assert (decision.state.pace, decision.state.rhythm) == (before.pace, before.rhythm)


@pytest.mark.parametrize("outcome", [Unchanged(), ONE_NEW])
@pytest.mark.parametrize("ago", [1, 60, 0.7 * HOUR])
def test_an_early_poll_does_not_lengthen(outcome: Outcome, ago: float) -> None:
    assert decide(polled(3600, ago=ago), outcome).state.interval_seconds == 3600


def test_an_early_poll_that_brings_mostly_new_entries_shortens() -> None:
    assert decide(polled(3600, ago=600), MOSTLY_NEW).state.interval_seconds < 3600


def test_a_late_gap_is_a_gap_all_the_same() -> None:
    assert decide(polled(3600, ago=DAY), ALL_NEW).gap


def test_the_poll_after_a_failure_is_no_evidence() -> None:
    failed = decide(polled(3600), Failed("read_timeout"))
    assert decide(failed.state, Unchanged(), now=failed.due_at).state.interval_seconds == 3600


def test_a_poll_that_waited_a_few_minutes_for_its_site_is_on_time() -> None:
    state = polled(600, ago=600 + 290)
    assert is_on_time(state, NOW)
    assert not is_on_time(state, NOW + timedelta(seconds=20))


def test_hints_and_hours_to_skip_do_not_make_a_poll_late() -> None:
    first = decide(polled(1200), ONE_NEW, hints=FeedHints(ttl_seconds=7200, skip_hours=(10, 11, 12)))
    assert wait(first) > 4 * HOUR
    assert is_on_time(first.state, first.due_at)


def test_push_slows_polls_down_and_what_they_find_is_no_evidence() -> None:
    decision = decide(polled(1200), Unchanged(), pushed=True)
    assert 6 * 1200 * (1 - JITTER) <= wait(decision) <= 6 * 1200 * (1 + JITTER)
    assert "for safety" in decision.why
    assert wait(decide(polled(7 * HOUR), Unchanged(), pushed=True, jitter=0.9)) <= DAY
    for outcome in (Unchanged(), MOSTLY_NEW):
        assert decide(decision.state, outcome, now=decision.due_at, pushed=True).state.interval_seconds == 1200


def test_when_push_ends_polling_is_back_at_the_interval_that_it_had() -> None:
    pushed = decide(polled(1200), Unchanged(), pushed=True)
    back = decide(pushed.state, Unchanged(), now=NOW + timedelta(hours=20))
    assert back.state.interval_seconds == 1200
    assert wait(back, NOW + timedelta(hours=20)) <= 1200 * (1 + JITTER)
    assert decide(back.state, Unchanged(), now=back.due_at).state.interval_seconds > 1200


def test_an_empty_object_is_the_initial_state() -> None:
    assert PollState.model_validate({}) == PollState()


def test_what_a_newer_version_wrote_is_read_without_what_it_added() -> None:
    state = decide(polled(1200), ONE_NEW).state
    written = state.model_dump(mode="json") | {"new_field": 1}
    for part in ("hints", "pace", "rhythm", "silence"):
        written[part] |= {"new_part": 2}
    assert PollState.model_validate(written) == state


def test_a_state_that_an_older_version_wrote_goes_on_from_its_interval() -> None:
    written = {
        "interval_seconds": 7200.0,
        "has_listed": True,
        "last_success_at": (NOW - timedelta(seconds=7000)).isoformat(),
        "failures": 0.0,
        "hints": {"ttl_seconds": None, "syndication_seconds": None, "skip_hours": [], "skip_days": []},
    }
    interval = decide(PollState.model_validate(written), ONE_NEW).state.interval_seconds
    assert 3600 < interval < 14_400


def test_why_is_one_short_line() -> None:
    asks = FeedHints(ttl_seconds=10**6, skip_days=("Tuesday",))
    for outcome in (Unchanged(), ALL_NEW, ONE_NEW, Changed(1, 0, 1), Changed(0, 0, 0), Failed("dns", None, 7200)):
        for pushed in (False, True):
            for ago in (60, 3600, DAY):
                why = decide(polled(3600, ago=ago), outcome, hints=asks, pushed=pushed).why
                assert "again in" in why
                assert "\n" not in why
                assert len(why) < 180


def test_why_tells_the_pace() -> None:
    assert "about 1 a day" in decide(polled(3 * HOUR), ONE_NEW).why
    assert "a week" in decide(polled(6 * HOUR), Unchanged()).why
    assert "hardly any" in decide(polled(DAY), Unchanged()).why


counts = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda pair: (max(pair), min(pair)))
changes = st.builds(
    lambda pair, dates, ages: Changed(pair[0], pair[0] - pair[1], pair[1], dates, ages),
    counts,
    st.lists(st.floats(-1e9, 1e7).map(lambda seconds: NOW + timedelta(seconds=seconds)), max_size=4),
    st.booleans(),
)
reasons = st.sampled_from([*(code.value for code in FailureCode), "anything"])
failures = st.builds(
    Failed, reason=reasons, status=st.sampled_from([None, 404, 500]), retry_after=st.none() | st.floats(0, 1e12)
)
working = changes | st.just(Unchanged())
seconds_asked = st.none() | st.integers(1, 10**8)
hints_given = st.builds(
    FeedHints, ttl_seconds=seconds_asked, syndication_seconds=seconds_asked, cache_seconds=seconds_asked
)
limits_given = st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)).map(lambda pair: Limits(min(pair), max(pair)))
chances = st.floats(0, 1, exclude_max=True)
steps = st.lists(st.tuples(working | failures, st.floats(-1e5, 1e6), chances, st.booleans()), max_size=12)


@given(steps, hints_given, limits_given)
def test_whatever_happens_the_next_poll_is_within_its_bounds(
    happened: list[tuple[Outcome, float, float, bool]], hints: FeedHints, limits: Limits
) -> None:
    state, now = PollState(), NOW
    for outcome, late, jitter, pushed in happened:
        decision = decide(state, outcome, now=now, hints=hints, limits=limits, jitter=jitter, pushed=pushed)
        seconds = wait(decision, now)
        assert seconds >= limits.floor_seconds - 1e-3
        highest = float(limits.ceiling_seconds)
        if isinstance(outcome, Failed):
            longest = GONE_PROBE if outcome.reason == "http_410" else DEAD_PROBE
            highest = max(longest, limits.floor_seconds) * (1 + JITTER)
            assert decision.state.interval_seconds == state.interval_seconds
        else:
            assert limits.floor_seconds <= decision.state.interval_seconds <= limits.longest
        assert seconds <= highest + 1e-3
        assert PollState.model_validate_json(decision.state.model_dump_json()) == decision.state
        state, now = decision.state, max(decision.due_at + timedelta(seconds=late), now + timedelta(seconds=1))


@given(steps)
def test_a_gap_is_told_exactly_when_nothing_is_left_of_what_was_listed_last(
    happened: list[tuple[Outcome, float, float, bool]],
) -> None:
    state, now, listed_before = PollState(), NOW, False
    for outcome, late, jitter, _ in happened:
        decision = decide(state, outcome, now=now, jitter=jitter)
        if isinstance(outcome, Changed):
            lists = outcome.total > 0
            assert decision.gap == (lists and listed_before and outcome.known == 0 and not outcome.ages)
            listed_before = lists
        else:
            assert not decision.gap
        state, now = decision.state, max(decision.due_at + timedelta(seconds=late), now + timedelta(seconds=1))


@given(st.floats(600, 86_400), working, st.floats(0.05, 20))
def test_only_polls_on_time_lengthen(interval: float, outcome: Outcome, share: float) -> None:
    state = polled(interval, ago=interval * share)
    after = decide(state, outcome).state
    if after.interval_seconds > interval:
        assert is_on_time(state, NOW)


@given(st.floats(600, 80_000), working, chances, chances)
def test_jitter_is_at_most_a_tenth_to_either_side(interval: float, outcome: Outcome, one: float, other: float) -> None:
    first, second = (wait(decide(polled(interval), outcome, jitter=jitter)) for jitter in (one, other))
    assert max(first, second) <= min(first, second) * (1 + JITTER) / (1 - JITTER) + 1e-3


@pytest.mark.parametrize("listed", [10, 30, 100])
@pytest.mark.parametrize("a_day", [1, 5, 24, 100, 200])
def test_a_steady_feed_settles_on_a_steady_interval_with_little_new_in_each_poll(listed: int, a_day: int) -> None:
    state, now, seen, intervals, brought = PollState(), NOW, None, [], []
    while now < NOW + timedelta(days=40):
        published = int((now - NOW).total_seconds() * a_day / DAY)
        new = listed if seen is None else min(published - seen, listed)
        decision = decide(state, Changed(listed, listed - new, new) if new else Unchanged(), now=now)
        assert not decision.gap
        if now > NOW + timedelta(days=20):
            intervals.append(decision.state.interval_seconds)
            brought.append(new)
        state, now, seen = decision.state, decision.due_at, published
    assert max(intervals) <= 1.6 * min(intervals)
    # The root of the pace: an eighth of an entry at one a day, ten times as much at a hundred.
    expected = max(a_day**0.5 / 8, a_day * LIMITS.floor_seconds / DAY)
    assert 0.7 * expected <= sum(brought) / len(brought) <= 1.4 * expected
    assert max(brought) <= listed / 2


def test_a_feed_that_is_twice_as_fast_is_polled_sooner_within_days() -> None:
    def after(a_day: float, state: PollState, days: float) -> PollState:
        now = state.planned_at or NOW
        end, published = now + timedelta(days=days), 0.0
        while now < end:
            elapsed = (now - (state.last_success_at or now)).total_seconds()
            published += elapsed * a_day / DAY
            new, published = int(published), published % 1
            decision = decide(state, Changed(30, 30 - min(new, 30), min(new, 30)), now=now)
            state, now = decision.state, decision.due_at
        return state

    slow = after(4, decide(PollState(), ONE_NEW).state, 30)
    assert after(16, slow, 20).interval_seconds < 0.7 * slow.interval_seconds
