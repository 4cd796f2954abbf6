"""A feed's poll against a real web and real engines: what is recorded, who is left alone, where websites lead."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from services.fetcher.answer import usable_alternates
from services.fetcher.schedule import OUTAGE_RETRY
from shared.http import GuardedClient
from shared.ledger import feeds
from shared.politeness import OUTAGE_SITES
from tests.services.fetcher.conftest import RESTS, Fetching
from wiredesk.testweb import Answer, Ask, Item, NewsWeb, Site

HTML = (("Content-Type", "text/html"),)


def front_page(*feed_urls: str) -> str:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{url}">' for url in feed_urls)
    return f"<html><head>{links}</head><body><p>Welcome.</p></body></html>"


def feed_of(site: Site, path: str = "/feed.xml") -> str:
    return site.feed(path, [Item(link=site.url(f"/{number}"), title=f"Number {number}") for number in range(3)])


def test_a_feed_is_read_and_then_unchanged(fetching: Fetching, web: NewsWeb) -> None:
    feed_id = fetching.add_feed(feed_of(web.site("paper")))
    assert fetching.poll(feed_id).startswith("changed: 3 of 3 entries new")
    assert fetching.poll(feed_id).startswith("unchanged")
    assert [seen.status for seen in web.log] == [200, 304]
    assert fetching.one("SELECT count(*) AS n FROM entries")["n"] == 3
    assert fetching.tokens() == 0


@pytest.mark.parametrize(("status", "asked", "seconds"), RESTS)
def test_a_feed_s_site_that_says_too_much_is_held(
    fetching: Fetching, web: NewsWeb, status: int, asked: str | None, seconds: float
) -> None:
    headers = (("Retry-After", asked),) if asked else ()
    feed_id = fetching.add_feed(web.site("paper").respond("/feed.xml", status=status, headers=headers))
    assert fetching.poll(feed_id).startswith("failed: http_")
    assert fetching.held("paper.localhost") == seconds
    assert fetching.rests("paper.localhost")


def test_the_site_that_answered_a_feed_is_held_not_the_one_that_redirected(fetching: Fetching, web: NewsWeb) -> None:
    feed_id = fetching.add_feed(web.site("paper").redirect("/feed", web.site("busy").respond("/b", status=429)))
    fetching.poll(feed_id)
    assert (fetching.held("busy.localhost"), fetching.held("paper.localhost")) == (30, 0)
    assert (fetching.rests("busy.localhost"), fetching.rests("paper.localhost")) == (True, False)


def test_a_site_is_held_although_the_poll_was_overtaken(fetching: Fetching, web: NewsWeb) -> None:
    def overtaken(_: Ask) -> Answer:
        fetching.one("UPDATE feeds SET lease = lease + 1 RETURNING id")
        return Answer(status=429)

    feed_id = fetching.add_feed(web.site("paper").answer("/feed.xml", overtaken))
    assert fetching.poll(feed_id) == "superseded"
    assert fetching.held("paper.localhost") == 30


def test_a_held_site_s_feed_steps_aside(fetching: Fetching, web: NewsWeb) -> None:
    feed_id = fetching.add_feed(feed_of(web.site("paper")))
    fetching.has_rest("paper.localhost", 60)
    assert "may be asked in" in fetching.poll(feed_id)
    row = fetching.feed(feed_id)
    assert (row["leased_at"], row["last_outcome"]) == (None, None)
    assert 50 < row["wait"].total_seconds() < 61
    assert not web.log
    assert fetching.tokens() == 0


def test_an_outage_of_our_own_is_not_held_against_any_feed(fetching: Fetching, web: NewsWeb) -> None:
    def down(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, f"{host} cannot be resolved now")

    fetching.poll(fetching.add_feed(feed_of(web.site("paper"))))
    feeds = [fetching.add_feed(f"https://paper{number}.example/feed.xml") for number in range(OUTAGE_SITES + 1)]
    with GuardedClient(fetching.context.settings, resolver=down) as client:
        cut_off = Fetching(replace(fetching.context, client=client))
        told = [cut_off.poll(feed_id) for feed_id in feeds]
    assert told[-1].startswith("failed: dns_temporary")
    states = [fetching.feed(feed_id)["poll_state"] for feed_id in feeds]
    # The first could still be alone in it.
    assert [state["failed_polls"] for state in states] == [1] * (OUTAGE_SITES - 1) + [0, 0]
    assert fetching.feed(feeds[-1])["wait"].total_seconds() <= 1.1 * OUTAGE_RETRY


def test_a_website_is_pointed_at_the_feed_that_it_names(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(site.page("/", front_page(feed_of(site))))
    assert fetching.poll(feed_id) == f"a website: its feed is {site.url('/feed.xml')}"
    assert fetching.poll(feed_id).startswith("changed")


def test_a_website_that_names_another_page_at_each_look_is_not_followed(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("maze")

    def page(ask: Ask) -> Answer:
        return Answer(headers=HTML, body=front_page(f"/{ask.target.strip('/')}x").encode())

    for length in range(6):
        site.answer(f"/{'x' * length}", page)
    feed_id = fetching.add_feed(site.url("/"))
    for _ in range(3):
        assert fetching.poll(feed_id).startswith("failed: not_a_feed")
    row = fetching.feed(feed_id)
    assert row["url"] == site.url("/")
    assert row["wait"].total_seconds() > 60
    assert not web.requests(path="/xx")


def test_two_registered_pages_that_name_each_other_are_two_failures(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    first, second = (
        fetching.add_feed(site.page(path, front_page(other))) for path, other in (("/a", "/b"), ("/b", "/a"))
    )
    assert fetching.poll(first).startswith("failed: not_a_feed")
    assert fetching.poll(second).startswith("failed: not_a_feed")
    assert (fetching.feed(first)["status"], fetching.feed(second)["status"]) == ("active", "active")


def test_wrappers_around_the_real_link_are_rejected_and_never_asked(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    links = ("https://news.google.com/rss/articles/CBMiABC?oc=5", "https://c.newsnow.co.uk/A/12?-3:4")
    feed_id = fetching.add_feed(site.feed("/feed.xml", [Item(link=link, title=link) for link in links]))
    assert fetching.poll(feed_id).startswith("changed: 2 of 2")
    counted = fetching.one(
        "SELECT count(*) AS n FROM entries"
        " WHERE state = 'rejected' AND reason = 'unresolvable_aggregator' AND stage IS NULL"
    )
    assert counted["n"] == 2


def test_the_charset_that_http_declares_is_heard(fetching: Fetching, web: NewsWeb) -> None:
    body = "<rss version='2.0'><channel><item><title>Привет</title><link>/a</link></item></channel></rss>"
    url = web.site("paper").page(
        "/feed.xml", body.encode("windows-1251"), content_type="application/rss+xml; charset=windows-1251"
    )
    fetching.poll(fetching.add_feed(url))
    assert fetching.one("SELECT title FROM entries")["title"] == "Привет"


def test_the_first_alternate_that_can_be_polled_is_taken(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed = feed_of(site)
    bad = ("http://user:secret@paper.localhost/rss", f"/{'x' * 3000}", "/")
    feed_id = fetching.add_feed(site.page("/", front_page(*bad, feed)))
    assert fetching.poll(feed_id) == f"a website: its feed is {feed}"


def test_a_website_that_names_nothing_usable_has_failed(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(site.page("/", front_page("http://user:secret@paper.localhost/rss", "/")))
    assert fetching.poll(feed_id).startswith("failed: not_a_feed")
    assert fetching.feed(feed_id)["url"] == site.url("/")


def test_alternates_that_are_the_page_itself_or_no_address_are_left_out() -> None:
    own = ("https://paper.example/", "https://www.paper.example/home")
    named = ("https://paper.example/#top", own[1], "https://a:b@paper.example/rss", "https://paper.example/rss")
    assert usable_alternates(named, own) == ("https://paper.example/rss",)


def test_a_website_whose_feed_was_removed_has_it_polled_again(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(feed_of(site))
    with fetching.context.database.transaction() as connection:
        feeds.remove(connection, feed_id)
    website = fetching.add_feed(site.page("/", front_page("/feed.xml")))
    fetching.poll(website)
    assert (fetching.feed(feed_id)["status"], fetching.feed(website)["same_as"]) == ("active", feed_id)
    assert fetching.poll(feed_id).startswith("changed")


def test_a_feed_that_succeeded_is_not_moved_by_an_error_page(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    url = feed_of(site)
    feed_id = fetching.add_feed(url)
    fetching.poll(feed_id)
    site.page("/feed.xml", front_page("/other.xml"))
    assert fetching.poll(feed_id).startswith("failed: not_a_feed")
    assert fetching.feed(feed_id)["url"] == url


@pytest.mark.parametrize("problem", ["cut", "empty"])
def test_a_feed_that_came_in_half_is_not_read_as_whole(fetching: Fetching, web: NewsWeb, problem: str) -> None:
    site = web.site("paper")
    url = site.broken("/feed.xml", body=b"<rss><channel>") if problem == "cut" else site.respond("/feed.xml")
    assert fetching.poll(fetching.add_feed(url)).startswith("failed: ")
    assert fetching.one("SELECT count(*) AS n FROM entries")["n"] == 0


def test_a_defect_in_between_gives_the_token_back_and_leaves_the_feed_to_its_lease(
    fetching: Fetching, web: NewsWeb
) -> None:
    feed_id = fetching.add_feed(feed_of(web.site("paper")))
    fetching.one('UPDATE feeds SET poll_state = \'{"interval_seconds": "soon"}\' RETURNING id')
    with pytest.raises(ValueError, match="interval_seconds"):
        fetching.poll(feed_id)
    assert fetching.tokens() == 0
    row = fetching.feed(feed_id)
    assert row["claimed"] == row["lease"]
    assert row["wait"].total_seconds() > 0
    # Nothing of the poll was kept by halves.
    assert fetching.one("SELECT count(*) AS n FROM entries")["n"] == 0


def test_a_304_that_nobody_asked_for_is_no_feed(fetching: Fetching, web: NewsWeb) -> None:
    feed_id = fetching.add_feed(web.site("paper").respond("/feed.xml", status=304))
    assert "http_3xx" in fetching.poll(feed_id)
    assert fetching.feed(feed_id)["last_outcome"] == "failed"


def test_a_status_beyond_all_classes_has_a_code_of_the_table(fetching: Fetching, web: NewsWeb) -> None:
    feed_id = fetching.add_feed(web.site("paper").respond("/feed.xml", status=999))
    assert fetching.poll(feed_id).startswith("failed: protocol: ")


@pytest.mark.parametrize("status", [302, 301])
def test_a_redirect_to_a_stranger_s_feed_does_not_give_the_feed_its_name(
    fetching: Fetching, web: NewsWeb, status: int
) -> None:
    home, stranger = web.site("paper"), web.site("stranger")
    feed_id = fetching.add_feed(home.feed("/feed.xml", [Item(link=home.url("/1"))]))
    fetching.poll(feed_id)
    other = stranger.feed("/feed.xml", [Item(link=stranger.url("/2"))])
    home.redirect("/feed.xml", other, status=status)
    assert "its name is not taken over" in fetching.poll(feed_id)
    assert fetching.feed(feed_id)["title"] == "Paper"


def test_a_redirect_to_where_the_feed_s_own_entries_are_changes_its_name(fetching: Fetching, web: NewsWeb) -> None:
    home, host = web.site("paper"), web.site("host")
    items = [Item(link=home.url("/1"))]
    feed_id = fetching.add_feed(home.feed("/feed.xml", items))
    fetching.poll(feed_id)
    home.redirect("/feed.xml", host.feed("/paper.xml", items))
    fetching.poll(feed_id)
    assert fetching.feed(feed_id)["title"] == "Host"
