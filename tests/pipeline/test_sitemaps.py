"""A sitemap index as a source of the command line: what becomes of it, and what is written back."""

from __future__ import annotations

from datetime import UTC, datetime

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
