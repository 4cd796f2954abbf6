"""Several threads at the same rows at once: whatever one of them raises, the test hears of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable


def do_together(work: Iterable[Callable[[], object]], *, for_seconds: float = 0.0, patience_seconds: float) -> None:
    """Do each piece of ``work`` on a thread of its own, all from the same moment on: once, or over and over
    ``for_seconds``. Each has ``patience_seconds`` to come to its end.
    """
    pieces = list(work)
    errors: list[BaseException] = []
    gate = threading.Barrier(len(pieces))

    def run(piece: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            until = time.monotonic() + for_seconds
            piece()
            while time.monotonic() < until:
                piece()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)

    threads = [threading.Thread(target=run, args=(piece,)) for piece in pieces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience_seconds)
    assert errors == []
    assert not [thread for thread in threads if thread.is_alive()]
