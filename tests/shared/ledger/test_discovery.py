"""Taking in what feeds list: each URL once, each sighting once, whoever comes at the same time."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from shared.database import Database
from shared.ledger import audit, sites
from shared.ledger.discovery import ADDRESSES_OF_A_PATH, NEWS_AT_ONCE, Discovery, SeenEntry, record_entries
from shared.records import RejectionReason
from shared.urls import canonical_url
from tests.shared.ledger.rows import add_feed, discover, entry, seen
from tests.together import do_together


def count(database: Database, table: str) -> int:
    with database.transaction() as connection:
        row = connection.execute(f"SELECT count(*) AS n FROM {table}").fetchone()
    assert row is not None
    return int(row["n"])


def test_listing_the_same_twice_changes_nothing(database: Database) -> None:
    feed_id = add_feed(database)
    with database.transaction() as connection:
        assert record_entries(connection, feed_id, [seen("a"), seen("b")]) == Discovery(2, 2, 0)
        assert record_entries(connection, feed_id, [seen("a"), seen("b")]) == Discovery(2, 0, 0)
    assert (count(database, "entries"), count(database, "sightings")) == (2, 2)


def test_an_article_in_two_feeds_is_one_entry_with_two_sightings(database: Database) -> None:
    first, second = add_feed(database), add_feed(database, "https://other.example/rss")
    discover(database, first, seen("a"))
    with database.transaction() as connection:
        assert record_entries(connection, second, [seen("a"), seen("b")]) == Discovery(2, 2, 0)
    assert entry(database)["feed_id"] == first
    assert count(database, "sightings") == 3


def test_two_items_of_a_feed_with_one_link_are_one_entry(database: Database) -> None:
    feed_id = add_feed(database)
    link = seen("a")
    other = seen("a")
    other = type(other)("other-guid", "2", other.entry, other.url, other.url_key, other.site)
    discover(database, feed_id, link, other)
    assert (count(database, "entries"), count(database, "sightings")) == (1, 2)


def test_an_entry_that_cannot_be_fetched_ends_at_once_with_its_reason(database: Database) -> None:
    feed_id = add_feed(database)
    discover(database, feed_id, seen("a", rejection=RejectionReason.NO_LINK, rejection_detail="no address"))
    row = entry(database)
    assert (row["state"], row["reason"], row["stage"]) == ("rejected", "no_link", None)
    assert row["finished_at"] is not None


def test_an_edit_brings_new_hints_and_another_look(database: Database) -> None:
    feed_id = add_feed(database)
    discover(database, feed_id, seen("a"))
    with database.transaction() as connection:
        connection.execute("UPDATE entries SET state = 'indexed', stage = NULL")
        assert record_entries(connection, feed_id, [seen("a", fingerprint="2")]).edited == 1
    assert (entry(database)["stage"], entry(database)["state"]) == ("fetch", "indexed")
    with database.transaction() as connection:
        assert record_entries(connection, feed_id, [seen("a", fingerprint="2")]).edited == 0


def test_what_postgresql_cannot_hold_does_not_stop_a_feed(database: Database) -> None:
    feed_id = add_feed(database)
    hostile = seen("a")
    # Random enough that PostgreSQL cannot compress it below the limit of an index.
    identity = "".join(chr(33 + (i * i * 7919) % 90) for i in range(9000)) + "\x00\ud83d"
    hostile = type(hostile)(identity, "1", hostile.entry, hostile.url + "\x00", hostile.url_key, hostile.site)
    discover(database, feed_id, hostile)
    with database.transaction() as connection:
        assert record_entries(connection, feed_id, [hostile]) == Discovery(1, 0, 0)


def test_the_largest_feed_is_taken_in_within_seconds(database: Database) -> None:
    feed_id = add_feed(database)
    items = [seen(f"article-{number}") for number in range(2000)]
    began = time.monotonic()
    with database.transaction() as connection:
        assert record_entries(connection, feed_id, items) == Discovery(2000, 2000, 0)
    assert time.monotonic() - began < 10


def test_feeds_that_list_the_same_in_different_orders_do_not_deadlock(database_url: str) -> None:
    """Eight threads insert and edit the same 40 entries of four sites, each in another order."""
    with Database(database_url, max_size=10) as database:
        feed_ids = [add_feed(database, f"https://feed{number}.example/rss") for number in range(8)]

        def poll(number: int) -> None:
            for turn in range(12):
                items = [
                    seen(f"{turn // 3}-{i}", site=f"site{i % 4}.example", fingerprint=str(turn)) for i in range(40)
                ]
                discover(database, feed_ids[number], *(items if (number + turn) % 2 else reversed(items)))

        do_together([partial(poll, number) for number in range(8)], patience_seconds=60)
        assert count(database, "entries") == 160
        assert count(database, "sightings") == 8 * 160


@pytest.mark.parametrize("commits", [True, False])
def test_an_entry_that_another_feed_is_just_inserting_is_waited_for(database_url: str, commits: bool) -> None:
    with Database(database_url) as database:
        first, second = add_feed(database), add_feed(database, "https://other.example/rss")
        found: list[Discovery] = []

        def poll() -> None:
            with database.transaction() as connection:
                found.append(record_entries(connection, second, [seen("a")]))

        thread = threading.Thread(target=poll)
        with database.transaction() as connection:
            record_entries(connection, first, [seen("a")])
            thread.start()
            time.sleep(0.3)
            assert not found
            if not commits:
                connection.rollback()
        thread.join(10)
        assert found == [Discovery(1, 1, 0)]
        assert count(database, "entries") == 1


def addresses(database: Database, feed_id: int) -> dict[str, str]:
    """State of every entry that the feed has shown, by address."""
    with database.transaction() as connection:
        rows = connection.execute(
            "SELECT e.url_key, e.state FROM entries e JOIN sightings s ON s.entry_id = e.id WHERE s.feed_id = %s",
            [feed_id],
        ).fetchall()
    return {row["url_key"]: row["state"] for row in rows}


def moved(item: SeenEntry, url: str, **changes: Any) -> SeenEntry:
    """The same entry of the feed under another address."""
    return replace(item, url=url, url_key=canonical_url(url), **changes)


def problems(database: Database) -> list[audit.Problem]:
    with database.transaction() as connection:
        sites.take_wake_ups(connection)
        return audit.problems(connection)


def test_an_entry_that_gets_its_link_later_is_discovered_then(database: Database) -> None:
    feed_id = add_feed(database)
    bare = replace(seen("a"), url_key="entry:1:a", rejection=RejectionReason.NO_LINK, rejection_detail="no address")
    discover(database, feed_id, bare)
    with database.transaction() as connection:
        assert record_entries(connection, feed_id, [seen("a")]) == Discovery(1, 0, 1)
        assert record_entries(connection, feed_id, [seen("a")]) == Discovery(1, 0, 0)
    assert addresses(database, feed_id) == {"entry:1:a": "rejected", "https://paper.example/a": "discovered"}
    assert entry(database)["stage"] == "fetch"
    assert problems(database) == []


def test_an_entry_that_loses_its_link_stays_what_it_was(database: Database) -> None:
    feed_id = add_feed(database)
    bare = replace(seen("a"), url_key="entry:1:a", rejection=RejectionReason.NO_LINK, rejection_detail="no address")
    discover(database, feed_id, seen("a"))
    with database.transaction() as connection:
        assert record_entries(connection, feed_id, [bare]) == Discovery(1, 0, 0)
    assert list(addresses(database, feed_id)) == ["https://paper.example/a"]


def test_a_corrected_link_is_discovered_beside_the_wrong_one(database: Database) -> None:
    feed_id = add_feed(database)
    right = moved(seen("a"), "https://paper.example/right")
    discover(database, feed_id, seen("a"))
    discover(database, feed_id, right)
    assert set(addresses(database, feed_id)) == {"https://paper.example/a", "https://paper.example/right"}
    # Back and forth, and its edits under the new address: nothing new.
    with database.transaction() as connection:
        connection.execute("UPDATE entries SET state = 'indexed', stage = NULL")
        assert record_entries(connection, feed_id, [seen("a")]) == Discovery(1, 0, 0)
        assert record_entries(connection, feed_id, [replace(right, fingerprint="2")]) == Discovery(1, 0, 1)
        assert record_entries(connection, feed_id, [replace(right, fingerprint="2")]) == Discovery(1, 0, 0)
    assert entry(database, "right")["stage"] == "fetch"
    assert entry(database)["stage"] is None
    assert count(database, "sightings") == 2


@pytest.mark.parametrize("url", ["http://paper.example/a", "https://paper.example/a?utm_source=7&fbclid=x#top"])
def test_another_spelling_of_a_link_is_no_correction(database: Database, url: str) -> None:
    feed_id = add_feed(database)
    discover(database, feed_id, seen("a"))
    discover(database, feed_id, moved(seen("a"), url))
    assert count(database, "entries") == 1


def test_a_link_with_something_new_in_it_at_each_poll_is_fetched_a_few_times_only(database: Database) -> None:
    feed_id = add_feed(database)
    for turn in range(20):
        discover(database, feed_id, moved(seen("a"), f"https://paper.example/a?session={turn}"))
    assert count(database, "entries") == ADDRESSES_OF_A_PATH
    for turn in range(20, 40):
        discover(database, feed_id, moved(seen("a"), f"https://paper.example/a?session={turn}", fingerprint="2"))
    assert count(database, "entries") == ADDRESSES_OF_A_PATH + 1


def test_ids_that_only_number_the_places_of_a_feed_lose_no_article(database: Database) -> None:
    feed_id = add_feed(database)
    for turn in range(12):
        url = f"https://paper.example/?id={turn}"
        discover(database, feed_id, moved(seen("first"), url, fingerprint=f"words {turn}"))
    assert count(database, "entries") == 12
    assert problems(database) == []


def test_an_archive_does_not_stand_before_what_is_published_next(database: Database) -> None:
    feed_id = add_feed(database)
    newest = datetime(2026, 5, 4, tzinfo=UTC)
    items = [seen(f"{number}") for number in range(NEWS_AT_ONCE + 3)]
    # Listed with the oldest first, and one without a date before them all.
    dated = [
        replace(item, entry=item.entry.model_copy(update={"published_at": newest - timedelta(hours=500 - number)}))
        for number, item in enumerate(items[1:])
    ]
    with database.transaction() as connection:
        record_entries(connection, feed_id, [items[0], *dated], spacing_seconds=10)
        rows = connection.execute(
            "SELECT url, EXTRACT(epoch FROM due_at - now())::int AS wait FROM entries WHERE due_at > now() ORDER BY 2"
        ).fetchall()
    assert [(row["url"], row["wait"]) for row in rows] == [
        ("https://paper.example/2", 10),
        ("https://paper.example/1", 20),
        ("https://paper.example/0", 30),
    ]


def test_what_a_feed_lists_at_once_is_due_at_once(database: Database) -> None:
    feed_id = add_feed(database)
    with database.transaction() as connection:
        items = [seen(f"{number}") for number in range(NEWS_AT_ONCE)]
        record_entries(connection, feed_id, items, spacing_seconds=10)
        row = connection.execute("SELECT count(*) AS n FROM entries WHERE due_at > now()").fetchone()
    assert row == {"n": 0}
