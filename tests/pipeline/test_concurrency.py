"""Many sites at once, each within its budget."""

from __future__ import annotations

from tests.pipeline.desk import Desk, paper
from wiredesk.testweb import NewsWeb

SITES = 20
PAGES = 10


def test_two_hundred_pages_on_twenty_slow_sites_are_fetched_side_by_side(desk: Desk, web: NewsWeb) -> None:
    feeds = [paper(web.site(f"paper{number}"), PAGES) for number in range(SITES)]
    for number in range(SITES):
        web.site(f"paper{number}").delay(0.3)
    summary = desk.json("run", "--once", *feeds)
    assert summary["indexed"] == SITES * PAGES
    # One after another they would take 60 s; what counts is how many were in flight, not how fast this machine is.
    assert web.most_in_flight() >= SITES // 2
    assert all(web.most_in_flight(f"paper{number}") <= 2 for number in range(SITES))


def test_no_site_is_asked_faster_than_its_interval(desk: Desk, web: NewsWeb) -> None:
    desk.environment["WIREDESK_SITE_INTERVAL_SECONDS"] = "0.3"
    feeds = [paper(web.site("one"), 6), paper(web.site("one"), 6, feed="/again.xml"), paper(web.site("two"), 6)]
    summary = desk.json("run", "--once", *feeds)
    assert summary["indexed"] == 12
    # Kept by Valkey's clock before a request leaves: a busy machine may deliver one late, and the next on time.
    assert web.least_gap("one") > 0.2
    assert web.least_gap("two") > 0.2
