"""A paper that is pushed: a feed that names a hub, what polls do with it, and what the hub does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shared.ledger import push
from wiredesk.testweb import Channel, Item, NewsWeb, build_feed

if TYPE_CHECKING:
    from tests.services.fetcher.conftest import Fetching

HUB = "http://hub.localhost/hub"


class Paper:
    """A feed that names a hub, the poll's side and the hub's side of it."""

    def __init__(self, fetching: Fetching, web: NewsWeb) -> None:
        self.fetching = fetching.with_settings(public_url="https://desk.example", poll_floor_seconds=600)
        self.web = web
        self.site = web.site("paper")
        self.url = self.site.url("/feed.xml")
        self.items: list[Item] = []
        self.hub: str | None = HUB
        self.topic = self.url
        self.feed_id = self.fetching.add_feed(self.url)

    def publish(self, *paths: str, minutes_ago: float = 1, dated: bool = True) -> None:
        at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        self.items = [self.item(path, at if dated else None) for path in paths] + self.items
        self.site.page("/feed.xml", self.document(self.items))

    def item(self, path: str, at: datetime | None = None) -> Item:
        return Item(link=self.site.url(f"/{path}"), entry_id=f"id-{path}", title=f"About {path}", published=at)

    def document(self, items: list[Item]) -> bytes:
        channel = Channel(title="Paper", site_url=self.site.url("/"), feed_url=self.topic, hub=self.hub)
        return build_feed("rss", channel, items)

    def poll(self) -> str:
        return self.fetching.poll(self.feed_id)

    def verified(self) -> None:
        """The hub has confirmed what was asked of it."""
        self.set("state = 'active', asked_at = now(), verified_at = now(), lease_ends_at = now() + interval '10 days'")

    def deliver(self, body: bytes, *, feed_id: int | None = None) -> None:
        row = self.subscription()
        with self.fetching.context.database.transaction() as connection:
            push.deliver(
                connection, row["id"], feed_id or self.feed_id, content_type="text/xml", body=body, most_bytes=100_000
            )
            push.make_due(connection)

    def deliver_items(self, *paths: str) -> None:
        self.deliver(self.document([self.item(path) for path in paths]))

    def set(self, assignments: str) -> None:
        self.fetching.one(f"UPDATE subscriptions SET {assignments} WHERE feed_id = %s RETURNING id", self.feed_id)

    def subscription(self) -> dict[str, Any]:
        return self.fetching.one(
            "SELECT * FROM subscriptions WHERE feed_id = %s ORDER BY id DESC LIMIT 1", self.feed_id
        )

    def standing(self) -> push.Standing:
        with self.fetching.context.database.transaction() as connection:
            return push.standing(connection, self.feed_id)

    def feed(self) -> dict[str, Any]:
        return self.fetching.feed(self.feed_id)

    def last_poll(self) -> dict[str, Any]:
        return self.fetching.one("SELECT * FROM feed_polls ORDER BY id DESC LIMIT 1")

    def count(self, table: str) -> int:
        return int(self.fetching.one(f"SELECT count(*) AS n FROM {table}")["n"])

    @property
    def requests(self) -> int:
        return len(self.web.requests(site="paper"))
