"""The database: addresses are checked before anything connects, and migration may be run again."""

from __future__ import annotations

from contextlib import suppress

import pytest

from shared.database import Database, check_url, connect, is_migrated, migrate
from shared.errors import ConfigurationError, EngineError


@pytest.mark.parametrize(
    "url", ["", "mysql://x/y", "postgresql://host-without-database", "postgresql://h:port/x y", "x"]
)
def test_an_address_that_cannot_work_is_named_in_one_line(url: str) -> None:
    with pytest.raises(ConfigurationError, match="WIREDESK_DATABASE_URL") as caught:
        check_url(url)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgres:/user:s3cret@host/db",
        "postgres://user:s3cret%@host/db",
        "postgres://user:s3cret/x@host/db",
        "postgres://user:x/s3cret@host/db",
        "postgres://user:x@s3cret@host/db",
        "host=x password=s3cret",
    ],
)
def test_a_malformed_address_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="postgresql://user:password@host:5432/database") as caught:
        check_url(url)
    assert "s3cret" not in str(caught.value)
    assert "host/db" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:p%40%2Fss@one:5432,two:5433/news?sslmode=require",
        "postgres:///news?host=/run/postgresql",
        "postgresql://[::1]:5432/news",
    ],
)
def test_an_address_that_can_work_is_taken_as_it_is(url: str) -> None:
    assert check_url(url) == url


def test_the_password_is_not_repeated_in_errors() -> None:
    with pytest.raises(EngineError) as caught:
        migrate("postgresql://user:hunter2@127.0.0.1:1/wiredesk")
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    assert migrate(database_url) == migrate(database_url)


def test_each_test_has_a_database_of_its_own(database: Database) -> None:
    with database.transaction() as connection:
        assert is_migrated(connection)
        assert connection.execute("SELECT count(*) AS n FROM feeds").fetchone() == {"n": 0}


def test_a_single_statement_is_a_transaction_by_itself(database: Database) -> None:
    with database.statement() as connection:
        connection.execute("INSERT INTO wakeups (site, due_at) VALUES ('paper.example', now())")
        # Committed although this connection has not been given back.
        with database.transaction() as other:
            assert other.execute("SELECT site FROM wakeups").fetchone() == {"site": "paper.example"}


def test_after_a_single_statement_a_connection_has_transactions_again(database_url: str) -> None:
    with Database(database_url, max_size=1) as database:
        with pytest.raises(ZeroDivisionError), database.statement():
            raise ZeroDivisionError
        with suppress(ZeroDivisionError), database.transaction() as connection:
            connection.execute("INSERT INTO wakeups (site, due_at) VALUES ('paper.example', now())")
            raise ZeroDivisionError
        with database.transaction() as connection:
            assert connection.execute("SELECT site FROM wakeups").fetchone() is None


def test_a_connection_that_the_server_has_ended_is_replaced(database_url: str) -> None:
    """Not handed out: a server that is restarted must not cost a job for each idle connection."""
    with Database(database_url, max_size=3) as database, connect(database_url, autocommit=True) as admin:
        with database.transaction() as one, database.transaction() as two, database.statement() as three:
            pids = [connection.info.backend_pid for connection in (one, two, three)]
        for pid in pids:
            assert admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid]).fetchone()
        for _ in range(3):
            with database.transaction() as connection:
                assert connection.execute("SELECT 1 AS n").fetchone() == {"n": 1}
                assert connection.info.backend_pid not in pids
