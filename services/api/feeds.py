"""/v1/feeds, /v1/explain and /v1/stats: what an on-call person asks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.api.dependencies import Context, Reader
from services.api.problems import ProblemError
from shared.errors import UsageError
from shared.reading.explain import explain
from shared.reading.feeds import get_feed, list_feeds
from shared.reading.status import status

router = APIRouter(prefix="/v1", dependencies=[Reader], tags=["feeds"])


@router.get("/feeds")
def read_feeds(
    context: Context,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="Id of the last feed that you have.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """The registry of feeds with the account of each, by id."""
    with context.database.transaction() as connection:
        feeds = list_feeds(connection, after=after, limit=limit)
    return {"feeds": feeds, "next_after": feeds[-1]["id"] if len(feeds) == limit else None}


@router.get("/feeds/{feed_id}")
def read_feed(context: Context, feed_id: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> dict[str, Any]:
    """One feed with its last polls."""
    with context.database.transaction() as connection:
        feed = get_feed(connection, feed_id)
    if feed is None:
        raise ProblemError(404, f"no feed {feed_id}")
    return feed


@router.get("/explain")
def read_explanation(context: Context, url: Annotated[str, Query(max_length=2100)]) -> dict[str, Any]:
    """Why a feed or URL is in the state it is in, and what happens next."""
    with context.database.transaction() as connection:
        try:
            return explain(connection, url.replace("\x00", ""))
        except UsageError as error:
            raise ProblemError(404, str(error)) from None


@router.get("/stats")
def read_stats(context: Context) -> dict[str, Any]:
    """How the pipeline stands: ledger, feeds, queues, workers, change feed."""
    with context.database.transaction() as connection:
        return status(connection, context.valkey)
