"""The parts of sitemap indexes in the registry: made, released, retired, and left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.credentials import Credentials, read_origin
from shared.database import Database
from shared.ledger import addresses, feeds, requests
from shared.ledger.indexes import LATER_SECONDS, level_of, release_seconds
from shared.ledger.requests import FeedRequests
from shared.ledger.sitemaps import (
    DELISTED_DAYS,
    MOST_DELISTED,
    MOST_WAITING,
    Part,
    PartsFound,
    record_parts,
)
from shared.urls import canonical_url
from tests.shared.ledger.rows import add_feed, feed

INDEX = "https://paper.example/sitemap.xml"


def part(name: str, changed_at: Any = None) -> Part:
    url = f"https://paper.example/{name}.xml"
    return Part(url, canonical_url(url), changed_at)


def record(database: Database, index_id: int, *names: str | Part) -> PartsFound:
    with database.transaction() as connection:
        addresses.lock(connection)
        return record_parts(connection, index_id, [part(name) if isinstance(name, str) else name for name in names])


def index_of(database: Database, *names: str | Part) -> int:
    """An index that has listed these parts once."""
    index_id = add_feed(database, INDEX)
    record(database, index_id, *names)
    return index_id


def row(database: Database, name: str) -> dict[str, Any]:
    with database.transaction() as connection:
        found = connection.execute(
            "SELECT *, due_at - now() AS wait FROM feeds WHERE url = %s", [f"https://paper.example/{name}.xml"]
        ).fetchone()
    assert found is not None
    return found


def statuses(database: Database, *names: str) -> list[str]:
    return [row(database, name)["status"] for name in names]


def change(database: Database, name: str, assignments: str) -> None:
    with database.transaction() as connection:
        connection.execute(f"UPDATE feeds SET {assignments} WHERE id = %s".encode(), [row(database, name)["id"]])


def remove(database: Database, feed_id: int) -> None:
    with database.transaction() as connection:
        feeds.remove(connection, feed_id)


def pause(database: Database, feed_id: int, *, paused: bool = True) -> None:
    with database.transaction() as connection:
        feeds.set_paused(connection, feed_id, paused=paused)


@given(st.integers(0, 1000))
def test_each_part_waits_longer_than_the_one_before_it(place: int) -> None:
    step = release_seconds(place + 1) - release_seconds(place)
    assert release_seconds(0) == 0
    assert 60 <= step <= LATER_SECONDS


def test_parts_are_made_once_and_their_site_woken(database: Database) -> None:
    index_id = add_feed(database, INDEX)
    with database.transaction() as connection:
        connection.execute("DELETE FROM wakeups")
    assert record(database, index_id, "a", "b") == PartsFound(created=2)
    assert record(database, index_id, "a", "b") == PartsFound(known=2)
    with database.transaction() as connection:
        woken = connection.execute("SELECT DISTINCT site FROM wakeups").fetchall()
    assert [one["site"] for one in woken] == ["paper.example"]
    assert [row(database, name)["parent_id"] for name in ("a", "b")] == [index_id] * 2


def minutes(database: Database, *names: str) -> list[int]:
    return [round(row(database, name)["wait"].total_seconds() / 60) for name in names]


def test_new_parts_wait_as_long_as_their_place_among_all_that_wait_says(database: Database) -> None:
    index_id = index_of(database, "a", "b")
    record(database, index_id, "c", "a", "d", "b", "e")
    assert minutes(database, "a", "b") == [0, 1]
    assert minutes(database, "c", "d", "e") == [0, 2, 4]


def test_today_s_part_is_polled_before_an_archive_that_waits(database: Database) -> None:
    index_id = add_feed(database, INDEX)
    archive = [f"archive-{number}" for number in range(MOST_WAITING + 100)]
    assert record(database, index_id, *archive) == PartsFound(created=MOST_WAITING, left=100)
    assert record(database, index_id, "today", *archive) == PartsFound(known=MOST_WAITING, created=1, left=100)
    assert minutes(database, "today") == [0]


def test_a_part_that_waits_and_has_changed_comes_as_early_as_its_new_place_says(database: Database) -> None:
    index_id = add_feed(database, INDEX)
    names = [f"archive-{number}" for number in range(30)]
    record(database, index_id, *names, "late")
    assert minutes(database, "late") == [310]
    record(database, index_id, part("late", row(database, "late")["added_at"]), *names)
    assert minutes(database, "late") == [310]
    record(database, index_id, part("late", row(database, "late")["added_at"] + timedelta(seconds=1)), *names)
    assert minutes(database, "late") == [0]


def count(database: Database) -> int:
    with database.transaction() as connection:
        return len(connection.execute("SELECT id FROM feeds").fetchall())


def test_a_part_that_goes_before_it_was_polled_leaves_nothing(database: Database) -> None:
    index_id = index_of(database, "a", "b", "c")
    with database.transaction() as connection:
        requests.save(
            connection,
            row(database, "b")["id"],
            FeedRequests(credentials=Credentials(origin=read_origin(part("b").url))),
        )
    change(database, "c", "last_polled_at = now()")
    assert record(database, index_id, "d") == PartsFound(created=1, retired=3)
    assert statuses(database, "b", "c", "d") == ["removed", "removed", "active"]
    assert count(database) == 4


def test_an_index_whose_parts_change_their_addresses_at_every_look_is_stopped(database: Database) -> None:
    index_id = add_feed(database, INDEX)
    with database.transaction() as connection:
        connection.execute(
            """
            INSERT INTO feeds (url, url_key, site, parent_id, status, retired, last_polled_at)
            SELECT n::text, n::text, 'paper.example', %s, 'removed', 'delisted', now()
            FROM generate_series(1, %s) n
            """,
            [index_id, MOST_DELISTED + 1],
        )
    assert record(database, index_id, "a", "b") == PartsFound(left=2, delisted=MOST_DELISTED + 1)
    with database.transaction() as connection:
        connection.execute(
            "UPDATE feeds SET last_polled_at = now() - make_interval(days => %s) WHERE url = '1'",
            [DELISTED_DAYS],
        )
    assert record(database, index_id, "a", "b") == PartsFound(created=2)


def test_parts_that_were_due_while_their_index_rested_come_one_after_the_other(database: Database) -> None:
    index_id = add_feed(database, INDEX)
    names = [f"part-{number}" for number in range(12)]
    record(database, index_id, *names, "not-due")
    for number, name in enumerate(names):
        change(database, name, f"due_at = now() - make_interval(days => {20 - number})")
    change(database, "not-due", "due_at = now() + interval '9 hours'")
    pause(database, index_id)
    pause(database, index_id, paused=False)
    assert minutes(database, *names) == [*range(11), 25]
    assert minutes(database, "not-due") == [540]


def test_a_part_that_somebody_has_added_is_left_alone(database: Database) -> None:
    index_id = add_feed(database, INDEX)
    by_hand = add_feed(database, part("a").url)
    assert record(database, index_id, "a") == PartsFound(known=1)
    assert record(database, index_id, "b") == PartsFound(created=1)
    assert (feed(database, by_hand)["status"], feed(database, by_hand)["parent_id"]) == ("active", None)
    remove(database, by_hand)
    record(database, index_id, "a", "b")
    assert feed(database, by_hand)["status"] == "removed"


def test_a_part_that_somebody_adds_is_taken_from_its_index(database: Database) -> None:
    index_id = index_of(database, "a", "b")
    add_feed(database, part("a").url)
    record(database, index_id, "b")
    assert statuses(database, "a") == ["active"]
    remove(database, index_id)
    assert statuses(database, "a", "b") == ["active", "removed"]


def test_a_part_that_was_delisted_and_is_added_by_hand_is_polled(database: Database) -> None:
    index_id = index_of(database, "a", "b")
    change(database, "a", "last_polled_at = now()")
    record(database, index_id, "b")
    assert row(database, "a")["retired"] == "delisted"
    add_feed(database, part("a").url)
    found = row(database, "a")
    assert (found["status"], found["retired"], found["parent_id"], found["last_error"]) == ("active", None, None, None)


def test_parts_go_and_come_back_with_their_index(database: Database) -> None:
    index_id = index_of(database, "a", "b")
    remove(database, row(database, "b")["id"])
    remove(database, index_id)
    assert statuses(database, "a", "b") == ["removed", "removed"]
    assert add_feed(database, INDEX) == index_id
    # What an operator has removed stays so.
    assert statuses(database, "a", "b") == ["active", "removed"]
    record(database, index_id, "a", "b")
    assert statuses(database, "a", "b") == ["active", "removed"]


def test_parts_are_paused_with_their_index(database: Database) -> None:
    index_id = index_of(database, "a", "b")
    lease = row(database, "a")["lease"]
    pause(database, row(database, "b")["id"])
    pause(database, index_id)
    assert statuses(database, "a", "b") == ["paused", "paused"]
    # The outcome of a poll that was under way is not wanted any more.
    assert row(database, "a")["lease"] > lease
    pause(database, index_id, paused=False)
    assert statuses(database, "a", "b") == ["active", "paused"]


def test_parts_of_a_paused_index_that_is_removed_and_added_are_polled(database: Database) -> None:
    index_id = index_of(database, "a")
    pause(database, index_id)
    remove(database, index_id)
    assert statuses(database, "a") == ["removed"]
    add_feed(database, INDEX)
    assert statuses(database, "a") == ["active"]


def test_adding_a_paused_index_again_leaves_its_parts_paused(database: Database) -> None:
    index_id = index_of(database, "a")
    pause(database, index_id)
    add_feed(database, INDEX)
    assert statuses(database, "a") == ["paused"]


def test_what_stands_below_an_index_in_an_index_goes_with_both(database: Database) -> None:
    index_id = index_of(database, "below")
    below = row(database, "below")["id"]
    change(database, "below", "last_polled_at = now()")
    record(database, below, "leaf")
    with database.transaction() as connection:
        assert [level_of(connection, feed_id) for feed_id in (index_id, below, row(database, "leaf")["id"])] == [
            0,
            1,
            2,
        ]
    remove(database, index_id)
    assert statuses(database, "below", "leaf") == ["removed", "removed"]
    add_feed(database, INDEX)
    assert statuses(database, "below", "leaf") == ["active", "active"]
    record(database, index_id, "other")
    assert statuses(database, "below", "leaf") == ["removed", "removed"]
    record(database, index_id, "other", "below")
    assert statuses(database, "below", "leaf") == ["active", "active"]


def test_a_paused_part_that_is_delisted_stays_paused(database: Database) -> None:
    index_id = index_of(database, "a", "b")
    pause(database, row(database, "a")["id"])
    assert record(database, index_id, "b") == PartsFound(known=1)
    assert statuses(database, "a") == ["paused"]


def test_a_part_that_one_index_has_given_up_is_taken_by_another(database: Database) -> None:
    first, second = add_feed(database, INDEX), add_feed(database, "https://paper.example/other.xml")
    record(database, first, "a", "b")
    record(database, second, "a")
    assert row(database, "a")["parent_id"] == first
    change(database, "a", "last_polled_at = now()")
    record(database, first, "b")
    record(database, second, "a")
    assert (row(database, "a")["parent_id"], row(database, "a")["status"]) == (second, "active")


def test_a_part_that_has_moved_is_known_by_its_old_address(database: Database) -> None:
    index_id = index_of(database, "a")
    with database.transaction() as connection:
        feed_id = row(database, "a")["id"]
        connection.execute(
            "INSERT INTO feed_aliases (url_key, url, feed_id, reason) VALUES (%s, %s, %s, 'redirect')",
            [part("a").key, part("a").url, feed_id],
        )
        connection.execute(
            "UPDATE feeds SET url = %s, url_key = %s WHERE id = %s",
            ["https://paper.example/new.xml", "https://paper.example/new.xml", feed_id],
        )
    assert record(database, index_id, "a") == PartsFound(known=1)
    assert statuses(database, "new") == ["active"]


@pytest.mark.parametrize("leased", [False, True])
def test_a_part_that_is_being_polled_is_not_made_due(database: Database, leased: bool) -> None:
    index_id = index_of(database, "a")
    now = row(database, "a")["added_at"]
    change(
        database,
        "a",
        "last_polled_at = now(), last_success_at = now() - interval '1 hour', due_at = now() + interval '1 hour',"
        f" leased_at = {'now()' if leased else 'NULL'}",
    )
    assert record(database, index_id, part("a", now)) == PartsFound(known=1, due=1)
    assert (row(database, "a")["wait"] > timedelta(minutes=50)) is leased
