"""Push from end to end: scheduler, fetcher, parser, indexer and API as processes, and a hub in the test web."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis

from services.api.dependencies import ApiContext
from services.fetcher.context import FetcherContext
from services.fetcher.websub import ask
from shared.database import Database
from shared.http import GuardedClient
from shared.jobs import AskHub
from shared.ledger import feeds, subscriptions
from shared.pagestore import PageStore
from shared.politeness import Politeness
from shared.settings import Settings
from tests.pipeline.desk import WORDS, Desk, wait_until
from tests.pipeline.test_up import free_port, read, ready
from tests.services.api.served import serve
from wiredesk.testweb import ArticlePage, Channel, Hub, Item, NewsWeb, Site, Subscriber, article_page, rss

LEASE_SECONDS = 8


class Paper:
    """A paper with a feed that names a hub, and a page for each article."""

    def __init__(self, site: Site, hub: Hub) -> None:
        self.site = site
        self.hub = hub
        self.url = site.url("/feed.xml")
        self.items: list[Item] = []

    def write(self, number: int) -> Item:
        """Put an article's page there; no feed lists it yet."""
        facts = {"place": f"Harbour {number}", "thing": "crane", "year": 1900 + number, "count": number + 3}
        published, title = datetime.now(UTC), f"The harbour looks at its crane number {number} again"
        page = ArticlePage(
            url=self.site.url(f"/{number}.html"),
            title=title,
            paragraphs=tuple(sentence.format(**facts) for sentence in WORDS),
            published=published,
            site_name="Paper",
        )
        link = self.site.page(f"/{number}.html", article_page(page))
        return Item(link=link, entry_id=link, title=title, published=published)

    def document(self, *items: Item) -> bytes:
        channel = Channel(title="Paper", site_url=self.site.url("/"), feed_url=self.url, hub=self.hub.url)
        return rss(channel, items)

    def list(self, *items: Item) -> None:
        """List articles in the feed, the newest first."""
        self.items = [*items, *self.items]
        self.site.page("/feed.xml", self.document(*self.items))


@pytest.fixture
def desk(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Desk]:
    port = free_port()
    opened = Desk(
        tmp_path / "desk",
        WIREDESK_DATABASE_URL=database_url,
        WIREDESK_REDIS_URL=redis_url,
        WIREDESK_API_PORT=str(port),
        WIREDESK_PUBLIC_URL=f"http://127.0.0.1:{port}/",
        WIREDESK_READ_TOKEN="needed",
        # Also how often a hub is asked at the most: without it no short lease would be renewed in time.
        WIREDESK_POLL_FLOOR_SECONDS="2",
        WIREDESK_POLL_CEILING_SECONDS="600",
    )
    try:
        yield opened
    finally:
        opened.close()


