"""What sites are sent by four fetcher processes, measured at the sites: ``python -m benchmarks.politeness [--json F]``.

A web on loopback with fifty sites, real engines, the real scheduler and real fetchers; nobody parses. First all sites
are well (*alone*). Then as many others are worked on beside one site that answers everything with 429 and one that
takes requests and never answers (*beside*): what is then asked of each is held against its budget, and the time of the
good ones against the first half.

Times are those of arrival, taken by the web. A request leaves on time and may arrive late on a busy machine, the next
one on time: so of two neighbours the gap may be short, and a window may hold one request more than its length allows,
or two.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.politeness_run import BUSY, HANGING, RETRY_AFTER_SECONDS, Outcome, Plan, measure
from shared.engines import open_engines
from shared.settings import Settings
from wiredesk.testweb import NewsWeb


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=Plan.pages, help="pages of each site (default %(default)s)")
    parser.add_argument("--interval", type=float, default=Plan.interval, help="seconds (default %(default)s)")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    plan = Plan(pages=options.pages, interval=options.interval)
    with (
        tempfile.TemporaryDirectory(prefix="wiredesk-", ignore_cleanup_errors=True) as folder,
        open_engines(Settings(data=Path(folder))) as engines,
        NewsWeb() as web,
    ):
        outcome = measure(web, plan, Path(folder), redis_url=engines.redis_url, database_url=engines.database_url)
    show(outcome)
    if options.json:
        options.json.write_text(json.dumps(asdict(outcome), indent=1) + "\n")
    return int(outcome.fetched < 2 * plan.good * plan.pages)


def show(outcome: Outcome) -> None:
    """Print the figures for a person."""
    plan = outcome.plan
    title = (
        f"{plan.fetchers} fetchers, {plan.sites} sites, {outcome.fetched} pages; budget: {plan.concurrency} at once, "
        f"{plan.budget(1)} in 1 s, {plan.budget(10)} in 10 s, {plan.interval:g} s apart"
    )
    table = Table(
        "sites", "requests", "at once", "in 1 s", "in 10 s", "least gap s", "1 % of gaps below s", title=title
    )
    for name, most in (("good", outcome.good), (BUSY, outcome.busy), (HANGING, outcome.hanging)):
        table.add_row(
            f"{most.sites} {name}",
            str(most.requests),
            str(most.at_once),
            str(most.in_a_second),
            str(most.in_ten_seconds),
            f"{most.least_gap:.3f}",
            f"{most.first_percent_gap:.3f}",
        )
    console = Console(width=120)
    console.print(table)
    for name, half in (("alone", outcome.alone), ("beside the two bad ones", outcome.beside)):
        console.print(f"good sites {name}: done after {half.median:.1f} s (median), {half.longest:.1f} s (last)")
    console.print(f"beside / alone: {outcome.beside.median / outcome.alone.median:.3f} (median)")
    console.print(f"{BUSY}: asked for a rest of {RETRY_AFTER_SECONDS} s, asked {outcome.asked_after_429} times after")
    for state in outcome.states:
        console.print(
            f"{state.site}: breaker {state.breaker}, held {state.held_seconds:.0f} s more for {state.held_for}, "
            f"pages by tries used: {outcome.tries[state.site.partition('.')[0]]}"
        )


if __name__ == "__main__":
    sys.exit(main())
