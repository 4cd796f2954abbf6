"""One request with its redirects, while it is under way: where it is, and how much longer it may take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.errors import FetchError
from shared.http.reasons import FetchReason, fetch_error

Clock = Callable[[], float]
"""Seconds that never jump, like :func:`time.monotonic`."""

# h11 caps the header of one answer at 100 KiB; this also caps an endless row of 1xx answers before the real one.
MOST_BYTES_BEFORE_ANSWER = 256 * 1024


class Exchange:
    """Belongs to one thread. ``url`` is the address asked now; errors are about that one."""

    def __init__(self, url: str, seconds: float, clock: Clock) -> None:
        self.url = url
        self._clock = clock
        self._seconds = seconds
        self._ends = clock() + seconds
        self._answering = False
        self._came = 0

    def wait(self, most: float) -> float:
        """How long the next wait may be: ``most`` seconds, or what is left.

        :raises FetchError: ``deadline``, when nothing is left.
        """
        left = self._ends - self._clock()
        if left <= 0:
            raise self.fails(FetchReason.DEADLINE, f"{self.url} took more than {self._seconds:g} s")
        return min(most, left)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time spent inside does not count."""
        began = self._clock()
        try:
            yield
        finally:
            self._ends += self._clock() - began

    def ask(self, url: str) -> None:
        """A request to ``url`` is next."""
        self.url = url
        self._answering = False
        self._came = 0

    def received(self, count: int) -> None:
        """Count bytes from the wire.

        :raises FetchError: ``headers_too_large``, when they are many and still no answer.
        """
        self._came += count
        if not self._answering and self._came > MOST_BYTES_BEFORE_ANSWER:
            raise self.fails(FetchReason.HEADERS_TOO_LARGE, f"{self.url} sends headers without end")

    def answered(self) -> None:
        """The header of the answer is complete; what follows is its body, which has a cap of its own."""
        self._answering = True

    @property
    def nothing_came(self) -> bool:
        """Whether the site has not sent a single byte for this request."""
        return self._came == 0

    def fails(self, reason: FetchReason, message: str) -> FetchError:
        """The error for this request, at the address where it now is."""
        return fetch_error(reason, message, self.url)
