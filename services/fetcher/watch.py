"""Which alerts a poll opens and closes. Pure, over what the schedule remembers of a feed.

Nobody should be told of a hiccup, and nobody have to find out by chance that a source has dried up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.fetcher.schedule import DAY, Changed, Decision, Failed, Outcome, PollState, span
from services.fetcher.schedule.rhythm import Clock
from services.fetcher.schedule.state import Silence
from shared.ledger.alerts import AlertKind

# Six timeouts, three broken documents or two 404s, and not within the two hours that a site takes to be mended: with
# the waits between them that is half a day for a daily feed, and three hours for a wire.
FAILING_COUNT = 3.0
FAILING_FOR = timedelta(hours=2)
# Read for a day without a further gap: the interval is right again.
GAP_OVER_AFTER = timedelta(days=1)

# A silence is told from a pause by the feed's own: gaps that come by chance are longer than three times the longest of
# n with a chance of 6/n**3, those of real feeds, which come in bursts, a little more often. The fewer are known, the
# more is asked for. Simulated (benchmarks/schedule.py): 10 false alarms in 570 feed years. With 2 and 20 for these
# factors there were three times as many, and alarms came no sooner in the middle.
SILENCES_KNOWN = 12
FACTOR = 2.5
FACTOR_OVER_COUNT = 25.0
SHORTEST_SILENCE = DAY
WATCHED_FOR = timedelta(days=14)
# What was long ago counts less: a feed that was quiet over a holiday is not slow for ever.
FADING = 0.998
# A silence that raised an alarm was no habit yet: it counts as this much longer than the longest before.
LEARNT_OF_AN_ALARM = 2.0


@dataclass(frozen=True)
class Watched:
    """What to remember, and which alerts are open from now on, with what to say of each, and which no more.

    Both name what may be so already: an alert is opened once, and one that is not open is closed for nothing.
    """

    state: PollState
    opens: Mapping[AlertKind, str] = field(default_factory=dict)
    closes: tuple[AlertKind, ...] = ()


def watch(before: PollState, outcome: Outcome, decision: Decision, now: datetime) -> Watched:
    """What a poll means for the alerts. ``before``: the state before it, ``decision``: the schedule's, of it."""
    after = decision.state
    if isinstance(outcome, Failed):
        if outcome.outage:
            return Watched(after)
        return Watched(after, _failing(after, outcome, now))
    after = after.model_copy(update={"silence": _silence(before, outcome, after, now)})
    opens = _quiet(after, now)
    if decision.gap and isinstance(outcome, Changed) and before.last_success_at is not None:
        apart = span((now - before.last_success_at).total_seconds())
        opens[AlertKind.FEED_GAP] = f"none of its {outcome.total} entries was there {apart} before: some may be missing"
    over = {AlertKind.FEED_FAILING, AlertKind.FEED_GONE, AlertKind.FEED_QUIET}
    if after.gap_at is None or now - after.gap_at >= GAP_OVER_AFTER:
        over.add(AlertKind.FEED_GAP)
    return Watched(after, opens, tuple(kind for kind in AlertKind if kind in over and kind not in opens))


def is_quiet(silence: Silence) -> bool:
    """Whether the feed has been silent for longer than its own past explains."""
    if silence.count < SILENCES_KNOWN or silence.now < SHORTEST_SILENCE:
        return False
    return silence.now > silence.longest * (FACTOR + FACTOR_OVER_COUNT / silence.count)


def _failing(state: PollState, outcome: Failed, now: datetime) -> dict[AlertKind, str]:
    if outcome.status == 410:
        return {AlertKind.FEED_GONE: "gone, by its own words (410)"}
    since = state.failing_since
    if state.last_success_at is None or since is None:
        # It has never worked: whoever added it sees that in the list.
        return {}
    if state.failures < FAILING_COUNT or now - since < FAILING_FOR:
        return {}
    return {AlertKind.FEED_FAILING: f"{outcome.reason}, {state.failed_polls} failures since {since:%Y-%m-%d %H:%M} UTC"}


def _quiet(state: PollState, now: datetime) -> dict[AlertKind, str]:
    silence, since = state.silence, state.rhythm.since
    if not is_quiet(silence) or since is None or now - since < WATCHED_FOR:
        return {}
    return {
        AlertKind.FEED_QUIET: f"nothing new for {span(silence.now)} of its publishing time;"
        f" {span(silence.longest)} was the longest of {silence.count} silences"
    }


def _silence(before: PollState, outcome: Outcome, after: PollState, now: datetime) -> Silence:
    """The feed's silences after a poll that succeeded."""
    silence = before.silence
    if before.last_success_at is None or before.pushed or after.pushed:
        # What a hub delivers between two polls is not among what they find new.
        return silence.model_copy(update={"now": 0.0})
    passed = silence.now + Clock(before.rhythm, now).between(before.last_success_at, now)
    if not isinstance(outcome, Changed) or not outcome.new:
        return silence.model_copy(update={"now": round(passed, 1)})
    if is_quiet(silence):
        passed = min(passed, silence.longest * LEARNT_OF_AN_ALARM)
    return Silence(longest=round(max(silence.longest * FADING, passed), 1), count=silence.count + 1)
