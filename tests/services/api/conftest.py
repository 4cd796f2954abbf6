"""A newsroom, and the API that lets others read what it wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from services.api.dependencies import ApiContext
from shared import queues
from shared.database import Database, connect
from shared.engines import Engines
from shared.settings import Settings
from tests.services.api.served import Served, serve
from tests.shared.reading.newsroom import Newsroom


@pytest.fixture
def newsroom(database: Database) -> Newsroom:
    return Newsroom(database)


@pytest.fixture
def api(settings: Settings, database: Database, valkey: redis.Redis) -> Iterator[Served]:
    """The API over the test's own database."""
    with serve(ApiContext(settings, database, valkey)) as served:
        yield served


@pytest.fixture(scope="package")
def idle(engines: Engines) -> Iterator[Served]:
    """The API over a database in which there is nothing, for tests that write nothing."""
    with connect(engines.database_url.replace("/wiredesk?", "/postgres?"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE idle TEMPLATE wiredesk")
        with (
            Database(engines.database_url.replace("/wiredesk?", "/idle?")) as database,
            queues.connect(engines.redis_url) as valkey,
            serve(ApiContext(Settings(read_token=None, dashboard_url=None), database, valkey)) as served,
        ):
            yield served
        admin.execute("DROP DATABASE idle WITH (FORCE)")
