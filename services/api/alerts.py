"""/v1/alerts: what somebody should know about feeds and sites."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.api.dependencies import Context, Reader
from services.api.models import AlertList
from services.api.replies import json_reply
from shared.ledger.alerts import list_alerts

router = APIRouter(prefix="/v1", dependencies=[Reader], tags=["feeds"])
BEFORE_HELP = "Id of the last alert that you have: `next_before` of the page before."


@router.get("/alerts", response_model=AlertList)
def read_alerts(
    request: Request,
    context: Context,
    open_only: Annotated[bool, Query(alias="open", description="Only those that are not over.")] = False,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description=BEFORE_HELP)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Alerts about feeds and sites, the newest first."""
    with context.read() as connection:
        alerts = list_alerts(connection, open_only=open_only, limit=limit, before=before)
    return json_reply(request, {"alerts": alerts, "next_before": alerts[-1]["id"] if len(alerts) == limit else None})
