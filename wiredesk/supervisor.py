"""One small supervisor: starts a machine's workers, starts crashed ones again, and stops them all in order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

import structlog

from wiredesk.__main__ import PARENT_VARIABLE

log = structlog.get_logger("supervisor")

# A worker that ends sooner than this after its start is started again with growing pauses.
STEADY_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 15.0
# The longest drain (the fetcher's) takes six; the engines need two after that, and all of it must fit in ten.
STOP_SECONDS = 7.0


@dataclass(frozen=True)
class Program:
    """A worker to keep running: its name and the arguments of ``wiredesk``."""

    name: str
    arguments: tuple[str, ...]


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    crashes: int = 0


class Supervisor:
    """Keeps ``programs`` running with ``environment`` added to this process's own.

    Their output goes to ``log``, or where it is not given to this process's stderr.
    """

    def __init__(
        self, programs: Sequence[Program], environment: Mapping[str, str], *, log: IO[bytes] | None = None
    ) -> None:
        self._children = [_Child(program) for program in programs]
        self._environment = {**os.environ, **environment}
        self._log = log
        self._stopping = False

    def start(self) -> None:
        """Start every program."""
        for child in self._children:
            self._start(child)

    def look(self) -> None:
        """Start again what has ended; call it a few times a second."""
        now = time.monotonic()
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                self._note_end(child, now)
            if child.process is None and now >= child.start_again_at and not self._stopping:
                self._start(child)

    def stop(self) -> list[str]:
        """Ask every program to drain, wait, kill what is left. Returns the names of those that had to be killed."""
        self._stopping = True
        for child in self._children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        until = time.monotonic() + STOP_SECONDS
        running = [child for child in self._children if child.process is not None]
        try:
            for child in running:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    _process(child).wait(max(0.05, until - time.monotonic()))
        finally:
            # Also when a second Ctrl-C breaks the waiting off: nothing may outlive the engines.
            killed = [child.program.name for child in running if _kill(_process(child))]
        return killed

    def crashing(self, times: int) -> list[str]:
        """The programs that ended right after their start at least so often in a row."""
        return [child.program.name for child in self._children if child.crashes >= times]

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by program name, of those that run."""
        return {child.program.name: child.process.pid for child in self._children if child.process is not None}

    def _start(self, child: _Child) -> None:
        child.started_at = time.monotonic()
        child.process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "wiredesk", *child.program.arguments],
            # `wiredesk/__main__.py` ends with us by it. Not by `preexec_fn`, which may deadlock beside threads.
            env={**self._environment, PARENT_VARIABLE: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=self._log if self._log is not None else sys.stderr.fileno(),
            stderr=self._log,
            # A group of its own: Ctrl-C on the terminal is for the supervisor, which then stops its workers in order.
            start_new_session=True,
        )

    def _note_end(self, child: _Child, now: float) -> None:
        assert child.process is not None
        code = child.process.returncode
        child.process = None
        child.crashes = 0 if now - child.started_at > STEADY_SECONDS else child.crashes + 1
        pause = 0.0 if child.crashes == 0 else min(0.25 * 2**child.crashes, LONGEST_PAUSE_SECONDS)
        child.start_again_at = now + pause
        if code != 0:
            log.warning("a worker ended and is started again", worker=child.program.name, code=code, in_seconds=pause)


def _process(child: _Child) -> subprocess.Popen[bytes]:
    assert child.process is not None
    return child.process


def _kill(process: subprocess.Popen[bytes]) -> bool:
    """End a process and what it started, if it still runs. Returns whether it did."""
    if process.poll() is not None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True
