"""The registry of feeds: what a poll that is under way may still do, and what a feed that came back remembers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from psycopg import errors

from shared.database import Connection, Database
from shared.ledger import addresses, feeds, moves, polls
from shared.ledger.polls import FeedForPoll, PollRecord
from tests.shared.ledger.rows import add_feed, feed


def dispatch(database: Database, feed_id: int) -> int:
    with database.transaction() as connection:
        row = connection.execute(
            "UPDATE feeds SET lease = lease + 1, leased_at = now() WHERE id = %s RETURNING lease", [feed_id]
        ).fetchone()
    assert row is not None
    return int(row["lease"])


def claim(database: Database, feed_id: int) -> tuple[FeedForPoll, int]:
    number = dispatch(database, feed_id)
    with database.transaction() as connection:
        claimed = polls.claim(connection, feed_id, number, lease_seconds=60)
    assert claimed is not None
    return claimed, number


def may_record(database: Database, feed_id: int, number: int) -> bool:
    with database.transaction() as connection:
        return polls.lock_for_record(connection, feed_id, number)


def test_a_feed_is_added_once_under_all_spellings_of_its_address(database: Database) -> None:
    with database.transaction() as connection:
        first = feeds.add(connection, "https://Paper.example:443/feed.xml#top", categories=["a"])
        again = feeds.add(connection, "https://paper.example/feed.xml", title="Paper", categories=["b", "a"])
    assert (first.created, again.created) == (True, False)
    assert first.id == again.id
    assert feed(database, first.id)["categories"] == ["a", "b"]
    assert feed(database, first.id)["title"] == "Paper"


@pytest.mark.parametrize("url", ["ftp://paper.example/feed", "not a url", "", "http://"])
def test_what_is_no_web_address_is_refused(database: Database, url: str) -> None:
    with database.transaction() as connection, pytest.raises(ValueError, match=r".+"):
        feeds.add(connection, url)


def test_a_poll_that_was_overtaken_may_not_record(database: Database) -> None:
    feed_id = add_feed(database)
    _, old = claim(database, feed_id)
    new = dispatch(database, feed_id)
    assert not may_record(database, feed_id, old)
    assert may_record(database, feed_id, new)


def test_the_outcome_of_a_poll_is_not_wanted_when_its_feed_was_removed_meanwhile(database: Database) -> None:
    feed_id = add_feed(database)
    _, number = claim(database, feed_id)
    with database.transaction() as connection:
        feeds.remove(connection, feed_id)
    assert not may_record(database, feed_id, number)
    with database.transaction() as connection:
        assert polls.claim(connection, feed_id, feed(database, feed_id)["lease"], lease_seconds=60) is None


def test_the_outcome_of_a_poll_is_not_wanted_when_its_feed_was_paused_meanwhile(database: Database) -> None:
    feed_id = add_feed(database)
    _, number = claim(database, feed_id)
    with database.transaction() as connection:
        feeds.set_paused(connection, feed_id, paused=True)
    assert not may_record(database, feed_id, number)
    assert (feed(database, feed_id)["status"], feed(database, feed_id)["leased_at"]) == ("paused", None)


@pytest.mark.parametrize("change", [feeds.remove, partial(feeds.set_paused, paused=True)])
def test_who_changes_feeds_waits_for_an_import_before_any_row(
    database: Database, change: Callable[[Connection, int], None]
) -> None:
    feed_id = add_feed(database)
    with database.transaction() as importing:
        addresses.lock(importing)
        with database.transaction() as connection:
            connection.execute("SET LOCAL lock_timeout = '200ms'")
            with pytest.raises(errors.LockNotAvailable):
                change(connection, feed_id)


def test_a_feed_that_is_resumed_during_its_poll_is_polled_anew(database: Database) -> None:
    feed_id = add_feed(database)
    _, old = claim(database, feed_id)
    with database.transaction() as connection:
        feeds.set_paused(connection, feed_id, paused=True)
        feeds.set_paused(connection, feed_id, paused=False)
    row = feed(database, feed_id)
    assert (row["status"], row["leased_at"]) == ("active", None)
    dispatch(database, feed_id)
    assert not may_record(database, feed_id, old)


def test_a_removed_feed_that_is_added_again_is_due_at_once_and_remembers(database: Database) -> None:
    feed_id = add_feed(database)
    with database.transaction() as connection:
        connection.execute("UPDATE feeds SET etag = 'x', due_at = now() + interval '1 day'")
        feeds.remove(connection, feed_id)
        again = feeds.add(connection, "https://paper.example/feed.xml")
        late = connection.execute("SELECT due_at > now() AS later FROM feeds").fetchone()
    assert (again.id, again.created) == (feed_id, False)
    assert feed(database, feed_id)["status"] == "active"
    assert feed(database, feed_id)["etag"] == "x"
    assert late == {"later": False}


def test_a_website_is_pointed_at_its_feed(database: Database) -> None:
    feed_id = add_feed(database, "https://paper.example/")
    claimed, number = claim(database, feed_id)
    with database.transaction() as connection:
        assert moves.move(connection, claimed, "https://feeds.example/paper.xml") == feed_id
    row = feed(database, feed_id)
    assert (row["url"], row["site"]) == ("https://feeds.example/paper.xml", "feeds.example")
    assert row["site_url"] == "https://paper.example/"
    assert not may_record(database, feed_id, number)


def test_two_websites_of_one_feed_are_polled_as_one(database: Database) -> None:
    first = add_feed(database, "https://paper.example/")
    second = add_feed(database, "https://www.paper.example/")
    for feed_id in (first, second):
        claimed, _ = claim(database, feed_id)
        with database.transaction() as connection:
            moves.move(connection, claimed, "https://paper.example/rss")
    row = feed(database, second)
    assert (row["status"], row["same_as"], row["last_error"]) == ("removed", first, f"same feed as {first}")
    assert feed(database, first)["status"] == "active"


def fail(database: Database, feed_id: int) -> FeedForPoll:
    """A poll that brings no feed; returns the feed as its next poll finds it."""
    claimed, _ = claim(database, feed_id)
    with database.transaction() as connection:
        polls.record_poll(connection, claimed, PollRecord("failed", "because", datetime.now(UTC), {"failures": 1}))
    return claim(database, feed_id)[0]


def test_a_feed_is_pointed_elsewhere_once_until_it_succeeds_or_is_added_anew(database: Database) -> None:
    feed_id = add_feed(database, "https://paper.example/")
    claimed, _ = claim(database, feed_id)
    assert claimed.may_move
    with database.transaction() as connection:
        moves.move(connection, claimed, "https://paper.example/other")
    assert not claim(database, feed_id)[0].may_move
    again = fail(database, feed_id)
    assert not again.may_move
    assert again.poll_state == {"failures": 1, "moved": True}
    with database.transaction() as connection:
        feeds.remove(connection, feed_id)
        feeds.add(connection, "https://paper.example/other")
    assert claim(database, feed_id)[0].may_move


def test_a_feed_that_has_succeeded_is_no_website(database: Database) -> None:
    feed_id = add_feed(database)
    claimed, _ = claim(database, feed_id)
    with database.transaction() as connection:
        polls.record_poll(connection, claimed, PollRecord("changed", "because", datetime.now(UTC), {}))
    assert not claim(database, feed_id)[0].may_move


def test_a_website_wakes_the_feed_it_names_from_its_removal(database: Database) -> None:
    taken = add_feed(database, "https://paper.example/rss")
    website = add_feed(database, "https://paper.example/")
    claimed, _ = claim(database, website)
    with database.transaction() as connection:
        connection.execute("UPDATE feeds SET due_at = now() + interval '1 day' WHERE id = %s", [taken])
        feeds.remove(connection, taken)
        assert moves.move(connection, claimed, "https://paper.example/rss") == taken
        late = connection.execute("SELECT due_at > now() AS later FROM feeds WHERE id = %s", [taken]).fetchone()
    assert feed(database, taken)["status"] == "active"
    assert late == {"later": False}
    assert feed(database, website)["status"] == "removed"


def test_a_website_leaves_the_paused_feed_it_names_alone(database: Database) -> None:
    taken = add_feed(database, "https://paper.example/rss")
    website = add_feed(database, "https://paper.example/")
    claimed, _ = claim(database, website)
    with database.transaction() as connection:
        feeds.set_paused(connection, taken, paused=True)
        assert moves.move(connection, claimed, "https://paper.example/rss") == taken
    assert feed(database, taken)["status"] == "paused"


def test_two_websites_that_name_each_other_do_not_take_turns(database: Database) -> None:
    first, second = add_feed(database, "https://paper.example/"), add_feed(database, "https://other.example/")
    claimed, _ = claim(database, first)
    with database.transaction() as connection:
        assert moves.move(connection, claimed, "https://other.example/") == second
    claimed, _ = claim(database, second)
    with database.transaction() as connection:
        assert moves.move(connection, claimed, "https://paper.example/") is None
    assert (feed(database, first)["status"], feed(database, second)["status"]) == ("removed", "active")


def test_a_feed_whose_polls_break_down_is_put_off_ever_longer(database: Database) -> None:
    feed_id = add_feed(database)
    waits = []
    for lost in (3, 4, 20):
        number = dispatch(database, feed_id)
        with database.transaction() as connection:
            polls.put_off(connection, feed_id, lost=lost, detail="SegmentationFault")
            row = connection.execute("SELECT due_at - now() AS wait, lost FROM feeds").fetchone()
        assert row is not None
        assert row["lost"] == lost
        waits.append(row["wait"].total_seconds())
        assert not may_record(database, feed_id, number)
    assert waits == [600, 2400, 86_400]
    with database.transaction() as connection:
        recorded = connection.execute("SELECT outcome, detail FROM feed_polls").fetchall()
    assert [poll["outcome"] for poll in recorded] == ["failed"] * 3
    assert "SegmentationFault" in recorded[0]["detail"]
