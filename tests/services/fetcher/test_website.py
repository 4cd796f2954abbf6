"""Sources that are web pages: where their feed is looked for, and what is said of it."""

from __future__ import annotations

import itertools
import time

import pytest

from services.fetcher.answer import Unreadable
from services.fetcher.asking import PollAsker
from services.fetcher.reader import WebPage, read_page
from services.fetcher.visit import Visit
from services.fetcher.website import MOST_REQUESTS, look_further, news_sitemaps, places, settled
from shared.http import Headers, Response
from shared.ledger import polls
from tests.services.fetcher.conftest import Fetching
from wiredesk.testweb import Answer, Ask, Item, NewsWeb, Site

HTML = (("Content-Type", "text/html"),)
PAGE = "https://paper.example/sport/football/index.html"


def items(site: Site) -> list[Item]:
    return [Item(link=site.url(f"/{number}"), title=f"Number {number}") for number in range(3)]


def page(body: str = "", head: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body><p>Welcome.</p>{body}</body></html>"


def named(*urls: str, kind: str = "application/rss+xml") -> str:
    return "".join(f'<link rel="alternate" type="{kind}" href="{url}">' for url in urls)


def linked(body: str) -> tuple[str, ...]:
    found = read_page(page(body).encode(), PAGE)
    assert found is not None
    return found.linked


def last_poll(fetching: Fetching) -> str:
    return str(fetching.one("SELECT detail FROM feed_polls ORDER BY id DESC LIMIT 1")["detail"])


def asked(web: NewsWeb, site: str = "paper") -> list[str]:
    return [seen.path for seen in web.requests(site=site)][1:]


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/rss">Subscribe</a>',
        "<A HREF='https://paper.example/feeds/all.xml' class=x>",
        "<a class=icon href=/news/rss2.xml>",
        '<a href="/?feed=rss2">',
        '<a href="/index.rdf">',
        '<a href="https://feeds.feedburner.com/paper">RSS</a><a title="RSS" href="https://feeds.feedburner.com/paper">',
        '<a href="/syndication/latest" title="RSS feed">',
        '<a href="/news-rss.php#top">',
        '<a href="&#x2f;atom.xml">',
    ],
)
def test_links_to_feeds_in_the_page_are_seen(link: str) -> None:
    assert len(linked(link)) == 1


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/how-to-feed-a-cat">Cats</a>',
        '<a href="/atomic-energy">',
        '<a href="https://feedreader.example/subscribe?feed=rss" title="RSS">',
        '<a href="javascript:rss()">RSS</a>',
        '<a title="RSS">RSS</a>',
        f'<a href="{PAGE}#rss" title="RSS">',
    ],
)
def test_other_links_are_not(link: str) -> None:
    assert linked(link) == ()


def test_links_whose_address_looks_like_a_feed_come_before_those_that_are_called_one() -> None:
    assert linked('<a href="/a" title="RSS"></a><a href="/rss"></a>') == (
        "https://paper.example/rss",
        "https://paper.example/a",
    )


def test_of_several_feeds_the_page_s_own_comes_first_comments_and_json_last() -> None:
    head = named("/rss", "/sport/rss", "/sport/football/comments/rss", "/sport/football/rss", "/culture/rss")
    found = read_page(page(head=named("/sport/football.json", kind="application/feed+json") + head).encode(), PAGE)
    assert found is not None
    assert [url.removeprefix("https://paper.example") for url in found.named] == [
        "/sport/football/rss",
        "/sport/rss",
        "/rss",
        "/culture/rss",
        "/sport/football.json",
        "/sport/football/comments/rss",
    ]


def test_a_body_that_is_no_page_is_none() -> None:
    for body in (b"", b"%PDF-1.7", b"<rss version='2.0'/>", b"{}", b"<opml/>"):
        assert read_page(body, PAGE) is None


def test_well_known_places_begin_below_the_page() -> None:
    found = [url.removeprefix("https://paper.example") for url in places("https://paper.example/blog/", ())]
    assert found == [
        "/blog/feed",
        "/feed",
        "/rss",
        "/feed.xml",
        "/rss.xml",
        "/news-sitemap.xml",
        "/atom.xml",
        "/index.xml",
    ]


def test_a_news_sitemap_that_robots_txt_names_is_one_of_them() -> None:
    found = list(places("https://paper.example/", ("https://paper.example/n.xml",)))
    assert found[:3] == ["https://paper.example/feed", "https://paper.example/rss", "https://paper.example/n.xml"]
    assert "https://paper.example/news-sitemap.xml" not in found


def test_of_the_sitemaps_in_robots_txt_those_of_news_on_the_same_site_are_taken() -> None:
    text = """User-agent: *
Disallow: /x
Sitemap: https://paper.example/sitemap_index.xml
sitemap:https://static.paper.example/Google-News.xml.gz
 SiteMap : /nachrichten.xml
Sitemap: https://other.example/news.xml
Sitemap: https://paper.example/news3.xml
# Sitemap: https://paper.example/news4.xml
"""
    assert news_sitemaps(text, "https://paper.example/robots.txt", PAGE) == (
        "https://static.paper.example/Google-News.xml.gz",
        "https://paper.example/nachrichten.xml",
    )


