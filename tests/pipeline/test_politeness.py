"""Four fetcher processes and fifty sites: none is sent more than its budget, measured at the site, and two bad ones
cost the others no time. A larger run, with the figures as a table: ``python -m benchmarks.politeness``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.politeness import show
from benchmarks.politeness_run import Plan, measure
from shared.politeness import FAILURES_TO_OPEN, FIRST_OPEN_SECONDS
from tests.pipeline.desk import Desk
from wiredesk.testweb import NewsWeb

PLAN = Plan(pages=5, bad_pages=20)


def test_no_site_is_sent_more_than_its_budget_and_none_waits_for_another(
    web: NewsWeb, tmp_path: Path, redis_url: str, database_url: str
) -> None:
    outcome = measure(web, PLAN, tmp_path, redis_url=redis_url, database_url=database_url)
    show(outcome)

    assert outcome.fetched == 2 * PLAN.good * PLAN.pages
    for most in (outcome.good, outcome.busy, outcome.hanging):
        assert most.at_once <= PLAN.concurrency
        # Requests leave on time; on a busy machine one or two arrive late, and the next ones then close behind.
        assert most.in_a_second <= PLAN.budget(1) + 2
        assert most.in_ten_seconds <= PLAN.budget(10) + 2
    # They would take three times as long if each waited for the two bad ones once.
    assert outcome.beside.median < 1.5 * outcome.alone.median + 1

    busy, hanging = outcome.states
    assert busy.held_for == "http_429"
    assert outcome.asked_after_429 == 0
    # The breaker let five requests through, and whatever was on its way with the fifth; the other pages lost no try.
    assert (hanging.breaker, hanging.held_for) == ("open", "read_timeout")
    assert 0 < hanging.held_seconds <= FIRST_OPEN_SECONDS
    assert outcome.hanging.requests <= 1 + FAILURES_TO_OPEN + PLAN.concurrency - 1
    assert outcome.tries["hanging"][0] >= PLAN.bad_pages - FAILURES_TO_OPEN - PLAN.concurrency + 1
    assert set(outcome.tries["hanging"]) == {0, 1}


@pytest.mark.parametrize(
    "command", ["worker scheduler", "worker fetcher", "up", "run --once http://a.example/feed.xml"]
)
def test_with_a_mistake_in_the_sites_file_nothing_starts(quick_desk: Desk, tmp_path: Path, command: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_text('["a.example"]\nconcurrency = 0\n')
    quick_desk.environment["WIREDESK_SITES_FILE"] = str(path)
    done = quick_desk.run(*command.split(), timeout=60)
    assert done.returncode == 1
    *_, line = done.stderr.splitlines()
    assert line == (
        f'wiredesk: WIREDESK_SITES_FILE: {path}: ["a.example"] concurrency: must be a whole number from 1 (got 0)'
    )
    assert "Traceback" not in done.stderr
