"""/v1/events: the change feed as JSON or NDJSON, from any point."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse

from services.api.dependencies import Context, Reader
from shared.reading.events import head, read_events
from shared.text import storable_json

router = APIRouter(prefix="/v1", dependencies=[Reader], tags=["events"])
NDJSON = "application/x-ndjson"
CLOUDEVENTS_BATCH = "application/cloudevents-batch+json"
MOST = 1000


@router.get("/events")
def list_events(
    context: Context,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="The last seq that you have; 0 for all.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    accept: Annotated[str, Header()] = "application/json",
    form: Annotated[str | None, Query(alias="format", pattern="^(json|ndjson)$")] = None,
) -> Response:
    """Events above ``after`` in the order of ``seq``: complete, gap-free, in commit order.

    JSON: an object with ``events``, ``next_after`` (pass it as ``after``) and ``head`` (the last seq there is).
    NDJSON (``Accept: application/x-ndjson`` or ``format=ndjson``): one CloudEvent a line.
    """
    with context.database.transaction() as connection:
        newest = head(connection)
        events = [event.envelope() for event in read_events(connection, after=after, limit=limit)]
    if form == "ndjson" or (form is None and NDJSON in accept):
        return Response("".join(storable_json(event) + "\n" for event in events), media_type=NDJSON)
    body: dict[str, Any] = {
        "events": events,
        "next_after": events[-1]["seq"] if events else after,
        "head": max(newest, events[-1]["seq"] if events else 0),
    }
    return JSONResponse(body)
