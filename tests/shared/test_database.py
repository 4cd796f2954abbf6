"""The database: addresses are checked before anything connects, and migration may be run again."""

from __future__ import annotations

import pytest

from shared.database import Database, check_url, is_migrated, migrate
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
