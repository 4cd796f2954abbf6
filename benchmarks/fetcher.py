"""How many pages one fetcher process gets, and at what CPU: ``python -m benchmarks.fetcher [--pages N] [--json FILE]``.

A web of many sites on loopback, in a process of its own, answers real pages (from ``../shared/data/pages``, else
invented ones) gzipped after some latency. Real engines, a ledger full of entries that are due, the real scheduler and
one real fetcher process work on it; nobody parses. Politeness is on, with no time between two requests and two at once
for each site, and so many sites that it is never the limit.

Requests in flight are counted by the web. CPU is that of whole processes between the first and the last tenth of the
pages: what the fetcher, which one GIL serves, spends on a page says what is possible where nobody else uses the cores.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import multiprocessing
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from shared import queues
from shared.database import connect
from shared.engines import Engines, open_engines
from shared.ledger import feeds
from shared.ledger.discovery import SeenEntry, record_entries
from shared.records import FeedEntry
from shared.settings import Settings
from shared.urls import canonical_url, site_of
from wiredesk.testweb import NewsWeb, Seen, document

PAGES = Path(__file__).parent.parent.parent / "shared" / "data" / "pages"
BODIES = 150
SITES = 100
ROBOTS = "User-agent: *\nDisallow: /search\nDisallow: /admin/\nAllow: /search/about\nSitemap: https://x.example/s.xml\n"
SUMMARY = "<p>What the feed says of the page: a sentence, and another one that tells a little more.</p>" * 3
TICKS = os.sysconf("SC_CLK_TCK")
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


def main() -> int:
    """Measure and print; exit code 1 where pages were not fetched."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5000, help="pages a run (default %(default)s)")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[32, 64], help="requests in flight, run by run")
    parser.add_argument("--latency", type=float, default=0.3, help="seconds that sites think (default %(default)s)")
    parser.add_argument("--sites", type=int, default=SITES, help="sites (default %(default)s)")
    parser.add_argument("--data", type=Path, default=PAGES, help="folder with real pages")
    parser.add_argument("--noise", type=float, metavar="MIB", help="instead of pages, so many MiB that do not compress")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    bodies = page_bodies(options.data) if options.noise is None else [os.urandom(round(options.noise * 2**20))]
    results = []
    for concurrency in options.concurrency:
        with tempfile.TemporaryDirectory(prefix="wiredesk-", ignore_cleanup_errors=True) as folder:
            results.append(measure(Path(folder), bodies, concurrency, options))
        Console(width=140).print(_table(results[-1:]))
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
    return int(any(set(result.left) != {"fetched"} for result in results))


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
        fill(engines, _ask(web, "url"), sites=options.sites, pages=options.pages)
        environment |= {"WIREDESK_REDIS_URL": engines.redis_url, "WIREDESK_DATABASE_URL": engines.database_url}
        with (
            running(environment, "fetcher", "--concurrency", str(concurrency)) as fetcher,
            running(environment, "scheduler") as scheduler,
        ):
            pids = {
                "fetcher": [fetcher],
                "scheduler": [scheduler],
                "valkey": [_valkey_pid(engines)],
                "postgresql": [int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])],
                "web": [_ask(web, "pid")],
            }
            return _watch(web, pids, engines, bodies, concurrency, options.pages)


