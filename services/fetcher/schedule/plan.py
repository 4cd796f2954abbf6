"""When is a feed due next? A pure decision over what its polls have brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.fetcher.schedule.backoff import after_failure
from services.fetcher.schedule.hints import asked_seconds, past_skipped
from services.fetcher.schedule.pace import interval_for, learn_pace, pace_by_dates, pace_for, per_day
from services.fetcher.schedule.rhythm import Clock, learn
from services.fetcher.schedule.state import (
    JITTER,
    Changed,
    Decision,
    Failed,
    Limits,
    Outcome,
    Pace,
    PollState,
    Rhythm,
    Unchanged,
    span,
)
from shared.records import FeedHints

# A poll that comes by more than this share of its wait before or after its time is no evidence. Five minutes late is
# no matter: that is how long a feed may wait for its site.
ON_TIME = 0.25
ALWAYS_ON_TIME_SECONDS = 300.0
# Of what a poll lists: more new than this, and the next poll might come too late to overlap.
LARGE_SHARE = 0.25
SOONER = 0.5
MUCH_SOONER = 0.25
# One step up at most: after a burst, or at first, when little is known.
LATER = 2.0
# Of the polls of a feed whose hub delivers one in so many is made.
SAFETY_FACTOR = 6.0
# A feed whose hints made us miss entries is polled by its own pace for so long.
DISTRUST = timedelta(days=30)


@dataclass(frozen=True)
class _Learnt:
    """What a poll's evidence has made of the state. ``off_time``: why it was none, in a word."""

    interval: float
    pace: Pace
    rhythm: Rhythm
    off_time: str = ""


def next_poll(
    state: PollState,
    outcome: Outcome,
    now: datetime,
    hints: FeedHints,
    limits: Limits,
    jitter: float,
    *,
    pushed: bool = False,
) -> Decision:
    """Decide what follows from ``outcome``.

    ``hints``: the document's, used where one came; of an unchanged feed only how long its answer is fresh. ``jitter``:
    in [0, 1). ``pushed``: a hub delivers the feed's news, so that polls are for safety: they come six times as rarely,
    at the ceiling at most, and what they find is no evidence.
    """
    now = now.astimezone(UTC)
    if isinstance(outcome, Failed):
        return after_failure(state, outcome, now, limits.floor_seconds, jitter)
    gap = is_gap(state, outcome)
    learnt = _learn(state, outcome, now, gap=gap, pushed=pushed)
    interval = min(max(learnt.interval, limits.floor_seconds), limits.longest)
    # After an outage of ours, or failures, the hints are not what made us miss anything.
    misled_at = now if gap and state.lengthened and is_on_time(state, now) else state.misled_at
    asked = _remembered(state.hints, outcome, hints)
    wait = interval * SAFETY_FACTOR if pushed else Clock(learnt.rhythm, now).after(now, interval)
    wait = min(max(wait, limits.floor_seconds), limits.longest)
    least, terms = _least(
        wait, interval, asked, limits, distrusted=misled_at is not None and now - misled_at < DISTRUST
    )
    earliest = max(wait * (1 - JITTER), limits.floor_seconds, least)
    latest = max(min(max(wait, least) * (1 + JITTER), limits.longest), earliest)
    meant = now + timedelta(seconds=earliest + (latest - earliest) * jitter)
    due_at = past_skipped(meant, asked)
    if pushed:
        terms = ", for safety: its hub delivers"
    if due_at > meant:
        terms += f"; it asks to be left alone until {due_at:%a %H:%M} UTC"
    kept = state.model_copy(
        update={
            "interval_seconds": interval,
            "has_listed": outcome.total > 0 if isinstance(outcome, Changed) else state.has_listed,
            "last_success_at": now,
            "planned_at": due_at,
            "pace": learnt.pace,
            "rhythm": learnt.rhythm,
            "pushed": pushed,
            "gap_at": now if gap else state.gap_at,
            "lengthened": least > wait,
            "misled_at": misled_at,
            "failures": 0.0,
            "failed_polls": 0,
            "failing_since": None,
            "hints": asked,
        }
    )
    why = f"{_brought(outcome, gap=gap)}{_told_pace(learnt)}: again in {span((due_at - now).total_seconds())}{terms}"
    return Decision(kept, due_at, why, gap)


