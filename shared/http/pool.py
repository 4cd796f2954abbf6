"""Connections kept open between requests.

Not httpcore's own pool: that one looks at every idle connection for every idle connection whenever a request starts or
ends, under one lock (measured: 1.7 ms CPU a request with 64 of them, 49 ms with 400).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import httpcore  # noqa: TID251 - the one place

from shared.http.http2 import Http2Connection
from shared.http.proxy import Proxy
from shared.http.stream import GuardedStream

Way = tuple[tuple[str, str, int], Proxy | None]
"""An origin, and the proxy that leads there."""

KEEP_SECONDS = 15.0


@dataclass
class Connection:
    """A connection for one request at a time, and the stream under it, which follows the exchange that uses it."""

    way: Way
    stream: GuardedStream
    http: httpcore.HTTP11Connection | Http2Connection
    used: bool = False
    """Whether it has served a request before."""

    @classmethod
    def over(cls, stream: GuardedStream, way: Way) -> Connection:
        """A fresh connection over a connected stream."""
        if stream.speaks_http2:
            return cls(way, stream, Http2Connection(stream, keep_seconds=KEEP_SECONDS))
        (scheme, host, port), _ = way
        to = httpcore.Origin(scheme.encode(), host.encode(), port)
        return cls(way, stream, httpcore.HTTP11Connection(to, stream, keepalive_expiry=KEEP_SECONDS))


class IdleConnections:
    """At most ``most`` idle connections, the least recently used given up first. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._idle: list[Connection] = []

    def take(self, way: Way) -> Connection | None:
        """A connection on ``way`` that looked alive a moment ago."""
        while (connection := self._last_of(way)) is not None:
            if not connection.http.has_expired():
                return connection
            connection.http.close()
        return None

    def give(self, connection: Connection) -> None:
        """Keep ``connection`` for the next request, if it can take one."""
        if not connection.http.is_idle():
            connection.http.close()
            return
        with self._lock:
            connection.used = True
            self._idle.append(connection)
            surplus = self._idle[: -self._most]
            del self._idle[: -self._most]
            # The front has been idle longest: what is dead is found there without looking at all.
            while len(self._idle) > 1 and self._idle[0].http.has_expired():
                surplus.append(self._idle.pop(0))
        for old in surplus:
            old.http.close()

    def close(self) -> None:
        """Close all that are idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.http.close()

    def _last_of(self, way: Way) -> Connection | None:
        with self._lock:
            for number in range(len(self._idle) - 1, -1, -1):
                if self._idle[number].way == way:
                    return self._idle.pop(number)
        return None
