"""/v1/feeds, /v1/explain and /v1/stats: what an on-call person asks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.api.dependencies import Context, Reader
from services.api.models import Explanation, FeedList, FeedWithPolls, Stats
from services.api.problems import ProblemError
from services.api.replies import json_reply
from shared.errors import UsageError
from shared.reading.explain import explain
from shared.reading.feeds import get_feed, list_feeds
from shared.reading.health import State
from shared.reading.standing import standing_of

router = APIRouter(prefix="/v1", dependencies=[Reader], tags=["feeds"])
URL_HELP = "URL of an article or a feed, or the id of either."


@router.get("/feeds", response_model=FeedList)
def read_feeds(
    request: Request,
    context: Context,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="Id of the last feed that you have.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    health: Annotated[list[State] | None, Query(description="Only feeds of these states.")] = None,
) -> Response:
    """The registry of feeds with health and account of each, by id."""
    with context.read() as connection:
        feeds = list_feeds(connection, after=after, limit=limit, states=health)
    return json_reply(request, {"feeds": feeds, "next_after": feeds[-1]["id"] if len(feeds) == limit else None})


@router.get("/feeds/{feed_id}", response_model=FeedWithPolls)
def read_feed(request: Request, context: Context, feed_id: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> Response:
    """One feed with its last polls."""
    with context.read() as connection:
        feed = get_feed(connection, feed_id)
    if feed is None:
        raise ProblemError(404, f"no feed {feed_id}")
    return json_reply(request, feed)


@router.get("/explain", response_model=Explanation)
def read_explanation(
    request: Request, context: Context, url: Annotated[str, Query(max_length=2100, description=URL_HELP)]
) -> Response:
    """Why a feed or URL is in the state it is in, and what happens next."""
    with context.read() as connection:
        try:
            found = explain(
                connection, url, standing=lambda asked: standing_of(context.valkey, context.settings, asked)
            )
        except UsageError as error:
            raise ProblemError(404, str(error)) from None
    return json_reply(request, found)


@router.get("/stats", response_model=Stats)
def read_stats(request: Request, context: Context) -> Response:
    """How the pipeline stands: ledger, feeds, queues, workers, change feed. At most five seconds old."""
    with context.read() as connection:
        found = context.status(connection)
    return json_reply(request, found)
