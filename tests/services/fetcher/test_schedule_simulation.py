"""The schedule over simulated feeds: half the polls of a fixed interval at most for the same delay."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.polling import Tally, run_fixed
from benchmarks.publishing import DAY, REAL_FEEDS, PublishingClock, generic_patterns, make_feeds
from benchmarks.schedule import compare, poll, stopped_feeds

SEED = 3


@pytest.mark.parametrize("folder", [Path("nowhere"), REAL_FEEDS], ids=["built in", "like real feeds"])
def test_at_the_same_median_delay_it_needs_half_the_polls_of_a_fixed_interval_at_most(folder: Path) -> None:
    if folder == REAL_FEEDS and not folder.is_dir():
        pytest.skip("no real feeds in ../shared/data")
    feeds = make_feeds(90, 12, SEED, folder=folder)
    found = compare(feeds, [poll(feed, "wiredesk", 12, SEED) for feed in feeds], 12)
    assert found["ratio"] <= 0.5
    # What the median gains must not be lost at the other end.
    assert found["p95 min"] <= 6 * found["its p95"]


def test_it_misses_next_to_nothing() -> None:
    feeds = make_feeds(90, 12, SEED, folder=Path("nowhere"))
    whole = Tally.of(poll(feed, "wiredesk", 12, SEED) for feed in feeds)
    assert whole.missed <= len(whole.delays) / 10_000


def test_a_fixed_interval_finds_articles_after_half_of_it() -> None:
    feeds = make_feeds(30, 12, SEED, folder=Path("nowhere"))
    tally = Tally.of(run_fixed(feed, 1200, 12) for feed in feeds)
    assert tally.delay(0.5) == pytest.approx(600, rel=0.05)
    assert max(tally.delays) <= 1200
    assert tally.polls == pytest.approx(30 * 12 * 72, rel=0.01)


def test_articles_that_fall_out_between_two_polls_are_counted_as_missed() -> None:
    feeds = [feed for feed in make_feeds(30, 12, SEED, folder=Path("nowhere")) if feed.kind == "small window"]
    tally = Tally.of(run_fixed(feed, DAY, 12) for feed in feeds)
    assert tally.missed > len(tally.delays)


def test_publishing_time_runs_with_the_profile_and_back() -> None:
    clock = PublishingClock(generic_patterns()[1].profile)
    for moment in (0.0, 3600.5, 86_399.0, 604_799.0, 10_000_000.0, -50_000.0):
        assert clock.wall(clock.published(moment)) == pytest.approx(moment)
    assert clock.published(604_800) == pytest.approx(604_800)


def test_feeds_that_stop_are_told_and_others_hardly_ever() -> None:
    found = stopped_feeds(SEED, folder=Path("nowhere"), count=30, days=70, stop=48)
    assert found["false alarms"] <= 2
    assert found["alarmed"] >= 0.8 * found["known"] > 0
    assert found["days to alarm, median"] < 10
