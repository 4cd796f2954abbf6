"""What the fetcher's tests share: its means on real engines, a web to fetch from, and the part of the scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis

from services.fetcher.context import FetcherContext
from services.fetcher.outcomes import LONGEST_WAIT_SECONDS
from services.fetcher.page import download
from services.fetcher.poll import poll
from shared.database import Database
from shared.http import GuardedClient
from shared.jobs import FetchPage, JobRecord, PollFeed
from shared.ledger import feeds
from shared.pagestore import PageStore
from shared.politeness import Heard, Politeness, Report
from shared.settings import Settings
from tests.services.fetcher.papers import Paper
from tests.shared.ledger.rows import discover, seen_at
from wiredesk.testweb import NewsWeb

# Status, ``Retry-After``, and for how many seconds the site is left alone then.
RESTS = [(429, None, 30), (503, None, 5), (429, "1000", 1000), (503, "99999999", LONGEST_WAIT_SECONDS)]


class Fetching:
    """Issues work as the scheduler does, and has the fetcher do it at once."""

    def __init__(self, context: FetcherContext) -> None:
        self.context = context

    def with_store(self, store: PageStore) -> Fetching:
        """The same with another page store."""
        return Fetching(replace(self.context, store=store))

    def with_rules(self, text: str) -> Fetching:
        """The same with a sites file that says ``text``."""
        path = self.context.settings.data.with_name("sites.toml")
        path.write_text(text, "utf-8")
        settings = self.context.settings.model_copy(update={"sites_file": path})
        politeness = Politeness.of(self.context.valkey, settings)
        return Fetching(replace(self.context, settings=settings, politeness=politeness))

    def with_settings(self, **changes: Any) -> Fetching:
        """The same with other settings, for what is asked of the context alone."""
        return Fetching(replace(self.context, settings=self.context.settings.model_copy(update=changes)))

    def add_feed(self, url: str) -> int:
        with self.context.database.transaction() as connection:
            return feeds.add(connection, url).id

    def add_polled(self, url: str) -> int:
        """A feed that was polled once."""
        feed_id = self.add_feed(url)
        self.poll(feed_id)
        return feed_id

    def discover(self, url: str) -> int:
        """Have a feed list the page; returns the entry's id."""
        feed_id = self.add_feed("https://lists.example/feed.xml")
        item = seen_at(url)
        discover(self.context.database, feed_id, item)
        return int(self.one("SELECT id FROM entries WHERE url_key = %s", item.url_key)["id"])

    def download(self, entry_id: int) -> str:
        row = self._issue("entries", entry_id)
        return self._hand_out(FetchPage(entry_id=entry_id, lease=row["lease"], site=row["site"]))

    def poll(self, feed_id: int) -> str:
        row = self._issue("feeds", feed_id)
        return self._hand_out(PollFeed(feed_id=feed_id, lease=row["lease"], site=row["site"]))

    def entry(self, entry_id: int) -> dict[str, Any]:
        return self.one("SELECT *, due_at - now() AS wait FROM entries WHERE id = %s", entry_id)

    def feed(self, feed_id: int) -> dict[str, Any]:
        return self.one("SELECT *, due_at - now() AS wait FROM feeds WHERE id = %s", feed_id)

    def held(self, name: str) -> float:
        """For how many seconds the ledger has the scheduler leave the site alone, rounded; 0: not at all."""
        row = self.one("SELECT max(EXTRACT(epoch FROM held_until - now())) AS seconds FROM sites WHERE site = %s", name)
        return round(float(row["seconds"] or 0))

    def rests(self, name: str) -> bool:
        """Whether Valkey has every fetcher leave the site alone."""
        return not self.context.politeness.reserve(name, ["a test"], ttl_seconds=1).granted

    def has_rest(self, name: str, seconds: float) -> None:
        """Have Valkey know that the site asked to be left alone."""
        report = Report(Heard.BUSY, "http_429", "/", 0.0, asked_seconds=seconds)
        self.context.politeness.report(name, report)

    def let_time_pass(self) -> None:
        """All that Valkey keeps of sites for a while is over."""
        for pattern in ("wiredesk:robots:*", "wiredesk:site:*"):
            for key in self.context.valkey.scan_iter(pattern):
                self.context.valkey.delete(key)

    def tokens(self) -> int:
        """Tokens that are out, of all sites."""
        keys = list(self.context.valkey.scan_iter("wiredesk:site:*:inflight"))
        return sum(int(self.context.valkey.zcard(key)) for key in keys)

    def one(self, query: str, *values: Any) -> dict[str, Any]:
        with self.context.database.transaction() as connection:
            row = connection.execute(query.encode(), values).fetchone()
        assert row is not None
        return row

    def _issue(self, table: str, row_id: int) -> dict[str, Any]:
        return self.one(
            f"UPDATE {table} SET lease = lease + 1, leased_at = now() WHERE id = %s RETURNING lease, site", row_id
        )

    def _hand_out(self, job: JobRecord) -> str:
        self.context.politeness.reserve(job.site, [job.job_id], ttl_seconds=60)
        if isinstance(job, PollFeed):
            return poll(self.context, job)
        assert isinstance(job, FetchPage)
        return download(self.context, job)


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb() as opened:
        yield opened


@pytest.fixture
def fetching(settings: Settings, database: Database, valkey: redis.Redis) -> Iterator[Fetching]:
    with GuardedClient(settings) as client:
        yield Fetching(
            FetcherContext(
                settings=settings,
                database=database,
                valkey=valkey,
                client=client,
                store=PageStore(settings.page_store_location),
                politeness=Politeness(valkey, interval_seconds=0.0, concurrency=2),
            )
        )


@pytest.fixture
def paper(fetching: Fetching, web: NewsWeb) -> Paper:
    opened = Paper(fetching, web)
    opened.publish("old")
    return opened


@pytest.fixture
def pushed_paper(paper: Paper) -> Paper:
    """A paper that was polled once, and whose hub has confirmed."""
    paper.poll()
    paper.verified()
    return paper
