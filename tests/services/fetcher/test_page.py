"""A page's download against a real web and real engines: what is kept, what is told to the site, what is given back."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import psycopg
import pytest

from services.fetcher.page import download
from shared import queues
from shared.errors import EngineError
from shared.http import GuardedClient
from shared.jobs import FetchPage, QueueName
from shared.pagestore import PageStore
from shared.politeness import FAILURES_TO_OPEN, FIRST_OPEN_SECONDS, FORBIDDEN_PAGES, OUTAGE_SITES
from tests.services.fetcher.conftest import RESTS, Fetching
from wiredesk.testweb import Answer, Ask, NewsWeb

PAGE = "<html><body><p>News.</p></body></html>"


def test_a_page_is_kept_and_handed_on(fetching: Fetching, web: NewsWeb) -> None:
    entry_id = fetching.discover(web.site("paper").page("/a", PAGE))
    assert fetching.download(entry_id) == f"fetched {len(PAGE)} bytes"
    row = fetching.entry(entry_id)
    assert (row["state"], row["stage"]) == ("fetched", "parse")
    page = fetching.context.store.get(row["page_key"])
    assert page.body == PAGE.encode()
    assert page.metadata.robots == "robots.txt absent (404)"
    assert queues.depths(fetching.context.valkey)[QueueName.PARSE] == 1
    assert fetching.tokens() == 0


def test_a_download_that_was_issued_again_does_nothing(fetching: Fetching, web: NewsWeb) -> None:
    entry_id = fetching.discover(web.site("paper").page("/a", PAGE))
    fetching.one("UPDATE entries SET lease = 7 RETURNING id")
    assert download(fetching.context, FetchPage(entry_id=entry_id, lease=6, site="paper.localhost")) == "superseded"
    assert not web.log


@pytest.mark.parametrize(("status", "asked", "seconds"), RESTS)
def test_a_site_that_says_too_much_is_held_in_the_ledger_and_in_valkey(
    fetching: Fetching, web: NewsWeb, status: int, asked: str | None, seconds: float
) -> None:
    headers = (("Retry-After", asked),) if asked else ()
    entry_id = fetching.discover(web.site("paper").respond("/a", status=status, headers=headers))
    assert fetching.download(entry_id).startswith(f"http_{status}, again in")
    assert fetching.held("paper.localhost") == seconds
    assert fetching.rests("paper.localhost")
    assert fetching.tokens() == 0


def test_a_date_is_a_retry_after_too(fetching: Fetching, web: NewsWeb) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    entry_id = fetching.discover(web.site("paper").respond("/a", status=503, headers=(("Retry-After", until),)))
    fetching.download(entry_id)
    assert fetching.held("paper.localhost") == pytest.approx(600, abs=3)


def test_the_site_that_answered_is_held_not_the_one_that_redirected(fetching: Fetching, web: NewsWeb) -> None:
    busy = web.site("busy").respond("/b", status=429)
    entry_id = fetching.discover(web.site("paper").redirect("/a", busy))
    fetching.download(entry_id)
    assert (fetching.held("busy.localhost"), fetching.held("paper.localhost")) == (30, 0)
    assert (fetching.rests("busy.localhost"), fetching.rests("paper.localhost")) == (True, False)


def test_the_last_try_holds_the_site_too(fetching: Fetching, web: NewsWeb) -> None:
    entry_id = fetching.discover(web.site("paper").respond("/a", status=429))
    fetching.one("UPDATE entries SET attempts = %s RETURNING id", fetching.context.settings.page_attempts - 1)
    assert fetching.download(entry_id) == "failed: http_429"
    assert fetching.held("paper.localhost") == 30
    assert fetching.rests("paper.localhost")


def test_a_broken_page_holds_nobody(fetching: Fetching, web: NewsWeb) -> None:
    entry_id = fetching.discover(web.site("paper").respond("/a", status=500, headers=(("Retry-After", "1000"),)))
    fetching.download(entry_id)
    assert (fetching.held("paper.localhost"), fetching.rests("paper.localhost")) == (0, False)


def test_a_forbidden_page_is_tried_again_and_then_has_failed(fetching: Fetching, web: NewsWeb) -> None:
    entry_id = fetching.discover(web.site("paper").respond("/a", status=403))
    told = []
    for _ in range(fetching.context.settings.page_attempts):
        fetching.let_time_pass()
        told.append(fetching.download(entry_id))
    assert all(words.startswith("http_403, again in") for words in told[:-1])
    assert told[-1] == "failed: http_403"


def test_a_held_site_is_not_asked_and_costs_no_try(fetching: Fetching, web: NewsWeb) -> None:
    entry_id = fetching.discover(web.site("paper").page("/a", PAGE))
    fetching.has_rest("paper.localhost", 60)
    assert fetching.download(entry_id).startswith("site_busy, again in 60 s")
    row = fetching.entry(entry_id)
    assert (row["attempts"], row["leased_at"]) == (0, None)
    assert not web.log
    assert fetching.tokens() == 0


def test_a_store_that_breaks_leaves_the_page_to_its_lease(fetching: Fetching, web: NewsWeb, tmp_path: Path) -> None:
    """The job fails, because an engine did; the site's token is free and the scheduler issues the page again."""
    entry_id = fetching.discover(web.site("paper").page("/a", PAGE))
    store = PageStore(str(tmp_path / "pages"))
    for path in sorted((tmp_path / "pages").rglob("*"), reverse=True):
        path.unlink()
    (tmp_path / "pages").rmdir()
    (tmp_path / "pages").write_text("no folder any more")
    with pytest.raises(EngineError, match="page store"):
        fetching.with_store(store).download(entry_id)
    assert fetching.tokens() == 0
    row = fetching.entry(entry_id)
    assert (row["state"], row["stage"], row["attempts"]) == ("discovered", "fetch", 0)
    assert row["claimed"] == row["lease"]
    lease = timedelta(seconds=fetching.context.settings.fetch_lease_seconds)
    assert timedelta() < row["wait"] <= lease
    assert fetching.download(entry_id).startswith("fetched")


