"""/healthz: the process lives. /readyz: it can serve, or why not."""

from __future__ import annotations

import psycopg
import psycopg_pool
import redis
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.api.dependencies import Context
from shared.database import is_migrated

router = APIRouter(tags=["health"])


@router.get("/healthz")
def live() -> dict[str, str]:
    """Always 200 while the process answers: restarting would not mend a broken engine."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(context: Context) -> JSONResponse:
    """200 when both engines answer and the schema is there, else 503 with the reason of each."""
    checks = {"postgresql": "ok", "valkey": "ok"}
    try:
        with context.database.transaction() as connection:
            if not is_migrated(connection):
                checks["postgresql"] = "not migrated: wiredesk migrate"
    except (psycopg.Error, psycopg_pool.PoolTimeout) as error:
        checks["postgresql"] = type(error).__name__
    try:
        context.valkey.ping()
    except redis.RedisError as error:
        checks["valkey"] = type(error).__name__
    good = all(state == "ok" for state in checks.values())
    return JSONResponse({"status": "ok" if good else "not ready", **checks}, status_code=200 if good else 503)
