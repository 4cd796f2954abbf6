"""Which alerts a poll opens and closes: not at the first hiccup, and not for a feed that was always like that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.schedule import Changed, Failed, Limits, Outcome, PollState, Unchanged, next_poll
from services.fetcher.watch import Watched, is_quiet, watch
from shared.ledger.alerts import AlertKind
from shared.records import FeedHints

NOW = datetime(2026, 11, 2, tzinfo=UTC)
LIMITS = Limits(600, 86_400)


class Feed:
    """A feed that is polled when it is due."""

    def __init__(self) -> None:
        self.state, self.now = PollState(), NOW
        self.open: dict[AlertKind, str] = {}
        self.history: list[tuple[datetime, AlertKind]] = []

    def poll(self, outcome: Outcome, *, pushed: bool = False) -> Watched:
        decision = next_poll(self.state, outcome, self.now, FeedHints(), LIMITS, 0.5, pushed=pushed)
        watched = watch(self.state, outcome, decision, self.now)
        self.state = watched.state
        for kind in watched.closes:
            self.open.pop(kind, None)
        self.history += [(self.now, kind) for kind in watched.opens if kind not in self.open]
        self.open = {**watched.opens, **self.open}
        self.polled_at, self.now = self.now, decision.due_at
        return watched

    def publish(self, days: float, *, every_hours: float, hours: range = range(24), pushed: bool = False) -> None:
        """Poll for so many days, in which an entry appears every so many hours of the day's ``hours``."""
        end, before = self.now + timedelta(days=days), self.now
        credit = 0.0
        while self.now < end:
            moment = before
            while moment < self.now:
                credit += (moment.hour in hours) * 0.1 / every_hours
                moment += timedelta(minutes=6)
            before, new = self.now, min(int(credit), 20)
            credit -= int(credit)
            self.poll(Changed(20, 20 - new, new) if new else Unchanged(), pushed=pushed)

    def stay_silent(self, days: float) -> None:
        end = self.now + timedelta(days=days)
        while self.now < end:
            self.poll(Unchanged())


@pytest.fixture
def feed() -> Feed:
    working = Feed()
    working.poll(Changed(20, 0, 20))
    return working


def test_an_outage_of_our_own_opens_no_alert(feed: Feed) -> None:
    for _ in range(3):
        feed.poll(Failed("connect"))
    feed.state = feed.state.model_copy(update={"failures": 9.0, "failing_since": feed.now - timedelta(days=1)})
    assert feed.poll(Failed("connect", outage=True)).opens == {}
    assert AlertKind.FEED_FAILING in feed.poll(Failed("connect")).opens


def failing(feed: Feed, outcome: Failed) -> list[float]:
    """Hours since the first failure at which polls failed, until the alert opened."""
    began = feed.now
    hours: list[float] = []
    while AlertKind.FEED_FAILING not in feed.open:
        assert len(hours) < 60, "never told"
        feed.poll(outcome)
        hours.append((feed.polled_at - began).total_seconds() / 3600)
    return hours


@pytest.mark.parametrize(
    ("outcome", "polls"),
    [(Failed("read_timeout"), 6), (Failed("http_5xx", 503), 6), (Failed("malformed", 200), 3), (Failed("dns"), 3)],
)
def test_a_feed_that_fails_again_and_again_is_told(feed: Feed, outcome: Failed, polls: int) -> None:
    hours = failing(feed, outcome)
    assert len(hours) == polls
    assert 2 <= hours[-1] < 24
    assert outcome.reason in feed.open[AlertKind.FEED_FAILING]


def test_a_wire_that_is_not_found_for_an_hour_is_no_alert_yet(feed: Feed) -> None:
    feed.publish(4, every_hours=0.1)
    hours = failing(feed, Failed("http_404", 404))
    assert hours[-1] >= 2


def test_a_feed_that_never_worked_raises_no_alert() -> None:
    new = Feed()
    for _ in range(20):
        assert not new.poll(Failed("http_404", 404)).opens


def test_the_next_success_closes_it(feed: Feed) -> None:
    failing(feed, Failed("http_5xx", 500))
    assert AlertKind.FEED_FAILING in feed.poll(Unchanged()).closes
    assert not feed.open


def test_an_alert_stays_open_while_the_feed_fails(feed: Feed) -> None:
    failing(feed, Failed("http_5xx", 500))
    for outcome in (Failed("dns"), Failed("http_404", 404)):
        assert not feed.poll(outcome).closes
    assert len(feed.history) == 1


def test_a_feed_that_is_gone_is_told_at_once_and_closed_when_it_is_back(feed: Feed) -> None:
    assert set(feed.poll(Failed("http_410", 410)).opens) == {AlertKind.FEED_GONE}
    feed.poll(Unchanged())
    assert not feed.open


def test_a_gap_is_told_and_over_after_a_day_without_another(feed: Feed) -> None:
    feed.poll(Changed(20, 0, 20))
    assert "none of its 20 entries was there" in feed.open[AlertKind.FEED_GAP]
    told = feed.polled_at
    while AlertKind.FEED_GAP in feed.open:
        feed.poll(Changed(20, 19, 1))
    assert timedelta(days=1) <= feed.polled_at - told < timedelta(days=2)


def test_a_feed_that_used_to_publish_and_stopped_is_told(feed: Feed) -> None:
    feed.publish(30, every_hours=3)
    assert not feed.history
    stopped = feed.now
    feed.stay_silent(10)
    ((told, kind),) = feed.history
    assert kind is AlertKind.FEED_QUIET
    assert timedelta(hours=20) <= told - stopped < timedelta(days=2)
    assert "nothing new for" in feed.open[kind]


def test_it_is_closed_when_entries_come_again(feed: Feed) -> None:
    feed.publish(30, every_hours=3)
    feed.stay_silent(10)
    assert feed.open
    assert AlertKind.FEED_QUIET in feed.poll(Changed(20, 17, 3)).closes
    feed.publish(10, every_hours=3)
    assert not feed.open


def test_a_silence_that_raised_an_alarm_does_not_make_the_next_one_pass(feed: Feed) -> None:
    feed.publish(30, every_hours=3)
    feed.stay_silent(20)
    feed.publish(10, every_hours=3)
    before = feed.now
    feed.stay_silent(10)
    assert len(feed.history) == 2
    assert feed.history[1][0] - before < timedelta(days=4)


def test_nights_are_no_silence(feed: Feed) -> None:
    feed.publish(60, every_hours=0.5, hours=range(8, 18))
    assert not feed.history


def test_a_feed_that_was_always_quiet_raises_no_alarm(feed: Feed) -> None:
    feed.publish(120, every_hours=24 * 30)
    feed.stay_silent(120)
    assert not feed.history


def test_what_a_hub_delivers_between_polls_is_no_silence(feed: Feed) -> None:
    feed.publish(30, every_hours=3)
    end = feed.now + timedelta(days=60)
    while feed.now < end:
        feed.poll(Unchanged(), pushed=True)
    feed.poll(Unchanged())
    assert not feed.history


def test_the_fewer_silences_are_known_the_longer_one_may_last() -> None:
    silence = PollState().silence.model_copy(update={"longest": 40_000.0, "now": 130_000.0})
    assert is_quiet(silence.model_copy(update={"count": 500}))
    assert not is_quiet(silence.model_copy(update={"count": 12}))
    assert not is_quiet(silence.model_copy(update={"count": 11, "now": 1e9}))
    assert not is_quiet(silence.model_copy(update={"count": 500, "longest": 10.0, "now": 80_000.0}))
