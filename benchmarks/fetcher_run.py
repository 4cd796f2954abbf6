"""One run of the fetcher's benchmark: engines, a web, a scheduler and a fetcher process, and what it all came to."""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from benchmarks.backlog import list_pages
from benchmarks.fetcher_web import ask, serving
from benchmarks.processes import cpu_seconds, rss_mib, workers
from shared import queues
from shared.database import connect
from shared.engines import Engines, open_engines
from shared.records import FeedEntry
from shared.settings import Settings

BODIES = 150
SUMMARY = "<p>What the feed says of the page: a sentence, and another one that tells a little more.</p>" * 3
WINDOW_SECONDS = 2.0
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Result:
    """The figures of one run. ``cpu_ms``: by process, for each page."""

    concurrency: int
    pages: int
    kib: float
    seconds: float
    pages_per_second: float
    windows: list[float]
    most_in_flight: int
    median_in_flight: float
    cpu_ms: dict[str, float]
    rss_mib: list[float]
    left: dict[str, int]


def page_bodies(folder: Path) -> list[bytes]:
    """Pages of the sizes that pages have."""
    files = sorted(folder.glob("*/*.html.gz"))
    if not files:
        words = " ".join(f"word{number % 7919} of" for number in range(9000))
        return [f"<html><body><h1>Page {number}</h1><p>{words}</p></body></html>".encode() for number in range(8)]
    # Evenly from the smallest to the largest.
    by_size = sorted(files, key=lambda path: path.stat().st_size)
    return [gzip.decompress(path.read_bytes()) for path in by_size[:: max(1, len(by_size) // BODIES)]]


def measure(folder: Path, bodies: Sequence[bytes], concurrency: int, options: argparse.Namespace) -> Result:
    """One run, with engines of its own in ``folder``."""
    # Nothing parses: the queue of parses fills, and must neither stop the scheduler nor run out of time.
    environment = {
        "WIREDESK_DATA": str(folder),
        "WIREDESK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "WIREDESK_SITE_INTERVAL_SECONDS": "0",
        "WIREDESK_QUEUE_LIMIT": str(10 * options.pages),
        "WIREDESK_PARSE_LEASE_SECONDS": "86400",
        "WIREDESK_LOG_LEVEL": "WARNING",
    }
    with (
        open_engines(Settings(data=folder)) as engines,
        serving(bodies, options.sites, options.latency) as web,
    ):
        fill(engines, ask(web, "url"), sites=options.sites, pages=options.pages)
        environment |= {"WIREDESK_REDIS_URL": engines.redis_url, "WIREDESK_DATABASE_URL": engines.database_url}
        fetching = ("fetcher", "--concurrency", str(concurrency))
        with workers({**os.environ, **environment}, fetching, ("scheduler",)) as (fetcher, scheduler):
            pids = {
                "fetcher": [fetcher],
                "scheduler": [scheduler],
                "valkey": [_valkey_pid(engines)],
                "postgresql": [int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])],
                "web": [ask(web, "pid")],
            }
            return _watch(web, pids, engines, bodies, concurrency, options.pages)


def _watch(
    web: Pipe, pids: dict[str, list[int]], engines: Engines, bodies: Sequence[bytes], concurrency: int, pages: int
) -> Result:
    _until(web, pages // 10)
    begin, done, before = time.monotonic(), ask(web, "done"), cpu_seconds(pids)
    windows, rss, last, stalled = [], [], done, 0
    while last < pages * 9 // 10 and stalled < PATIENCE_SECONDS / WINDOW_SECONDS:
        at = time.monotonic()
        time.sleep(WINDOW_SECONDS)  # one window, whatever comes in
        now = ask(web, "done")
        windows.append((now - last) / (time.monotonic() - at))
        rss.append(rss_mib(pids["fetcher"][0]))
        stalled = 0 if now > last else stalled + 1
        last = now
    seconds = time.monotonic() - begin
    fetched = ask(web, "done") - done
    if not fetched:
        raise SystemExit(f"nothing was fetched in {seconds:.0f} s: {_outcomes(engines)}")
    after = cpu_seconds(pids)
    most, median = ask(web, "in_flight", begin, begin + seconds)
    _until(web, pages)
    time.sleep(1.0)  # the last pages are answered, and still to be recorded
    return Result(
        concurrency=concurrency,
        pages=fetched,
        kib=sum(map(len, bodies)) / len(bodies) / 1024,
        seconds=seconds,
        pages_per_second=statistics.median(windows),
        windows=windows,
        most_in_flight=most,
        median_in_flight=median,
        cpu_ms={name: (after[name] - before[name]) / fetched * 1000 for name in pids},
        rss_mib=rss,
        left=_outcomes(engines),
    )


def fill(engines: Engines, address: str, *, sites: int, pages: int) -> None:
    """A paused feed for each site, and the entries that it listed, all of them due."""
    with connect(engines.database_url) as connection:
        for number in range(sites):
            base = address.replace("//SITE.", f"//paper{number}.")
            listed = [_entry(f"{base}/{page}.html") for page in range(number, pages, sites)]
            list_pages(connection, f"{base}/feed.xml", listed, title=f"Paper {number}")
        connection.commit()
        connection.execute("ANALYZE")


def _entry(url: str) -> FeedEntry:
    title = f"A headline of the usual length for the page at {url[-20:]}"
    return FeedEntry(entry_id=url, link=url, title=title, summary=SUMMARY)


def _until(web: Pipe, pages: int) -> None:
    """Wait until the web has answered for so many pages, or for none in a long time."""
    last, since = -1, time.monotonic()
    while (done := ask(web, "done")) < pages and time.monotonic() - since < PATIENCE_SECONDS:
        if done != last:
            last, since = done, time.monotonic()
        time.sleep(0.2)  # each question takes the web's time, and its CPU


def _valkey_pid(engines: Engines) -> int:
    with queues.connect(engines.redis_url) as client:
        return int(client.info("server")["process_id"])


def _outcomes(engines: Engines) -> dict[str, int]:
    with connect(engines.database_url) as connection:
        rows = connection.execute(
            "SELECT CASE WHEN reason IS NULL THEN state ELSE state || ': ' || reason END AS what, count(*) AS number"
            " FROM entries GROUP BY what ORDER BY number DESC"
        )
        return {row["what"]: row["number"] for row in rows}
