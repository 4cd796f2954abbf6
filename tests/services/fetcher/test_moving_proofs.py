"""What proves that a feed has moved, and that a redirect leads to a parked domain or a stranger instead."""

from __future__ import annotations

from tests.services.fetcher.conftest import Fetching
from tests.services.fetcher.moving_feeds import feed_of, hours_pass, items, moved_feed, poll_over
from wiredesk.testweb import Answer, Item, NewsWeb, Site


def test_a_feed_whose_site_moves_is_followed_because_it_shows_what_it_always_showed(
    fetching: Fetching, web: NewsWeb
) -> None:
    old, new = web.site("paper"), web.site("gazette")
    feed_id = fetching.add_polled(feed_of(old, "/rss"))
    moved = new.feed("/feed", [*items(new, 7, 8), *items(old, 3)])
    old.redirect("/rss", moved)
    poll_over(fetching, feed_id, hours=50, times=3)
    row = fetching.feed(feed_id)
    assert (row["url"], row["site"]) == (moved, "gazette.localhost")


def numbered(site: Site, path: str, *numbers: int) -> str:
    """A feed whose entries are called 1, 2, 3 and so on, as a content management system calls its articles."""
    return site.feed(path, [Item(link=site.url(f"/{n}"), title=f"Number {n}", entry_id=str(n)) for n in numbers])


def test_articles_that_two_sites_call_by_the_same_numbers_prove_no_move(fetching: Fetching, web: NewsWeb) -> None:
    site, spam = web.site("paper"), web.site("spam")
    old = numbered(site, "/rss", 101, 102, 103)
    moving = fetching.add_polled(old)
    fetching.add_polled(numbered(spam, "/feed.xml", 101, 102, 103))
    site.redirect("/rss", spam.url("/feed.xml"))
    assert "not followed" in poll_over(fetching, moving, hours=50, times=4)
    row = fetching.feed(moving)
    assert (row["url"], row["status"], row["same_as"]) == (old, "active", None)


def test_entries_without_links_that_two_sites_call_by_the_same_numbers_prove_no_move(
    fetching: Fetching, web: NewsWeb
) -> None:
    site, spam = web.site("paper"), web.site("spam")
    item = "<item><guid>101</guid><title>One</title></item>"
    for each, path in ((site, "/rss"), (spam, "/feed")):
        body = f"<rss version='2.0'><channel><title>{path}</title>{item}</channel></rss>"
        each.respond(path, body=body.encode(), headers=(("Content-Type", "application/rss+xml"),))
    moving = fetching.add_polled(site.url("/rss"))
    site.redirect("/rss", spam.url("/feed"))
    assert "not followed" in poll_over(fetching, moving, hours=50, times=4)


def test_where_another_feed_was_what_has_been_read_on_the_way_proves_nothing(fetching: Fetching, web: NewsWeb) -> None:
    """A feed leaves /b for /c; later /a leads to /b, where something else is that /c lists too by now."""
    site = web.site("paper")
    other, place = moved_feed(fetching, site)
    old = feed_of(site, "/a", numbers=(11, 12))
    moving = fetching.add_polled(old)
    feed_of(site, "/rss", numbers=(3, 50))
    site.redirect("/a", "/rss")
    told = poll_over(fetching, moving, hours=50, times=3)
    assert f"moved: {old} -> {place}" in told
    assert (fetching.feed(moving)["status"], fetching.feed(moving)["url"]) == ("active", place)
    assert fetching.feed(other)["status"] == "active"


def test_a_page_that_never_was_a_feed_and_says_that_it_is_unchanged_is_no_new_address(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("paper")
    old = feed_of(site, "/rss")
    feed_id = fetching.add_polled(old)
    site.answer(
        "/",
        lambda ask: (
            Answer(status=304)
            if ask.headers.get("if-none-match")
            else Answer(status=200, headers=(("Content-Type", "text/html"),), body=b"<html><body>Welcome</body></html>")
        ),
    )
    site.redirect("/rss", "/")
    told = [fetching.poll(feed_id)]
    for _ in range(4):
        hours_pass(fetching, 20)
        told.append(fetching.poll(feed_id))
    assert {text.split(":")[0] for text in told} == {"unchanged"}
    assert (fetching.feed(feed_id)["url"], fetching.feed(feed_id)["redirect"]) == (old, None)


def test_a_target_that_was_read_once_may_say_that_it_is_unchanged(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_polled(feed_of(site, "/rss"))
    new = feed_of(site, numbers=(3, 4))
    site.redirect("/rss", "/feed.xml")
    poll_over(fetching, feed_id, hours=50, times=3)
    assert [seen.status for seen in web.requests(path="/feed.xml")] == [200, 304, 304]
    assert fetching.feed(feed_id)["url"] == new


def test_a_feed_that_has_only_ever_been_read_through_a_redirect_moves_to_its_end(
    fetching: Fetching, web: NewsWeb
) -> None:
    moved = feed_of(web.site("gazette"))
    feed_id = fetching.add_feed(web.site("paper").redirect("/rss", moved))
    poll_over(fetching, feed_id, hours=50, times=3)
    assert fetching.feed(feed_id)["url"] == moved


def test_a_feed_whose_domain_was_parked_stays_where_it_is_and_says_so(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    old = feed_of(site, "/rss")
    feed_id = fetching.add_polled(old)
    parked = feed_of(web.site("spam"), numbers=(90, 91))
    site.redirect("/rss", parked)
    told = poll_over(fetching, feed_id, hours=100, times=5)
    assert f"{parked}: redirected there for good 5 times" in told
    assert "nothing there was ever listed by this feed: not followed" in told
    assert fetching.feed(feed_id)["url"] == old
    # Nor does it help that the parked page changes, or takes turns with another.
    feed_of(web.site("spam"), numbers=(90, 92))
    fetching.poll(feed_id)
    site.redirect("/rss", feed_of(web.site("junk"), numbers=(1,)))
    web.site("junk").feed("/feed.xml", items(web.site("spam"), 90, 91))
    told = poll_over(fetching, feed_id, hours=100, times=4)
    assert "not followed" in told
    assert fetching.feed(feed_id)["url"] == old


def test_a_move_that_was_proven_proves_nothing_for_the_next_target(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    old = feed_of(site, "/rss")
    feed_id = fetching.add_polled(old)
    site.redirect("/rss", web.site("gazette").feed("/rss", items(site, 3, 4)))
    fetching.poll(feed_id)
    hours_pass(fetching, 10)
    assert fetching.feed(feed_id)["redirect"]["kin"]
    site.redirect("/rss", feed_of(web.site("spam"), numbers=(90, 91)))
    assert "not followed" in poll_over(fetching, feed_id, hours=100, times=4)
    assert fetching.feed(feed_id)["url"] == old


def test_the_alert_of_a_suspicious_move_closes_when_the_redirect_is_gone(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_polled(feed_of(site, "/rss"))
    site.redirect("/rss", feed_of(web.site("spam"), numbers=(90, 91)))
    poll_over(fetching, feed_id, hours=100, times=4)
    alerts = "SELECT count(*) FILTER (WHERE closed_at IS NULL) AS open, count(*) AS n FROM alerts WHERE kind = %s"
    assert fetching.one(alerts, "feed_moved") == {"open": 1, "n": 1}
    feed_of(site, "/rss", numbers=(3, 4))
    fetching.poll(feed_id)
    assert fetching.one(alerts, "feed_moved") == {"open": 0, "n": 1}
