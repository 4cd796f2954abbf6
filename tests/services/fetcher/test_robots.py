"""robots.txt on a page's way, redirects included: what it decides, how long that is known, and what of it is kept."""

from __future__ import annotations

import random
import socket
from dataclasses import replace

import pytest

from services.fetcher.robots import CACHE_SECONDS, MAX_CACHED_BYTES, UNREACHABLE_CACHE_SECONDS
from shared.http import GuardedClient
from tests.services.fetcher.conftest import Fetching
from wiredesk.testweb import NewsWeb

PAGE = "<html><body><p>News.</p></body></html>"


def cached(fetching: Fetching) -> list[tuple[bytes, int, int]]:
    """Key, bytes and remaining seconds of every robots.txt that Valkey keeps."""
    valkey = fetching.context.valkey
    keys = sorted(valkey.scan_iter("wiredesk:robots:*"))
    return [(key, int(valkey.strlen(key)), int(valkey.ttl(key))) for key in keys]


def rule_of(fetching: Fetching, entry_id: int) -> str | None:
    """What the stored page says about robots.txt."""
    return fetching.context.store.get(fetching.entry(entry_id)["page_key"]).metadata.robots


def rule_of_fetched(fetching: Fetching, url: str) -> str | None:
    """The rule by which the page was fetched."""
    entry_id = fetching.discover(url)
    assert fetching.download(entry_id).startswith("fetched")
    return rule_of(fetching, entry_id)