def test_the_feed_that_a_page_declares_is_asked_before_it_is_followed(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    good = site.feed("/good.xml", items(site))
    feed_id = fetching.add_feed(site.page("/", page(head=named("/gone.xml", "/empty", good, "/more.xml"))))
    site.feed("/empty.xml", [])
    assert fetching.poll(feed_id) == f"a website: its feed is {good}"
    assert asked(web) == ["/gone.xml", "/empty", "/good.xml"]
    assert last_poll(fetching) == (
        f"its feed is {good}, rss20 with 3 entries;"
        f" also named: {site.url('/gone.xml')}, {site.url('/empty')}, {site.url('/more.xml')}"
    )
    assert fetching.poll(feed_id).startswith("changed: 3 of 3")


def test_a_declared_feed_without_entries_is_followed(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(site.page("/", page(head=named(site.feed("/feed.xml", [])))))
    assert fetching.poll(feed_id).startswith("a website")


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_declared_feed_that_has_no_time_now_is_followed(fetching: Fetching, web: NewsWeb, status: int) -> None:
    site = web.site("paper")
    url = site.respond("/feed.xml", status=status)
    feed_id = fetching.add_feed(site.page("/", page(head=named(url))))
    assert fetching.poll(feed_id) == f"a website: its feed is {url}"
    assert last_poll(fetching) == f"its feed is {url}, which did not answer now"


def test_a_feed_that_the_page_only_links_to_is_found(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed = site.feed("/syndication/all.xml", items(site), kind="atom")
    feed_id = fetching.add_feed(site.page("/", page('<a href="/x">x</a><a href="syndication/all.xml" title="RSS">')))
    assert fetching.poll(feed_id) == f"a website: its feed is {feed}"
    assert asked(web) == ["/syndication/all.xml"]


@pytest.mark.parametrize("place", ["/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/news-sitemap.xml"])
def test_a_feed_at_a_well_known_place_is_found(fetching: Fetching, web: NewsWeb, place: str) -> None:
    site = web.site("paper")
    url = site.sitemap(place, items(site)) if "sitemap" in place else site.feed(place, items(site))
    feed_id = fetching.add_feed(site.page("/", page()))
    assert fetching.poll(feed_id) == f"a website: its feed is {url}"
    assert fetching.poll(feed_id).startswith("changed: ")
    assert fetching.one("SELECT count(*) AS n FROM entries")["n"] == 3


def test_a_news_sitemap_named_in_robots_txt_is_found(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    url = site.sitemap("/static/news-latest.xml.gz", items(site), publication="The Paper")
    site.robots(f"User-agent: *\nAllow: /\nSitemap: {site.url('/sitemap.xml')}\nSitemap: {url}\n")
    feed_id = fetching.add_feed(site.page("/", page()))
    assert fetching.poll(feed_id) == f"a website: its feed is {url}"
    assert asked(web) == ["/robots.txt", "/feed", "/rss", "/static/news-latest.xml.gz"]


def test_a_site_without_a_feed_says_what_was_tried(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.page("/feed", page())
    site.feed("/rss", [])
    site.page("/rss.xml", "<rss><cha", content_type="text/xml")
    site.redirect("/feed.xml", web.site("other").feed("/feed.xml", items(web.site("other"))))
    feed_id = fetching.add_feed(site.page("/", page()))
    assert fetching.poll(feed_id) == (
        "failed: not_a_feed: no feed: an HTML page, which names no feed; tried /feed: not_a_feed, /rss: no entries,"
        " /feed.xml: leads to another site, /rss.xml: no entries, /news-sitemap.xml: http_404, /atom.xml: http_404,"
        " no more than that at once"
    )
    assert len(web.log) - 1 == MOST_REQUESTS
    assert fetching.feed(feed_id)["url"] == site.url("/")


def test_a_site_that_redirects_everything_is_not_asked_for_more_than_its_share(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("paper")
    site.robots("User-agent: *\nAllow: /\n")
    for path in ("/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/news-sitemap.xml"):
        site.redirect(path, "/home", status=302)
    site.page("/home", page())
    fetching.poll(fetching.add_feed(site.page("/", page())))
    assert len(asked(web)) == MOST_REQUESTS


def test_places_that_robots_txt_forbids_are_not_asked(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("User-agent: *\nDisallow: /feed\nDisallow: /rss\n")
    feed_id = fetching.add_feed(site.page("/", page()))
    assert "/feed: forbidden by robots.txt, /rss: forbidden by robots.txt" in fetching.poll(feed_id)
    assert asked(web) == ["/robots.txt", "/news-sitemap.xml", "/atom.xml", "/index.xml"]


def test_no_place_is_guessed_while_robots_txt_cannot_be_had(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("", status=503)
    feed_id = fetching.add_feed(site.page("/", page()))
    fetching.poll(feed_id)
    assert asked(web) == ["/robots.txt"]


def test_robots_txt_is_not_asked_where_nobody_wants_to_know(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.with_settings(robots="off").add_feed(site.page("/", page()))
    fetching.with_settings(robots="off").poll(feed_id)
    assert "/robots.txt" not in asked(web)


def test_well_known_places_are_not_asked_at_every_look(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(site.page("/", page()))
    counts = []
    for _ in range(5):
        before = len(web.log)
        fetching.poll(feed_id)
        counts.append(len(web.log) - before)
    assert [count > 1 for count in counts] == [True, False, False, False, True]


def test_a_feed_that_turns_into_a_page_stays_where_it_is(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    url = site.feed("/all", items(site))
    feed_id = fetching.add_feed(url)
    fetching.poll(feed_id)
    site.page("/all", page(head=named(site.feed("/rss", items(site)))))
    assert fetching.poll(feed_id) == "failed: not_a_feed: no feed: an HTML page"
    assert fetching.feed(feed_id)["url"] == url
    assert not web.requests(path="/rss")


def test_a_permanent_redirect_of_a_place_is_taken_as_its_address(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed = site.feed("/feed/", items(site))
    site.redirect("/feed", "/feed/", status=301)
    assert fetching.poll(fetching.add_feed(site.page("/", page()))) == f"a website: its feed is {feed}"


def test_a_temporary_redirect_of_a_place_is_not(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.feed("/today.xml", items(site))
    place = site.redirect("/feed", "/today.xml", status=302)
    assert fetching.poll(fetching.add_feed(site.page("/", page()))) == f"a website: its feed is {place}"


@pytest.mark.parametrize(
    ("hops", "final", "where"),
    [
        ([(301, "https://paper.example/feed")], "http://paper.example/feed/", "https://paper.example/feed"),
        (
            [(301, "https://paper.example/feed"), (308, "https://paper.example/rss"), (302, "https://paper.example/x")],
            "https://paper.example/today",
            "https://paper.example/x",
        ),
        ([(302, "https://paper.example/feed")], "https://paper.example/today", "https://paper.example/feed"),
    ],
)
def test_a_place_is_left_by_its_permanent_redirects_alone_and_never_for_http(
    hops: list[tuple[int, str]], final: str, where: str
) -> None:
    response = Response(status=200, url=final, headers=Headers(), body=b"", redirects=tuple(hops))
    assert settled("https://paper.example/feed", response) == where


def test_a_place_that_leads_for_good_to_the_page_and_from_there_to_the_day_s_feed_is_the_feed(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("paper")
    feed = site.feed("/today.xml", items(site))
    front = site.url("/")

    def answer(ask: Ask) -> Answer:
        if ask.count == 1:
            return Answer(status=200, headers=HTML, body=page().encode())
        return Answer(status=302, headers=(("Location", feed),))

    site.answer("/", answer)
    place = site.redirect("/feed", "/", status=301)
    assert fetching.poll(fetching.add_feed(front)) == f"a website: its feed is {place}"


def test_a_site_that_becomes_busy_is_asked_no_more(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")

    def rests(_: Ask) -> Answer:
        fetching.has_rest("paper.localhost", 60)
        return Answer(status=404)

    site.answer("/rss", rests)
    told = fetching.poll(fetching.add_feed(site.page("/", page())))
    assert "/rss: http_404, no more now: paper.localhost may be asked in" in told
    assert asked(web) == ["/robots.txt", "/feed", "/rss"]
    assert fetching.tokens() == 0


def test_nothing_more_is_asked_when_the_time_is_up(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(site.page("/", page()))
    with fetching.context.database.transaction() as connection:
        feed = polls.look(connection, feed_id)
    assert feed is not None
    result = Unreadable("not_a_feed", "no feed: an HTML page", 200, page=WebPage(feed.url))
    ticks = itertools.count(step=11.0)
    with Visit(fetching.context, feed.site, "a test") as visit:
        look_further(
            PollAsker(fetching.context, visit), fetching.context.settings, feed, result, clock=lambda: next(ticks)
        )
    assert [seen.path for seen in web.log] == ["/robots.txt", "/feed"]


@pytest.mark.parametrize(
    "body",
    [
        "<a " * 1_000_000,
        "<a href=" * 500_000,
        '<a x="' + "y" * 3_000_000,
        "<a href='/rss'>" * 200_000,
        "<a\n" * 900_000,
    ],
    ids=["open", "hrefs", "long", "links", "lines"],
)
def test_a_hostile_page_is_searched_in_no_time(body: str) -> None:
    began = time.process_time()
    read_page(page(body).encode(), PAGE)
    assert time.process_time() - began < 2
