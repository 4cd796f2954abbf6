"""Scheduler, fetchers and people at the same rows at once, with leases that run out at every moment."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis

from shared.database import Database
from shared.ledger import audit, entries, feeds, polls
from shared.settings import Settings
from tests.services.scheduler.desk import Desk
from tests.shared.ledger.rows import add_feed, discover, feed, seen
from tests.together import do_together

SECONDS = 5


class Rush:
    """What each of the threads does, once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.feed_ids = [add_feed(desk.database, f"https://{number}.example/rss") for number in range(4)]
        self.turn = 0
        self.ended = 0

    def schedule(self) -> None:
        self.desk.dispatcher.tick()

    def poll(self, number: int) -> None:
        self.turn += 1
        items = [seen(str(i), site=f"{i % 4}.example", fingerprint=str(self.turn)) for i in range(30)]
        with self.desk.database.transaction() as connection:
            polls.lock_for_record(
                connection, self.feed_ids[number], feed(self.desk.database, self.feed_ids[number])["lease"]
            )
        discover(self.desk.database, self.feed_ids[number], *(items if number % 2 else reversed(items)))

    def fetch(self) -> None:
        found = self.desk.valkey.lpop("rq:queue:pages")
        if not isinstance(found, bytes):
            time.sleep(0.01)
            return
        _, row_id, lease = found.decode().split("-")
        if self.desk.claim(found.decode()):
            with self.desk.database.transaction() as connection:
                self.ended += entries.finish(connection, int(row_id), int(lease), state="failed", reason="http_404")

    def administer(self) -> None:
        with self.desk.database.transaction() as connection:
            for number in (3, 1, 2, 0):
                feeds.add(connection, f"https://{number}.example/rss")
        with self.desk.database.transaction() as connection:
            feeds.poll_now(connection, self.feed_ids)


@pytest.fixture
def rush(database_url: str, valkey: redis.Redis, settings: Settings) -> Iterator[Rush]:
    with Database(database_url, max_size=12) as database:
        hasty = settings.model_copy(update={"fetch_lease_seconds": 1, "parse_lease_seconds": 1})
        yield Rush(Desk(database, valkey, hasty))


def test_nobody_deadlocks_and_the_books_stay_in_order(rush: Rush) -> None:
    work = [rush.schedule, lambda: rush.poll(0), lambda: rush.poll(1), rush.fetch, rush.fetch, rush.administer]
    do_together(work, for_seconds=SECONDS, patience_seconds=SECONDS + 30)
    assert rush.ended > 0
    with rush.desk.database.transaction() as connection:
        assert audit.problems(connection) == []
