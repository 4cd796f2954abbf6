"""Feeds that move and feeds that are one, through the real engines and a web that redirects.

Hours pass by moving what the polls have observed into the past.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.errors import UsageError
from shared.ledger import audit, feeds
from shared.reading.explain import explain
from shared.reading.feeds import resolve_feed
from tests.services.fetcher.conftest import Fetching
from wiredesk.sources import add_sources
from wiredesk.testweb import Answer, Channel, Item, NewsWeb, Site

SEEN = ("redirect", "twin")


def items(site: Site, *numbers: int) -> list[Item]:
    return [Item(link=site.url(f"/{number}"), title=f"Number {number}") for number in numbers]


def feed_of(site: Site, path: str = "/feed.xml", *, numbers: Sequence[int] = (1, 2, 3)) -> str:
    return site.feed(path, items(site, *numbers))


def same_feed(site: Site, *paths: str, numbers: Sequence[int]) -> list[str]:
    """One document at several addresses, byte for byte."""
    channel = Channel(title="Paper", site_url=site.url("/"), feed_url=site.url("/feed"))
    return [site.feed(path, items(site, *numbers), channel=channel) for path in paths]


def hours_pass(fetching: Fetching, hours: float) -> None:
    """Everything that polls have seen so far was seen so much earlier."""
    past = [hours * 3600]
    with fetching.context.database.transaction() as connection:
        connection.execute("UPDATE sightings SET discovered_at = discovered_at - make_interval(secs => %s)", past)
        connection.execute("UPDATE feeds SET last_success_at = last_success_at - make_interval(secs => %s)", past)
        for column in SEEN:
            connection.execute(
                f"""
                UPDATE feeds SET {column} = {column} || (
                    SELECT COALESCE(
                        jsonb_object_agg(key, (value #>> '{{}}')::timestamptz - make_interval(secs => %s)), '{{}}')
                    FROM jsonb_each({column}) WHERE key IN ('first_at', 'last_at', 'since'))
                WHERE {column} IS NOT NULL
                """.encode(),
                past,
            )


def poll_over(fetching: Fetching, feed_id: int, *, hours: float, times: int) -> str:
    """Poll so often, evenly spread over ``hours``; returns what the last poll told."""
    for _ in range(times - 1):
        fetching.poll(feed_id)
        hours_pass(fetching, hours / (times - 1))
    return fetching.poll(feed_id)


def entries(fetching: Fetching) -> int:
    return int(fetching.one("SELECT count(*) AS n FROM entries")["n"])


def alias(fetching: Fetching, url: str) -> int | None:
    row = fetching.one("SELECT (SELECT feed_id FROM feed_aliases WHERE url = %s) AS feed_id", url)
    return None if row["feed_id"] is None else int(row["feed_id"])


def books_balance(fetching: Fetching) -> bool:
    with fetching.context.database.transaction() as connection:
        # The tests are their own scheduler: sites are nobody's to watch.
        return not [problem for problem in audit.problems(connection) if problem.check != "sites with work are watched"]


def test_a_permanent_redirect_becomes_the_feed_s_address_and_the_old_one_its_alias(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("paper")
    old = feed_of(site, "/rss")
    feed_id = fetching.add_feed(old)
    fetching.poll(feed_id)
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
    feed_id = fetching.add_feed(feed_of(site, "/rss"))
    fetching.poll(feed_id)
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


def test_a_feed_whose_site_moves_is_followed_because_it_shows_what_it_always_showed(
    fetching: Fetching, web: NewsWeb
) -> None:
    old, new = web.site("paper"), web.site("gazette")
    feed_id = fetching.add_feed(feed_of(old, "/rss"))
    fetching.poll(feed_id)
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
    moving = fetching.add_feed(old)
    fetching.poll(moving)
    there = fetching.add_feed(numbered(spam, "/feed.xml", 101, 102, 103))
    fetching.poll(there)
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
    moving = fetching.add_feed(site.url("/rss"))
    fetching.poll(moving)
    site.redirect("/rss", spam.url("/feed"))
    assert "not followed" in poll_over(fetching, moving, hours=50, times=4)


def test_where_another_feed_was_what_has_been_read_on_the_way_proves_nothing(fetching: Fetching, web: NewsWeb) -> None:
    """A feed leaves /b for /c; later /a leads to /b, where something else is that /c lists too by now."""
    site = web.site("paper")
    other, place = moved_feed(fetching, site)
    old = feed_of(site, "/a", numbers=(11, 12))
    moving = fetching.add_feed(old)
    fetching.poll(moving)
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
    feed_id = fetching.add_feed(old)
    fetching.poll(feed_id)
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
    feed_id = fetching.add_feed(feed_of(site, "/rss"))
    fetching.poll(feed_id)
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
    feed_id = fetching.add_feed(old)
    fetching.poll(feed_id)
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
    feed_id = fetching.add_feed(old)
    fetching.poll(feed_id)
    site.redirect("/rss", web.site("gazette").feed("/rss", items(site, 3, 4)))
    fetching.poll(feed_id)
    hours_pass(fetching, 10)
    assert fetching.feed(feed_id)["redirect"]["kin"]
    site.redirect("/rss", feed_of(web.site("spam"), numbers=(90, 91)))
    assert "not followed" in poll_over(fetching, feed_id, hours=100, times=4)
    assert fetching.feed(feed_id)["url"] == old


def test_the_alert_of_a_suspicious_move_closes_when_the_redirect_is_gone(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(feed_of(site, "/rss"))
    fetching.poll(feed_id)
    site.redirect("/rss", feed_of(web.site("spam"), numbers=(90, 91)))
    poll_over(fetching, feed_id, hours=100, times=4)
    alerts = "SELECT count(*) FILTER (WHERE closed_at IS NULL) AS open, count(*) AS n FROM alerts WHERE kind = %s"
    assert fetching.one(alerts, "feed_moved") == {"open": 1, "n": 1}
    feed_of(site, "/rss", numbers=(3, 4))
    fetching.poll(feed_id)
    assert fetching.one(alerts, "feed_moved") == {"open": 0, "n": 1}


def moved_feed(fetching: Fetching, site: Site) -> tuple[int, str]:
    """A feed that has moved from /rss to /feed.xml; its id and old address."""
    feed_of(site)
    old = site.redirect("/rss", "/feed.xml")
    feed_id = fetching.add_feed(old)
    poll_over(fetching, feed_id, hours=50, times=3)
    assert alias(fetching, old) == feed_id
    return feed_id, old


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
    website = fetching.add_feed(site.url("/"))
    fetching.poll(website)
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


def test_a_feed_that_moves_to_where_another_is_becomes_that_one_and_nothing_comes_back_as_new(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("paper")
    there = fetching.add_feed(feed_of(site, "/feed.xml", numbers=(4, 5)))
    fetching.poll(there)
    old = feed_of(site, "/rss", numbers=(1, 2, 3))
    moving = fetching.add_feed(old)
    fetching.poll(moving)
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
    removed = fetching.add_feed(new)
    fetching.poll(removed)
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


def twins(fetching: Fetching, site: Site) -> tuple[int, int]:
    """Two feeds that were found to be one; the one that stays, at /a, and the one that went, from /b."""
    first, second = (fetching.add_feed(url) for url in same_feed(site, "/a", "/b", numbers=(1, 2)))
    for number in (3, 4, 5):
        for feed_id in (first, second):
            fetching.poll(feed_id)
        hours_pass(fetching, 13)
        same_feed(site, "/a", "/b", numbers=(number - 1, number))
    for feed_id in (first, second):
        fetching.poll(feed_id)
    assert (fetching.feed(first)["status"], fetching.feed(second)["status"]) == ("active", "removed")
    return first, second


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
    first, second = (fetching.add_feed(url) for url in same_feed(site, "/a", "/b", numbers=(1, 2)))
    for _ in range(6):
        for feed_id in (first, second):
            fetching.poll(feed_id)
        hours_pass(fetching, 24)
    assert (fetching.feed(first)["status"], fetching.feed(second)["status"]) == ("active", "active")
    assert fetching.feed(second)["twin"]["count"] == 6


def test_feeds_without_entries_are_no_twins(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    first, second = (fetching.add_feed(url) for url in same_feed(site, "/a", "/b", numbers=()))
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
    first, second = (fetching.add_feed(url) for url in same_feed(site, "/a", "/b", numbers=(1, 2)))
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
    first, second = (fetching.add_feed(url) for url in same_feed(site, "/a", "/b", numbers=(1, 2)))
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


def poll_at_once(fetching: Fetching, *feed_ids: int) -> None:
    errors: list[BaseException] = []
    gate = threading.Barrier(len(feed_ids))

    def poll(feed_id: int) -> None:
        try:
            gate.wait(10)
            fetching.poll(feed_id)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)

    threads = [threading.Thread(target=poll, args=(feed_id,)) for feed_id in feed_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []


def test_twins_that_are_polled_at_once_become_one_and_never_wait_for_each_other(
    fetching: Fetching, web: NewsWeb
) -> None:
    ripe = """
        UPDATE feeds SET twin = jsonb_build_object('feed', %s::bigint, 'count', 3, 'documents', 2, 'sha256', 'x',
            'first_at', now() - interval '2 days', 'last_at', now()) WHERE id = %s RETURNING id
    """
    for turn in range(10):
        site = web.site(f"paper{turn}")
        first, second = (fetching.add_feed(url) for url in same_feed(site, "/a", "/b", numbers=range(40)))
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


def test_a_feed_that_is_polled_while_another_moves_to_it_loses_nothing(fetching: Fetching, web: NewsWeb) -> None:
    for turn in range(10):
        site, www = web.site(f"paper{turn}"), web.site(f"www.paper{turn}")
        there = fetching.add_feed(www.feed("/rss", items(site, *range(40))))
        moving = fetching.add_feed(site.feed("/rss", items(site, *range(20, 60))))
        fetching.poll(moving)
        site.redirect("/rss", www.url("/rss"))
        poll_at_once(fetching, moving, there)
        assert (fetching.feed(moving)["same_as"], fetching.feed(there)["status"]) == (there, "active")
        www.feed("/rss", items(site, *range(60)))
        assert fetching.poll(there).startswith("changed: 0 of 60 entries new")
        assert entries(fetching) == 60 * (turn + 1)
    assert books_balance(fetching)


def test_what_nobody_knows_is_still_unknown(fetching: Fetching, web: NewsWeb) -> None:
    moved_feed(fetching, web.site("paper"))
    with fetching.context.database.transaction() as connection, pytest.raises(UsageError):
        resolve_feed(connection, web.site("paper").url("/other"))
