"""What an operator set for a feed goes with its requests, and with those for its pages where that was wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from pydantic import SecretStr

from shared.ledger import requests
from shared.ledger.requests import FeedRequests
from tests.services.fetcher.conftest import Fetching
from tests.shared.http.proxy_site import ProxySite
from tests.shared.ledger.rows import credentials_for
from wiredesk.testweb import Answer, Ask, Item, NewsWeb, Site

HTML = (("Content-Type", "text/html"),)
BASIC = "Basic dXNlcjpnZWhlaW0="  # user:geheim


def locked_feed(site: Site, *links: str) -> str:
    """A feed that only who brings the password may read."""
    url = site.feed("/open.xml", [Item(link=link, title=f"Number {link}", entry_id=link) for link in links])
    _, document = site.ask("GET", "/open.xml", {}, b"")

    def check(ask: Ask) -> Answer:
        return document if ask.headers.get("authorization") == BASIC else Answer(status=401)

    return site.answer("/feed.xml", check) if url else ""


def set_for(fetching: Fetching, feed_id: int, url: str, *, proxy: str | None = None, for_pages: bool = False) -> None:
    wanted = FeedRequests(
        credentials=credentials_for(url),
        proxy=SecretStr(proxy) if proxy else None,
        for_pages=for_pages,
    )
    with fetching.context.database.transaction() as connection:
        requests.save(connection, feed_id, wanted)


def secrets_in(headers: Mapping[str, str]) -> set[str]:
    return {"authorization", "cookie", "x-key"} & set(headers)


@pytest.fixture
def proxy() -> Iterator[ProxySite]:
    opened = ProxySite()
    yield opened
    opened.close()


def test_a_feed_behind_a_password_is_read_with_it(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    url = locked_feed(site, site.url("/1"))
    feed_id = fetching.add_feed(url)
    assert fetching.poll(feed_id).startswith("failed: http_401")
    set_for(fetching, feed_id, url)
    assert fetching.poll(feed_id).startswith("changed: 1 of 1 entries new")
    headers = web.log[-1].headers
    assert (headers["authorization"], headers["cookie"], headers["x-key"]) == (BASIC, "sid=sid-456", "k-123")


def test_a_name_and_password_in_the_address_are_sent_with_its_requests(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    url = locked_feed(site, site.url("/1"))
    feed_id = fetching.add_feed(url.replace("http://", "http://user:geheim@"))
    assert fetching.poll(feed_id).startswith("changed: 1 of 1 entries new")
    assert fetching.feed(feed_id)["url"] == url


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_says_that_credentials_were_sent(fetching: Fetching, web: NewsWeb, status: int) -> None:
    url = web.site("paper").respond("/feed.xml", status=status)
    feed_id = fetching.add_feed(url)
    set_for(fetching, feed_id, url)
    assert fetching.poll(feed_id) == f"failed: http_{status}: {url} answered {status}, credentials were sent"
    assert "geheim" not in fetching.feed(feed_id)["last_error"]


def test_a_feed_that_has_moved_to_another_origin_takes_no_secrets_there(fetching: Fetching, web: NewsWeb) -> None:
    elsewhere = web.site("elsewhere").respond("/feed.xml", status=401)
    feed_id = fetching.add_feed(web.site("paper").redirect("/feed.xml", elsewhere))
    set_for(fetching, feed_id, web.site("paper").url("/"))
    told = fetching.poll(feed_id)
    assert told.endswith("credentials were not sent: they are for another origin")
    assert [bool(secrets_in(seen.headers)) for seen in web.log] == [True, False]
    fetching.one("UPDATE feeds SET url = %s RETURNING id", elsewhere)
    fetching.let_time_pass()
    fetching.poll(feed_id)
    assert not secrets_in(web.log[-1].headers)


@pytest.mark.parametrize("for_pages", [True, False])
def test_pages_of_the_feed_s_origin_get_them_only_where_wanted(
    fetching: Fetching, web: NewsWeb, for_pages: bool
) -> None:
    site, other = web.site("paper"), web.site("other")
    pages = [one.page("/page.html", "<html><body><p>News.</p></body></html>") for one in (site, other)]
    url = locked_feed(site, *pages)
    feed_id = fetching.add_feed(url)
    set_for(fetching, feed_id, url, for_pages=for_pages)
    fetching.poll(feed_id)
    for page in pages:
        entry = fetching.one("SELECT id FROM entries WHERE url = %s", page)
        assert fetching.download(entry["id"]).startswith("fetched")
    sent = {seen.site: secrets_in(seen.headers) for seen in web.log if seen.path == "/page.html"}
    assert sent == {"paper": {"authorization", "cookie", "x-key"} if for_pages else set(), "other": set()}
    assert not [seen for seen in web.log if seen.path == "/robots.txt" and secrets_in(seen.headers)]


def test_a_refused_page_says_that_credentials_were_sent(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    url = locked_feed(site, site.respond("/page.html", status=401))
    feed_id = fetching.add_feed(url)
    set_for(fetching, feed_id, url, for_pages=True)
    fetching.poll(feed_id)
    entry_id = fetching.one("SELECT id FROM entries")["id"]
    fetching.download(entry_id)
    assert fetching.entry(entry_id)["detail"].endswith("answered 401, credentials were sent")


def test_the_pages_of_a_sitemap_get_what_is_set_for_its_index(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    page = site.page("/page.html", "<html><body><p>News.</p></body></html>")
    index = site.sitemap_index("/index.xml", [(site.sitemap("/part.xml", [Item(link=page)]), None)])
    index_id = fetching.add_feed(index)
    set_for(fetching, index_id, index, for_pages=True)
    fetching.poll(index_id)
    fetching.poll(fetching.one("SELECT id FROM feeds WHERE parent_id = %s", index_id)["id"])
    fetching.download(fetching.one("SELECT id FROM entries")["id"])
    asked = {path: secrets_in(web.requests(path=path)[-1].headers) for path in ("/part.xml", "/page.html")}
    assert asked == {path: {"authorization", "cookie", "x-key"} for path in asked}


@pytest.mark.parametrize("for_pages", [True, False])
def test_a_proxy_leads_to_the_feed_and_to_its_pages_where_wanted(
    fetching: Fetching, web: NewsWeb, proxy: ProxySite, for_pages: bool
) -> None:
    site, other = web.site("paper"), web.site("other")
    page = other.page("/page.html", "<html><body><p>News.</p></body></html>")
    url = locked_feed(site, page)
    feed_id = fetching.add_feed(url)
    set_for(fetching, feed_id, url, proxy=proxy.url("me:verborgen@"), for_pages=for_pages)
    assert fetching.poll(feed_id).startswith("changed")
    fetching.download(fetching.one("SELECT id FROM entries")["id"])
    asked = [line.split(" ")[1] for line, _ in proxy.requests]
    assert asked == [url, *([other.url("/robots.txt"), page] if for_pages else [])]
    assert not [seen for seen in web.log if "proxy-authorization" in seen.headers]


def test_a_proxy_that_is_not_there_is_no_fault_of_the_site(fetching: Fetching, web: NewsWeb) -> None:
    url = web.site("paper").respond("/feed.xml")
    feed_id = fetching.add_feed(url)
    set_for(fetching, feed_id, url, proxy="http://me:verborgen@127.0.0.1:9")
    told = fetching.poll(feed_id)
    assert told.startswith("failed: proxy: the proxy 127.0.0.1:9 cannot be reached")
    assert "verborgen" not in told
    assert not fetching.rests("paper.localhost")


def test_a_feed_behind_a_wall_against_robots_says_so_and_is_left_alone(fetching: Fetching, web: NewsWeb) -> None:
    url = web.site("paper").respond("/feed.xml", status=403, headers=(("CF-Mitigated", "challenge"), *HTML))
    feed_id = fetching.add_feed(url)
    assert fetching.poll(feed_id) == f"failed: bot_wall: {url} lets no robots in (Cloudflare)"
    assert fetching.feed(feed_id)["wait"].total_seconds() >= 3600


def test_a_challenge_that_calls_itself_a_success_is_no_feed(fetching: Fetching, web: NewsWeb) -> None:
    headers = (("X-Amzn-Waf-Action", "challenge"), *HTML)
    feed_id = fetching.add_feed(web.site("paper").respond("/feed.xml", status=202, headers=headers))
    assert fetching.poll(feed_id).startswith("failed: bot_wall")


def test_a_page_behind_a_wall_is_tried_after_an_hour_and_at_last_given_up(fetching: Fetching, web: NewsWeb) -> None:
    headers = (("X-Amzn-Waf-Action", "captcha"), *HTML)
    entry_id = fetching.discover(web.site("paper").respond("/a", status=405, headers=headers))
    assert fetching.download(entry_id) == "bot_wall, again in 3600 s"
    fetching.one("UPDATE entries SET attempts = %s RETURNING id", fetching.context.settings.page_attempts - 1)
    assert fetching.download(entry_id) == "failed: bot_wall"
    assert "AWS WAF" in fetching.entry(entry_id)["detail"]
