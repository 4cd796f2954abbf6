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
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

from shared import queues
from shared.database import connect
from shared.engines import open_engines
from shared.ledger import feeds
from shared.ledger.discovery import SeenEntry, record_entries
from shared.politeness import Politeness, SiteState
from shared.records import FeedEntry
from shared.settings import Settings
from shared.urls import canonical_url, site_of
from wiredesk.testweb import NewsWeb, Seen

BUSY, HANGING = "busy", "hanging"
RETRY_AFTER_SECONDS = 120
# How long every sixth of the good sites takes to answer: more than the time between two requests.
SLOW_SECONDS = 0.7
PAGE = "<html><body><h1>News</h1><p>What happened at the harbour today, and what did not.</p></body></html>"
GIVE_UP_SECONDS = 300.0


@dataclass(frozen=True)
class Plan:
    """What is to be done: ``pages`` on each of the good sites, twice, and ``bad_pages`` on each of the bad ones;
    ``interval``: seconds between two requests.
    """

    sites: int = 50
    pages: int = 62
    bad_pages: int = 62
    interval: float = 0.5
    concurrency: int = 2
    fetchers: int = 4
    threads: int = 8
    read_timeout: float = 2.0

    @property
    def good(self) -> int:
        """Sites that are well."""
        return self.sites - 2

    def budget(self, seconds: float) -> int:
        """The most requests that may leave for one site within ``seconds``."""
        return int(seconds / self.interval) + 1


@dataclass(frozen=True)
class Maxima:
    """The most that any of some sites was sent. ``first_percent_gap``: a hundredth of the gaps were shorter."""

    sites: int
    requests: int
    at_once: int
    in_a_second: int
    in_ten_seconds: int
    least_gap: float
    first_percent_gap: float


@dataclass(frozen=True)
class Half:
    """Until each good site had its last page, in seconds from the start."""

    median: float
    longest: float


@dataclass(frozen=True)
class Outcome:
    """The figures of one run. ``asked_after_429``: requests later than a second after the first that heard it;
    ``states``: how Wiredesk saw the two bad sites in the end.
    """

    plan: Plan
    fetched: int
    alone: Half
    beside: Half
    good: Maxima
    busy: Maxima
    hanging: Maxima
    asked_after_429: int
    states: tuple[SiteState, ...]
    tries: dict[str, dict[int, int]]


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


def measure(web: NewsWeb, plan: Plan, folder: Path, *, redis_url: str, database_url: str) -> Outcome:
    """One run on the given engines."""
    environment = {
        "WIREDESK_DATA": str(folder),
        "WIREDESK_REDIS_URL": redis_url,
        "WIREDESK_DATABASE_URL": database_url,
        "WIREDESK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "WIREDESK_SITE_INTERVAL_SECONDS": str(plan.interval),
        "WIREDESK_SITE_CONCURRENCY": str(plan.concurrency),
        "WIREDESK_READ_TIMEOUT_SECONDS": str(plan.read_timeout),
        # Nothing parses: the queue of parses fills, and must not stop the scheduler.
        "WIREDESK_QUEUE_LIMIT": "100000",
        "WIREDESK_LOG_LEVEL": "WARNING",
    }
    fetcher = ("fetcher", "--concurrency", str(plan.threads))
    with _workers(environment, ("scheduler",), *[fetcher] * plan.fetchers), queues.connect(redis_url) as valkey:
        _until(lambda: len(queues.workers(valkey)) == plan.fetchers * plan.threads, "the fetchers are up")
        alone = _half(web, plan, database_url, "alone", bad=())
        beside = _half(web, plan, database_url, "beside", bad=(BUSY, HANGING))
        politeness = Politeness(valkey, interval_seconds=plan.interval, concurrency=plan.concurrency)
        _until(lambda: politeness.state(f"{HANGING}.localhost").breaker == "open", "the breaker opens")
        states = tuple(politeness.state(f"{name}.localhost") for name in (BUSY, HANGING))
    good = [name for name in web.sites if name not in (BUSY, HANGING)]
    refused = [seen.at for seen in web.requests(site=BUSY) if seen.path != "/robots.txt"]
    return Outcome(
        plan=plan,
        fetched=_fetched(database_url),
        alone=alone,
        beside=beside,
        good=_maxima(web, good),
        busy=_maxima(web, [BUSY]),
        hanging=_maxima(web, [HANGING], gives_up=plan.read_timeout),
        asked_after_429=sum(at > refused[0] + 1.0 for at in refused),
        states=states,
        tries={name: _tries(database_url, f"{name}.localhost") for name in (BUSY, HANGING)},
    )


