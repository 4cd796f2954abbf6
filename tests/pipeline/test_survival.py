"""Whatever dies in the middle of a run: it finishes all the same, each article once."""

from __future__ import annotations

import os
import signal
import time

from tests.pipeline.desk import Desk, paper, wait_until
from wiredesk.testweb import NewsWeb

SITES = 6
PAGES = 40


def test_killed_workers_and_a_flushed_valkey_lose_nothing(desk: Desk, web: NewsWeb) -> None:
    desk.environment |= {
        "WIREDESK_FETCH_LEASE_SECONDS": "3",
        "WIREDESK_PARSE_LEASE_SECONDS": "3",
        "WIREDESK_DASHBOARD_PORT": "0",
        "WIREDESK_PARSE_ATTEMPTS": "20",
        "WIREDESK_PAGE_ATTEMPTS": "20",
    }
    feeds = [paper(web.site(f"paper{number}"), PAGES) for number in range(SITES)]
    for number in range(SITES):
        web.site(f"paper{number}").delay(0.05)
    desk.start("up")
    wait_until(lambda: desk.pids("worker indexer"), seconds=30, what="the workers are up")
    assert desk.run("feeds", "add", *feeds).returncode == 0

    def indexed() -> int:
        return int(desk.json("status")["entries"]["indexed"])

    for worker in ("fetcher", "parser", "indexer", "scheduler", "fetcher", "parser"):
        before = indexed()
        for pid in desk.pids(f"worker {worker}"):
            os.kill(pid, signal.SIGKILL)
        if worker == "indexer":
            _flush(desk)
        wait_until(lambda before=before: indexed() > before or _done(desk), seconds=60, what=f"life after {worker}")
    _flush(desk)
    wait_until(lambda: _done(desk), seconds=120, what="everything is indexed")

    totals = desk.json("status")["entries"]
    assert totals == {
        "discovered": SITES * PAGES,
        "indexed": SITES * PAGES,
        "duplicate": 0,
        "rejected": 0,
        "failed": 0,
        "pending": 0,
    }
    audit = desk.json("audit")
    assert audit["ok"], audit["problems"]
    events = desk.lines("events")
    assert [event["seq"] for event in events] == list(range(1, SITES * PAGES + 1))
    assert len({event["subject"] for event in events}) == SITES * PAGES
    for number in range(SITES):
        # A download that was killed may be in flight at the site still when it is asked again.
        assert web.most_in_flight(f"paper{number}") <= 4


def _flush(desk: Desk) -> None:
    with desk.valkey() as client:
        client.flushall()
    time.sleep(0.1)


def _done(desk: Desk) -> bool:
    entries = desk.json("status")["entries"]
    return bool(entries["discovered"] == SITES * PAGES and not entries["pending"])