def test_a_forbidden_page_is_rejected_unasked_with_the_rule(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("User-agent: *\nDisallow: /private")
    entry_id = fetching.discover(site.page("/private/a", PAGE))
    assert fetching.download(entry_id) == "rejected: robots"
    assert "User-agent: * / Disallow: /private" in fetching.entry(entry_id)["detail"]
    assert [seen.path for seen in web.log] == ["/robots.txt"]


def test_robots_txt_is_asked_for_once_for_all_pages_of_a_day(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("User-agent: *\nDisallow: /b")
    told = [fetching.download(fetching.discover(site.page(path, PAGE))) for path in ("/a", "/b", "/c")]
    assert told == [f"fetched {len(PAGE)} bytes", "rejected: robots", f"fetched {len(PAGE)} bytes"]
    assert len(web.requests(path="/robots.txt")) == 1
    ((_, _, seconds),) = cached(fetching)
    assert CACHE_SECONDS - 60 < seconds <= CACHE_SECONDS


def test_a_redirect_to_another_site_asks_that_site_s_robots_txt(fetching: Fetching, web: NewsWeb) -> None:
    home, other = web.site("paper"), web.site("other")
    home.robots("User-agent: *\nAllow: /")
    other.robots("User-agent: *\nDisallow: /private\nAllow: /open")
    closed = fetching.discover(home.redirect("/a", other.page("/private/a", PAGE)))
    assert fetching.download(closed) == "rejected: robots"
    assert not web.requests(site="other", path="/private/a")
    opened = fetching.discover(home.redirect("/b", other.page("/open/b", PAGE)))
    fetching.download(opened)
    assert rule_of(fetching, opened) == "User-agent: * / Allow: /open"


def test_a_redirect_within_the_site_leads_into_no_forbidden_part(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("User-agent: *\nDisallow: /private")
    site.page("/private/a", PAGE)
    assert fetching.download(fetching.discover(site.redirect("/a", "/private/a"))) == "rejected: robots"
    assert not web.requests(path="/private/a")


def test_without_robots_nothing_is_asked(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("User-agent: *\nDisallow: /")
    careless = fetching.with_settings(robots="off")
    assert rule_of_fetched(careless, site.page("/a", PAGE)) == "not asked"
    assert not web.requests(path="/robots.txt")


def test_robots_txt_may_be_only_recorded(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("User-agent: *\nDisallow: /private\nCrawl-delay: 20")
    recording = fetching.with_settings(robots="record")
    assert rule_of_fetched(recording, site.page("/private/a", PAGE)) == "User-agent: * / Disallow: /private"
    # How often it may be asked is kept to all the same.
    assert recording.download(recording.discover(site.page("/b", PAGE))).startswith("site_busy, again in 20 s")


def test_a_robots_txt_that_is_only_recorded_and_cannot_be_had_keeps_no_page_back(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("paper")
    site.robots("", status=500)
    recording = fetching.with_settings(robots="record")
    assert rule_of_fetched(recording, site.page("/a", PAGE)) == "robots.txt unreachable (503)"


def test_one_site_s_robots_txt_may_mean_something_else(fetching: Fetching, web: NewsWeb) -> None:
    ours = fetching.with_rules('["ours.localhost"]\nrobots = "off"\n["partner.localhost"]\nrobots = "record"')
    told = {}
    for name in ("ours", "partner", "other"):
        web.site(name).robots("User-agent: *\nDisallow: /")
        told[name] = ours.download(ours.discover(web.site(name).page("/a", PAGE))).split(" ")[0]
    assert told == {"ours": "fetched", "partner": "fetched", "other": "rejected:"}
    assert not web.requests(site="ours", path="/robots.txt")


def test_another_site_s_robots_txt_takes_a_place_there(fetching: Fetching, web: NewsWeb) -> None:
    other = web.site("other")
    entry_id = fetching.discover(web.site("paper").redirect("/a", other.page("/b", PAGE)))
    fetching.context.politeness.reserve("other.localhost", ["one", "two"], ttl_seconds=60)
    assert fetching.download(entry_id).startswith("site_busy, again in 5 s")
    assert not web.requests(site="other")


def test_a_robots_txt_that_cannot_be_had_puts_its_pages_off(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("", status=500)
    first, second = (fetching.discover(site.page(path, PAGE)) for path in ("/a", "/b"))
    for entry_id in (first, second):
        assert fetching.download(entry_id).startswith("robots_unreachable, again in")
        wait = fetching.entry(entry_id)["wait"].total_seconds()
        assert UNREACHABLE_CACHE_SECONDS - 30 < wait <= UNREACHABLE_CACHE_SECONDS + 2
        # Not before it is asked for again.
        assert wait > cached(fetching)[0][2] - 1
    # Only the first had it asked for.
    assert [fetching.entry(entry_id)["attempts"] for entry_id in (first, second)] == [1, 0]
    assert len(web.log) == 1
    site.robots("User-agent: *\nAllow: /")
    fetching.let_time_pass()
    assert fetching.download(second).startswith("fetched")


def test_a_page_does_not_wait_for_robots_txt_for_ever(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("", status=500)
    entry_id = fetching.discover(site.page("/a", PAGE))
    told = []
    for _ in range(fetching.context.settings.page_attempts):
        fetching.let_time_pass()
        told.append(fetching.download(entry_id))
    assert told[-1] == "failed: robots_unreachable"


@pytest.mark.parametrize("status", [429, 503])
def test_a_robots_txt_that_asks_for_rest_holds_the_site(fetching: Fetching, web: NewsWeb, status: int) -> None:
    site = web.site("paper")
    site.respond("/robots.txt", status=status, headers=(("Retry-After", "1000"),))
    fetching.download(fetching.discover(site.page("/a", PAGE)))
    assert fetching.held("paper.localhost") == 1000
    assert fetching.rests("paper.localhost")


def test_a_name_that_does_not_exist_ends_the_page_with_its_reason(fetching: Fetching) -> None:
    def nobody(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is unknown")

    with GuardedClient(fetching.context.settings, resolver=nobody) as client:
        lost = Fetching(replace(fetching.context, client=client))
        entry_id = lost.discover("https://dead.example/a")
        assert lost.download(entry_id) == "failed: dns"
    assert cached(fetching) == []


def test_a_robots_txt_that_redirects_nowhere_says_nothing(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.redirect("/robots.txt", "/robots.txt")
    assert fetching.download(fetching.discover(site.page("/a", PAGE))).startswith("fetched")
    web.site("trap").redirect("/robots.txt", "http://10.0.0.1/robots.txt")
    assert fetching.download(fetching.discover(web.site("trap").page("/a", PAGE))).startswith("fetched")


def test_of_a_huge_robots_txt_only_what_is_meant_for_us_is_kept(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    others = "".join(f"User-agent: bot{number}\nDisallow: /{number}\n" for number in range(14_000))
    site.robots(f"{others}User-agent: *\nDisallow: /b\n")
    fetching.download(fetching.discover(site.page("/a", PAGE)))
    ((_, size, _),) = cached(fetching)
    assert size < 100
    assert fetching.download(fetching.discover(site.page("/b", PAGE))) == "rejected: robots"


def test_a_hostile_robots_txt_takes_no_more_than_its_share(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    random_paths = random.Random(7)
    noise = "".join(f"Disallow: /{random_paths.getrandbits(400):x}\n" for _ in range(4400))
    site.robots(f"User-agent: *\nDisallow: /b\n{noise}")
    fetching.download(fetching.discover(site.page("/a", PAGE)))
    ((_, size, _),) = cached(fetching)
    assert MAX_CACHED_BYTES / 2 < size < MAX_CACHED_BYTES + 10
    assert fetching.download(fetching.discover(site.page("/b", PAGE))) == "rejected: robots"


def test_a_site_rests_for_its_crawl_delay_after_each_page(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("User-agent: *\nCrawl-delay: 20")
    # The page's own redirect does not wait: it would never come to its end.
    site.page("/b", PAGE)
    assert fetching.download(fetching.discover(site.redirect("/a", "/b"))).startswith("fetched")
    assert fetching.download(fetching.discover(site.page("/c", PAGE))).startswith("site_busy, again in 20 s")
    assert fetching.held("paper.localhost") == 0


def test_nobody_s_crawl_delay_is_longer_than_a_minute(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    site.robots("User-agent: *\nCrawl-delay: 86400")
    fetching.download(fetching.discover(site.page("/a", PAGE)))
    assert fetching.download(fetching.discover(site.page("/c", PAGE))).startswith("site_busy, again in 60 s")
