"""The time limit of jobs on threads: one watcher for the whole process.

RQ starts a timer thread for each job, which with a hundred short jobs a second is a hundred threads a second that only
wait to be called off.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

from rq.timeouts import BaseTimeoutException, TimerDeathPenalty  # noqa: TID251 - one of the places

LOOK_SECONDS = 0.25


class WatchedDeathPenalty(TimerDeathPenalty):
    """Raises in the job's thread at most :data:`LOOK_SECONDS` after its time, as RQ's own does: at its next bytecode,
    not in the middle of a system call.
    """

    # RQ's signature, which has no types.
    def __init__(self, timeout: int, exception: type[BaseTimeoutException], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(timeout, exception, **kwargs)  # type: ignore[no-untyped-call]
        self.ends = time.monotonic() + timeout if timeout > 0 else None

    def setup_death_penalty(self) -> None:
        """Begin to be watched."""
        if self.ends is not None:
            _watcher.add(self)

    def cancel_death_penalty(self) -> None:
        """The job is over: once this returns, nothing is raised any more."""
        _watcher.remove(self)


class _Watcher:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: set[WatchedDeathPenalty] = set()
        self._thread: threading.Thread | None = None

    def add(self, penalty: WatchedDeathPenalty) -> None:
        with self._lock:
            self._watched.add(penalty)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="deadlines", daemon=True)
                self._thread.start()

    def remove(self, penalty: WatchedDeathPenalty) -> None:
        with self._lock:
            self._watched.discard(penalty)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            # Raised under the lock, so that a job which ends at this moment is either met or left alone.
            with self._lock:
                late = {penalty for penalty in self._watched if penalty.ends is not None and penalty.ends <= now}
                self._watched -= late
                for penalty in late:
                    with contextlib.suppress(ValueError):  # its thread is gone
                        penalty.handle_death_penalty()  # type: ignore[no-untyped-call]  # RQ leaves it untyped


_watcher = _Watcher()
