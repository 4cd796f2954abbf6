"""What is sent along with a feed's requests, as it is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from shared.credentials import Credentials, read_origin
from shared.database import Database
from shared.ledger import feeds, requests
from shared.ledger.discovery import record_entries
from shared.ledger.requests import FeedRequests
from tests.shared.ledger.rows import credentials_for, seen_at

FEED = "https://news.example/feed"
WANTED = FeedRequests(
    credentials=credentials_for(FEED),
    proxy=SecretStr("http://user:geheim@proxy.example:3128"),
    for_pages=True,
)


def list_page(database: Database, feed_id: int, url: str) -> int:
    item = seen_at(url)
    with database.transaction() as connection:
        record_entries(connection, feed_id, [item])
        row = connection.execute("SELECT id FROM entries WHERE url_key = %s", [item.url_key]).fetchone()
    assert row is not None
    return int(row["id"])


def test_what_was_saved_comes_back_and_can_be_replaced_and_forgotten(database: Database) -> None:
    with database.transaction() as connection:
        feed_id = feeds.add(connection, FEED).id
        assert requests.of_feed(connection, feed_id) is None
        requests.save(connection, feed_id, WANTED)
        assert requests.of_feed(connection, feed_id) == WANTED
        without = FeedRequests(credentials=Credentials(origin=read_origin(FEED)))
        requests.save(connection, feed_id, without)
        assert requests.of_feed(connection, feed_id) == without
        requests.clear(connection, feed_id)
        assert requests.of_feed(connection, feed_id) is None


def test_no_repr_shows_a_value() -> None:
    shown = f"{WANTED!r} {WANTED}"
    assert "X-Key" in shown
    assert not [secret for secret in ("k-123", "sid-456", "geheim", "'user'") if secret in shown]


@pytest.mark.parametrize("for_pages", [True, False])
def test_pages_get_it_only_where_that_was_wanted(database: Database, for_pages: bool) -> None:
    with database.transaction() as connection:
        feed_id = feeds.add(connection, FEED).id
        requests.save(connection, feed_id, replace(WANTED, for_pages=for_pages))
    entry_id = list_page(database, feed_id, "https://news.example/1")
    with database.transaction() as connection:
        assert (requests.of_entry(connection, entry_id) is not None) is for_pages


def test_of_two_feeds_that_list_a_page_the_one_of_its_origin_counts(database: Database) -> None:
    with database.transaction() as connection:
        elsewhere = feeds.add(connection, "https://planet.example/feed").id
        feed_id = feeds.add(connection, FEED).id
        other = FeedRequests(credentials=Credentials(origin=read_origin("https://planet.example/")), for_pages=True)
        requests.save(connection, elsewhere, other)
        requests.save(connection, feed_id, WANTED)
    for listing in (elsewhere, feed_id):
        entry_id = list_page(database, listing, "https://news.example/1")
    with database.transaction() as connection:
        assert requests.of_entry(connection, entry_id) == WANTED


def test_a_name_and_password_in_a_feed_s_address_are_kept_apart_from_it(database: Database) -> None:
    with database.transaction() as connection:
        added = feeds.add(
            connection,
            "https://us%40er:ge%3Aheim@news.example/feed",
            title="News",
            site_url="https://user:geheim@news.example/",
        )
        found = requests.of_feed(connection, added.id)
        row = connection.execute("SELECT feeds::text AS row FROM feeds").fetchone()
        again = feeds.add(connection, FEED)
    assert added.url == FEED
    assert (again.id, again.created) == (added.id, False)
    assert row is not None
    assert "heim" not in row["row"]
    assert found is not None
    assert found.origin == ("https", "news.example", 443)
    assert found.credentials.fields() == {"Authorization": "Basic dXNAZXI6Z2U6aGVpbQ=="}


def test_adding_a_feed_with_a_new_password_replaces_the_old_one_and_keeps_the_rest(database: Database) -> None:
    with database.transaction() as connection:
        feed_id = feeds.add(connection, FEED).id
        requests.save(connection, feed_id, WANTED)
        feeds.add(connection, "https://new:word@news.example/feed")
        found = requests.of_feed(connection, feed_id)
        feeds.add(connection, FEED)
        assert requests.of_feed(connection, feed_id) == found
    assert found is not None
    assert (found.credentials.username, found.credentials.password) == (SecretStr("new"), SecretStr("word"))
    assert (found.credentials.headers, found.proxy) == (WANTED.credentials.headers, WANTED.proxy)


def test_a_password_for_an_address_that_the_feed_has_left_replaces_none_of_its_new_one(database: Database) -> None:
    with database.transaction() as connection:
        feed_id = feeds.add(connection, FEED).id
        requests.save(connection, feed_id, WANTED)
        connection.execute(
            "INSERT INTO feed_aliases (url_key, url, feed_id, reason) VALUES (%(url)s, %(url)s, %(id)s, 'moved')",
            {"url": "https://old.example/feed", "id": feed_id},
        )
        assert feeds.add(connection, "https://new:word@old.example/feed").id == feed_id
        assert requests.of_feed(connection, feed_id) == WANTED


@pytest.mark.parametrize(
    "url", ["https://:geheim@news.example/", "https://a:ge%00heim@news.example/", "ftp://a:geheim@b/"]
)
def test_an_address_with_what_cannot_be_sent_is_refused_unseen(database: Database, url: str) -> None:
    with database.transaction() as connection, pytest.raises(ValueError) as caught:
        feeds.add(connection, url)
    assert "heim" not in str(caught.value)


def test_the_parts_of_a_sitemap_index_are_asked_as_their_index_is(database: Database) -> None:
    with database.transaction() as connection:
        index, part, stranger = (feeds.add(connection, f"https://news.example/{name}").id for name in "abc")
        connection.execute("UPDATE feeds SET parent_id = %s WHERE id = %s", [index, part])
        requests.save(connection, index, WANTED)
        assert requests.for_poll(connection, part) == WANTED
        assert requests.for_poll(connection, stranger) is None
        own = FeedRequests(credentials=Credentials(origin=read_origin(FEED)))
        requests.save(connection, part, own)
        assert requests.for_poll(connection, part) == own


def test_pages_of_parts_two_levels_down_get_what_their_uppermost_index_has(database: Database) -> None:
    with database.transaction() as connection:
        index, below, leaf = (feeds.add(connection, f"https://news.example/{name}").id for name in "abc")
        connection.execute("UPDATE feeds SET parent_id = %s WHERE id = %s", [index, below])
        connection.execute("UPDATE feeds SET parent_id = %s WHERE id = %s", [below, leaf])
        requests.save(connection, index, WANTED)
    entry_id = list_page(database, leaf, "https://news.example/1")
    with database.transaction() as connection:
        assert requests.of_entry(connection, entry_id) == WANTED
        own = FeedRequests(credentials=Credentials(origin=read_origin(FEED)), for_pages=True)
        requests.save(connection, leaf, own)
        assert requests.of_entry(connection, entry_id) == own
