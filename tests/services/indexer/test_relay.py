"""The relay: every event once, in order, whoever is killed or flushed in between."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from services.indexer.relay import Relay, StreamAheadError
from shared.database import Database
from shared.reading.events import STREAM
from tests.services.indexer.newsroom import new_entry, parsed, run


def publish_articles(database: Database, *numbers: int) -> None:
    for number in numbers:
        run(database, parsed(database, new_entry(database, str(number)), f"Words {number}"))


def fill(database: Database, events: int) -> None:
    """Events without articles: what the relay does with numbers alone."""
    with database.transaction() as connection:
        connection.execute(
            """
            INSERT INTO events (seq, type, article_id, version, at)
            SELECT n, 'article.created', 'X' || n, 1, now() FROM generate_series(1, %s) n
            """,
            [events],
        )
        connection.execute("UPDATE event_head SET seq = %s", [events])


def ids(valkey: redis.Redis) -> list[str]:
    return [entry_id.decode() for entry_id, _ in valkey.xrange(STREAM)]


def drain(relay: Relay) -> None:
    while relay.publish():
        pass


@pytest.fixture
def relay(database: Database, valkey: redis.Redis) -> Relay:
    return Relay(database, valkey, length=1000)


def test_an_event_is_on_the_stream_under_its_seq_as_cloudevent(
    database: Database, valkey: redis.Redis, relay: Relay
) -> None:
    assert relay.publish() == 0
    publish_articles(database, 1, 2)
    assert relay.publish() == 2
    assert relay.publish() == 0
    (first, fields), _ = valkey.xrange(STREAM)
    assert first == b"1-0"
    envelope = json.loads(fields[b"event"])
    assert (envelope["specversion"], envelope["seq"], envelope["type"]) == ("1.0", 1, "article.created")
    assert envelope["subject"].encode() == fields[b"subject"]
    assert envelope["data"]["text"] == "Words 1"


def test_a_relay_that_was_killed_is_taken_over_where_it_stopped(
    database: Database, valkey: redis.Redis, relay: Relay
) -> None:
    fill(database, 450)
    relay.publish()
    drain(Relay(database, valkey, length=1000))
    assert ids(valkey) == [f"{number}-0" for number in range(1, 451)]


def test_many_relays_at_once_neither_lose_nor_repeat(database_url: str, valkey: redis.Redis) -> None:
    with Database(database_url) as database:
        fill(database, 900)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: drain(Relay(database, valkey, length=1000)), range(4)))
    assert ids(valkey) == [f"{number}-0" for number in range(1, 901)]


def test_a_flushed_stream_is_filled_with_what_it_would_have_kept(database: Database, valkey: redis.Redis) -> None:
    relay = Relay(database, valkey, length=100)
    fill(database, 450)
    drain(relay)
    valkey.flushall()
    drain(relay)
    assert ids(valkey) == [f"{number}-0" for number in range(351, 451)]


def test_a_flush_between_two_batches_leaves_no_gap(database_url: str, valkey: redis.Redis) -> None:
    stop = threading.Event()

    def flush() -> None:
        while not stop.wait(0.02):
            valkey.flushall()

    with Database(database_url) as database:
        relay = Relay(database, valkey, length=100_000)
        fill(database, 600)
        thread = threading.Thread(target=flush)
        thread.start()
        for _ in range(60):
            relay.publish()
            kept = [int(entry_id.partition("-")[0]) for entry_id in ids(valkey)]
            assert kept == list(range(1, len(kept) + 1))
        stop.set()
        thread.join(5)
        drain(relay)
    assert len(ids(valkey)) == 600


def test_the_stream_is_trimmed(database: Database, valkey: redis.Redis) -> None:
    fill(database, 2000)
    drain(Relay(database, valkey, length=100))
    kept = ids(valkey)
    assert kept[-1] == "2000-0"
    # Trimmed by whole nodes of a hundred entries, which is far cheaper.
    assert 100 <= len(kept) <= 300


def test_a_trimmed_or_emptied_stream_goes_on_from_its_last_id(
    database: Database, valkey: redis.Redis, relay: Relay
) -> None:
    fill(database, 5)
    drain(relay)
    valkey.xtrim(STREAM, maxlen=0)
    assert relay.publish() == 0
    assert ids(valkey) == []


def test_a_database_from_an_older_backup_is_noticed_before_a_seq_is_used_twice(
    database: Database, valkey: redis.Redis, relay: Relay
) -> None:
    fill(database, 5)
    drain(relay)
    with database.transaction() as connection:
        connection.execute("DELETE FROM events WHERE seq > 3")
        connection.execute("UPDATE event_head SET seq = 3")
    with pytest.raises(StreamAheadError, match=f"DEL {STREAM}") as caught:
        relay.publish()
    assert "\n" not in str(caught.value)
    valkey.delete(STREAM)
    drain(relay)
    assert ids(valkey) == ["1-0", "2-0", "3-0"]


def test_consumer_groups_see_each_event_once(database: Database, valkey: redis.Redis, relay: Relay) -> None:
    fill(database, 3)
    drain(relay)
    valkey.xgroup_create(STREAM, "readers", id="0")
    ((_, found),) = valkey.xreadgroup("readers", "me", {STREAM: ">"}, count=10)
    assert [entry_id for entry_id, _ in found] == [b"1-0", b"2-0", b"3-0"]


def test_a_running_relay_follows_and_stops(database_url: str, valkey: redis.Redis) -> None:
    stop = threading.Event()
    with Database(database_url) as database:
        thread = threading.Thread(target=Relay(database, valkey, length=100).run, args=(stop,))
        thread.start()
        try:
            publish_articles(database, 1)
            for _ in range(100):
                if ids(valkey):
                    break
                stop.wait(0.05)
            assert ids(valkey) == ["1-0"]
        finally:
            stop.set()
            thread.join(5)
    assert not thread.is_alive()
