"""The relay: every event once, in order, whoever is killed or flushed in between."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from services.indexer.relay import Relay, StreamAheadError
from shared import queues
from shared.database import Database
from shared.jobs import PollFeed
from shared.reading.events import STREAM
from shared.settings import MIB, Settings
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


def fill_with_large_events(database: Database, events: int, *, size: int) -> None:
    """Events of about ``size`` bytes each."""
    fill(database, events)
    with database.transaction() as connection:
        connection.execute("UPDATE events SET article_id = 'X' || seq || repeat('x', %s)", [size // 2])


def taken(valkey: redis.Redis) -> int:
    """The bytes that the stream takes."""
    return valkey.memory_usage(STREAM, samples=0) or 0


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


def test_the_stream_takes_no_more_bytes_than_it_may(database: Database, valkey: redis.Redis) -> None:
    fill_with_large_events(database, 3000, size=4000)
    relay = Relay(database, valkey, length=100_000, max_bytes=2 * MIB)
    largest = 0
    while relay.publish():
        largest = max(largest, taken(valkey))
    assert largest < 2.2 * MIB
    # It is cut to nine tenths, and used.
    assert taken(valkey) > 1.7 * MIB
    kept = ids(valkey)
    assert kept == [f"{number}-0" for number in range(3001 - len(kept), 3001)]


def test_a_stream_that_was_too_large_before_is_cut_at_the_start(database: Database, valkey: redis.Redis) -> None:
    fill_with_large_events(database, 1000, size=4000)
    drain(Relay(database, valkey, length=100_000))
    assert taken(valkey) > 2 * MIB
    assert Relay(database, valkey, length=100_000, max_bytes=MIB).publish() == 0
    assert taken(valkey) <= MIB
    assert ids(valkey)[-1] == "1000-0"


def test_an_event_larger_than_the_stream_may_be_is_on_it_all_the_same(database: Database, valkey: redis.Redis) -> None:
    fill_with_large_events(database, 3, size=3 * MIB)
    drain(Relay(database, valkey, length=1000, max_bytes=MIB))
    assert ids(valkey) == ["3-0"]


@pytest.fixture
def limit(valkey: redis.Redis) -> Iterator[Callable[[int], None]]:
    """Gives Valkey so many bytes beyond what it uses."""

    def set_limit(more: int) -> None:
        valkey.config_set("maxmemory", valkey.info("memory")["used_memory"] + more)

    yield set_limit
    valkey.config_set("maxmemory", 0)


def test_in_a_small_valkey_the_stream_takes_a_quarter(
    database: Database, valkey: redis.Redis, limit: Callable[[int], None]
) -> None:
    fill_with_large_events(database, 3000, size=4000)
    limit(8 * MIB)
    drain(Relay(database, valkey, length=100_000))
    quarter = valkey.info("memory")["maxmemory"] / 4
    assert 0.7 * quarter < taken(valkey) < 1.1 * quarter


def test_a_full_valkey_takes_jobs_and_events_again_because_the_stream_gives_way(
    database_url: str, valkey: redis.Redis, limit: Callable[[int], None], settings: Settings
) -> None:
    stop = threading.Event()
    jobs = [PollFeed(feed_id=1, lease=1, site="paper.example")]
    with Database(database_url) as database:
        fill_with_large_events(database, 1000, size=4000)
        relay = Relay(database, valkey, length=100_000, max_bytes=64 * MIB)
        drain(relay)
        with database.transaction() as connection:
            connection.execute(
                """
                INSERT INTO events (seq, type, article_id, version, at)
                SELECT n, 'article.created', 'X' || n, 1, now() FROM generate_series(1001, 1050) n
                """
            )
            connection.execute("UPDATE event_head SET seq = 1050")
        limit(-MIB)
        with pytest.raises(redis.OutOfMemoryError):
            queues.enqueue(valkey, jobs, settings, timeout=5)
        thread = threading.Thread(target=relay.run, args=(stop,))
        thread.start()
        try:
            until = time.monotonic() + 10
            while not (kept := ids(valkey)) or kept[-1] != "1050-0":
                assert time.monotonic() < until, kept[-3:]
                time.sleep(0.05)
        finally:
            stop.set()
            thread.join(5)
    assert kept == [f"{number}-0" for number in range(1051 - len(kept), 1051)]
    assert queues.enqueue(valkey, jobs, settings, timeout=5) == 1