def test_a_database_that_breaks_costs_the_site_no_token(fetching: Fetching, web: NewsWeb) -> None:
    entry_id = fetching.discover(web.site("paper").page("/a", PAGE))
    fetching.context.politeness.reserve("paper.localhost", [f"page-{entry_id}-1"], ttl_seconds=60)
    with fetching.context.database.transaction() as connection:
        connection.execute("ALTER TABLE entries RENAME TO lost")
    with pytest.raises(psycopg.Error):
        download(fetching.context, FetchPage(entry_id=entry_id, lease=1, site="paper.localhost"))
    assert fetching.tokens() == 0


def test_an_address_that_is_not_of_the_public_web_ends_the_page_with_its_reason(fetching: Fetching) -> None:
    entry_id = fetching.discover("http://10.0.0.1/a")
    assert fetching.download(entry_id) == "failed: blocked_address"


def test_pages_that_are_refused_one_after_the_other_hold_the_whole_site(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    pages = [fetching.discover(site.respond(f"/{number}", status=403)) for number in range(FORBIDDEN_PAGES)]
    held = []
    for entry_id in pages:
        fetching.download(entry_id)
        held.append(fetching.held("paper.localhost"))
    assert held == [0] * (FORBIDDEN_PAGES - 1) + [30]
    assert fetching.rests("paper.localhost")


def test_a_site_that_gives_no_answer_is_left_alone_and_its_pages_keep_their_tries(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("dead")
    pages = [fetching.discover(site.respond(f"/{number}", status=504)) for number in range(FAILURES_TO_OPEN + 3)]
    told = [fetching.download(entry_id) for entry_id in pages]
    assert all(words.startswith("http_504, again in") for words in told[:FAILURES_TO_OPEN])
    assert told[FAILURES_TO_OPEN:] == ["site_busy, again in 60 s"] * 3
    assert [fetching.entry(entry_id)["attempts"] for entry_id in pages] == [1] * FAILURES_TO_OPEN + [0] * 3
    assert fetching.rests("dead.localhost")
    assert len(web.requests(site="dead")) == 1 + FAILURES_TO_OPEN
    assert fetching.context.politeness.state("dead.localhost").held_for == "http_504"


def test_a_rest_that_an_answer_may_end_at_once_does_not_stand_in_the_ledger(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("dead")
    pages = [fetching.discover(site.respond(f"/{number}", status=504)) for number in range(FAILURES_TO_OPEN)]
    for entry_id in pages:
        fetching.download(entry_id)
    assert fetching.context.politeness.state("dead.localhost").breaker == "open"
    assert fetching.held("dead.localhost") == 0


def test_a_long_rest_of_a_dead_site_stands_in_the_ledger(fetching: Fetching, web: NewsWeb) -> None:
    fetching.context.valkey.hset("wiredesk:site:dead.localhost:mood", mapping={"failures": 8, "opened": 4})
    entry_id = fetching.discover(web.site("dead").respond("/a", status=504))
    fetching.with_settings(robots="off").download(entry_id)
    assert fetching.held("dead.localhost") == 16 * FIRST_OPEN_SECONDS


def test_in_an_outage_of_our_own_no_page_loses_a_try(fetching: Fetching, web: NewsWeb) -> None:
    fetching.download(fetching.discover(web.site("paper").page("/a", PAGE)))

    def down(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, f"{host} cannot be resolved now")

    urls = [f"https://paper{number}.example/a" for number in range(OUTAGE_SITES + 1)]
    pages = [fetching.discover(url) for url in urls]
    with GuardedClient(fetching.context.settings, resolver=down) as client:
        cut_off = Fetching(replace(fetching.context, client=client))
        for entry_id in pages:
            cut_off.download(entry_id)
    rows = [fetching.entry(entry_id) for entry_id in pages]
    # The first could still be alone in it.
    assert [row["attempts"] for row in rows] == [1] * (OUTAGE_SITES - 1) + [0, 0]
    assert rows[-1]["reason"] == "dns_temporary"
    # No site's robots.txt is taken for unreachable either.
    assert fetching.context.valkey.exists(f"wiredesk:robots:wiredesk:{urls[-1].removesuffix('/a')}") == 0


def test_a_page_that_redirects_to_another_site_takes_a_place_there(fetching: Fetching, web: NewsWeb) -> None:
    taken: list[int] = []

    def target(_: Ask) -> Answer:
        taken.append(fetching.context.politeness.state("other.localhost").places_taken)
        return Answer(headers=(("Content-Type", "text/html"),), body=PAGE.encode())

    url = web.site("other").answer("/b", target)
    assert fetching.download(fetching.discover(web.site("paper").redirect("/a", url))).startswith("fetched")
    assert taken == [1]
    assert fetching.tokens() == 0


def test_a_redirect_that_finds_no_place_at_the_other_site_steps_aside(fetching: Fetching, web: NewsWeb) -> None:
    entry_id = fetching.discover(web.site("paper").redirect("/a", web.site("other").page("/b", PAGE)))
    fetching.context.politeness.reserve("other.localhost", ["one", "two"], ttl_seconds=60)
    assert fetching.download(entry_id).startswith("site_busy, again in 5 s")
    assert fetching.entry(entry_id)["attempts"] == 0
    assert not web.requests(site="other")
    assert fetching.tokens() == 2
    fetching.context.politeness.release("other.localhost", "one")
    assert fetching.download(entry_id).startswith("fetched")
    assert fetching.tokens() == 1


def test_a_host_may_be_asked_by_another_name(fetching: Fetching, web: NewsWeb) -> None:
    named = fetching.with_rules('["paper.localhost"]\nuser_agent = "Special/2 (+https://bot.example)"')
    site = web.site("paper")
    site.robots("User-agent: special\nDisallow: /private\nUser-agent: *\nDisallow: /")
    assert named.download(fetching.discover(site.page("/a", PAGE))).startswith("fetched")
    assert named.download(fetching.discover(site.page("/private", PAGE))) == "rejected: robots"
    named.download(fetching.discover(web.site("other").page("/a", PAGE)))
    names = {seen.site: seen.headers["user-agent"].split("/")[0] for seen in web.log}
    assert names == {"paper": "Special", "other": "Wiredesk"}
    assert {seen.headers["user-agent"] for seen in web.requests(site="paper")} == {"Special/2 (+https://bot.example)"}


def test_a_host_s_own_limit_holds_within_its_site(fetching: Fetching, web: NewsWeb) -> None:
    slow = fetching.with_rules('["archive.paper.localhost"]\ninterval_seconds = 30').with_settings(robots="off")
    archive, front = web.site("archive.paper"), web.site("www.paper")
    pages = [slow.discover(site.page(path, PAGE)) for site in (archive, front) for path in ("/a", "/b")]
    told = [slow.download(entry_id) for entry_id in pages]
    assert [words.startswith("fetched") for words in told] == [True, False, True, True]
    assert told[1].startswith("site_busy, again in 30 s")
    assert slow.entry(pages[1])["attempts"] == 0
    assert slow.tokens() == 0
