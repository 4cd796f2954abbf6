"""Feeds that are one although no redirect says so, and feeds that an operator keeps apart."""

from __future__ import annotations

from tests.services.fetcher.conftest import Fetching
from tests.services.fetcher.moving_feeds import (
    alias,
    books_balance,
    entries,
    feed_of,
    hours_pass,
    moved_feed,
    poll_at_once,
    poll_over,
    same_feed,
    same_twice,
    twins,
)
from wiredesk.sources import add_sources
from wiredesk.testweb import Channel, Item, NewsWeb


def test_two_feeds_that_deliver_the_same_documents_are_one(fetching: Fetching, web: NewsWeb) -> None:
    first, second = twins(fetching, web.site("paper"))
    told = "SELECT count(*) AS n FROM feed_polls WHERE feed_id = %s AND detail LIKE %s"
    assert fetching.one(told, second, f"the same 3 documents as feed {first} (%: merged into that one") == {"n": 1}
    assert fetching.feed(second)["same_as"] == first
    assert fetching.feed(first)["same_as"] is None
    same_feed(web.site("paper"), "/a", numbers=(1, 2, 3, 4, 5, 6))
    assert fetching.poll(first).startswith("changed: 1 of 6 entries new")
    assert books_balance(fetching)


def test_a_file_that_never_changes_may_lie_in_two_places(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    first, second = same_twice(fetching, site, numbers=(1, 2))
    for _ in range(6):
        for feed_id in (first, second):
            fetching.poll(feed_id)
        hours_pass(fetching, 24)
    assert (fetching.feed(first)["status"], fetching.feed(second)["status"]) == ("active", "active")
    assert fetching.feed(second)["twin"]["count"] == 6


def test_feeds_without_entries_are_no_twins(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    first, second = same_twice(fetching, site, numbers=())
    for feed_id in (first, second, first, second):
        fetching.poll(feed_id)
    assert (fetching.feed(first)["twin"], fetching.feed(second)["twin"]) == (None, None)


def test_the_same_document_on_two_sites_is_a_copy_and_no_twin(fetching: Fetching, web: NewsWeb) -> None:
    for name in ("paper", "mirror"):
        channel = Channel(title="Paper", site_url="https://paper.example/", feed_url="https://paper.example/rss")
        one = [Item(link="https://paper.example/1", title="One")]
        fetching.poll(fetching.add_feed(web.site(name).feed("/rss", one, channel=channel)))
    assert fetching.one("SELECT count(twin) AS n FROM feeds")["n"] == 0


def test_feeds_of_one_site_that_part_ways_were_no_twins(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    first, second = same_twice(fetching, site, numbers=(1, 2))
    fetching.poll(first)
    fetching.poll(second)
    assert fetching.feed(second)["twin"]["feed"] == first
    feed_of(site, "/a", numbers=(1, 5))
    feed_of(site, "/b", numbers=(2, 6))
    for feed_id in (first, second):
        fetching.poll(feed_id)
    assert fetching.feed(second)["twin"] is None


def test_a_twin_that_was_not_polled_since_the_feed_changed_may_still_be_one(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    first, second = same_twice(fetching, site, numbers=(1, 2))
    fetching.poll(first)
    fetching.poll(second)
    for number in (3, 4):
        same_feed(site, "/a", "/b", numbers=(number,))
        fetching.poll(second)
    assert fetching.feed(second)["twin"]["count"] == 1
    fetching.poll(first)
    fetching.poll(second)
    assert fetching.feed(first)["twin"]["feed"] == second
    assert fetching.feed(second)["twin"]["feed"] == first


def test_twins_that_are_polled_at_once_become_one_and_never_wait_for_each_other(
    fetching: Fetching, web: NewsWeb
) -> None:
    ripe = """
        UPDATE feeds SET twin = jsonb_build_object('feed', %s::bigint, 'count', 3, 'documents', 2, 'sha256', 'x',
            'first_at', now() - interval '2 days', 'last_at', now()) WHERE id = %s RETURNING id
    """
    for turn in range(10):
        site = web.site(f"paper{turn}")
        first, second = same_twice(fetching, site, numbers=range(40))
        for feed_id in (first, second):
            fetching.poll(feed_id)
        fetching.one(ripe, second, first)
        fetching.one(ripe, first, second)
        same_feed(site, "/a", numbers=range(80))
        same_feed(site, "/b", numbers=range(79, -1, -1))
        poll_at_once(fetching, first, second)
        assert (fetching.feed(first)["status"], fetching.feed(first)["same_as"]) == ("active", None)
        assert (fetching.feed(second)["status"], fetching.feed(second)["same_as"]) == ("removed", first)
        fetching.poll(first)
        assert entries(fetching) == 80 * (turn + 1)
        seen = fetching.one("SELECT count(*) AS n FROM sightings WHERE feed_id = %s", first)
        assert seen["n"] == 80
    assert books_balance(fetching)


def separate(fetching: Fetching, url: str) -> int:
    with fetching.context.database.transaction() as connection:
        (added,), errors = add_sources(connection, [url], separate=True)
    assert errors == []
    return added.id


def test_twins_that_are_none_are_parted_and_never_made_one_again(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    first, second = twins(fetching, site)
    assert separate(fetching, site.url("/b")) == second
    row = fetching.feed(second)
    assert (row["status"], row["same_as"], row["url_key"]) == ("active", None, site.url("/b"))
    assert alias(fetching, site.url("/b")) is None
    for number in range(20, 25):
        same_feed(site, "/a", "/b", numbers=(number, number + 1))
        for feed_id in (first, second):
            fetching.poll(feed_id)
        hours_pass(fetching, 13)
    assert [fetching.feed(feed_id)["status"] for feed_id in (first, second)] == ["active", "active"]
    # Nor by a redirect.
    same_feed(site, "/a", numbers=(25, 26))
    site.redirect("/b", "/a")
    assert f"that is feed {first}, from which this one is kept apart" in poll_over(fetching, second, hours=50, times=4)
    assert fetching.feed(second)["status"] == "active"
    assert books_balance(fetching)


def test_an_address_that_was_left_by_mistake_becomes_a_feed_of_its_own(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    moved, old = moved_feed(fetching, site)
    own = separate(fetching, old)
    assert own != moved
    assert alias(fetching, old) is None
    assert "from which this one is kept apart" in poll_over(fetching, own, hours=50, times=4)
    feed_of(site, "/rss", numbers=(7, 8))
    assert fetching.poll(own).startswith("changed: all 2 entries are new")
    assert (fetching.feed(own)["url"], fetching.feed(moved)["status"]) == (old, "active")


def test_an_address_that_no_feed_has_left_is_added_as_any(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    url = feed_of(site)
    feed_id = separate(fetching, url)
    assert separate(fetching, url) == feed_id
    assert fetching.feed(feed_id)["twin"] is None
