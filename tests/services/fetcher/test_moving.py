"""Feeds that follow their redirects, through the real engines and a web that redirects."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import UsageError
from shared.ledger import feeds
from shared.reading.explain import explain
from shared.reading.feeds import resolve_feed
from tests.services.fetcher.conftest import Fetching
from tests.services.fetcher.moving_feeds import alias, entries, feed_of, hours_pass, moved_feed, poll_over
from wiredesk.sources import add_sources
from wiredesk.testweb import NewsWeb


def test_a_permanent_redirect_becomes_the_feed_s_address_and_the_old_one_its_alias(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("paper")
    old = feed_of(site, "/rss")
    feed_id = fetching.add_polled(old)
    new = feed_of(site, "/feed.xml", numbers=(1, 2, 3, 4))
    site.redirect("/rss", "/feed.xml")
    due = fetching.feed(feed_id)["url"]
    assert due == old
    told = poll_over(fetching, feed_id, hours=48.1, times=3)
    assert f"moved: {old} -> {new}, redirected there for good 3 times since" in told
    row = fetching.feed(feed_id)
    assert (row["url"], row["url_key"], row["site"], row["redirect"]) == (new, new, "paper.localhost", None)
    assert row["wait"].total_seconds() > 60
    assert alias(fetching, old) == feed_id
    assert f"moved: {old}" in fetching.one("SELECT detail FROM feed_polls ORDER BY id DESC LIMIT 1")["detail"]
    assert fetching.poll(feed_id).startswith("unchanged")
    assert [(seen.path, seen.status) for seen in web.log][-1] == ("/feed.xml", 304)
    assert entries(fetching) == 4


@pytest.mark.parametrize(("hours", "times"), [(47.9, 3), (100, 2), (10, 9)])
def test_a_permanent_redirect_seen_too_seldom_or_for_too_short_changes_nothing(
    fetching: Fetching, web: NewsWeb, hours: float, times: int
) -> None:
    site = web.site("paper")
    feed_of(site)
    old = site.redirect("/rss", "/feed.xml")
    feed_id = fetching.add_feed(old)
    poll_over(fetching, feed_id, hours=hours, times=times)
    row = fetching.feed(feed_id)
    assert (row["url"], row["redirect"]["count"]) == (old, times)


def test_a_temporary_redirect_is_followed_for_ever_and_never_believed(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_of(site)
    old = site.redirect("/rss", "/feed.xml", status=302)
    feed_id = fetching.add_feed(old)
    poll_over(fetching, feed_id, hours=200, times=5)
    row = fetching.feed(feed_id)
    assert (row["url"], row["redirect"]) == (old, None)


def test_only_the_permanent_part_of_the_way_is_taken(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_of(site, "/of/today.xml")
    middle = site.redirect("/feed", "/of/today.xml", status=307)
    feed_id = fetching.add_feed(site.redirect("/rss", "/feed", status=308))
    poll_over(fetching, feed_id, hours=49, times=3)
    assert fetching.feed(feed_id)["url"] == middle


def test_a_poll_without_the_redirect_begins_the_count_anew(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_of(site)
    old = site.redirect("/rss", "/feed.xml")
    feed_id = fetching.add_feed(old)
    poll_over(fetching, feed_id, hours=47, times=5)
    feed_of(site, "/rss")
    fetching.poll(feed_id)
    assert fetching.feed(feed_id)["redirect"] is None
    site.redirect("/rss", "/feed.xml")
    hours_pass(fetching, 48)
    fetching.poll(feed_id)
    assert (fetching.feed(feed_id)["url"], fetching.feed(feed_id)["redirect"]["count"]) == (old, 1)


@pytest.mark.parametrize("problem", ["a login page", "an error", "a circle"])
def test_polls_that_brought_no_feed_count_neither_for_nor_against_a_move(
    fetching: Fetching, web: NewsWeb, problem: str
) -> None:
    site = web.site("paper")
    feed_id = fetching.add_polled(feed_of(site, "/rss"))
    feed_of(site)
    site.redirect("/rss", "/feed.xml")
    poll_over(fetching, feed_id, hours=60, times=2)
    before = fetching.feed(feed_id)["redirect"]
    portal = web.site("portal").page("/login", "<html><title>Who are you?</title><form><input name=user></form></html>")
    if problem == "a circle":
        site.redirect("/rss", "/rss2")
        site.redirect("/rss2", "/rss")
    else:
        site.redirect("/rss", portal if problem == "a login page" else web.site("portal").respond("/x", status=500))
    assert fetching.poll(feed_id).startswith("failed")
    assert fetching.feed(feed_id)["redirect"] == before


def test_an_old_address_finds_the_feed_wherever_it_is_named(fetching: Fetching, web: NewsWeb, tmp_path: Path) -> None:
    feed_id, old = moved_feed(fetching, web.site("paper"))
    opml = tmp_path / "feeds.opml"
    opml.write_text(f'<opml version="2.0"><body><outline type="rss" xmlUrl="{old}"/></body></opml>')
    with fetching.context.database.transaction() as connection:
        added = feeds.add(connection, f"{old}#top", categories=["mine"])
        assert (added.id, added.created, added.url) == (feed_id, False, web.site("paper").url("/feed.xml"))
        imported, errors = add_sources(connection, [str(opml)])
        assert ([feed.id for feed in imported], errors) == ([feed_id], [])
        assert resolve_feed(connection, old) == feed_id
        assert explain(connection, old)["id"] == feed_id
    assert fetching.feed(feed_id)["categories"] == ["mine"]
    assert fetching.one("SELECT count(*) AS n FROM feeds")["n"] == 1


def test_a_website_that_names_an_old_address_is_polled_as_the_feed_that_moved(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id, _ = moved_feed(fetching, site)
    site.page("/", '<html><link rel="alternate" type="application/rss+xml" href="/rss"><body>Welcome</body></html>')
    website = fetching.add_polled(site.url("/"))
    assert (fetching.feed(website)["status"], fetching.feed(website)["same_as"]) == ("removed", feed_id)


def test_a_removed_feed_that_is_added_at_its_old_address_is_polled_again(fetching: Fetching, web: NewsWeb) -> None:
    feed_id, old = moved_feed(fetching, web.site("paper"))
    with fetching.context.database.transaction() as connection:
        feeds.remove(connection, feed_id)
        assert feeds.add(connection, old).id == feed_id
    assert fetching.feed(feed_id)["status"] == "active"


def test_a_feed_that_moves_back_has_its_old_address_again(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id, old = moved_feed(fetching, site)
    feed_of(site, "/rss")
    new = site.redirect("/feed.xml", "/rss")
    poll_over(fetching, feed_id, hours=50, times=3)
    assert fetching.feed(feed_id)["url"] == old
    assert (alias(fetching, old), alias(fetching, new)) == (None, feed_id)


def test_what_nobody_knows_is_still_unknown(fetching: Fetching, web: NewsWeb) -> None:
    moved_feed(fetching, web.site("paper"))
    with fetching.context.database.transaction() as connection, pytest.raises(UsageError):
        resolve_feed(connection, web.site("paper").url("/other"))
