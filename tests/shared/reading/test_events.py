"""The change feed: complete, gap-free, in the order of commits."""

from __future__ import annotations

import threading
import time

from shared.database import Connection
from shared.reading.events import DATA_SCHEMA, head, read_events
from shared.records import Article
from tests.shared.reading.newsroom import Newsroom, make_article


def test_each_change_is_one_event(newsroom: Newsroom, connection: Connection) -> None:
    url = "https://gazette.example/a"
    created = newsroom.publish(make_article(url, title="Ten ships", text="Ships."))
    newsroom.publish(make_article(url, title="Eleven ships", text="Ships."))
    newsroom.publish(make_article(url, title="Eleven ships!", text="Ships."))
    events = read_events(connection, after=0, limit=10)
    assert [(event.seq, event.type, event.subject, event.version) for event in events] == [
        (1, "article.created", created.article_id, 1),
        (2, "article.updated", created.article_id, 2),
    ]
    assert [(event.data or {})["title"] for event in events] == ["Ten ships", "Eleven ships"]
    assert head(connection) == 2


def test_an_event_is_a_cloudevent_with_the_record_of_its_version(newsroom: Newsroom, connection: Connection) -> None:
    written = newsroom.publish(make_article())
    (event,) = read_events(connection, after=0, limit=10)
    envelope = event.envelope()
    record = Article.model_validate(envelope.pop("data"))
    assert (record.id, record.version, record.seq) == (written.article_id, 1, 1)
    assert envelope.pop("time").endswith("Z")
    assert envelope == {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:wiredesk",
        "type": "article.created",
        "subject": written.article_id,
        "datacontenttype": "application/json",
        "dataschema": DATA_SCHEMA,
        "seq": 1,
    }


def test_pages_join_without_a_gap(newsroom: Newsroom, connection: Connection) -> None:
    for _ in range(5):
        newsroom.publish(make_article())
    seen: list[int] = []
    while events := read_events(connection, after=seen[-1] if seen else 0, limit=2):
        seen += [event.seq for event in events]
    assert seen == [1, 2, 3, 4, 5]


def test_beyond_the_head_there_is_nothing(newsroom: Newsroom, connection: Connection) -> None:
    newsroom.publish(make_article())
    assert read_events(connection, after=10**12, limit=10) == []


def _publish_beside(newsroom: Newsroom, name: str) -> threading.Thread:
    feed = newsroom.feed(f"https://{name}.example/feed")
    article = make_article(f"https://{name}.example/a", title=name)
    thread = threading.Thread(target=newsroom.publish, args=[article], kwargs={"feed_id": feed})
    thread.start()
    return thread


def _wait_for_a_lock(connection: Connection) -> None:
    for _ in range(400):
        waiting = connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
        # A transaction sees one state of the activity until it is told to look again.
        connection.execute("SELECT pg_stat_clear_snapshot()")
        if waiting:
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_a_later_number_is_never_seen_before_an_earlier_one(newsroom: Newsroom, connection: Connection) -> None:
    slow = newsroom.feed("https://slow.example/feed")
    with newsroom.database.transaction() as writer:
        newsroom.write(writer, make_article("https://slow.example/a", title="slow"), feed_id=slow)
        beside = _publish_beside(newsroom, "quick")
        _wait_for_a_lock(connection)
        assert read_events(connection, after=0, limit=10) == []
    beside.join()
    assert [(event.data or {})["title"] for event in read_events(connection, after=0, limit=10)] == ["slow", "quick"]


def test_a_transaction_that_fails_leaves_no_gap(newsroom: Newsroom, connection: Connection) -> None:
    slow = newsroom.feed("https://slow.example/feed")
    with newsroom.database.transaction() as writer:
        newsroom.write(writer, make_article("https://slow.example/a"), feed_id=slow)
        beside = _publish_beside(newsroom, "quick")
        _wait_for_a_lock(connection)
        writer.rollback()
    beside.join()
    assert [event.seq for event in read_events(connection, after=0, limit=10)] == [1]
    assert head(connection) == 1
