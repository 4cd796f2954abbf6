"""Addresses of Valkey: understood, or refused in one line that tells no secret."""

from __future__ import annotations

import pytest

from shared import queues
from shared.errors import ConfigurationError, EngineError


@pytest.mark.parametrize(
    "url",
    [
        "http://valkey",
        "redis://host:port/0",
        "nonsense",
        "redis+sentinel://host:x/service",
        "redis+sentinel://host:26379",
    ],
)
def test_an_address_that_cannot_work_is_named_in_one_line(url: str) -> None:
    with pytest.raises(ConfigurationError, match="WIREDESK_REDIS_URL") as caught:
        queues.connect(url)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:s3#cret@host:6379/0",
        "redis://:s3cret/x@host:6379/0",
        "redis://:x/s3cret@host:6379/0",
        "redis://:s3cret@host:s3cret/0",
        "redis://host/0?socket_timeout=s3cret",
        "redis+sentinel://:s3cret@host:s3cret/news",
        "redis+sentinel://:s3cret@host/news/s3cret",
        "redis+sentinel://:s3cret@host",
    ],
)
def test_a_malformed_address_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"redis(\+sentinel)?://:password@host") as caught:
        queues.connect(url)
    assert "s3" not in str(caught.value)


@pytest.mark.parametrize(
    ("credentials", "user", "password"),
    [(":secret@", None, "secret"), ("me:s%40c%2F@", "me", "s@c/"), ("", None, None)],
)
def test_a_sentinel_address_is_understood(credentials: str, user: str | None, password: str | None) -> None:
    client = queues.connect(f"redis+sentinel://{credentials}one:26379,two/news/3")
    options = client.connection_pool.connection_kwargs
    assert (options["db"], options["username"], options["password"]) == (3, user, password)


def test_a_valkey_that_does_not_answer_is_named_in_one_line() -> None:
    with queues.connect("redis://127.0.0.1:1/0") as client, pytest.raises(EngineError, match="Valkey") as caught:
        queues.check(client)
    assert "\n" not in str(caught.value)
