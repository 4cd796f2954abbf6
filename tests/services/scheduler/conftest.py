"""A scheduler at work, for the tests that look at what it issues."""

from __future__ import annotations

import pytest
import redis

from shared.database import Database
from shared.settings import Settings
from tests.services.scheduler.desk import Desk
from tests.shared.ledger.rows import add_feed


@pytest.fixture
def desk(database: Database, valkey: redis.Redis, settings: Settings) -> Desk:
    return Desk(database, valkey, settings)


@pytest.fixture
def feed_id(desk: Desk) -> int:
    """A feed that is not due, so that only pages are."""
    number = add_feed(desk.database)
    desk.sql("UPDATE feeds SET due_at = now() + interval '1 day'")
    return number
