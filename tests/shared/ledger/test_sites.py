"""Wake-ups: none is lost, and nobody waits for another to leave one."""

from __future__ import annotations

import pytest

from shared.database import Database
from shared.ledger import sites
from tests.shared.ledger.rows import add_feed, discover, seen


def wakes_in(database: Database) -> dict[str, float | None]:
    with database.transaction() as connection:
        rows = connection.execute("SELECT site, extract(epoch FROM due_at - now()) AS seconds FROM sites").fetchall()
    return {row["site"]: row["seconds"] for row in rows}


def take(database: Database) -> int:
    with database.transaction() as connection:
        return sites.take_wake_ups(connection)


def test_the_earliest_wake_up_counts(database: Database) -> None:
    with database.transaction() as connection:
        sites.wake(connection, ["a.example"], after_seconds=60)
        sites.wake(connection, ["a.example", "b.example"], after_seconds=30)
        sites.wake(connection, [])
    assert take(database) == 2
    assert take(database) == 0
    with database.transaction() as connection:
        sites.wake(connection, ["a.example"], after_seconds=90)
    take(database)
    found = wakes_in(database)
    assert found["a.example"] == pytest.approx(30, abs=10)
    assert found["b.example"] == pytest.approx(30, abs=10)


def test_a_wake_up_is_not_seen_before_its_work_and_not_lost_with_a_sleeping_site(database: Database) -> None:
    with database.transaction() as writer:
        sites.wake(writer, ["a.example"])
        assert take(database) == 0
        with database.transaction() as scheduler:
            scheduler.execute("INSERT INTO sites (site, due_at) VALUES ('a.example', NULL)")
    assert take(database) == 1
    assert wakes_in(database)["a.example"] is not None


def test_leaving_a_wake_up_waits_for_no_scheduler(database: Database) -> None:
    with database.transaction() as connection:
        sites.wake(connection, ["a.example"])
    take(database)
    with database.transaction() as scheduler:
        scheduler.execute("SELECT * FROM sites FOR UPDATE")
        with database.transaction() as writer:
            writer.execute("SET LOCAL lock_timeout = '1s'")
            sites.wake(writer, ["a.example"])
        scheduler.rollback()


def test_a_scheduler_that_is_killed_leaves_the_wake_ups_to_the_next(database: Database) -> None:
    with database.transaction() as connection:
        sites.wake(connection, ["a.example"])
    with database.transaction() as scheduler:
        assert sites.take_wake_ups(scheduler) == 1
        scheduler.rollback()
    assert take(database) == 1


def test_two_schedulers_share_the_wake_ups(database: Database) -> None:
    with database.transaction() as connection:
        sites.wake(connection, [f"{number}.example" for number in range(50)])
    with database.transaction() as one:
        assert sites.take_wake_ups(one) == 50
        with database.transaction() as other:
            other.execute("SET LOCAL lock_timeout = '1s'")
            assert sites.take_wake_ups(other) == 0


def test_repair_rebuilds_what_was_lost(database: Database) -> None:
    discover(database, add_feed(database), seen("a", site="other.example"))
    with database.transaction() as connection:
        connection.execute("DELETE FROM wakeups")
        assert sites.wake_all(connection) == 2
    assert set(wakes_in(database)) == {"paper.example", "other.example"}
