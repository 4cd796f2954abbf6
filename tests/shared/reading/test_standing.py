"""How a site stands, in a line."""

from __future__ import annotations

import pytest
import redis

from shared.politeness import FAILURES_TO_OPEN, Heard, Politeness, Report, Turn
from shared.reading.standing import standing_of, told
from shared.settings import Settings

URL = "https://www.paper.example/feed.xml"
SITE = "paper.example"


@pytest.fixture
def polite(settings: Settings) -> Settings:
    return settings.model_copy(update={"site_interval_seconds": 1.4, "site_concurrency": 2})


def test_a_site_that_is_held_is_told_with_its_places_and_its_reason(valkey: redis.Redis, polite: Settings) -> None:
    politeness = Politeness.of(valkey, polite)
    for holder in ("a", "b"):
        politeness.reserve(SITE, [holder], ttl_seconds=60)
        valkey.delete(f"wiredesk:site:{SITE}:next")
    politeness.report(SITE, Report(Heard.BUSY, "http_429", "/", 0.1, asked_seconds=25.4))
    found = standing_of(valkey, polite, URL)
    assert found is not None
    assert told(found) == "site paper.example: 2 of 2 places taken, one page every 1.4 s, held 25 s more for http_429"


def test_a_dead_site_whose_rest_is_over_is_asked_one_thing(valkey: redis.Redis, polite: Settings) -> None:
    politeness = Politeness.of(valkey, polite)
    for _ in range(FAILURES_TO_OPEN):
        politeness.report(SITE, Report(Heard.DEAD, "connect", "/", 0.0))
    valkey.hset(f"wiredesk:site:{SITE}:mood", "held_until", 1)
    politeness.pace(Turn(SITE, holder="probe"))
    found = standing_of(valkey, polite, URL)
    assert found is not None
    expected = (
        "site paper.example: 1 of 1 place taken, one page every 1.4 s, asked one thing at a time until it answers"
    )
    assert told(found) == expected


def test_without_an_answer_of_valkey_nothing_is_told(polite: Settings) -> None:
    with redis.Redis(host="localhost", port=1, socket_connect_timeout=1) as nobody:
        assert standing_of(nobody, polite, URL) is None
