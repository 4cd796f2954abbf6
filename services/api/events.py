"""/v1/events: the change feed as JSON or NDJSON, from any point."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from services.api.dependencies import Context, Reader
from services.api.models import EventPage
from services.api.replies import JSON, reply
from shared.reading.events import head, read_events
from shared.text import storable_json

router = APIRouter(prefix="/v1", dependencies=[Reader], tags=["events"])
NDJSON = "application/x-ndjson"
MOST = 1000


@router.get("/events", response_model=EventPage, responses={200: {"content": {NDJSON: {"schema": {"type": "string"}}}}})
def list_events(
    request: Request,
    context: Context,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="The last seq that you have; 0 for all.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    accept: Annotated[str, Header(include_in_schema=False)] = JSON,
    form: Annotated[Literal["json", "ndjson"] | None, Query(alias="format")] = None,
) -> Response:
    """Events above ``after`` in the order of ``seq``: complete, gap-free, in commit order.

    JSON: an object with ``events``, ``next_after`` (pass it as ``after``) and ``head`` (the last seq there is).
    NDJSON (``Accept: application/x-ndjson`` or ``format=ndjson``): one CloudEvent a line.
    """
    with context.read() as connection:
        newest = head(connection)
        events = [event.envelope() for event in read_events(connection, after=after, limit=limit)]
    if form == "ndjson" or (form is None and NDJSON in accept):
        return reply(request, "".join(storable_json(event) + "\n" for event in events), NDJSON, Vary="Accept")
    page = {"events": events, "next_after": events[-1]["seq"] if events else after, "head": newest}
    return reply(request, storable_json(page), JSON, Vary="Accept")
