"""Push in the scheduler: hubs asked within their site's budget, feeds polled again when a hub is of no use any more."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis

from services.scheduler.subscriptions import LOOK_SECONDS, SWEEP_SECONDS, Subscriptions
from shared.database import Database
from shared.jobs import QueueName
from shared.ledger import feeds, push, subscriptions
from shared.politeness import Politeness
from shared.settings import Settings
from tests.services.scheduler.desk import Desk

ALIVE = """
    state = 'active', asked_at = now(), verified_at = now(), lease_ends_at = now() + interval '10 days',
    last_push_at = now(), due_at = now() + interval '5 days', slows = true
"""


class Push(Desk):
    """The scheduler's part of push, with a clock of its own."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.now = 0.0
        politeness = Politeness(self.valkey, interval_seconds=0.0, concurrency=2)
        self.push = Subscriptions(self.database, self.valkey, self.settings, politeness, clock=lambda: self.now)

    def look(self) -> int:
        self.now += LOOK_SECONDS
        return self.push.tick()

    def subscribe(self, number: int = 1, *, hub: str = "https://hub.example/") -> int:
        """A feed that published today, and wants a subscription."""
        url = f"https://paper{number}.example/feed.xml"
        with self.database.transaction() as connection:
            feed_id = feeds.add(connection, url, title=f"Paper {number}").id
            subscriptions.want(connection, feed_id, hub=hub, topic=url)
        self.sql(
            """
            INSERT INTO feed_polls (feed_id, outcome, new_entries, why, next_at)
            VALUES (%s, 'changed', 1, '', now())
            """,
            [feed_id],
        )
        self.sql(
            """
            UPDATE feeds SET due_at = now() + interval '1 day', last_polled_at = now() - interval '2 hours',
                poll_state = '{"interval_seconds": 10800}' WHERE id = %s
            """,
            [feed_id],
        )
        return feed_id

    def set(self, assignments: str) -> None:
        self.sql(f"UPDATE subscriptions SET {assignments}")

    def row(self) -> dict[str, Any]:
        (row,) = self.sql("SELECT *, EXTRACT(epoch FROM due_at - now())::float AS wait FROM subscriptions")
        return row

    def waits(self, feed_id: int) -> float:
        query = "SELECT EXTRACT(epoch FROM due_at - now())::float AS wait FROM feeds WHERE id = %s"
        return float(self.sql(query, [feed_id])[0]["wait"])

    def descriptions(self) -> list[str]:
        ids = self.waiting(QueueName.FEEDS)
        # redis-py says that it may be awaited.
        return sorted(str(self.valkey.hget(f"rq:job:{job_id}", "description"), "utf-8") for job_id in ids)  # type: ignore[arg-type]


@pytest.fixture
def desk(database: Database, valkey: redis.Redis, settings: Settings) -> Push:
    return Push(database, valkey, settings.model_copy(update={"public_url": "https://desk.example"}))


@pytest.mark.parametrize(
    ("assignments", "words"),
    [
        ("state = 'wanted'", "subscribe  Paper 1 (hub.example)"),
        ("state = 'asked', asked_at = now()", "subscribe  Paper 1 (hub.example)"),
        ("state = 'active', verified_at = now()", "renew  Paper 1 (hub.example)"),
        ("state = 'ending', verified_at = now()", "unsubscribe  Paper 1 (hub.example)"),
        ("state = 'denied'", "subscribe  Paper 1 (hub.example)"),
    ],
)  # fmt: skip
def test_what_is_due_is_issued_once_and_says_what_it_is(desk: Push, assignments: str, words: str) -> None:
    desk.subscribe()
    desk.set(assignments)
    assert [desk.look(), desk.look()] == [1, 0]
    assert desk.descriptions() == [words]
    (job_id,) = desk.waiting(QueueName.FEEDS)
    row = desk.row()
    assert job_id == f"hub-{row['id']}-{row['lease']}"
    told = json.dumps(desk.payload(job_id))
    assert row["token"] not in told
    assert row["secret"] not in told
    assert row["wait"] > 100


def test_work_whose_job_was_lost_is_issued_again_under_a_new_lease(desk: Push) -> None:
    desk.subscribe()
    desk.look()
    desk.set("due_at = now() - interval '1 second'")
    assert desk.look() == 1
    assert [job_id.rpartition("-")[2] for job_id in desk.waiting(QueueName.FEEDS)] == ["1", "2"]


def test_a_hub_is_asked_by_two_at_once_whatever_the_backlog_and_others_do_not_wait(desk: Push) -> None:
    for number in range(9):
        desk.subscribe(number, hub=f"https://{'big' if number < 7 else f'small{number}'}.example/")
    assert desk.look() == 4
    hubs = sorted(words.partition("(")[2] for words in desk.descriptions())
    assert hubs == ["big.example)", "big.example)", "small7.example)", "small8.example)"]


def test_a_hub_s_site_that_is_held_is_left_alone(desk: Push) -> None:
    desk.subscribe()
    desk.sql("INSERT INTO sites (site, held_until) VALUES ('hub.example', now() + interval '1 hour')")
    assert desk.look() == 0


