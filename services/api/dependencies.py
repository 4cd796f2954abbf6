"""What every endpoint may ask for: the engines, the settings, and whether the caller may read."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import redis
from fastapi import Depends, Request

from services.api.figures import Recent
from services.api.problems import ProblemError
from shared.database import Connection, Database
from shared.reading.status import status
from shared.settings import Settings

STATEMENT_TIMEOUT_MS = 15_000
# Somebody waits for the answer: a dead database is told after this.
POOL_SECONDS = 5.0
STATUS_SECONDS = 5.0


@dataclass(frozen=True)
class ApiContext:
    """The API's means."""

    settings: Settings
    database: Database
    valkey: redis.Redis
    # Counting the ledger reads all of it: every page of the console shows the figures, one reading serves them all.
    _status: Recent[dict[str, Any]] = field(default_factory=lambda: Recent(STATUS_SECONDS, redis.RedisError))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment, cannot write, and gives up on a statement after 15 seconds."""
        with self.database.transaction(wait_seconds=POOL_SECONDS) as connection:
            connection.execute(
                f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
                f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}"
            )
            yield connection

    def status(self, connection: Connection) -> dict[str, Any]:
        """How the pipeline stands, at most five seconds ago."""
        return self._status.get(lambda: status(connection, self.valkey))


def api_context(request: Request) -> ApiContext:
    """The context that :func:`services.api.app.create_app` was given."""
    context: ApiContext = request.app.state.context
    return context


Context = Annotated[ApiContext, Depends(api_context)]


def may_read(request: Request, context: Context) -> None:
    """Reads are open, or need the token of the settings: as bearer (RFC 6750), or as password of Basic (RFC 7617).

    Basic is what a browser can ask a person for. Whatever is going to write must take the bearer form only, since
    browsers add Basic by themselves to requests that other sites cause.
    """
    wanted = context.settings.read_token
    if wanted is None:
        return
    if not secrets.compare_digest(given_token(request.headers.get("authorization", "")), wanted.encode()):
        challenge = 'Bearer realm="Wiredesk", Basic realm="Wiredesk", charset="UTF-8"'
        raise ProblemError(401, "this needs the read token", headers={"WWW-Authenticate": challenge})


def given_token(authorization: str) -> bytes:
    """The token in an ``Authorization`` header, empty where there is none."""
    scheme, _, rest = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            # Header values are bytes, which ASGI servers hand over as Latin-1.
            return rest.strip().encode("latin-1", "replace")
        case "basic":
            try:
                return base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
            except (binascii.Error, ValueError):
                return b""
        case _:
            return b""


Reader = Depends(may_read)
