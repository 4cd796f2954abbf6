"""The engines of the tests: one real Valkey and one real PostgreSQL for the whole run, a new database for each test."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import redis
from psycopg import sql

from shared import queues
from shared.database import Database, connect
from shared.engines import Engines, open_engines
from shared.settings import Settings

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT.parent / "shared" / "data"
_numbers = count(1)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test talks to anything but this machine, whatever it is given."""
    real = socket.socket.connect

    def connect_to_loopback(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not (
            str(address[0]).startswith("127.") or address[0] in ("::1", "localhost")
        ):
            raise AssertionError(f"a test tried to connect to {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_to_loopback)


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """The embedded engines, shared by all tests; their schema is the template of each test's own database."""
    # Not under pytest's folder: each pytest that starts beside this one closes that folder to other users, and where
    # root runs the tests PostgreSQL is one of them.
    with (
        tempfile.TemporaryDirectory(prefix="wiredesk-", ignore_cleanup_errors=True) as folder,
        open_engines(Settings(data=Path(folder))) as opened,
    ):
        with connect(opened.database_url, autocommit=True) as admin:
            # A database for each test is a hundred files to sync, and nobody will cut the power to these.
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("SELECT pg_reload_conf()")
        yield opened


@pytest.fixture
def database_url(engines: Engines) -> Iterator[str]:
    """The address of a migrated, empty database of the test's own."""
    name = f"test_{next(_numbers)}"
    admin_url = engines.database_url.replace("/wiredesk?", "/postgres?")
    with connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE wiredesk STRATEGY FILE_COPY").format(sql.Identifier(name)))
        yield engines.database_url.replace("/wiredesk?", f"/{name}?")
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A pool on the test's own database."""
    with Database(database_url) as opened:
        yield opened


@pytest.fixture
def redis_url(engines: Engines) -> str:
    """The address of Valkey, emptied."""
    with queues.connect(engines.redis_url) as client:
        client.flushall()
    return engines.redis_url


@pytest.fixture
def valkey(redis_url: str) -> Iterator[redis.Redis]:
    """A client of the emptied Valkey."""
    with queues.connect(redis_url) as client:
        yield client


@pytest.fixture
def settings(tmp_path: Path, database_url: str, redis_url: str) -> Settings:
    """Settings on the test's own engines and page store; loopback may be fetched from, and nobody has to wait."""
    return Settings(
        data=tmp_path / "data",
        database_url=database_url,
        redis_url=redis_url,
        allowed_networks="127.0.0.0/8,::1/128",
        site_interval_seconds=0.0,
    )
