"""PostgreSQL: connections, the pool and the migrations. Every query elsewhere is plain SQL through psycopg."""

from __future__ import annotations

import re
import select
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from shared.errors import ConfigurationError, EngineError
from shared.wording import one_line

if TYPE_CHECKING:
    import sqlalchemy

Connection = psycopg.Connection[DictRow]
MIGRATIONS = Path(__file__).parent / "migrations"
# Two migrations at once would both try to create everything; the number is arbitrary and only has to be ours.
MIGRATION_LOCK = 7_233_870_001
MIGRATION_LOOK_SECONDS = 0.1
# The newest revision, known without asking Alembic, which takes half a second to say so at every start.
HEAD = "0003"


def check_url(url: str) -> str:
    """``url`` if it can be a PostgreSQL address.

    :raises ConfigurationError: in one line, without repeating any of it: it holds a password, and libpq's messages
        quote the part that they stumble over.
    """
    try:
        info = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        info = {}
    # A password with a bare / or @ in it comes out as port, host or database, which the server's errors repeat.
    port, host, database = (str(info.get(name) or "") for name in ("port", "host", "dbname"))
    if (
        not url.startswith(("postgresql://", "postgres://"))
        or not database
        or re.search(r"[^0-9,]", port)
        or "@" in host + database
    ):
        raise ConfigurationError(
            "WIREDESK_DATABASE_URL is not a PostgreSQL address: postgresql://user:password@host:5432/database "
            "(in the password, write %23 for #, %25 for %, %2F for /, %3F for ?, %40 for @)"
        )
    return url


def connect(url: str, *, autocommit: bool = False) -> Connection:
    """One connection; rows come as dictionaries and sessions speak UTC.

    :raises EngineError: when the server cannot be reached, in one line.
    """
    try:
        return psycopg.connect(
            check_url(url), autocommit=autocommit, row_factory=dict_row, connect_timeout=10, options="-c timezone=UTC"
        )
    except psycopg.OperationalError as error:
        raise EngineError(f"PostgreSQL cannot be reached: {one_line(error, most=300)}") from None


class Database:
    """A pool of connections, opened when first used, so that a process forks and starts cheaply."""

    def __init__(self, url: str, *, max_size: int = 8) -> None:
        self.url = check_url(url)
        self._pool = ConnectionPool(
            url,
            connection_class=psycopg.Connection[DictRow],
            kwargs={"row_factory": dict_row, "options": "-c timezone=UTC", "connect_timeout": 10},
            min_size=0,
            max_size=max_size,
            max_idle=60,
            check=_check,
            open=False,
        )
        self._open = False

    @contextmanager
    def transaction(self, *, wait_seconds: float = 30.0) -> Iterator[Connection]:
        """A connection whose work is committed at the end, rolled back on any error.

        :raises psycopg_pool.PoolTimeout: when there is none within ``wait_seconds``.
        """
        with self._connection(wait_seconds) as connection:
            yield connection

    @contextmanager
    def statement(self, *, wait_seconds: float = 30.0) -> Iterator[Connection]:
        """A connection for a single statement, which is a transaction by itself: one round trip instead of three.

        :raises psycopg_pool.PoolTimeout: when there is none within ``wait_seconds``.
        """
        with self._connection(wait_seconds) as connection:
            connection.autocommit = True
            try:
                yield connection
            finally:
                if not connection.closed:
                    connection.autocommit = False

    def _connection(self, wait_seconds: float) -> AbstractContextManager[Connection]:
        if not self._open:
            self._pool.open()
            self._open = True
        return self._pool.connection(timeout=wait_seconds)

    def close(self) -> None:
        """Give all connections back."""
        if self._open:
            self._pool.close(timeout=2)
            self._open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _check(connection: Connection) -> None:
    """Whether a connection that was idle still is one, asking the server only where it has said something meanwhile.

    A server that ended or was stopped has hung up, which makes the socket readable; to ask it every time would be a
    round trip more for each transaction.

    :raises psycopg.OperationalError: when it is none any more.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        ConnectionPool.check_connection(connection)


def migrate(url: str, *, revision: str = "head") -> str:
    """Bring the schema to ``revision`` and return the revision it has then; safe to run from several processes.

    :raises EngineError: when PostgreSQL cannot be reached or a migration fails.
    """
    if revision == "head" and _revision(url) == HEAD:
        return HEAD
    # Alembic and SQLAlchemy take 300 ms to import and only this needs them.
    import alembic.command  # noqa: PLC0415
    import alembic.config  # noqa: PLC0415
    import sqlalchemy  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sqlalchemy.pool.NullPool
    )
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with engine.connect() as connection:
            # Not by waiting within the statement: an index that is made concurrently waits for all that are under way.
            lock = sqlalchemy.text(f"SELECT pg_try_advisory_lock({MIGRATION_LOCK})")
            while not _committed(connection, lock):
                time.sleep(MIGRATION_LOOK_SECONDS)
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, revision)
            connection.execute(sqlalchemy.text(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})"))
            connection.commit()
            return MigrationContext.configure(connection).get_current_revision() or ""
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise EngineError(f"migration failed: {one_line(error, most=300)}") from error
    finally:
        engine.dispose()


def _committed(connection: sqlalchemy.Connection, statement: sqlalchemy.TextClause) -> Any:  # noqa: ANN401 - whatever it is
    """The one value that a statement returns, which is a transaction of its own."""
    value = connection.execute(statement).scalar()
    connection.commit()
    return value


def _revision(url: str) -> str | None:
    with connect(url) as connection:
        there = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL AS there").fetchone()
        if not one(there)["there"]:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row["version_num"]) if row else None


def is_migrated(connection: Connection) -> bool:
    """Whether the schema is there at all: what readiness and the workers ask before they start."""
    row = connection.execute("SELECT to_regclass('event_head') IS NOT NULL AS there").fetchone()
    return bool(row and row["there"])


def one(row: dict[str, Any] | None) -> dict[str, Any]:
    """The row that a query must have returned."""
    assert row is not None
    return row
