"""A month of feeds, polled in several ways: ``python -m benchmarks.schedule [--feeds 1000 --days 30 --seed 1]``.

Seven feeds in ten publish like those in ``../shared/data/feeds/real`` where these are there (by the entries' own dates:
gaps, hours, weekdays, entries listed), the others by built-in patterns. Three tables: what each way of polling costs
and finds; the polls that a fixed interval needs for the same median delay, by kind of list; and how soon it is told
that a feed has stopped, and how often for nothing. Articles are counted alike, whichever feed they are of.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.polling import POLICIES, Tally, Wiredesk, interval_of_same_median, run, run_fixed
from benchmarks.publishing import DAY, REAL_FEEDS, SimulatedFeed, make_feeds
from services.fetcher.watch import SILENCES_KNOWN

FIXED_MINUTES = (10, 30, 60, 180, 360)
ALARM_FEEDS = 150
ALARM_DAYS = 150
STOP_AFTER_DAYS = 100


def main() -> int:
    """Simulate and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--feeds", type=int, default=1000)
    arguments.add_argument("--days", type=float, default=30)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--real", type=Path, default=REAL_FEEDS, help="folder with real feeds to publish like")
    arguments.add_argument("--json", type=Path, help="also write the figures here")
    options = arguments.parse_args()
    if options.feeds < 10 or options.days < 2:
        sys.stderr.write("at least 10 feeds and 2 days\n")
        return 2
    feeds = make_feeds(options.feeds, options.days, options.seed, folder=options.real)
    console = Console(width=120)
    real = sum(feed.kind == "real" for feed in feeds)
    console.print(f"{len(feeds)} feeds, {real} of them like real ones, {options.days:g} days, seed {options.seed}\n")
    ours = [poll(feed, "wiredesk", options.days, options.seed) for feed in feeds]
    policies = by_policy(feeds, ours, options.days, options.seed)
    console.print(_table("Ways of polling", policies))
    kinds = by_list(feeds, ours, options.days)
    console.print(_table("A fixed interval with the same median delay", kinds))
    alarms = stopped_feeds(options.seed, folder=options.real)
    console.print(_table(f"Feeds that stop after {STOP_AFTER_DAYS} of {ALARM_DAYS} days", [alarms]))
    if options.json:
        options.json.write_text(json.dumps({"policies": policies, "lists": kinds, "alarms": alarms}, indent=1) + "\n")
    return 0


def poll(feed: SimulatedFeed, policy: str, days: float, seed: int) -> Tally:
    """What a policy finds of one feed."""
    rng = random.Random(f"{policy} {seed} {feed.phase}")  # noqa: S311 - a simulation
    return run(feed, POLICIES[policy](rng), days, rng)


def by_policy(feeds: Sequence[SimulatedFeed], ours: Sequence[Tally], days: float, seed: int) -> list[dict[str, Any]]:
    """The figures of each way of polling, over all feeds."""
    whole = Tally.of(ours)
    tallies = {"wiredesk": whole}
    tallies |= {
        name: Tally.of(poll(feed, name, days, seed) for feed in feeds) for name in POLICIES if name != "wiredesk"
    }
    # As many polls as ours, spread evenly: what they are worth.
    for minutes in (*FIXED_MINUTES, len(feeds) * days * DAY / 60 / whole.polls):
        name = f"every {minutes:.0f} min" + ("" if minutes in FIXED_MINUTES else ", our polls")
        tallies[name] = Tally.of(run_fixed(feed, minutes * 60, days) for feed in feeds)
    return [
        {
            "policy": name,
            "polls": tally.polls,
            "a feed and day": round(tally.polls / len(feeds) / days, 1),
            "median min": round(tally.delay(0.5) / 60, 1),
            "p95 min": round(tally.delay(0.95) / 60, 1),
            "mean min": round(sum(tally.delays) / max(len(tally.delays), 1) / 60, 1),
            "with new %": round(100 * tally.with_new / tally.polls, 1),
            "found": len(tally.delays),
            "missed": tally.missed,
        }
        for name, tally in tallies.items()
    ]


def by_list(feeds: Sequence[SimulatedFeed], ours: Sequence[Tally], days: float) -> list[dict[str, Any]]:
    """How many polls a fixed interval needs for our median delay, for lists of several kinds."""
    kinds = {
        "all": list(range(len(feeds))),
        "like real feeds": [n for n, feed in enumerate(feeds) if feed.kind == "real"],
        "built in": [n for n, feed in enumerate(feeds) if feed.kind != "real"],
        "four a day or more": [n for n, feed in enumerate(feeds) if feed.pattern.per_day >= 4],
        "less than four a day": [n for n, feed in enumerate(feeds) if feed.pattern.per_day < 4],
    }
    return [
        {"list": name, "feeds": len(chosen), **compare([feeds[n] for n in chosen], [ours[n] for n in chosen], days)}
        for name, chosen in kinds.items()
        if chosen
    ]


def compare(feeds: Sequence[SimulatedFeed], ours: Sequence[Tally], days: float) -> dict[str, Any]:
    """Our polls beside those of a fixed interval with the same median delay; ``ratio``: ours by theirs."""
    whole = Tally.of(ours)
    interval = interval_of_same_median(feeds, whole.delay(0.5), days)
    fixed = Tally.of(run_fixed(feed, interval, days) for feed in feeds)
    return {
        "median min": round(whole.delay(0.5) / 60, 1),
        "p95 min": round(whole.delay(0.95) / 60, 1),
        "polls": whole.polls,
        "fixed min": round(interval / 60, 1),
        "its p95": round(fixed.delay(0.95) / 60, 1),
        "its polls": fixed.polls,
        "ratio": round(whole.polls / fixed.polls, 3),
    }


def stopped_feeds(
    seed: int, *, folder: Path, count: int = ALARM_FEEDS, days: float = ALARM_DAYS, stop: float = STOP_AFTER_DAYS
) -> dict[str, Any]:
    """Feeds that publish until day ``stop``: alarms before it, which were for nothing, and the time to those after it.

    The time counts from a feed's last article. Known: feeds of which there was enough to know when they stopped.
    """
    false, known, times = 0, 0, []
    feeds = [feed for feed in make_feeds(count, stop, seed, folder=folder) if feed.pattern.answer == "changed"]
    for feed in feeds:
        rng = random.Random(f"alarms {seed} {feed.phase}")  # noqa: S311 - a simulation
        tally = run(feed, Wiredesk(rng, watching=True), days, rng)
        false += sum(alarm < stop * DAY for alarm in tally.alarms)
        known += tally.silences >= SILENCES_KNOWN
        times += [(alarm - feed.arrivals[-1]) / DAY for alarm in tally.alarms if alarm >= stop * DAY][:1]
    times.sort()
    return {
        "feeds": len(feeds),
        "feed years": round(len(feeds) * stop / 365, 1),
        "false alarms": false,
        "known": known,
        "alarmed": len(times),
        "days to alarm, median": round(times[len(times) // 2], 1) if times else None,
        "p90": round(times[int(len(times) * 0.9)], 1) if times else None,
    }


def _table(title: str, rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(rows[0]):
        table.add_column(name, justify="right" if number else "left")
    for row in rows:
        table.add_row(*[f"{value:,}" if isinstance(value, int) else str(value) for value in row.values()])
    return table


if __name__ == "__main__":
    sys.exit(main())
