"""/v1/sites: how the pages of each site are read, beside how they were."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.api.dependencies import Context, Reader
from services.api.replies import json_reply
from services.api.sitemodels import SiteList
from shared.drift import State
from shared.reading.sites import list_sites

router = APIRouter(prefix="/v1", dependencies=[Reader], tags=["feeds"])
AFTER_HELP = "The last site that you have: `next_after` of the page before."


@router.get("/sites", response_model=SiteList)
def read_sites(
    request: Request,
    context: Context,
    after: Annotated[str, Query(max_length=300, pattern="^[^\x00]*$", description=AFTER_HELP)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    state: Annotated[list[State] | None, Query(description="Only sites of these states.")] = None,
) -> Response:
    """Sites with the shares of their pages that were read badly, by name."""
    with context.read() as connection:
        sites = list_sites(connection, after=after, limit=limit, states=state)
    return json_reply(request, {"sites": sites, "next_after": sites[-1]["site"] if len(sites) == limit else None})