def _half(web: NewsWeb, plan: Plan, database_url: str, name: str, *, bad: Sequence[str]) -> Half:
    good = [f"{name}{number}" for number in range(plan.good)]
    for number, site in enumerate(good):
        web.site(site).delay(SLOW_SECONDS if number % 6 == 0 else 0.0)
        for page in range(plan.pages):
            web.site(site).page(f"/{page}", PAGE)
    for site in bad:
        for page in range(plan.bad_pages):
            if site == BUSY:
                headers = (("Retry-After", str(RETRY_AFTER_SECONDS)),)
                web.site(site).respond(f"/{page}", status=429, headers=headers)
            else:
                web.site(site).hang(f"/{page}")
    before = _fetched(database_url)
    began = time.monotonic()
    # The bad ones first: whoever waits for them has them in front.
    _fill(web, database_url, bad, plan.bad_pages)
    _fill(web, database_url, good, plan.pages)
    _until(lambda: _fetched(database_url) - before >= plan.good * plan.pages, f"{name}: the good sites are done")
    ends = [max(seen.at for seen in web.requests(site=site)) - began for site in good]
    return Half(statistics.median(ends), max(ends))


def _fill(web: NewsWeb, database_url: str, sites: Sequence[str], pages: int) -> None:
    with connect(database_url) as connection:
        for site in sites:
            feed = feeds.add(connection, web.site(site).url("/feed.xml"))
            feeds.set_paused(connection, feed.id, paused=True)
            record_entries(connection, feed.id, [_entry(web.site(site).url(f"/{page}")) for page in range(pages)])
        connection.commit()


def _entry(url: str) -> SeenEntry:
    key = canonical_url(url)
    return SeenEntry(url, url, FeedEntry(entry_id=url, link=url, title=url), url, key, site_of(key))


def _fetched(database_url: str) -> int:
    with connect(database_url) as connection:
        row = connection.execute("SELECT count(*) AS number FROM entries WHERE state = 'fetched'").fetchone()
    return int(row["number"]) if row else 0


def _tries(database_url: str, site: str) -> dict[int, int]:
    """Pages of ``site`` by the tries that they have used up."""
    with connect(database_url) as connection:
        query = "SELECT attempts, count(*) AS number FROM entries WHERE site = %s GROUP BY attempts ORDER BY attempts"
        return {row["attempts"]: row["number"] for row in connection.execute(query, [site])}


def _maxima(web: NewsWeb, sites: Sequence[str], *, gives_up: float | None = None) -> Maxima:
    """``gives_up``: after so many seconds the fetcher hangs up on a site that does not answer, which the web, still
    busy with not answering, does not notice.
    """
    arrivals = {site: sorted(seen.at for seen in web.requests(site=site)) for site in sites}
    gaps = sorted(after - before for times in arrivals.values() for before, after in pairwise(times))
    at_once = {site: _at_once(web.requests(site=site), gives_up) for site in sites}
    return Maxima(
        sites=len(sites),
        requests=max(map(len, arrivals.values())),
        at_once=max(at_once.values()),
        in_a_second=max(_most_within(1.0, times) for times in arrivals.values()),
        in_ten_seconds=max(_most_within(10.0, times) for times in arrivals.values()),
        least_gap=gaps[0] if gaps else float("inf"),
        first_percent_gap=gaps[len(gaps) // 100] if gaps else float("inf"),
    )


def _at_once(requests: Sequence[Seen], gives_up: float | None) -> int:
    if gives_up is None:
        return max((seen.in_flight for seen in requests), default=0)
    # Less than that: the first may arrive late, and the next one leaves when it is given up. robots.txt is answered.
    return _most_within(0.6 * gives_up, sorted(seen.at for seen in requests if seen.path != "/robots.txt"))


def _most_within(seconds: float, times: Sequence[float]) -> int:
    """The most of the sorted ``times`` that lie within any window of so many seconds."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


@contextmanager
def _workers(environment: dict[str, str], *workers: tuple[str, ...]) -> Iterator[None]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")} | environment
    processes = [
        subprocess.Popen([sys.executable, "-m", "wiredesk", "worker", *arguments], env=own)  # noqa: S603 - ourselves
        for arguments in workers
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + GIVE_UP_SECONDS
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {GIVE_UP_SECONDS:g} s: {what}")
        time.sleep(0.2)


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
