"""Reading the registry of feeds."""

from __future__ import annotations

import pytest

from shared.database import Connection
from shared.errors import UsageError
from shared.ledger import feeds as registry
from shared.reading.feeds import get_feed, list_feeds, resolve_feed
from shared.records import RejectionReason
from tests.shared.reading.newsroom import Newsroom, make_article


def test_a_feed_has_the_account_of_what_it_discovered(newsroom: Newsroom, connection: Connection) -> None:
    feed = newsroom.feed("https://a.example/feed")
    newsroom.publish(make_article("https://a.example/1"), feed_id=feed)
    newsroom.reject("https://a.example/2", RejectionReason.NO_TEXT, None, feed_id=feed)
    newsroom.list_in(feed, "https://a.example/3")
    other = newsroom.feed("https://b.example/feed")
    newsroom.list_in(other, "https://a.example/1")
    rows = {row["id"]: row for row in list_feeds(connection)}
    names = ("discovered", "indexed", "duplicate", "rejected", "failed", "pending")
    assert [rows[feed][name] for name in names] == [3, 1, 0, 1, 0, 1]
    assert [rows[other][name] for name in names] == [0, 0, 0, 0, 0, 0]


def test_feeds_are_paged_by_id_and_removed_ones_left_out(newsroom: Newsroom, connection: Connection) -> None:
    ids = [newsroom.feed(f"https://{name}.example/feed") for name in "abcd"]
    with newsroom.database.transaction() as writer:
        registry.remove(writer, ids[1])
    assert [row["id"] for row in list_feeds(connection, limit=2)] == [ids[0], ids[2]]
    assert [row["id"] for row in list_feeds(connection, after=ids[2], limit=2)] == [ids[3]]
    assert [row["id"] for row in list_feeds(connection, removed=True)] == ids


def test_a_feed_that_is_not_there_is_none(connection: Connection) -> None:
    assert get_feed(connection, 1) is None


def test_a_feed_is_meant_by_id_or_any_spelling_of_its_url(newsroom: Newsroom, connection: Connection) -> None:
    feed = newsroom.feed("https://a.example/feed")
    assert resolve_feed(connection, str(feed)) == feed
    assert resolve_feed(connection, "HTTPS://A.example/feed#x") == feed


@pytest.mark.parametrize("name", ["0", "9" * 5000, "https://b.example/feed", "", "nonsense", "-1"])
def test_a_feed_that_nobody_added_is_one_clear_line(connection: Connection, name: str) -> None:
    with pytest.raises(UsageError):
        resolve_feed(connection, name)
