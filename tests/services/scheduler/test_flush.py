"""Valkey loses its memory: nothing is lost with it, nothing is held against a page, and no site sees too much."""

from __future__ import annotations

import redis

from services.scheduler.dispatch import Dispatcher
from shared.database import Database
from shared.jobs import QueueName
from shared.ledger import leases, subscriptions
from shared.settings import Settings
from tests.services.scheduler.desk import Desk
from tests.shared.ledger.rows import add_feed, discover, download, entry, seen


def test_a_flush_has_everything_that_waited_issued_again_at_no_cost(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, *(seen(str(number), site=f"{number}.example") for number in range(3)))
    discover(desk.database, feed_id, seen("parsed"))
    download(desk.database, entry(desk.database, "parsed")["id"])
    assert desk.tick().issued == 3
    desk.valkey.flushall()
    assert desk.tick().flushed
    desk.valkey.delete("wiredesk:quiet")
    desk.wake()
    tick = desk.tick()
    assert (tick.issued, tick.lost) == (3, 1)
    assert [row["attempts"] for row in desk.sql("SELECT attempts FROM entries")] == [0] * 4
    assert len(desk.everything_waiting()) == 4


def test_after_a_flush_what_runs_is_left_to_run_and_counts_in_its_sites_budget(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, *(seen(str(number)) for number in range(4)))
    desk.tick()
    running, taken = desk.begin(QueueName.PAGES), desk.take(QueueName.PAGES)
    assert desk.claim(running)
    desk.valkey.flushall()
    assert desk.tick().flushed
    assert not desk.claim(taken), "its lease was taken back before it began"
    desk.valkey.delete("wiredesk:quiet")
    desk.wake()
    assert desk.tick().issued == 1, "one of the two places is still taken"
    assert running not in desk.waiting(QueueName.PAGES)


def test_a_request_to_a_hub_that_runs_counts_after_a_flush_and_one_that_nobody_began_does_not(
    desk: Desk, feed_id: int
) -> None:
    with desk.database.transaction() as connection:
        subscriptions.want(connection, feed_id, hub="https://hub.example/", topic="https://paper.example/feed.xml")
    dispatched = (
        "UPDATE subscriptions SET lease = 1, leased_at = now(), due_at = now() + interval '1 minute' RETURNING id"
    )
    (row,) = desk.sql(dispatched)
    with desk.database.transaction() as connection:
        assert leases.under_way(connection) == []
    with desk.database.transaction() as connection:
        assert subscriptions.claim(connection, row["id"], 1, lease_seconds=60)
    with desk.database.transaction() as connection:
        (running,) = leases.under_way(connection)
    assert (running.site, running.job_id) == ("hub.example", f"hub-{row['id']}-1")
    assert 50 < running.seconds <= 60


def test_after_a_flush_no_site_is_asked_before_granted_requests_have_passed(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a"), seen("b", site="other.example"))
    desk.tick()
    desk.valkey.flushall()
    desk.tick()
    for _ in range(3):
        desk.wake()
        assert desk.tick().issued == 0


def test_a_scheduler_that_is_killed_while_it_notices_a_flush_notices_it_again(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a"))
    desk.tick()
    desk.valkey.flushall()
    with desk.database.transaction() as connection:
        leases.void_unclaimed_leases(connection)
    successor = Dispatcher(desk.database, desk.valkey, desk.settings)
    assert sum(successor.tick().issued for _ in range(2)) == 1


def test_a_new_valkey_with_nothing_lost_delays_nothing(
    database: Database, valkey: redis.Redis, settings: Settings
) -> None:
    add_feed(database)
    dispatcher = Dispatcher(database, valkey, settings)
    first = dispatcher.tick()
    assert (first.flushed, first.issued) == (False, 1)
