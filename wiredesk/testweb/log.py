"""What was asked of the web: who came when, and how many at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Seen:
    """One request. Times are of :func:`time.monotonic`, in seconds.

    ``in_flight``: requests being answered by the site when this one came, itself included; ``in_flight_total``: by all
    sites. ``status`` is ``None`` until there is an answer (for ever where the site hangs), ``finished_at`` until the
    last of it is sent. ``path`` is as it was asked for, query included.
    """

    site: str
    path: str
    at: float
    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    in_flight: int = 1
    in_flight_total: int = 1
    status: int | None = None
    finished_at: float | None = None


class Log:
    """Every request, in the order of arrival; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: list[Seen] = []
        self._in_flight: dict[str, int] = {}

    def begin(self, seen: Seen) -> int:
        """Take note of an arrival. Returns the number by which the request is ended."""
        with self._lock:
            here = self._in_flight.get(seen.site, 0) + 1
            self._in_flight[seen.site] = here
            total = sum(self._in_flight.values())
            self._seen.append(replace(seen, in_flight=here, in_flight_total=total))
            return len(self._seen) - 1

    def answered(self, number: int, status: int) -> None:
        """The answer is known."""
        with self._lock:
            self._seen[number] = replace(self._seen[number], status=status)

    def end(self, number: int) -> None:
        """The answer is sent; ending a request twice does no harm."""
        with self._lock:
            seen = self._seen[number]
            if seen.finished_at is None:
                self._seen[number] = replace(seen, finished_at=time.monotonic())
                self._in_flight[seen.site] -= 1

    def all(self) -> tuple[Seen, ...]:
        """Everything so far."""
        with self._lock:
            return tuple(self._seen)

    def clear(self) -> None:
        """Forget the requests that are over."""
        with self._lock:
            if any(self._in_flight.values()):
                raise RuntimeError("requests are being answered: the log can not be cleared now")
            self._seen.clear()
