"""When is a feed due next? Pure decisions over (state, outcome, now).

Overlap decides. What a poll finds new, of what the feed lists, tells how much the feed publishes and at which hours;
from that follows how often it is worth a look. A poll that brings mostly new entries was late, whatever was known
before, and one in which nothing is known any more was too late: what stood between the two may have been missed. Only
polls that came on time are evidence. Failures back off by their cause and never end.

The time until the next poll lies between floor and ceiling, except that failures back off to a day whatever the
ceiling is, then to a week, a feed that is gone (410) is asked once a month, and hours and days that the feed asks to
be skipped are waited for, a week at most.
"""

from services.fetcher.schedule.backoff import DEAD_AFTER, DEAD_PROBE, GONE_PROBE, LONGEST_RETRY_AFTER, OUTAGE_RETRY
from services.fetcher.schedule.codes import FailureCode, failure_code
from services.fetcher.schedule.hints import MOST_CACHE_SECONDS, cache_seconds
from services.fetcher.schedule.plan import LATER, ON_TIME, SAFETY_FACTOR, is_gap, is_on_time, next_poll
from services.fetcher.schedule.state import (
    DAY,
    FIRST_INTERVAL,
    HOUR,
    JITTER,
    Changed,
    Decision,
    Failed,
    Limits,
    Outcome,
    PollState,
    Unchanged,
    span,
)

__all__ = [
    "DAY",
    "DEAD_AFTER",
    "DEAD_PROBE",
    "FIRST_INTERVAL",
    "GONE_PROBE",
    "HOUR",
    "JITTER",
    "LATER",
    "LONGEST_RETRY_AFTER",
    "MOST_CACHE_SECONDS",
    "ON_TIME",
    "OUTAGE_RETRY",
    "SAFETY_FACTOR",
    "Changed",
    "Decision",
    "Failed",
    "FailureCode",
    "Limits",
    "Outcome",
    "PollState",
    "Unchanged",
    "cache_seconds",
    "failure_code",
    "is_gap",
    "is_on_time",
    "next_poll",
    "span",
]
