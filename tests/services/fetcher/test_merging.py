"""A feed that moves to where another one is: through the real engines and a web that redirects."""

from __future__ import annotations

from shared.ledger import feeds
from shared.reading.feeds import resolve_feed
from tests.services.fetcher.conftest import Fetching
from tests.services.fetcher.moving_feeds import books_balance, entries, feed_of, items, poll_at_once, poll_over, twins
from wiredesk.testweb import NewsWeb


def test_a_feed_that_moves_to_where_another_is_becomes_that_one_and_nothing_comes_back_as_new(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("paper")
    there = fetching.add_polled(feed_of(site, "/feed.xml", numbers=(4, 5)))
    old = feed_of(site, "/rss", numbers=(1, 2, 3))
    moving = fetching.add_polled(old)
    site.redirect("/rss", "/feed.xml")
    told = poll_over(fetching, moving, hours=50, times=3)
    assert f"merged into feed {there}, which is there" in told
    row = fetching.feed(moving)
    assert (row["status"], row["same_as"], row["url"]) == ("removed", there, old)
    assert fetching.feed(there)["wait"].total_seconds() <= 0
    feed_of(site, "/feed.xml", numbers=(1, 2, 3, 4, 5))
    assert fetching.poll(there).startswith("changed: 0 of 5 entries new")
    assert entries(fetching) == 5
    with fetching.context.database.transaction() as connection:
        assert feeds.add(connection, old).id == there
        assert resolve_feed(connection, old) == there
    assert books_balance(fetching)


def test_a_feed_known_with_and_without_www_is_one_as_soon_as_it_redirects(fetching: Fetching, web: NewsWeb) -> None:
    there = fetching.add_feed(feed_of(web.site("www.paper"), "/rss"))
    old = fetching.add_feed(web.site("paper").redirect("/rss", web.site("www.paper").url("/rss")))
    assert f"merged into feed {there}" in fetching.poll(old)
    assert (fetching.feed(old)["status"], fetching.feed(there)["status"]) == ("removed", "active")


def test_a_feed_that_moves_onto_a_paused_one_stays(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    paused = fetching.add_feed(feed_of(site))
    with fetching.context.database.transaction() as connection:
        feeds.set_paused(connection, paused, paused=True)
    moving = fetching.add_feed(site.redirect("/rss", "/feed.xml"))
    assert f"that is feed {paused}, which is paused" in poll_over(fetching, moving, hours=50, times=3)
    assert (fetching.feed(moving)["status"], fetching.feed(paused)["status"]) == ("active", "paused")


def test_a_feed_that_moves_onto_a_removed_one_takes_its_place_and_remembers_for_it(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("paper")
    new = feed_of(site, numbers=(1, 2, 3, 4))
    removed = fetching.add_polled(new)
    with fetching.context.database.transaction() as connection:
        feeds.remove(connection, removed)
    feed_of(site, numbers=(3, 4))
    moving = fetching.add_feed(site.redirect("/rss", "/feed.xml"))
    poll_over(fetching, moving, hours=50, times=3)
    assert (fetching.feed(moving)["url"], fetching.feed(removed)["same_as"]) == (new, moving)
    feed_of(site, numbers=(1, 2, 3, 4))
    assert fetching.poll(moving).startswith("changed: 0 of 4 entries new")
    with fetching.context.database.transaction() as connection:
        assert feeds.add(connection, new).id == moving


def test_a_feed_that_moves_to_where_a_merged_one_was_takes_that_address(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    stays, goes = twins(fetching, site)
    new = feed_of(site, "/b", numbers=(5,))
    site.redirect("/a", "/b")
    poll_over(fetching, stays, hours=50, times=3)
    assert fetching.feed(stays)["url"] == new
    assert fetching.feed(goes)["same_as"] == stays


def test_a_feed_that_is_polled_while_another_moves_to_it_loses_nothing(fetching: Fetching, web: NewsWeb) -> None:
    for turn in range(10):
        site, www = web.site(f"paper{turn}"), web.site(f"www.paper{turn}")
        there = fetching.add_feed(www.feed("/rss", items(site, *range(40))))
        moving = fetching.add_polled(site.feed("/rss", items(site, *range(20, 60))))
        site.redirect("/rss", www.url("/rss"))
        poll_at_once(fetching, moving, there)
        assert (fetching.feed(moving)["same_as"], fetching.feed(there)["status"]) == (there, "active")
        www.feed("/rss", items(site, *range(60)))
        assert fetching.poll(there).startswith("changed: 0 of 60 entries new")
        assert entries(fetching) == 60 * (turn + 1)
    assert books_balance(fetching)