def test_without_an_address_for_callbacks_nothing_is_issued(desk: Push) -> None:
    desk.subscribe()
    silent = Push(desk.database, desk.valkey, desk.settings.model_copy(update={"public_url": None}))
    assert silent.look() == 0


def test_a_lease_of_a_feed_gone_quiet_is_not_renewed_but_used_to_its_end(desk: Push) -> None:
    desk.subscribe()
    desk.sql("UPDATE feed_polls SET at = now() - interval '31 days'")
    desk.set(ALIVE)
    desk.set("due_at = now()")
    assert desk.look() == 0
    assert (desk.row()["state"], round(desk.row()["wait"] / 86_400)) == ("active", 10)
    desk.set("lease_ends_at = now(), due_at = now()")
    desk.look()
    assert desk.row()["state"] == "ended"


def test_a_feed_gone_quiet_before_its_hub_was_asked_is_forgotten(desk: Push) -> None:
    desk.subscribe()
    desk.sql("UPDATE feed_polls SET new_entries = 0")
    assert desk.look() == 0
    desk.push.sweep()
    assert desk.sql("SELECT * FROM subscriptions") == []


@pytest.mark.parametrize("status", ["removed", "paused"])
def test_a_feed_that_is_polled_no_more_is_unsubscribed(desk: Push, status: str) -> None:
    feed_id = desk.subscribe()
    desk.set(ALIVE)
    with desk.database.transaction() as connection:
        push.deliver(connection, desk.row()["id"], feed_id, content_type=None, body=b"x", most_bytes=10)
    desk.sql("UPDATE feeds SET status = %s", [status])
    desk.push.sweep()
    assert desk.row()["state"] == "ending"
    assert desk.sql("SELECT * FROM pushes") == []
    desk.look()
    assert desk.descriptions() == ["unsubscribe  Paper 1 (hub.example)"]


def test_a_feed_that_was_removed_before_its_hub_was_asked_is_forgotten(desk: Push) -> None:
    desk.subscribe()
    desk.sql("UPDATE feeds SET status = 'removed'")
    desk.push.sweep()
    assert desk.sql("SELECT * FROM subscriptions") == []


@pytest.mark.parametrize(
    "assignments",
    [
        "lease_ends_at = now()",
        "state = 'denied'",
        "attempts = 2",
        "missed_at = now(), last_push_at = now() - interval '1 second'",
        "state = 'asked'",
    ],
)
def test_a_feed_whose_hub_is_no_use_any_more_is_polled_at_its_own_interval(desk: Push, assignments: str) -> None:
    feed_id = desk.subscribe()
    desk.set(ALIVE)
    desk.push.review()
    assert desk.waits(feed_id) > 80_000
    desk.set(assignments)
    desk.push.review()
    # Polled two hours ago, and every three.
    assert desk.waits(feed_id) == pytest.approx(3600, abs=60)
    assert not desk.row()["slows"]
    assert desk.sql("SELECT count(*) AS n FROM wakeups WHERE site = 'paper1.example'")[0]["n"] >= 1


def test_a_poll_that_is_overdue_by_its_own_interval_is_due_now(desk: Push) -> None:
    feed_id = desk.subscribe()
    desk.set(ALIVE)
    desk.set("attempts = 5")
    desk.sql('UPDATE feeds SET poll_state = \'{"interval_seconds": "soon"}\'')
    desk.push.review()
    assert desk.waits(feed_id) <= 0


def test_what_nobody_waits_for_is_looked_for_once_a_minute_and_a_dead_hub_sooner(desk: Push) -> None:
    feed_id = desk.subscribe()
    desk.set(ALIVE)
    desk.look()
    desk.set("lease_ends_at = now()")
    for _ in range(int(SWEEP_SECONDS) - 2):
        desk.look()
    assert desk.waits(feed_id) < 80_000
    assert desk.row()["state"] == "active"
    desk.look()
    desk.look()
    assert desk.row()["state"] == "asked"


def test_a_lease_that_ends_is_told(desk: Push) -> None:
    desk.subscribe()
    desk.set(ALIVE)
    desk.set("lease_ends_at = now()")
    desk.push.sweep()
    assert (desk.row()["state"], desk.row()["detail"]) == ("asked", "its lease has ended")


def test_what_has_ended_is_kept_for_a_month_to_tell_late_hubs(desk: Push) -> None:
    desk.subscribe()
    desk.set("state = 'ended', due_at = NULL, asked_at = now() - interval '29 days'")
    desk.push.sweep()
    assert desk.row()["state"] == "ended"
    desk.set("asked_at = now() - interval '31 days'")
    desk.push.sweep()
    assert desk.sql("SELECT * FROM subscriptions") == []


def test_a_delivery_makes_its_feed_s_poll_an_issue_of_the_next_tick(desk: Push) -> None:
    feed_id = desk.subscribe()
    desk.set(ALIVE)
    with desk.database.transaction() as connection:
        push.deliver(connection, desk.row()["id"], feed_id, content_type=None, body=b"x", most_bytes=10)
    desk.tick()
    desk.tick()
    assert desk.waiting(QueueName.FEEDS) == [f"feed-{feed_id}-1"]
    assert desk.row()["poll_due_at"] is not None
