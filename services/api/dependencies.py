"""What every endpoint may ask for: the engines, the settings, and whether the caller may read."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated

import redis
from fastapi import Depends, Request

from services.api.problems import ProblemError
from shared.database import Database
from shared.settings import Settings


@dataclass(frozen=True)
class ApiContext:
    """The API's means."""

    settings: Settings
    database: Database
    valkey: redis.Redis


def api_context(request: Request) -> ApiContext:
    """The context that :func:`services.api.app.create_app` was given."""
    context: ApiContext = request.app.state.context
    return context


Context = Annotated[ApiContext, Depends(api_context)]


def may_read(request: Request, context: Context) -> None:
    """Reads are open, or need the bearer token of the settings (RFC 6750)."""
    wanted = context.settings.read_token
    if wanted is None:
        return
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not secrets.compare_digest(given.encode(), wanted.encode()):
        raise ProblemError(401, "this needs a bearer token", headers={"WWW-Authenticate": "Bearer"})


Reader = Depends(may_read)
