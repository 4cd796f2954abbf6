"""Who uses a data folder's engines: the first starts them, the last stops them, a crash of either harms nobody.

Each user holds a shared lock on ``users.lock``; the kernel drops it when the process ends, however it ends. Whoever
leaves tries to make its lock exclusive: only the last can, and stops the engines. Engines that a killed process left
running are found by the next user.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from shared.database import check_url, migrate
from shared.engines import postgres, valkey
from shared.errors import EngineError, UsageError
from shared.settings import Settings

# sun_path of sockaddr_un holds 108 bytes on Linux and 104 on macOS; PostgreSQL appends "/.s.PGSQL.5432".
SOCKET_PATH_LIMIT = 103
# No spaces: Valkey names the socket in its lists of clients, which redis-py takes apart at spaces.
_PLAIN = re.compile(r"[\w./-]+")
# How long a lock that somebody only looks at can seem to be held.
LOOK_SECONDS = 0.3


@dataclass(frozen=True)
class Engines:
    """Where the engines are. ``alone``: nobody else used them when this user came."""

    redis_url: str
    database_url: str
    alone: bool


@contextmanager
def open_engines(
    settings: Settings, *, without_database: bool = False, without_valkey: bool = False
) -> Iterator[Engines]:
    """The engines of the settings: those that URLs name, else the embedded ones of the data folder, migrated.

    Where the one that is needed has a URL, the other, which the caller is ``without``, is not started for nothing; its
    URL is then empty.

    :raises ConfigurationError: when the URL of PostgreSQL cannot be one.
    :raises EngineError: when an engine cannot be started or reached.
    """
    if settings.database_url:
        check_url(settings.database_url)
    if (settings.redis_url or without_valkey) and (settings.database_url or without_database):
        yield Engines(settings.redis_url or "", settings.database_url or "", alone=False)
        return
    data = _folder(settings.data)
    try:
        users = os.open(data / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(f"the data folder {data} cannot be used: {error.strerror}") from None
    try:
        try:
            sockets = _socket_folder(data)
            alone = _start(data, sockets, users, settings)
            redis_url = settings.redis_url or f"unix://{quote(str(sockets / 'valkey.sock'), safe='/')}?db=0"
            database_url = settings.database_url or postgres.url(sockets)
            if not settings.database_url:
                migrate(database_url)
            yield Engines(redis_url, database_url, alone=alone)
        finally:
            # Also when only one of the two would start: the other must not be left running.
            _stop_if_last(data, users, settings)
    finally:
        os.close(users)


def _start(data: Path, sockets: Path, users: int, settings: Settings) -> bool:
    with _turn(data):
        # Once more: somebody who left in the meantime has taken a temporary one away.
        _socket_folder(data)
        alone = _try_lock(users, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        if not settings.database_url:
            postgres.start(data / "postgres", sockets)
        if not settings.redis_url:
            valkey.start(data / "valkey", sockets / "valkey.sock")
        return alone


def _stop_if_last(data: Path, users: int, settings: Settings) -> None:
    with _turn(data):
        if not _try_lock(users, fcntl.LOCK_EX):
            return
        sockets = _socket_folder(data)
        if not settings.redis_url:
            valkey.stop(data / "valkey", sockets / "valkey.sock")
        if not settings.database_url:
            postgres.stop(data / "postgres")
        if sockets.parent != data:
            with contextlib.suppress(OSError):
                sockets.rmdir()


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
        until = time.monotonic() + LOOK_SECONDS
        while not _try_lock(lock.fileno(), fcntl.LOCK_EX):
            if time.monotonic() < until:
                # Perhaps it is only somebody who looks whether it is held.
                time.sleep(0.02)
                continue
            lock.seek(0)
            raise UsageError(
                f"wiredesk is already up on {data} (process {lock.read().strip() or 'unknown'}): stop that one first, "
                f"or use another folder with --data"
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
    try:
        with path.open("r") as lock:
            return not _try_lock(lock.fileno(), fcntl.LOCK_SH)
    except OSError as error:
        raise UsageError(f"the data folder {data} cannot be used: {error.strerror}") from None


def _folder(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the data folder {data} cannot be made: {error.strerror}") from None
    return data.resolve()


def _socket_folder(data: Path) -> Path:
    """A folder for the sockets: inside the data folder, where that path is short enough for the kernel and plain
    enough for libpq, which takes a comma for the end of a host.
    """
    inside = data / "sockets"
    if len(os.fsencode(inside / ".s.PGSQL.5432.lock")) < SOCKET_PATH_LIMIT and _PLAIN.fullmatch(str(inside)):
        folder = inside
    else:
        digest = hashlib.sha256(str(data).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"wiredesk-{os.geteuid()}-{digest}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        # Not followed: in a temporary folder anybody may have put a link there.
        status = folder.lstat()
    except OSError as error:
        raise UsageError(f"the socket folder {folder} cannot be made: {error.strerror}") from None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (os.geteuid(), _postgres_user_id()):
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
