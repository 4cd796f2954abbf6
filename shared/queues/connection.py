"""The connection to Valkey or Redis."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from shared.errors import ConfigurationError, EngineError
from shared.wording import one_line

# A command that Valkey does not answer in this time is tried again; without it a paused server hangs its clients.
SOCKET_TIMEOUT_SECONDS = 15


def connect(url: str) -> redis.Redis:
    """A client for Valkey or Redis: ``redis://``, ``rediss://``, ``unix://``, or through Sentinel
    ``redis+sentinel://[[user]:password@]host:port[,host:port...]/service[/db]``.

    :raises ConfigurationError: when ``url`` is none of these, without repeating any of it: it holds a password, and
        the libraries' messages quote the part that they stumble over.
    """
    retry = Retry(ExponentialBackoff(cap=2, base=0.05), 3)
    options: dict[str, Any] = {
        "socket_connect_timeout": 5,
        "socket_timeout": SOCKET_TIMEOUT_SECONDS,
        "health_check_interval": 30,
        "retry": retry,
    }
    if url.startswith("redis+sentinel://"):
        return _connect_by_sentinel(url, options)
    try:
        return redis.Redis.from_url(url, **options)
    except ValueError:
        raise ConfigurationError(
            "WIREDESK_REDIS_URL is not a Valkey or Redis address: redis://:password@host:6379/0 "
            "(in the password, write %23 for #, %2F for /, %3F for ?, %40 for @)"
        ) from None


def _connect_by_sentinel(url: str, options: dict[str, Any]) -> redis.Redis:
    rest = url.removeprefix("redis+sentinel://")
    credentials, _, rest = rest.rpartition("@")
    hosts, _, path = rest.partition("/")
    service, _, db = path.partition("/")
    try:
        addresses = [
            (host or "localhost", int(port or 26379)) for host, _, port in (h.partition(":") for h in hosts.split(","))
        ]
        number = int(db or 0)
    except ValueError:
        service = ""
    if not service:
        raise ConfigurationError(
            "WIREDESK_REDIS_URL is not a Sentinel address: redis+sentinel://:password@host:26379/service/0"
        )
    user, password = (unquote(part) or None for part in credentials.partition(":")[::2])
    # redis-py types its clients, and not its sentinels.
    sentinel = Sentinel(addresses, socket_timeout=2)  # type: ignore[no-untyped-call]
    client: redis.Redis = sentinel.master_for(  # type: ignore[no-untyped-call]
        service, db=number, username=user, password=password, **options
    )
    return client


def check(client: redis.Redis) -> None:
    """Ask whether Valkey answers.

    :raises EngineError: in one line, when it does not.
    """
    try:
        client.ping()
    except redis.RedisError as error:
        raise EngineError(f"Valkey cannot be reached: {one_line(error)}") from None
