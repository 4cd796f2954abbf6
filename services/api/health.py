"""/healthz: the process lives. /readyz: it can serve, or why not."""

from __future__ import annotations

import psycopg
import redis
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.api.dependencies import Context
from services.api.models import Readiness
from shared.database import connect, is_migrated
from shared.errors import EngineError
from shared.wording import one_line

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def live() -> dict[str, str]:
    """Always 200 while the process answers: restarting would not mend a broken engine.

    Answered by the event loop itself, since the threads may all be waiting for that engine.
    """
    return {"status": "ok"}


@router.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness}})
def ready(context: Context) -> JSONResponse:
    """200 when both engines answer and the schema is there, else 503 with the reason of each."""
    state = {"postgresql": _postgresql(context.database.url), "valkey": _valkey(context.valkey)}
    good = all(value == "ok" for value in state.values())
    return JSONResponse({"status": "ok" if good else "not ready", **state}, 200 if good else 503)


def _postgresql(url: str) -> str:
    # A connection of its own: the pool would wait half a minute for a server that refuses at once.
    try:
        with connect(url) as connection:
            return "ok" if is_migrated(connection) else "no tables yet: wiredesk migrate"
    except (EngineError, psycopg.Error) as error:
        return one_line(error)


def _valkey(valkey: redis.Redis) -> str:
    try:
        valkey.ping()
    except redis.RedisError as error:
        return one_line(error)
    return "ok"
