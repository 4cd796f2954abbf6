"""Addresses that feeds have had, and feeds that become one: what is kept, what is handed over, and who stays."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from shared.database import Database
from shared.ledger import addresses, audit, feeds, kinship, moves, polls
from shared.ledger.discovery import Discovery, record_entries
from shared.ledger.polls import FeedForPoll, PollRecord
from shared.reading.articles import with_feeds
from tests.shared.ledger.rows import add_feed, discover, entry, feed, seen
from tests.together import do_together

OLD = "https://paper.example/rss"
NEW = "https://paper.example/feed"


def promote(database: Database, feed_id: int, url: str) -> None:
    with database.transaction() as connection:
        addresses.lock_all(connection, [feed_id])
        moves.promote(connection, feed_id, url)


def merge(database: Database, loser: int, survivor: int) -> None:
    with database.transaction() as connection:
        addresses.lock_all(connection, [loser, survivor])
        moves.merge(connection, loser, survivor)


def execute(database: Database, query: str, *values: Any) -> None:
    with database.transaction() as connection:
        connection.execute(query.encode(), values)


def rows(database: Database, query: str, *values: Any) -> list[dict[str, Any]]:
    with database.transaction() as connection:
        return connection.execute(query.encode(), values).fetchall()


def aliases(database: Database) -> dict[str, int]:
    return {row["url"]: row["feed_id"] for row in rows(database, "SELECT url, feed_id FROM feed_aliases")}


def located(database: Database, url: str) -> int | None:
    with database.transaction() as connection:
        found = addresses.find(connection, url)
    return found.id if found is not None else None


def test_a_feed_that_moved_is_found_at_both_addresses_and_is_due_as_before(database: Database) -> None:
    feed_id = add_feed(database, OLD)
    execute(database, "UPDATE feeds SET due_at = now() + interval '5 hours', etag = 'x'")
    before = feed(database, feed_id)
    promote(database, feed_id, "https://Other.example:443/feed")
    row = feed(database, feed_id)
    assert (row["url"], row["url_key"]) == ("https://Other.example:443/feed", "https://other.example/feed")
    assert (row["site"], row["etag"], row["due_at"]) == ("other.example", "x", before["due_at"])
    assert located(database, OLD) == located(database, "https://other.example/feed") == feed_id


def test_a_feed_that_moved_twice_is_found_at_all_three_addresses_and_may_come_back(database: Database) -> None:
    feed_id = add_feed(database, OLD)
    promote(database, feed_id, NEW)
    promote(database, feed_id, "https://paper.example/3")
    assert aliases(database) == {OLD: feed_id, NEW: feed_id}
    promote(database, feed_id, OLD)
    assert aliases(database) == {NEW: feed_id, "https://paper.example/3": feed_id}


def test_an_old_address_that_is_added_is_the_feed_that_moved(database: Database) -> None:
    feed_id = add_feed(database, OLD)
    promote(database, feed_id, NEW)
    with database.transaction() as connection:
        added = feeds.add(connection, "https://paper.example:443/rss#x", categories=["a"])
    assert (added.id, added.url, added.created) == (feed_id, NEW, False)
    assert feed(database, feed_id)["categories"] == ["a"]
    assert len(rows(database, "SELECT id FROM feeds")) == 1


def test_a_merged_feed_is_removed_and_its_address_means_the_other(database: Database) -> None:
    survivor, loser = add_feed(database, NEW), add_feed(database, OLD)
    merge(database, loser, survivor)
    row = feed(database, loser)
    assert (row["status"], row["same_as"], row["url"]) == ("removed", survivor, OLD)
    assert row["last_error"] == f"same feed as {survivor}"
    assert located(database, OLD) == survivor
    with database.transaction() as connection:
        added = feeds.add(connection, OLD)
    assert (added.id, added.created) == (survivor, False)
    assert feed(database, loser)["status"] == "removed"


def test_what_either_has_shown_comes_back_as_new_in_neither_and_stays_in_its_own_account(database: Database) -> None:
    survivor, loser = add_feed(database, NEW), add_feed(database, OLD)
    discover(database, survivor, seen("a"), seen("b"))
    discover(database, loser, seen("b"), seen("c"))
    merge(database, loser, survivor)
    with database.transaction() as connection:
        found = record_entries(connection, survivor, [seen("a"), seen("b"), seen("c"), seen("d")])
        assert found == Discovery(4, 1, 0)
        account = {day.feed_id: day.discovered for day in audit.accounts(connection)}
        assert account == {survivor: 3, loser: 1}
        assert audit.problems(connection) == []
    assert entry(database, "c")["feed_id"] == loser


def test_an_entry_that_both_call_by_one_name_at_two_addresses_is_kept_at_both(database: Database) -> None:
    survivor, loser = add_feed(database, NEW), add_feed(database, OLD)
    one, other = seen("1"), seen("2")
    discover(database, survivor, one)
    discover(database, loser, type(other)("1", "2", other.entry, other.url, other.url_key, other.site))
    merge(database, loser, survivor)
    with database.transaction() as connection:
        twice = type(other)("1", "2", other.entry, other.url, other.url_key, other.site)
        assert record_entries(connection, survivor, [twice]).new_in_feed == 0
        assert audit.problems(connection) == []
    assert len(rows(database, "SELECT id FROM entries")) == 2


def test_an_article_names_a_merged_feed_once_as_the_one_that_stands_for_it(database: Database) -> None:
    survivor, loser = add_feed(database, NEW), add_feed(database, OLD)
    discover(database, loser, seen("a"))
    discover(database, survivor, seen("a"))
    article = {"id": "A"}
    execute(
        database,
        """
        INSERT INTO articles (id, url, url_key, domain, indexed_at, updated_at, sort_at, version, seq, content_sha256,
                              ts_config, tsv)
        VALUES ('A', 'u', 'u', 'd', now(), now(), now(), 1, 1, 'x', 'simple', '')
        """,
    )
    execute(database, "UPDATE entries SET article_id = 'A'")
    with database.transaction() as connection:
        listed = with_feeds(connection, [article])[0]["feeds"]
    assert [ref["feed_id"] for ref in listed] == [loser, survivor]
    merge(database, loser, survivor)
    with database.transaction() as connection:
        listed = with_feeds(connection, [article])[0]["feeds"]
    assert [(ref["feed_id"], ref["feed_url"]) for ref in listed] == [(survivor, NEW)]


def test_the_one_that_stays_takes_over_what_was_known_of_the_other(database: Database) -> None:
    with database.transaction() as connection:
        survivor = feeds.add(connection, NEW, categories=["a", "b"]).id
        loser = feeds.add(connection, OLD, title="Paper", site_url="https://paper.example/", categories=["b", "c"]).id
    execute(database, "UPDATE feeds SET due_at = now() + interval '1 day'")
    merge(database, loser, survivor)
    row = feed(database, survivor)
    assert (row["categories"], row["title"], row["site_url"]) == (["a", "b", "c"], "Paper", "https://paper.example/")
    assert row["due_at"] < datetime.now(UTC) + timedelta(minutes=1)


@pytest.mark.parametrize(("own", "kept"), [(True, "own"), (False, "other")])
def test_what_is_sent_along_is_taken_over_where_there_is_nothing_of_its_own(
    database: Database, own: bool, kept: str
) -> None:
    survivor, loser = add_feed(database, NEW), add_feed(database, OLD)
    insert = "INSERT INTO feed_requests (feed_id, origin, username) VALUES (%s, 'https://paper.example', %s)"
    execute(database, insert, loser, "other")
    if own:
        execute(database, insert, survivor, "own")
    merge(database, loser, survivor)
    found = rows(database, "SELECT username FROM feed_requests WHERE feed_id = %s", survivor)
    assert [row["username"] for row in found] == [kept]


def test_subscription_pushes_and_alerts_of_the_one_that_went_end_or_move(database: Database) -> None:
    survivor, loser = add_feed(database, NEW), add_feed(database, OLD)
    execute(
        database,
        """
        INSERT INTO subscriptions (feed_id, hub, site, topic, token, secret, state, asked_at, due_at)
        VALUES (%s, 'h', 's', 't', 'k', 'x', 'active', now(), now() + interval '1 day')
        """,
        loser,
    )
    execute(database, "INSERT INTO pushes (feed_id, body) VALUES (%s, 'x')", loser)
    execute(database, "INSERT INTO alerts (feed_id, kind) VALUES (%s, 'feed_gap')", loser)
    merge(database, loser, survivor)
    assert rows(database, "SELECT state, due_at <= now() AS due FROM subscriptions") == [
        {"state": "ending", "due": True}
    ]
    assert [row["feed_id"] for row in rows(database, "SELECT feed_id FROM pushes")] == [survivor]
    assert rows(database, "SELECT closed_at IS NULL AS open FROM alerts") == [{"open": False}]


def test_merged_feeds_and_their_old_addresses_always_lead_to_the_last_one_at_once(database: Database) -> None:
    first, second, third = (add_feed(database, f"https://paper.example/{n}") for n in (1, 2, 3))
    promote(database, first, "https://paper.example/1b")
    merge(database, first, second)
    merge(database, second, third)
    assert [feed(database, feed_id)["same_as"] for feed_id in (first, second, third)] == [third, third, None]
    for path in ("1", "1b", "2", "3"):
        assert located(database, f"https://paper.example/{path}") == third


def test_parts_of_a_sitemap_index_follow_and_what_somebody_added_is_no_part(database: Database) -> None:
    survivor, loser, part, own = (add_feed(database, f"https://paper.example/{n}") for n in (1, 2, 3, 4))
    execute(database, "UPDATE feeds SET parent_id = %s WHERE id = ANY(%s)", loser, [part, survivor])
    merge(database, loser, survivor)
    assert (feed(database, part)["parent_id"], feed(database, survivor)["parent_id"]) == (survivor, None)
    assert feed(database, part)["status"] == "active"
    # The part is wanted for itself once it is the same as one that was added.
    merge(database, own, part)
    assert feed(database, part)["parent_id"] is None


def test_a_website_that_names_a_merged_feed_is_polled_as_the_one_that_stayed(database: Database) -> None:
    survivor, loser = add_feed(database, NEW), add_feed(database, OLD)
    merge(database, loser, survivor)
    website = add_feed(database, "https://paper.example/")
    with database.transaction() as connection:
        addresses.lock(connection)
        number = connection.execute(
            "UPDATE feeds SET lease = lease + 1 WHERE id = %s RETURNING lease", [website]
        ).fetchone()
        assert number is not None
        claimed = polls.claim(connection, website, number["lease"], lease_seconds=60)
        assert claimed is not None
        assert moves.move(connection, claimed, OLD) == survivor
    assert feed(database, website)["same_as"] == survivor


def test_the_outcome_of_a_poll_of_a_feed_that_was_merged_meanwhile_is_not_wanted(database: Database) -> None:
    survivor, loser = add_feed(database, NEW), add_feed(database, OLD)
    lease = feed(database, loser)["lease"]
    merge(database, loser, survivor)
    with database.transaction() as connection:
        assert not polls.lock_for_record(connection, loser, lease)


def test_entries_are_shared_or_not(database: Database) -> None:
    first, second, third = (add_feed(database, f"https://paper.example/{n}") for n in (1, 2, 3))
    discover(database, first, seen("a"), seen("b"))
    discover(database, second, seen("b"))
    discover(database, third, seen("c"))
    with database.transaction() as connection:
        later, sooner = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) - timedelta(hours=1)
        assert kinship.share_entries(connection, first, second, before=later)
        assert not kinship.share_entries(connection, first, third, before=later)
        # What it was led to since proves nothing.
        assert not kinship.share_entries(connection, first, second, before=sooner)


def test_what_a_feed_has_shown_before_some_time_is_known_by_name_or_address(database: Database) -> None:
    feed_id = add_feed(database)
    discover(database, feed_id, seen("a"))
    later, sooner = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) - timedelta(hours=1)

    def shown(before: datetime, identities: list[str], keys: list[str]) -> bool | None:
        with database.transaction() as connection:
            return kinship.has_shown(connection, feed_id, before=before, identities=identities, url_keys=keys)

    assert shown(later, ["a"], []) is True
    assert shown(later, [], ["https://paper.example/a"]) is True
    assert shown(later, ["b"], ["https://paper.example/b"]) is False
    assert shown(sooner, ["a"], ["https://paper.example/a"]) is None


def test_whoever_changes_a_feed_holds_all_that_lean_on_it(database: Database) -> None:
    index, below, leaf, same, other = (add_feed(database, f"https://paper.example/{n}") for n in range(5))
    execute(database, "UPDATE feeds SET parent_id = %s WHERE id = %s", index, below)
    execute(database, "UPDATE feeds SET parent_id = %s WHERE id = %s", below, leaf)
    execute(database, "UPDATE feeds SET same_as = %s WHERE id = %s", index, same)
    with database.transaction() as connection:
        addresses.lock_all(connection, [index])
        free = rows(database, "SELECT id FROM feeds FOR UPDATE SKIP LOCKED")
    assert [row["id"] for row in free] == [other]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT id FROM feeds WHERE same_as = ANY('{1,2}')", "feeds_same_as"),
        (
            "SELECT id FROM subscriptions WHERE state IN ('active', 'ending') AND lease_ends_at < now()",
            "subscriptions_lease_ends",
        ),
    ],
)
def test_what_every_move_and_every_round_asks_for_has_an_index(database: Database, query: str, index: str) -> None:
    with database.transaction() as connection:
        connection.execute("SET LOCAL enable_seqscan = off")
        plan = connection.execute(f"EXPLAIN {query}".encode()).fetchall()
    assert index in str(plan)


class Rush:
    """What each of the threads does, once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ids = [add_feed(database, f"https://paper.example/{n}") for n in range(12)]
        self.merged = 0
        self._turn = 0

    def merge(self) -> None:
        self._turn += 1
        pair = [self.ids[self._turn % 12], self.ids[(self._turn * 5 + 1) % 12]]
        with self.database.transaction() as connection:
            addresses.lock_all(connection, pair)
            found = connection.execute("SELECT id FROM feeds WHERE id = ANY(%s) AND status = 'active'", [pair])
            if len(found.fetchall()) == 2:
                moves.merge(connection, *pair)
                self.merged += 1

    def part(self) -> None:
        """As if nothing had been merged, so that there is always something to do."""
        with self.database.transaction() as connection:
            addresses.lock_all(connection, self.ids)
            connection.execute("UPDATE feeds SET status = 'active', same_as = NULL")

    def administer(self) -> None:
        with self.database.transaction() as connection:
            for number in (7, 3, 11, 0, 5):
                feeds.add(connection, f"https://paper.example/{number}")
        with self.database.transaction() as connection:
            feeds.poll_now(connection, self.ids[::-1])

    def poll(self, number: int) -> None:
        feed_id = self.ids[number]
        items = [seen(str(n), fingerprint=str(time.monotonic())) for n in range(30)]
        with self.database.transaction() as connection:
            if polls.lock_for_record(connection, feed_id, feed(self.database, feed_id)["lease"]):
                record_entries(connection, feed_id, items if number % 2 else items[::-1])
                polls.record_poll(connection, claimed(feed_id), PollRecord("changed", "x", datetime.now(UTC), {}))


def test_moving_merging_importing_and_polling_at_once_never_wait_for_each_other(database_url: str) -> None:
    with Database(database_url, max_size=10) as database:
        rush = Rush(database)
        do_together(
            [rush.merge, rush.part, rush.administer, *(partial(rush.poll, number) for number in range(4))],
            for_seconds=2,
            patience_seconds=40,
        )
        assert rush.merged > 5
        with database.transaction() as connection:
            assert audit.problems(connection) == []


def claimed(feed_id: int) -> FeedForPoll:
    return FeedForPoll(feed_id, OLD, "paper.example", None, None, None, {}, ever_succeeded=True, now=datetime.now(UTC))
