"""Sitemap indexes: what their parts come to, and how they are polled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.fetcher.parts import Plan, plan_parts
from shared.ledger import feeds
from shared.ledger.sitemaps import MOST_WAITING
from shared.records import FeedEntry
from tests.services.fetcher.conftest import Fetching
from wiredesk.testweb import Item, NewsWeb, Site

NOW = datetime.now(UTC).replace(microsecond=0)
INDEX = "https://www.paper.example/sitemap.xml"


def entry(link: str, changed: datetime | None = None, precision: str = "second") -> FeedEntry:
    return FeedEntry(link=link, updated_at=changed, updated_precision=precision if changed else None)


def planned(*entries: FeedEntry) -> Plan:
    return plan_parts(entries, INDEX, NOW)


def items(site: Site, *names: str) -> list[Item]:
    return [
        Item(link=site.url(f"/{name}"), title=f"About {name}", published=NOW - timedelta(hours=1)) for name in names
    ]


def listed(fetching: Fetching) -> list[str]:
    with fetching.context.database.transaction() as connection:
        rows = connection.execute("SELECT url FROM entries ORDER BY url").fetchall()
    return [row["url"].rpartition("/")[2] for row in rows]


def parts(fetching: Fetching) -> dict[str, int]:
    """The ids of all parts by the name of their file."""
    with fetching.context.database.transaction() as connection:
        rows = connection.execute(
            "SELECT id, url FROM feeds WHERE parent_id IS NOT NULL ORDER BY due_at, id"
        ).fetchall()
    return {row["url"].rpartition("/")[2]: row["id"] for row in rows}


def test_what_changed_last_comes_first_and_what_does_not_say_comes_last() -> None:
    hours = [NOW - timedelta(hours=hour) for hour in range(3)]
    plan = planned(
        entry("https://paper.example/x"),
        entry("https://paper.example/2", hours[2]),
        entry("https://paper.example/0", hours[0]),
        entry("https://paper.example/y"),
        entry("https://paper.example/1", hours[1]),
    )
    assert [part.url.rpartition("/")[2] for part in plan.parts] == ["0", "1", "2", "x", "y"]


def test_parts_of_other_sites_are_refused() -> None:
    plan = planned(
        entry("https://sitemaps.paper.example/1"), entry("https://other.example/2"), entry("mailto:x"), entry(INDEX)
    )
    assert [part.url for part in plan.parts] == ["https://sitemaps.paper.example/1"]
    assert (plan.foreign, plan.nameless) == (1, 1)


def test_a_part_listed_twice_comes_once_with_its_last_change() -> None:
    one = "https://paper.example/1"
    plan = planned(entry(one), entry(f"{one}#x", NOW), entry(one, NOW - timedelta(hours=1)))
    assert [(part.key, part.changed_at) for part in plan.parts] == [(one, NOW)]


def test_a_change_in_the_future_has_been_now_and_a_day_is_no_moment() -> None:
    ahead, day = planned(
        entry("https://paper.example/1", NOW + timedelta(days=9)), entry("https://paper.example/2", NOW, "day")
    ).parts
    assert (ahead.changed_at, day.changed_at) == (NOW, None)


def test_an_index_and_all_its_parts_are_read(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    index_id = fetching.add_feed(
        site.sitemap_index(
            "/sitemap.xml",
            [
                (site.sitemap("/archive.xml.gz", items(site, "c", "d")), NOW - timedelta(days=2)),
                (site.sitemap("/news.xml", items(site, "a"), publication="The Paper"), NOW),
                (site.sitemap("/pages.xml", items(site, "b")), None),
                (site.url("/old.xml"), NOW - timedelta(days=60)),
                (web.site("other").url("/theirs.xml"), NOW),
            ],
        )
    )
    told = fetching.poll(index_id)
    assert told == (
        f"changed: 1 older than {NOW - timedelta(days=30):%Y-%m-%d} skipped; 3 new parts;"
        " 1 part on other sites refused; 1 entries skipped"
    )
    assert fetching.feed(index_id)["format"] == "sitemap-index"
    found = parts(fetching)
    assert list(found) == ["news.xml", "archive.xml.gz", "pages.xml"]
    waits = [fetching.feed(part_id)["wait"].total_seconds() for part_id in found.values()]
    assert [round(wait / 60) for wait in waits] == [0, 1, 2]
    for part_id in found.values():
        assert fetching.poll(part_id).startswith("changed")
    assert listed(fetching) == ["a", "b", "c", "d"]
    assert [fetching.feed(part_id)["format"] for part_id in found.values()] == ["news-sitemap", "sitemap", "sitemap"]
    row = fetching.one("SELECT entries, new_entries FROM feed_polls WHERE feed_id = %s", index_id)
    assert (row["entries"], row["new_entries"]) == (3, 3)


def test_a_part_that_has_changed_since_it_was_read_is_due_again(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    one, two = (site.sitemap(path, items(site, path[1:])) for path in ("/1", "/2"))
    index_id = fetching.add_feed(site.sitemap_index("/sitemap.xml", [(one, NOW - timedelta(days=1)), (two, None)]))
    fetching.poll(index_id)
    for part_id in parts(fetching).values():
        fetching.poll(part_id)
    site.sitemap_index("/sitemap.xml", [(one, datetime.now(UTC) + timedelta(seconds=1)), (two, None)])
    fetching.one("SELECT pg_sleep(0.1)")
    assert "1 part changed since the last read" in fetching.poll(index_id)
    waits = {name: fetching.feed(part_id)["wait"].total_seconds() for name, part_id in parts(fetching).items()}
    assert waits["1"] <= 0
    assert waits["2"] > 60


def test_a_part_that_is_listed_no_more_is_retired_until_it_is(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    one, two = (site.sitemap(path, items(site, path[1:])) for path in ("/1", "/2"))
    index_id = fetching.add_feed(site.sitemap_index("/sitemap.xml", [(one, None), (two, None)]))
    fetching.poll(index_id)
    part_id = parts(fetching)["2"]
    fetching.poll(part_id)
    site.sitemap_index("/sitemap.xml", [(one, None)])
    assert "1 part no longer listed" in fetching.poll(index_id)
    row = fetching.feed(part_id)
    assert (row["status"], row["last_error"]) == ("removed", "its sitemap index does not list it any more")
    site.sitemap_index("/sitemap.xml", [(one, None), (two, NOW)])
    fetching.poll(index_id)
    row = fetching.feed(part_id)
    assert (row["status"], row["last_error"], row["retired"]) == ("active", None, None)


def test_an_index_that_breaks_off_retires_nothing(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    index_id = fetching.add_feed(site.sitemap_index("/sitemap.xml", [(site.url("/1"), None), (site.url("/2"), None)]))
    fetching.poll(index_id)
    site.page("/sitemap.xml", f"<sitemapindex><sitemap><loc>{site.url('/1')}</loc></sitemap><sitemap>")
    assert fetching.poll(index_id).startswith("failed: malformed: a sitemap index beyond repair")
    assert {fetching.feed(part_id)["status"] for part_id in parts(fetching).values()} == {"active"}


def test_an_index_of_indexes_is_read_and_one_below_it_is_not(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    third = site.sitemap_index("/3.xml", [(site.sitemap("/4.xml", items(site, "a")), None)])
    second = site.sitemap_index("/2.xml", [(third, None), (site.sitemap("/leaf.xml", items(site, "b")), None)])
    index_id = fetching.add_feed(site.sitemap_index("/1.xml", [(second, None)]))
    fetching.poll(index_id)
    assert "2 new parts" in fetching.poll(parts(fetching)["2.xml"])
    assert fetching.poll(parts(fetching)["leaf.xml"]).startswith("changed")
    assert fetching.poll(parts(fetching)["3.xml"]) == (
        f"failed: nested_index: {third} is a sitemap index, 2 levels below another one"
    )
    assert "4.xml" not in parts(fetching)


def test_a_huge_index_is_taken_in_bit_by_bit(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    names = [(site.url(f"/{number}.xml"), None) for number in range(MOST_WAITING + 20)]
    index_id = fetching.add_feed(site.sitemap_index("/sitemap.xml", names))
    assert f"{MOST_WAITING} new parts; 20 parts left for later, {MOST_WAITING} are waiting" in fetching.poll(index_id)
    last = fetching.one("SELECT max(due_at) - now() AS wait FROM feeds")["wait"]
    assert last > timedelta(days=5)
    # Unchanged, but not all of it has been taken in.
    assert "20 parts left for later" in fetching.poll(index_id)
    fetching.one(
        "UPDATE feeds SET last_polled_at = now()"
        " WHERE id IN (SELECT id FROM feeds WHERE parent_id IS NOT NULL LIMIT 30) RETURNING id"
    )
    assert "20 new parts" in fetching.poll(index_id)
    assert fetching.poll(index_id).startswith("unchanged")


def test_an_index_whose_parts_have_other_addresses_at_every_look_says_so(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    index_id = fetching.add_feed(site.sitemap_index("/sitemap.xml", [(site.url("/1.xml"), None)]))
    fetching.one(
        """
        INSERT INTO feeds (url, url_key, site, parent_id, status, retired, last_polled_at)
        SELECT n::text, n::text, 'paper.localhost', %s, 'removed', 'delisted', now() FROM generate_series(1, 1001) n
        RETURNING id
        """,
        index_id,
    )
    assert "1 part left for later, 1001 others were polled and listed no more within 7 days" in fetching.poll(index_id)
    assert "1.xml" not in parts(fetching)


def test_parts_have_the_categories_of_their_index(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    with fetching.context.database.transaction() as connection:
        url = site.sitemap_index("/sitemap.xml", [(site.url("/1.xml"), None)])
        index_id = feeds.add(connection, url, categories=["News/Europe"]).id
    fetching.poll(index_id)
    assert fetching.feed(parts(fetching)["1.xml"])["categories"] == ["News/Europe"]


def test_a_part_that_has_brought_nothing_for_half_a_year_is_retired(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    part = site.sitemap("/1.xml", items(site, "a"))
    index_id = fetching.add_feed(site.sitemap_index("/sitemap.xml", [(part, None)]))
    fetching.poll(index_id)
    part_id = parts(fetching)["1.xml"]
    fetching.poll(part_id)
    fetching.one("UPDATE feeds SET added_at = now() - interval '181 days' WHERE id = %s RETURNING id", part_id)
    fetching.poll(part_id)
    assert fetching.feed(part_id)["status"] == "active"
    fetching.one("UPDATE sightings SET discovered_at = now() - interval '181 days' RETURNING feed_id")
    fetching.poll(part_id)
    assert (fetching.feed(part_id)["status"], fetching.feed(part_id)["retired"]) == ("removed", "stale")
    # That it is still listed is no reason to ask it again; that it has changed is.
    site.sitemap_index("/sitemap.xml", [(part, None), (site.url("/2.xml"), None)])
    fetching.poll(index_id)
    assert fetching.feed(part_id)["status"] == "removed"
    site.sitemap_index("/sitemap.xml", [(part, datetime.now(UTC) + timedelta(hours=1))])
    fetching.poll(index_id)
    assert fetching.feed(part_id)["status"] == "active"


def test_a_sitemap_larger_than_a_feed_may_be_is_read_whatever_it_is_called(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    fetching = fetching.with_settings(feed_max_bytes=2048)
    names = [f"{number:04}" for number in range(100)]
    for path, requests in (("/sitemap.xml", 1), ("/all", 2)):
        feed_id = fetching.add_feed(site.sitemap(path, items(site, *names)))
        assert fetching.poll(feed_id).startswith("changed")
        assert len(web.requests(path=path)) == requests
        site.sitemap(path, items(site, *names, "new"))
        assert fetching.poll(feed_id).startswith("changed")
        assert len(web.requests(path=path)) == requests + 1


def test_another_feed_larger_than_a_feed_may_be_is_not_read(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    fetching = fetching.with_settings(feed_max_bytes=2048)
    feed_id = fetching.add_feed(site.feed("/all", items(site, *map(str, range(100)))))
    assert fetching.poll(feed_id).startswith("failed: too_large")
    assert len(web.requests(path="/all")) == 1
