"""``wiredesk feeds check``, ``feeds list --health`` and ``feeds show``, as a person runs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.pipeline.desk import Desk
from wiredesk.testweb import Item, NewsWeb, Site


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb() as opened:
        yield opened


@pytest.fixture
def site(web: NewsWeb) -> Site:
    return web.site("gazette")


def feed(site: Site, articles: int = 3) -> str:
    items = [
        Item(link=site.url(f"/{n}.html"), title=f"Item {n}", entry_id=str(n), published=datetime.now(UTC))
        for n in range(articles)
    ]
    return site.feed("/feed.xml", items)


def test_a_feed_is_looked_at_without_any_engine(site: Site, tmp_path: Path) -> None:
    url = feed(site)
    found = Desk(tmp_path / "data").json("feeds", "check", url)
    assert found["ok"]
    assert (found["feed"]["format"], len(found["entries"]), found["response"]["status"]) == ("rss20", 3, 200)
    assert {"level": "good", "text": "answers 304 when nothing has changed"} in found["findings"]
    assert "3 of 3 entries new" in found["next_poll"]["why"]
    assert not (tmp_path / "data").exists()


def test_a_page_leads_to_the_feed_that_it_names(site: Site, tmp_path: Path) -> None:
    url = feed(site)
    site.page("/", f'<html><head><link rel="alternate" type="application/rss+xml" href="{url}"></head></html>')
    done = Desk(tmp_path / "data").run("feeds", "check", site.url("/"))
    assert done.returncode == 0
    assert f"is a web page: looking at its feed, {url}" in done.stderr
    assert url in done.stdout
    assert "Item 2" in done.stdout


def test_what_is_no_feed_ends_with_one_and_says_why(site: Site, tmp_path: Path) -> None:
    done = Desk(tmp_path / "data").run("feeds", "check", site.url("/nothing"))
    assert done.returncode == 1
    assert "http_404" in done.stdout


@pytest.mark.parametrize("source", ["nothing", "7", "ftp://paper.example/feed"])
def test_what_can_not_be_asked_is_one_clear_line(tmp_path: Path, source: str) -> None:
    done = Desk(tmp_path / "data").run("feeds", "check", source)
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_a_feed_of_the_registry_is_judged_by_what_it_has_shown(site: Site, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    url = feed(site)
    assert desk.run("run", "--once", url).returncode == 0
    (before,) = desk.lines("feeds", "list")
    found = desk.json("feeds", "check", str(before["id"]))
    assert "0 of 3 entries new" in found["next_poll"]["why"]
    (after,) = desk.lines("feeds", "list")
    assert after["next_poll_at"] == before["next_poll_at"], "looking at a feed changes nothing"
    shown = desk.run("feeds", "show", url).stdout
    assert "ok: 3 new in 1 poll of the last 7 days" in shown
    listed = desk.run("feeds", "list", "--health").stdout
    assert "3 new in 1 poll of the last 7 days" in listed
    assert desk.lines("feeds", "list", "--state", "failing") == []
    wrong = desk.run("feeds", "list", "--state", "happy")
    assert (wrong.returncode, "no health happy" in wrong.stderr) == (1, True)


def test_a_page_that_only_links_to_its_feed_leads_there_too(site: Site, tmp_path: Path) -> None:
    url = feed(site)
    site.page("/", '<html><body><footer><a href="/feed.xml">RSS</a></footer></body></html>')
    found = Desk(tmp_path / "data").json("feeds", "check", site.url("/"))
    assert (found["ok"], found["url"]) == (True, url)


def test_a_feed_at_a_well_known_place_is_found_as_a_poll_finds_it(site: Site, tmp_path: Path) -> None:
    url = site.feed("/rss.xml", [Item(link=site.url("/1.html"), title="Item", entry_id="1")])
    site.page("/", "<html><body><p>Nothing about feeds here.</p></body></html>")
    found = Desk(tmp_path / "data", WIREDESK_SITE_INTERVAL_SECONDS="0.01").json("feeds", "check", site.url("/"))
    assert (found["ok"], found["url"]) == (True, url)


def test_a_page_without_any_feed_says_what_was_tried(site: Site, tmp_path: Path) -> None:
    site.page("/", "<html><body><p>Nothing about feeds here.</p></body></html>")
    done = Desk(tmp_path / "data").run("feeds", "check", site.url("/"))
    assert done.returncode == 1
    assert "which names no feed; tried /feed: http_404, /rss: http_404" in " ".join(done.stdout.split())


def test_a_large_sitemap_is_read_as_a_poll_reads_it(site: Site, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    items = [Item(link=site.url(f"/{number}/{'x' * 900}"), updated=now) for number in range(60)]
    old = Item(link=site.url("/old"), updated=now - timedelta(days=400))
    url = site.sitemap("/map.xml", [*items, old])
    found = Desk(tmp_path / "data", WIREDESK_FEED_MAX_BYTES="20000").json("feeds", "check", url)
    assert (found["ok"], found["feed"]["format"], found["feed"]["entries"]) == (True, "sitemap", 60)


def test_a_site_is_asked_under_the_name_that_it_was_promised(web: NewsWeb, site: Site, tmp_path: Path) -> None:
    url = feed(site)
    rules = tmp_path / "sites.toml"
    rules.write_text('["gazette.localhost"]\nuser_agent = "Promised/1.0"\n')
    desk = Desk(tmp_path / "data", WIREDESK_SITES_FILE=str(rules))
    assert desk.json("feeds", "check", url)["ok"]
    assert {request.headers["user-agent"] for request in web.requests(path="/feed.xml")} == {"Promised/1.0"}