def _watch(
    web: Pipe, pids: dict[str, list[int]], engines: Engines, bodies: Sequence[bytes], concurrency: int, pages: int
) -> Result:
    _until(web, pages // 10)
    begin, done, before = time.monotonic(), _ask(web, "done"), cpu_seconds(pids)
    windows, rss, last, stalled = [], [], done, 0
    while last < pages * 9 // 10 and stalled < PATIENCE_SECONDS / WINDOW_SECONDS:
        at = time.monotonic()
        time.sleep(WINDOW_SECONDS)
        now = _ask(web, "done")
        windows.append((now - last) / (time.monotonic() - at))
        rss.append(rss_mib(pids["fetcher"][0]))
        stalled = 0 if now > last else stalled + 1
        last = now
    seconds = time.monotonic() - begin
    fetched = _ask(web, "done") - done
    if not fetched:
        raise SystemExit(f"nothing was fetched in {seconds:.0f} s: {_outcomes(engines)}")
    after = cpu_seconds(pids)
    most, median = _ask(web, "in_flight", begin, begin + seconds)
    _until(web, pages)
    time.sleep(1.0)
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
            feed = feeds.add(connection, f"{base}/feed.xml", title=f"Paper {number}")
            feeds.set_paused(connection, feed.id, paused=True)
            seen = [_entry(f"{base}/{page}.html") for page in range(number, pages, sites)]
            record_entries(connection, feed.id, seen)
        connection.commit()
        connection.execute("ANALYZE")


def _entry(url: str) -> SeenEntry:
    title = f"A headline of the usual length for the page at {url[-20:]}"
    key = canonical_url(url)
    return SeenEntry(
        url, title, FeedEntry(entry_id=url, link=url, title=title, summary=SUMMARY), url, key, site_of(key)
    )


@contextmanager
def serving(bodies: Sequence[bytes], sites: int, latency: float) -> Iterator[Pipe]:
    """The web, in a process of its own; gives the end of a pipe to ask it by."""
    ours, its = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(its, bodies, sites, latency), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        ours.close()
        process.join(5)
        process.terminate()


def _serve(pipe: Pipe, bodies: Sequence[bytes], sites: int, latency: float) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    said = [document(body, "text/html; charset=utf-8", compress=True) for body in bodies]
    with NewsWeb() as web, contextlib.suppress(EOFError, OSError):
        for number in range(sites):
            site = web.site(f"paper{number}")
            site.robots(ROBOTS)
            site.delay(latency)
            for page in range(100_000 // sites):
                answer = said[(page * sites + number) % len(said)]
                site.answer(f"/{page * sites + number}.html", lambda _, answer=answer: answer)  # type: ignore[misc]
        while True:
            what, *arguments = pipe.recv()
            if what == "url":
                pipe.send(f"http://SITE.{web.suffix}:{web.port}")
            elif what == "pid":
                pipe.send(os.getpid())
            elif what == "done":
                pipe.send(sum(seen.finished_at is not None for seen in _pages(web)))
            else:
                pipe.send(_in_flight(_pages(web), *arguments))


def _pages(web: NewsWeb) -> list[Seen]:
    return [seen for seen in web.log if seen.path.endswith(".html")]


def _in_flight(pages: Sequence[Seen], begin: float, end: float) -> tuple[int, float]:
    """The most requests at once, and the median over the time between ``begin`` and ``end``."""
    changes = sorted([(seen.at, 1) for seen in pages] + [(seen.finished_at or end, -1) for seen in pages])
    lasted: Counter[int] = Counter()
    now, since = 0, begin
    for at, change in changes:
        if begin < at <= end:
            lasted[now] += round((at - since) * 1e6)
            since = at
        now += change
    half, most = sum(lasted.values()) / 2, max(lasted, default=0)
    for count in sorted(lasted):
        half -= lasted[count]
        if half <= 0:
            return most, count
    return most, 0.0


def _ask(web: Pipe, *question: Any) -> Any:  # noqa: ANN401 - what the question is about
    web.send(question)
    return web.recv()


def _until(web: Pipe, pages: int) -> None:
    """Wait until the web has answered for so many pages, or for none in a long time."""
    last, since = -1, time.monotonic()
    while (done := _ask(web, "done")) < pages and time.monotonic() - since < PATIENCE_SECONDS:
        if done != last:
            last, since = done, time.monotonic()
        time.sleep(0.2)


@contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[int]:
    """A worker as containers run it; gives its process id."""
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "wiredesk", "worker", *arguments], env={**os.environ, **environment}
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cpu_seconds(pids: dict[str, list[int]]) -> dict[str, float]:
    """CPU of each group of processes with their children, those that have ended included."""
    stats = {int(path.name): _stat(path) for path in Path("/proc").iterdir() if path.name.isdecimal()}
    return {
        name: sum(
            sum(map(int, fields[11:15])) / TICKS
            for pid, fields in stats.items()
            if fields and (pid in group or int(fields[1]) in group)
        )
        for name, group in pids.items()
    }


def _stat(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def rss_mib(pid: int) -> float:
    """Resident memory."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    if found is None:
        raise SystemExit(f"process {pid} has ended")
    return int(found[1]) / 1024


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


def _table(results: Sequence[Result]) -> Table:
    names = list(results[0].cpu_ms)
    columns = ("at once", "pages", "pages/s", "most", "median", *(f"{name} ms" for name in names), "RSS MiB", "left")
    table = Table(*columns, title=f"one fetcher process, pages of {results[0].kib:.0f} KiB")
    for result in results:
        rss = f"{result.rss_mib[0]:.0f} .. {result.rss_mib[-1]:.0f}" if result.rss_mib else ""
        table.add_row(
            str(result.concurrency),
            str(result.pages),
            f"{result.pages_per_second:.1f}",
            str(result.most_in_flight),
            f"{result.median_in_flight:.0f}",
            *(f"{result.cpu_ms[name]:.1f}" for name in names),
            rss,
            ", ".join(f"{count} {what}" for what, count in result.left.items()),
        )
    return table


if __name__ == "__main__":
    raise SystemExit(main())
