"""A sitemap index as a source of the command line: what becomes of it, and what is written back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.opml import read_opml
from tests.pipeline.desk import Desk, paper
from wiredesk.testweb import Item, NewsWeb


def test_an_index_becomes_feeds_and_is_exported_as_itself(quick_desk: Desk, web: NewsWeb) -> None:
    site = web.site("paper")
    paper(site, 3)
    parts = [site.sitemap(f"/{name}.xml.gz", [Item(link=site.url("/"))]) for name in ("new", "old")]
    index = site.sitemap_index("/sitemap.xml", [(parts[0], datetime.now(UTC)), (parts[1], None)])
    report = quick_desk.json("run", "--once", index)
    assert report["feeds_failed"] == 0
    feeds = {feed["url"]: feed for feed in quick_desk.lines("feeds", "list")}
    assert set(feeds) == {index, *parts}
    assert [feeds[part]["parent_id"] for part in parts] == [feeds[index]["id"]] * 2
    assert [feed.url for feed in read_opml(quick_desk.run("feeds", "export").stdout.encode())] == [index]
    assert quick_desk.run("feeds", "remove", str(feeds[index]["id"])).returncode == 0
    assert quick_desk.lines("feeds", "list") == []


def test_a_run_over_an_index_brings_the_articles_of_its_parts(quick_desk: Desk, web: NewsWeb) -> None:
    site = web.site("paper")
    paper(site, 3)
    pages = [Item(link=site.url(f"/{number}.html")) for number in range(3)]
    parts = [site.sitemap(f"/{name}.xml", pages) for name in ("new", "old", "older")]
    now = datetime.now(UTC)
    index = site.sitemap_index("/sitemap.xml", [(part, now - timedelta(days=age)) for age, part in enumerate(parts)])
    report = quick_desk.json("run", "--once", index, "--patience", "2")
    assert (report["feeds_ok"], report["feeds_failed"], report["indexed"]) == (2, 0, 3), report
