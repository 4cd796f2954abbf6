"""Losses, one for each place where a job can vanish: all are taken up, and what breaks down for ever has an end."""

from __future__ import annotations

import time

import pytest

from shared.jobs import QueueName
from shared.ledger import polls
from tests.services.scheduler.desk import Desk
from tests.shared.ledger.rows import add_feed, discover, download, entry, feed, seen, steps


def test_a_job_that_still_waits_is_not_issued_again(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a"))
    desk.tick()
    desk.expire_leases()
    assert desk.tick().issued == 0
    assert entry(desk.database)["lease"] == 1


def test_work_that_waits_long_keeps_its_place_at_the_site(desk: Desk, feed_id: int) -> None:
    quick = desk.with_settings(fetch_lease_seconds=1, site_concurrency=1)
    discover(quick.database, feed_id, seen("a"), seen("b"))
    quick.tick()
    (key,) = quick.valkey.keys("wiredesk:site:*:inflight")
    before = quick.valkey.zrange(key, 0, -1, withscores=True)
    time.sleep(0.05)
    quick.expire_leases()
    quick.tick()
    after = quick.valkey.zrange(key, 0, -1, withscores=True)
    assert [holder for holder, _ in after] == [holder for holder, _ in before]
    assert after[0][1] > before[0][1]
    assert len(quick.waiting(QueueName.PAGES)) == 1


def test_a_job_that_was_never_enqueued_is_issued_again_and_counts_nothing(desk: Desk, feed_id: int) -> None:
    """The scheduler was killed between its commit and the enqueuing, or Valkey forgot its last second."""
    discover(desk.database, feed_id, seen("a"))
    desk.tick()
    for _ in range(10):
        desk.valkey.delete("rq:queue:pages", *desk.valkey.keys("rq:job:*"))
        desk.expire_leases()
        assert desk.tick().lost == 1
    row = entry(desk.database)
    assert (row["state"], row["attempts"], row["lease"]) == ("discovered", 0, 11)
    assert "download issued again" in steps(row)


def test_a_worker_killed_just_after_it_took_a_job_costs_nothing(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a"))
    desk.tick()
    desk.take(QueueName.PAGES)
    desk.expire_leases()
    assert desk.tick().lost == 1
    assert entry(desk.database)["attempts"] == 0


def test_a_worker_killed_during_a_download_costs_an_attempt_and_gives_up_its_place(desk: Desk, feed_id: int) -> None:
    alone = desk.with_settings(site_concurrency=1)
    discover(alone.database, feed_id, seen("a"))
    alone.tick()
    job_id = alone.begin(QueueName.PAGES)
    assert alone.claim(job_id)
    alone.expire_leases()
    assert alone.tick().issued == 0, "within its time a job may still be running"
    alone.valkey.hset(f"rq:job:{job_id}", "timeout", -10)
    alone.expire_leases()
    assert alone.tick().lost == 1
    assert entry(alone.database)["attempts"] == 1


def test_lost_work_does_not_wait_behind_a_backlog_that_is_older(desk: Desk, feed_id: int) -> None:
    """Its tokens would otherwise close the site until they expire: minutes after every killed fetcher."""
    alone = desk.with_settings(site_concurrency=1)
    discover(alone.database, feed_id, *(seen(name) for name in "abcdefgh"))
    alone.tick()
    job_id = alone.begin(QueueName.PAGES, seconds_ago=3600)
    assert alone.claim(job_id)
    alone.expire_leases()
    alone.sql("UPDATE entries SET due_at = now() - interval '1 hour' WHERE leased_at IS NULL")
    assert alone.tick().lost == 1
    assert len(alone.waiting(QueueName.PAGES)) == 1


def test_a_page_that_ends_every_fetcher_ends_itself(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a"))
    desk.tick()
    for _ in range(desk.settings.page_attempts):
        job_id = desk.begin(QueueName.PAGES, seconds_ago=3600)
        assert desk.claim(job_id)
        desk.expire_leases()
        desk.tick()
    row = entry(desk.database)
    assert (row["state"], row["reason"], row["stage"]) == ("failed", "lost", None)
    assert desk.everything_waiting() == []


def test_a_broken_engine_uses_up_no_attempts(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a"))
    desk.tick()
    for _ in range(desk.settings.page_attempts + 2):
        job_id = desk.begin(QueueName.PAGES)
        desk.fail(job_id, "EngineError: the page store is full")
        desk.valkey.hset(f"rq:job:{job_id}", "wiredesk_blameless", "1")
        desk.expire_leases()
        assert desk.tick().lost == 1
    assert entry(desk.database)["attempts"] == 0


def test_a_feed_that_ends_every_fetcher_is_put_off(desk: Desk) -> None:
    number = add_feed(desk.database)
    desk.tick()
    for _ in range(polls.LOSSES_TO_PUT_OFF):
        desk.begin(QueueName.FEEDS, seconds_ago=3600)
        desk.expire_leases()
        desk.tick()
    row = feed(desk.database, number)
    assert (row["lost"], row["leased_at"], row["status"]) == (3, None, "active")
    assert desk.everything_waiting() == []
    desk.wake()
    assert desk.tick().issued == 0


def test_a_lost_parse_is_issued_again_under_a_new_lease(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a"))
    key, parse = download(desk.database, entry(desk.database)["id"])
    desk.expire_leases()
    assert desk.tick().lost == 1
    (job_id,) = desk.waiting(QueueName.PARSE)
    assert desk.payload(job_id)["page_key"] == key
    row = entry(desk.database)
    assert (row["lease"], row["attempts"]) == (parse + 1, 0)
    desk.expire_leases()
    assert desk.tick().lost == 0, "it waits in its queue"


def test_a_result_that_waits_to_be_indexed_is_not_parsed_again(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a"))
    number = entry(desk.database)["id"]
    _, parse = download(desk.database, number)
    job_id = f"index-{number}-{parse}"
    desk.valkey.hset(f"rq:job:{job_id}", "status", "queued")
    desk.valkey.rpush("rq:queue:index", job_id)
    desk.expire_leases()
    assert desk.tick().lost == 0


@pytest.mark.parametrize(
    ("failure", "reason"), [(None, "parser_timeout"), ("MemoryError", "parser_memory"), ("E: x", "parser_error")]
)
def test_a_page_that_ends_every_parser_is_rejected(desk: Desk, feed_id: int, failure: str | None, reason: str) -> None:
    discover(desk.database, feed_id, seen("a"))
    download(desk.database, entry(desk.database)["id"])
    desk.expire_leases()
    desk.tick()
    for _ in range(desk.settings.parse_attempts):
        assert entry(desk.database)["state"] == "fetched"
        job_id = desk.begin(QueueName.PARSE, seconds_ago=3600)
        if failure:
            desk.fail(job_id, failure)
        desk.expire_leases()
        desk.tick()
    row = entry(desk.database)
    assert (row["state"], row["reason"], row["stage"]) == ("rejected", reason, None)


def test_a_result_that_cannot_be_written_fails_as_our_defect(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a"))
    number = entry(desk.database)["id"]
    download(desk.database, number)
    for _ in range(desk.settings.parse_attempts):
        lease = entry(desk.database)["lease"]
        desk.valkey.hset(f"rq:job:parse-{number}-{lease}", "status", "finished")
        desk.fail(f"index-{number}-{lease}", "KeyError: 'x'")
        desk.expire_leases()
        desk.tick()
    row = entry(desk.database)
    assert (row["state"], row["reason"]) == ("failed", "index_failed")
    assert "KeyError: 'x'" in row["detail"]
