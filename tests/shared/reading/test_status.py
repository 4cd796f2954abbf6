"""How the whole pipeline stands."""

from __future__ import annotations

import redis

from shared.database import Connection
from shared.reading.events import STREAM
from shared.reading.status import status
from shared.records import RejectionReason
from tests.shared.reading.newsroom import Newsroom, make_article


def test_an_empty_desk_is_all_zeros(connection: Connection, valkey: redis.Redis) -> None:
    found = status(connection, valkey)
    assert set(found["entries"].values()) == set(found["feeds"].values()) == set(found["queues"].values()) == {0}
    assert found["last_indexed_at"] is None
    assert found["leader"] is None
    assert (found["seq"], found["stream_behind"]) == (0, 0)


def test_the_figures_add_up(newsroom: Newsroom, connection: Connection, valkey: redis.Redis) -> None:
    for _ in range(2):
        newsroom.publish(make_article())
    newsroom.reject("https://a.example/1", RejectionReason.NO_TEXT, None)
    newsroom.list_in(newsroom.feed(), "https://a.example/2")
    valkey.xadd(STREAM, {"type": "article.created"}, id="1-0")
    found = status(connection, valkey)
    entries = found["entries"]
    assert entries == {"discovered": 4, "indexed": 2, "duplicate": 0, "rejected": 1, "failed": 0, "pending": 1}
    assert found["reasons"] == [{"state": "rejected", "reason": "no_text", "entries": 1}]
    assert found["feeds"]["active"] == 1
    assert found["last_indexed_at"].endswith("Z")
    assert (found["seq"], found["stream_behind"]) == (2, 1)
