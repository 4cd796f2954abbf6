"""When to ask a feed again that failed: the more it counts the later, and always once more."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.fetcher.schedule.codes import FailureCode, failure_code
from services.fetcher.schedule.state import DAY, HOUR, JITTER, Decision, Failed, PollState, span

GONE_PROBE = 30 * DAY
DEAD_PROBE = 7 * DAY
DEAD_AFTER = timedelta(days=30)
# One feed in a few may go on asking for months; nobody's header holds a feed back for longer than a day.
LONGEST_RETRY_AFTER = DAY
# How soon a feed that has worked is asked again that only our own line has kept from us.
OUTAGE_RETRY = 600.0
_MOST_FAILURES = 1000.0
_MOST_DOUBLINGS = 12.0


def after_failure(state: PollState, outcome: Failed, now: datetime, floor: float, jitter: float) -> Decision:
    """Decide what follows from a failure. ``floor``: seconds; ``jitter``: in [0, 1).

    The wait doubles with each weighted failure, from an hour or the interval where that is shorter, up to a day. After
    30 days of failing it is a week, after a 410 (:rfc:`9110#section-15.5.11`) a month: feeds come back from the dead
    (mediacloud/rss-fetcher 0.16.8), and none is given up. An outage of our own counts nothing.
    """
    if outcome.outage:
        return _in_outage(state, outcome, now, floor, jitter)
    code = failure_code(outcome.reason)
    failures = min(state.failures + code.weight, _MOST_FAILURES)
    since = state.failing_since or now
    kept = state.model_copy(
        update={
            "failures": failures,
            "failed_polls": min(state.failed_polls + 1, 1_000_000),
            "failing_since": since,
        }
    )
    if outcome.status == 410 or code is FailureCode.HTTP_410:
        seconds = GONE_PROBE
        plan = "gone, by its own words"
    else:
        dead = now - since >= DEAD_AFTER
        seconds = DEAD_PROBE if dead else _wait(state, failures, floor)
        plan = f"{outcome.reason}, {_times(kept.failed_polls)} in a row"
        if dead:
            plan += f" since {since:%Y-%m-%d}"
    seconds = max(seconds, floor)
    asked = min(outcome.retry_after or 0.0, LONGEST_RETRY_AFTER)
    by_request = asked > seconds
    seconds = max(seconds, asked) * (1 + JITTER * jitter)
    why = f"{plan}: again in {span(seconds)}{', as the site asks' if by_request else ''}"
    return Decision(kept, now + timedelta(seconds=seconds), why)


def _in_outage(state: PollState, outcome: Failed, now: datetime, floor: float, jitter: float) -> Decision:
    """Soon, or where the feed failed before as it would be then; nothing of it is remembered."""
    if state.failing_since is None:
        seconds = max(min(state.interval_seconds, OUTAGE_RETRY), floor)
    elif now - state.failing_since >= DEAD_AFTER:
        seconds = DEAD_PROBE
    else:
        seconds = _wait(state, state.failures, floor)
    seconds *= 1 + JITTER * jitter
    why = f"{outcome.reason}, as from other sites at once, which is our own line's fault: again in {span(seconds)}"
    return Decision(state, now + timedelta(seconds=seconds), why)


def _wait(state: PollState, failures: float, floor: float) -> float:
    # A daily feed that failed is asked again within the hour.
    base = max(min(state.interval_seconds, HOUR), floor)
    return float(max(min(base * 2.0 ** min(failures, _MOST_DOUBLINGS), DAY), floor))


def _times(count: int) -> str:
    return "1 failure" if count == 1 else f"{count} failures"