def is_gap(state: PollState, outcome: Outcome) -> bool:
    """Whether nothing is known any more of what the feed lists: what stood in between may have been missed.

    Not where the list was empty before, nor where entries leave it by age alone.
    """
    if not isinstance(outcome, Changed) or outcome.ages:
        return False
    return outcome.total > 0 and outcome.known == 0 and state.has_listed


def is_on_time(state: PollState, now: datetime) -> bool:
    """Whether a poll at ``now`` comes when it was meant to: after one that succeeded, neither late nor ahead of time.

    A late poll brings more than an interval's worth; were it evidence, an overloaded desk would poll ever more often
    (mediacloud/rss-fetcher met that). One that somebody asked for brings less.
    """
    if state.last_success_at is None or state.failed_polls:
        return False
    # Before there was a plan there was an interval.
    planned = state.planned_at or state.last_success_at + timedelta(seconds=state.interval_seconds)
    tolerance = ON_TIME * (planned - state.last_success_at).total_seconds()
    off = (now - planned).total_seconds()
    return -tolerance <= off <= max(tolerance, ALWAYS_ON_TIME_SECONDS)


def _learn(state: PollState, outcome: Changed | Unchanged, now: datetime, *, gap: bool, pushed: bool) -> _Learnt:
    interval, pace = state.interval_seconds, state.pace
    total, new = (outcome.total, outcome.new) if isinstance(outcome, Changed) else (0, 0)
    if state.last_success_at is None:
        # The first poll brings everything there is. When that was published, only the feed itself can tell.
        dated = pace_by_dates(outcome.published, now) if isinstance(outcome, Changed) else None
        return _Learnt(interval_for(dated) if dated else interval, dated or pace, state.rhythm)
    elapsed = (now - state.last_success_at).total_seconds()
    if pushed or state.pushed:
        return _Learnt(interval, pace, state.rhythm, "pushed")
    burst = elapsed * (MUCH_SOONER if gap else SOONER) if new > LARGE_SHARE * total else interval * LATER
    if not is_on_time(state, now):
        late = state.planned_at is None or now > state.planned_at
        # So much in less than the time that was planned is reason enough.
        return _Learnt(interval if late else min(interval, burst), pace, state.rhythm, "late" if late else "early")
    if not pace.days:
        pace = pace_for(interval)
    pace = learn_pace(pace, elapsed, new)
    return _Learnt(
        interval=min(interval_for(pace), burst, interval * LATER),
        pace=pace,
        rhythm=learn(state.rhythm, state.last_success_at, now, new),
    )


def _remembered(before: FeedHints, outcome: Changed | Unchanged, hints: FeedHints) -> FeedHints:
    if isinstance(outcome, Changed):
        return hints
    return before if hints.cache_seconds is None else before.model_copy(update={"cache_seconds": hints.cache_seconds})


def _least(wait: float, interval: float, hints: FeedHints, limits: Limits, *, distrusted: bool) -> tuple[float, str]:
    """The seconds that the feed's hints let nobody go below, and what had a say in the wait."""
    asked = min(float(asked_seconds(hints)), limits.longest)
    if asked > wait and distrusted:
        return 0.0, ", sooner than it asks"
    if asked > wait:
        return asked, ", as the feed asks"
    return asked, ", in its quiet hours" if wait > 1.2 * interval else ""


def _brought(outcome: Changed | Unchanged, *, gap: bool) -> str:
    if isinstance(outcome, Unchanged):
        return "unchanged"
    if gap:
        listed = "the only entry is" if outcome.total == 1 else f"all {outcome.total} entries are"
        return f"{listed} new, some before may have been missed"
    if not outcome.total:
        return "no entries"
    return f"{outcome.new} of {outcome.total} entries new"


def _told_pace(learnt: _Learnt) -> str:
    if learnt.off_time:
        return {"pushed": "", "late": ", but the poll was late", "early": ", but the poll was early"}[learnt.off_time]
    if not learnt.pace.days:
        return ""
    a_day = per_day(learnt.pace)
    for often, unit in ((a_day, "day"), (a_day * 7, "week"), (a_day * 30, "month")):
        if often >= 0.95:
            return f", about {often:.0f} a {unit}"
    return ", hardly any a month"
