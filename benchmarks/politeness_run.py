"""One run of the politeness benchmark: what is done, and what the sites were sent while it was."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.backlog import list_pages
from benchmarks.processes import workers
from shared import queues
from shared.database import connect
from shared.politeness import Politeness, SiteState
from shared.records import FeedEntry
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
    own = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")} | environment
    with workers(own, ("scheduler",), *[fetcher] * plan.fetchers), queues.connect(redis_url) as valkey:
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
            urls = [web.site(site).url(f"/{page}") for page in range(pages)]
            listed = [FeedEntry(entry_id=url, link=url, title=url) for url in urls]
            list_pages(connection, web.site(site).url("/feed.xml"), listed)
        connection.commit()


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


def _until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + GIVE_UP_SECONDS
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {GIVE_UP_SECONDS:g} s: {what}")
        time.sleep(0.2)  # each look is one more query for the engines that are measured
