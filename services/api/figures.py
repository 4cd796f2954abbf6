"""Figures that are dear to take and need not be of this very moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """A value that is taken again once it is ``seconds`` old; whoever comes meanwhile waits for the one taking.

    A failure counts as a value, lest everyone who waits for a dead engine does so one after another.
    """

    def __init__(
        self, seconds: float, failures: type[Exception], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._failures = failures
        self._clock = clock
        self._lock = threading.Lock()
        self._taken_at: float | None = None
        self._value: T | None = None
        self._failure: Exception | None = None

    def get(self, take: Callable[[], T]) -> T:
        """The value, or the failure of the last attempt to take it."""
        with self._lock:
            if self._taken_at is None or self._clock() - self._taken_at >= self._seconds:
                self._value = self._failure = None
                try:
                    self._value = take()
                except self._failures as error:
                    self._failure = error
                self._taken_at = self._clock()
            if self._failure is not None:
                raise self._failure.with_traceback(None)
            assert self._value is not None
            return self._value
