"""Who uses a data folder's engines: the first starts them, the last stops them, a crash of either harms nobody.

Each user holds a shared lock on ``users.lock``; the kernel drops it when the process ends, however it ends. Whoever
leaves tries to make its lock exclusive: only the last can, and stops the engines. Engines that a killed process left
running are found by the next user.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.database import migrate
from shared.engines import postgres, valkey
from shared.errors import EngineError, UsageError
from shared.settings import Settings

# sun_path of sockaddr_un holds 108 bytes on Linux and 104 on macOS; PostgreSQL appends "/.s.PGSQL.5432".
SOCKET_PATH_LIMIT = 103


@dataclass(frozen=True)
class Engines:
    """Where the engines are. ``alone``: nobody else used them when this user came."""

    redis_url: str
    database_url: str
    alone: bool


@contextmanager
def open_engines(settings: Settings) -> Iterator[Engines]:
    """The engines of the settings: those that URLs name, else the embedded ones of the data folder, migrated.

    :raises EngineError: when an engine cannot be started or reached.
    """
    if settings.redis_url and settings.database_url:
        yield Engines(settings.redis_url, settings.database_url, alone=False)
        return
    data = _folder(settings.data)
    sockets = _socket_folder(data)
    users = os.open(data / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        alone = _start(data, sockets, users, settings)
        redis_url = settings.redis_url or f"unix://{sockets / 'valkey.sock'}?db=0"
        database_url = settings.database_url or postgres.url(sockets)
        if not settings.database_url:
            migrate(database_url)
        try:
            yield Engines(redis_url, database_url, alone=alone)
        finally:
            _stop_if_last(data, sockets, users, settings)
    finally:
        os.close(users)


def _start(data: Path, sockets: Path, users: int, settings: Settings) -> bool:
    with _turn(data):
        alone = _try_lock(users, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        if not settings.database_url:
            postgres.start(data / "postgres", sockets)
        if not settings.redis_url:
            valkey.start(data / "valkey", sockets / "valkey.sock")
        return alone


def _stop_if_last(data: Path, sockets: Path, users: int, settings: Settings) -> None:
    with _turn(data):
        if not _try_lock(users, fcntl.LOCK_EX):
            return
        if not settings.redis_url:
            valkey.stop(data / "valkey", sockets / "valkey.sock")
        if not settings.database_url:
            postgres.stop(data / "postgres")


@contextmanager
def _turn(data: Path) -> Iterator[None]:
    """One process at a time starts or stops engines of this folder."""
    with (data / "turn.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def up_lock(data: Path) -> Iterator[None]:
    """The right to run the workers of a data folder.

    :raises UsageError: in one line, when another process has it.
    """
    path = _folder(data) / "up.lock"
    with path.open("a+") as lock:
        if not _try_lock(lock.fileno(), fcntl.LOCK_EX):
            lock.seek(0)
            raise UsageError(
                f"wiredesk is already up on {data} (process {lock.read().strip() or 'unknown'}): stop that one first, or "
                f"use another folder with --data"
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_up(data: Path) -> bool:
    """Whether a process runs the workers of a data folder."""
    path = data / "up.lock"
    if not path.exists():
        return False
    with path.open("a+") as lock:
        return not _try_lock(lock.fileno(), fcntl.LOCK_EX)


def _folder(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the data folder {data} cannot be made: {error.strerror}") from None
    return data.resolve()


def _socket_folder(data: Path) -> Path:
    """A folder for the sockets: inside the data folder where the path is short enough for the kernel."""
    inside = data / "sockets"
    if len(str(inside / ".s.PGSQL.5432.lock")) < SOCKET_PATH_LIMIT:
        folder = inside
    else:
        digest = hashlib.sha256(str(data).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"wiredesk-{os.geteuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid not in (os.geteuid(), _postgres_user_id()):
        raise EngineError(f"the socket folder {folder} belongs to somebody else")
    return folder


def _postgres_user_id() -> int:
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return pwd.getpwnam(postgres.SYSTEM_USER).pw_uid
    except KeyError:
        return os.geteuid()


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
