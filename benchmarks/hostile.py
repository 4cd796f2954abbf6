"""What the worst inputs cost: ``python -m benchmarks.hostile [--json FILE] [--only WORD]``.

Each input is read in a process of its own, which says what became of it, at what time and CPU, and by how much its
resident memory grew at the most (the input itself was there before). Limits: a document takes 2 s of CPU and 200 MB,
a page that is parsed for its article 5 s and 512 MiB, a compression bomb of 1 GiB 64 MiB, and no site holds a request
longer than the deadline, which here is 3 s instead of a minute. Exit code 1 where one is exceeded.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import hostile_documents, hostile_pages, hostile_site
from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import read_feed, read_page
from services.parser import extract
from shared.errors import FetchError, UsageError
from shared.http import GuardedClient
from shared.opml import read_opml
from shared.records import Article
from shared.robots import RobotsRules
from shared.settings import Settings

DOCUMENT_SECONDS = 2.0
DOCUMENT_MIB = 200e6 / 2**20
PAGE_SECONDS = 5.0
PAGE_MIB = 512.0
BOMB_MIB = 64.0
DEADLINE_SECONDS = 3.0
PATIENCE_SECONDS = 120.0
PAGE_BYTES = 10 * 2**20
AGENT = "Wiredesk/0.1"


@dataclass(frozen=True)
class Cost:
    """What one input came to."""

    outcome: str
    seconds: float
    cpu_seconds: float
    mib: float


@dataclass(frozen=True)
class Case:
    """One input; ``prepare`` makes it and returns what is then measured. ``seconds``: of CPU, or for a site of time."""

    kind: str
    name: str
    prepare: Callable[[], Callable[[], str]]
    seconds: float
    mib: float

    @property
    def key(self) -> str:
        """What it is called on the command line."""
        return f"{self.kind}: {self.name}"

    def is_within(self, cost: Cost, *, patience: float = 1.0) -> bool:
        """Whether ``cost`` is within the limits; ``patience`` is how much slower a busy machine may be."""
        took = cost.seconds if self.kind == "site" else cost.cpu_seconds
        return cost.mib <= self.mib and took <= self.seconds * patience and not cost.outcome.startswith("FAILED")


def _feed(make: Callable[[], bytes]) -> Callable[[], str]:
    body = make()

    def read() -> str:
        if body.startswith(b"<html>"):
            page = read_page(body, "https://paper.example/")
            return f"names {len(page.named)} feeds" if page else "no page"
        try:
            feed = read_feed(body, url="https://paper.example/feed", max_entries=Settings().feed_max_entries)
        except NotAFeedError as error:
            return f"refused: {error}"
        return f"{len(feed.entries):,} entries, {feed.skipped:,} skipped"

    return read


def _page(make: Callable[[], bytes]) -> Callable[[], str]:
    body = make()
    # What is loaded once a process belongs to no page.
    extract(hostile_pages.page(b""))

    def read() -> str:
        found = extract(body, url="https://paper.example/2026/the-ferry-is-back.html")
        if isinstance(found, Article):
            return f"{found.word_count:,} words of the {found.content_source}"
        return f"refused: {found.reason}: {found.detail}"

    return read


def _list(make: Callable[[], bytes]) -> Callable[[], str]:
    body = make()

    def read() -> str:
        try:
            return f"{len(read_opml(body)):,} feeds"
        except UsageError as error:
            return f"refused: {error}"

    return read


def _robots(make: Callable[[], bytes]) -> Callable[[], str]:
    text = make().decode()

    def read() -> str:
        rules = RobotsRules.parse(text, 200)
        address = f"https://paper.example/{'a' * 1000}?b"
        return f"allowed: {rules.decision(address, AGENT).allowed}, delay {rules.crawl_delay(AGENT)}"

    return read


def _site(attack: str) -> Callable[[], str]:
    ours, its = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    context.Process(target=hostile_site.serve, args=(its, attack), daemon=True).start()
    url = f"http://127.0.0.1:{ours.recv()}/{attack}/a"
    settings = Settings(
        allowed_networks="127.0.0.0/8", deadline_seconds=DEADLINE_SECONDS, read_timeout_seconds=DEADLINE_SECONDS - 1
    )
    client = GuardedClient(settings)

    def ask() -> str:
        try:
            response = client.get(url, max_bytes=PAGE_BYTES)
        except FetchError as error:
            return f"refused: {error.reason}"
        finally:
            ours.close()
        return f"{len(response.body):,} bytes{', truncated' if response.truncated else ''}"

    return ask


def cases() -> list[Case]:
    """All of them."""
    documents = (DOCUMENT_SECONDS, DOCUMENT_MIB)
    return [
        *(Case("feed", name, partial(_feed, make), *documents) for name, make in hostile_documents.FEEDS.items()),
        *(Case("sitemap", name, partial(_feed, make), *documents) for name, make in hostile_documents.SITEMAPS.items()),
        *(
            Case("page", name, partial(_page, make), PAGE_SECONDS, PAGE_MIB)
            for name, make in hostile_pages.PAGES.items()
        ),
        *(Case("list", name, partial(_list, make), *documents) for name, make in hostile_documents.LISTS.items()),
        *(
            Case("robots.txt", name, partial(_robots, make), *documents)
            for name, make in hostile_documents.ROBOTS.items()
        ),
        *(Case("site", name, partial(_site, name), DEADLINE_SECONDS + 1.0, BOMB_MIB) for name in hostile_site.ATTACKS),
    ]


def measure(case: Case) -> Cost:
    """Prepare ``case`` and read it, here and now. Only for a process that does nothing else: growth is measured."""
    run = case.prepare()
    # Linux: the high-water mark begins anew.
    Path("/proc/self/clear_refs").write_text("5")
    before, began, cpu = _memory("VmRSS"), time.monotonic(), time.process_time()
    outcome = run()
    seconds, cpu_seconds = time.monotonic() - began, time.process_time() - cpu
    return Cost(outcome, seconds, cpu_seconds, _memory("VmHWM") - before)


def measure_apart(case: Case) -> Cost:
    """:func:`measure` in a process of its own."""
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", "benchmarks.hostile", "--case", case.key],
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Cost("FAILED: no end", PATIENCE_SECONDS, PATIENCE_SECONDS, float("nan"))
    if done.returncode:
        return Cost(f"FAILED: {(done.stderr.strip().splitlines() or ['ended'])[-1]}", 0.0, 0.0, float("nan"))
    return Cost(**json.loads(done.stdout))


def _memory(field: str) -> float:
    found = re.search(rf"{field}:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORD", help="inputs whose name has this in it")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args()
    wanted = [case for case in cases() if options.only in case.key]
    if options.case:
        sys.stdout.write(json.dumps(asdict(measure(next(case for case in wanted if case.key == options.case)))))
        return 0
    costs = [(case, measure_apart(case)) for case in wanted]
    Console(width=140).print(_table(costs))
    if options.json:
        options.json.write_text(json.dumps({case.key: asdict(cost) for case, cost in costs}, indent=1) + "\n")
    return int(not all(case.is_within(cost) for case, cost in costs))


def _table(costs: list[tuple[Case, Cost]]) -> Table:
    table = Table("", "input", "outcome", "s", "CPU s", "MiB", "limits", "")
    for case, cost in costs:
        table.add_row(
            case.kind,
            case.name,
            cost.outcome[:60],
            f"{cost.seconds:.2f}",
            f"{cost.cpu_seconds:.2f}",
            f"{cost.mib:.0f}",
            f"{case.seconds:.0f} s, {case.mib:.0f} MiB",
            "" if case.is_within(cost) else "EXCEEDED",
        )
    return table


if __name__ == "__main__":
    raise SystemExit(main())
