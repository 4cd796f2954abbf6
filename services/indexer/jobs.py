"""The indexer's job, as RQ calls it."""

from __future__ import annotations

from typing import Any

from services.indexer.index import index
from shared.database import Database
from shared.errors import EngineError
from shared.jobs import IndexResult

_database: Database | None = None


def set_database(database: Database) -> None:
    """Give the process its database; the worker does so before it takes its first job."""
    global _database  # noqa: PLW0603 - RQ calls jobs as plain functions: the process is their only scope
    _database = database


def index_result(payload: dict[str, Any]) -> str:
    """Write one parse result. Returns the outcome in a few words, which rq-dashboard shows."""
    if _database is None:
        raise EngineError("this job needs an indexer: wiredesk worker indexer")
    job = IndexResult.model_validate(payload)
    with _database.transaction() as connection:
        done = index(connection, job)
    return f"{done.what} {done.article_id or ''}".strip()
