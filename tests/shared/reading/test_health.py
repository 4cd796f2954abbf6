"""How a feed is, from its row, its polls and its open alerts."""

from __future__ import annotations

import pytest

from shared.database import Connection, Database
from shared.ledger import feeds as registry
from shared.reading.feeds import get_feed, list_feeds
from shared.reading.health import STATES
from tests.shared.reading.newsroom import Newsroom


def poll(database: Database, feed_id: int, outcome: str, *, new: int = 0, error: str | None = None) -> None:
    with database.transaction() as connection:
        connection.execute(
            """
            UPDATE feeds SET last_polled_at = now(), last_outcome = %(outcome)s, last_error = %(error)s,
                last_success_at = CASE WHEN %(outcome)s <> 'failed' THEN now() ELSE last_success_at END
            WHERE id = %(id)s
            """,
            {"id": feed_id, "outcome": outcome, "error": error},
        )
        connection.execute(
            "INSERT INTO feed_polls (feed_id, outcome, new_entries, why, next_at) VALUES (%s, %s, %s, 'test', now())",
            [feed_id, outcome, new],
        )


def alert(database: Database, feed_id: int, kind: str, detail: str | None, *, closed: bool = False) -> None:
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO alerts (feed_id, kind, detail, closed_at) VALUES (%s, %s, %s, CASE WHEN %s THEN now() END)",
            [feed_id, kind, detail, closed],
        )


def state(connection: Connection, feed_id: int) -> tuple[str, str]:
    feed = get_feed(connection, feed_id)
    assert feed is not None
    return feed["health"], feed["health_why"]


def test_a_feed_that_nobody_polled_yet_is_new(newsroom: Newsroom, connection: Connection) -> None:
    assert state(connection, newsroom.feed()) == ("new", "never polled yet")


def test_a_feed_that_works_tells_of_its_week(newsroom: Newsroom, connection: Connection) -> None:
    feed = newsroom.feed()
    for new in (3, 0, 2):
        poll(newsroom.database, feed, "changed", new=new)
    assert state(connection, feed) == ("ok", "5 new in 3 polls of the last 7 days")
    row = list_feeds(connection)[0]
    assert (row["week_polls"], row["week_polls_with_news"], row["week_new_entries"]) == (3, 2, 5)


def test_a_feed_that_fails_says_why_and_since_when(newsroom: Newsroom, connection: Connection) -> None:
    feed = newsroom.feed()
    poll(newsroom.database, feed, "failed", error="http_404: gone fishing")
    assert state(connection, feed) == ("failing", "http_404: gone fishing; never worked")
    poll(newsroom.database, feed, "changed", new=1)
    poll(newsroom.database, feed, "failed", error="connect: refused")
    name, why = state(connection, feed)
    assert name == "failing"
    assert why.startswith("connect: refused; last success 20")


@pytest.mark.parametrize(("kind", "expected"), [("feed_quiet", "quiet"), ("feed_gap", "gap"), ("feed_failing", "ok")])
def test_an_open_alert_shows_on_a_feed_that_works(
    newsroom: Newsroom, connection: Connection, kind: str, expected: str
) -> None:
    feed = newsroom.feed()
    poll(newsroom.database, feed, "changed")
    alert(newsroom.database, feed, kind, "in its own words", closed=True)
    assert state(connection, feed)[0] == "ok"
    alert(newsroom.database, feed, kind, "in its own words")
    name, why = state(connection, feed)
    assert name == expected
    assert expected == "ok" or why == "in its own words"
    assert list_feeds(connection)[0]["alerts"] == [kind]


def test_a_feed_that_says_it_is_gone_is_gone(newsroom: Newsroom, connection: Connection) -> None:
    feed = newsroom.feed()
    poll(newsroom.database, feed, "failed", error="http_410")
    alert(newsroom.database, feed, "feed_gone", None)
    assert state(connection, feed)[0] == "gone"


def test_feeds_are_listed_by_health(newsroom: Newsroom, connection: Connection) -> None:
    fine, broken, rests = (newsroom.feed(f"https://{name}.example/feed") for name in "abc")
    poll(newsroom.database, fine, "unchanged")
    poll(newsroom.database, broken, "failed", error="dns")
    with newsroom.database.transaction() as writer:
        registry.set_paused(writer, rests, paused=True)
    found = {name: [row["id"] for row in list_feeds(connection, states=[name])] for name in STATES}
    assert {name: ids for name, ids in found.items() if ids} == {"ok": [fine], "failing": [broken], "paused": [rests]}
    assert [row["id"] for row in list_feeds(connection, states=["ok", "failing"])] == [fine, broken]