class Push:
    """What the ledger says about the one feed and its subscription."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, query: str) -> dict[str, Any]:
        with self._database.transaction() as connection:
            return connection.execute(query.encode()).fetchone() or {}

    def subscription(self) -> dict[str, Any]:
        return self.one("SELECT * FROM subscriptions ORDER BY id DESC LIMIT 1")

    def indexed(self) -> int:
        return int(self.one("SELECT count(*) AS n FROM articles")["n"])

    def last_poll(self) -> dict[str, Any]:
        return self.one("SELECT * FROM feed_polls ORDER BY id DESC LIMIT 1")


def post(url: str, body: bytes, signature: str) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    try:
        connection.request("POST", parts.path, body, {"X-Hub-Signature": signature})
        return connection.getresponse().status
    finally:
        connection.close()


def start(desk: Desk, paper: Paper) -> None:
    for worker in ("scheduler", "fetcher", "parser", "indexer"):
        desk.start("worker", worker)
    desk.start("api")
    # A hub that calls back before anybody listens is asked again only after ten minutes.
    port = int(desk.environment["WIREDESK_API_PORT"])
    wait_until(lambda: ready(port), seconds=60, what="the API is ready")
    assert desk.run("feeds", "add", paper.url).returncode == 0


def test_an_article_that_is_pushed_is_there_within_seconds_and_polling_takes_over_when_the_hub_dies(
    desk: Desk, web: NewsWeb, database: Database
) -> None:
    hub = Hub(web.site("hub"), lease_seconds=LEASE_SECONDS)
    paper, push = Paper(web.site("paper"), hub), Push(database)
    paper.list(paper.write(1))
    start(desk, paper)

    # Discovered, asked for, and verified by way of the API, which answers nobody else without its token.
    wait_until(lambda: push.subscription().get("state") == "active", seconds=60, what="the hub has verified")
    wait_until(lambda: push.indexed() == 1, seconds=60, what="the first article is there")
    (subscriber,) = hub.subscribers
    assert subscriber.topic == paper.url
    with pytest.raises(OSError, match="401"):
        read(int(desk.environment["WIREDESK_API_PORT"]), "/v1/feeds")

    # A new article, which the feed itself does not list: only the hub can have told.
    polls = len(web.requests(site="paper", path="/feed.xml"))
    pushed = paper.document(paper.write(2))
    began = time.monotonic()
    assert hub.publish(paper.url, pushed) == [202]
    answered = time.monotonic() - began
    wait_until(lambda: push.indexed() == 2, seconds=15, what="the pushed article is there")
    assert (answered < 2, time.monotonic() - began < 10) == (True, True), f"answered after {answered:.3f} s"
    assert len(web.requests(site="paper", path="/feed.xml")) == polls
    shown = desk.json("feeds", "show", paper.url)
    assert (shown["push"]["hub"], shown["push"]["alive"], shown["push"]["pushes"]) == (hub.url, True, 1)
    assert shown["polls"][0]["outcome"] == "pushed"
    strangers_are_turned_away(hub, subscriber, push, paper)

    # Renewed at half its lease, before it ends.
    asked, lease_ends = len(hub.requests), push.subscription()["lease_ends_at"]
    wait_until(lambda: len(hub.requests) > asked, seconds=LEASE_SECONDS, what="the lease is renewed")
    wait_until(lambda: push.subscription()["lease_ends_at"] > lease_ends, seconds=5, what="the renewal is verified")
    assert push.subscription()["state"] == "active"
    assert {request["hub.secret"] for request in hub.requests} == {subscriber.secret}

    # The hub dies, of a paper that was polled every few seconds before it pushed: what is not delivered any more is
    # found by polling, long before the poll that is planned for safety.
    hub.die()
    paper.list(paper.write(3))
    assert push.subscription()["slows"]
    planned = push.one(
        """
        UPDATE feeds SET poll_state = poll_state || '{"interval_seconds": 5}'
        RETURNING EXTRACT(epoch FROM due_at - now())::float AS wait
        """
    )
    assert planned["wait"] > 2 * LEASE_SECONDS + 30
    wait_until(lambda: push.indexed() == 3, seconds=2 * LEASE_SECONDS + 20, what="polling has found the article")
    assert not push.subscription()["slows"]

    # A feed that is removed is unsubscribed, as far as its hub can be told.
    assert desk.run("feeds", "remove", paper.url).returncode == 0
    wait_until(lambda: push.subscription()["state"] in ("ending", "ended"), seconds=15, what="it ends")
    audit = desk.run("audit")
    assert audit.returncode == 0, audit.stdout


def strangers_are_turned_away(hub: Hub, subscriber: Subscriber, push: Push, paper: Paper) -> None:
    """Forgeries are thanked for and dropped; other addresses and questions that nobody asked for lead nowhere."""
    forged = paper.document(paper.write(9))
    assert post(subscriber.callback, forged, "sha256=" + "0" * 64) == 202
    assert hub.deliver(Subscriber(callback=subscriber.callback, topic=paper.url, secret="guess"), forged) == 202
    assert post(subscriber.callback[:-3] + "abc", forged, "sha256=" + "0" * 64) == 404
    assert hub.call(subscriber, "unsubscribe", **{"hub.challenge": "x"}).status == 404
    elsewhere = Subscriber(callback=subscriber.callback, topic=paper.site.url("/"))
    assert hub.call(elsewhere, "subscribe", **{"hub.challenge": "x"}).status == 404
    assert push.subscription()["bad_signatures"] == 2
    assert push.one("SELECT count(*) AS n FROM pushes")["n"] == 0
    assert push.one("SELECT count(*) AS n FROM entries")["n"] == 2


def ask_served(settings: Settings, database: Database, valkey: redis.Redis, web: NewsWeb, **manner: Any) -> Hub:
    """Have a fetcher in this process ask a hub of that manner, which calls back at a served API."""
    hub = Hub(web.site("hub"), **manner)
    with database.transaction() as connection:
        feed = feeds.add(connection, web.site("paper").url("/feed.xml"))
        subscriptions.want(connection, feed.id, hub=hub.url, topic=feed.url)
    number = Push(database).one("UPDATE subscriptions SET lease = 1, leased_at = now() RETURNING id")["id"]
    with serve(ApiContext(settings, database, valkey)) as api, GuardedClient(settings) as client:
        context = FetcherContext(
            settings=settings.model_copy(update={"public_url": api.address}),
            database=database,
            valkey=valkey,
            client=client,
            store=PageStore(settings.page_store_location),
            politeness=Politeness.of(valkey, settings),
        )
        ask(context, AskHub(subscription_id=number, errand="subscribe", lease=1, site="hub.localhost"))
        wait_until(lambda: hub.calls, seconds=10, what="the hub calls back")
    return hub


@pytest.mark.parametrize("before_answer", [True, False])
def test_a_hub_may_verify_before_or_after_it_answers(
    settings: Settings, database: Database, valkey: redis.Redis, web: NewsWeb, *, before_answer: bool
) -> None:
    hub = ask_served(settings, database, valkey, web, before_answer=before_answer)
    assert [(call.mode, call.accepted) for call in hub.calls] == [("subscribe", True)]
    row = Push(database).subscription()
    assert (row["state"], row["attempts"], row["detail"]) == ("active", 0, None)
    assert row["due_at"] < row["lease_ends_at"]


def test_a_hub_that_denies_is_left_alone_for_a_week(
    settings: Settings, database: Database, valkey: redis.Redis, web: NewsWeb
) -> None:
    hub = ask_served(settings, database, valkey, web, denies="not you", before_answer=True)
    assert hub.subscribers == ()
    row = Push(database).one("SELECT *, due_at > now() + interval '6 days' AS rests FROM subscriptions")
    assert (row["state"], row["detail"], row["rests"]) == ("denied", "denied by the hub: not you", True)
