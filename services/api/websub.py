"""/websub/TOKEN: where hubs call back (WebSub 5.3 and 7). Not for readers: no token of theirs, no session, no HTML.

Whoever calls is a stranger until the address or the signature says otherwise. An unknown address is answered before
anything of the body is read, and only what is signed with the subscription's secret is kept.
"""

from __future__ import annotations

import asyncio
import hmac
import random
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect

from services.api.dependencies import POOL_SECONDS, ApiContext, Context
from services.api.problems import ProblemError
from shared.ledger import push, subscriptions
from shared.ledger.subscriptions import Subscription, believed_lease, renewal_after

router = APIRouter(include_in_schema=False)
log = structlog.get_logger("websub")

Token = Annotated[str, Path()]
STRONG_METHODS = frozenset({"sha256", "sha384", "sha512"})
# What the oldest hubs sign with. Nothing is believed for it, but it is reason enough to ask the site itself.
METHODS = STRONG_METHODS | {"sha1"}
SIGNATURE_HEADER = "x-hub-signature"
MOST_SIGNATURES = 4
BODY_SECONDS = 30.0
CHALLENGE_CHARACTERS = 4096


@router.get("/websub/{token}")
def verify(token: Token, request: Request, context: Context) -> Response:
    """The hub asks whether a request was ours, or says that it will not deliver."""
    asked = request.query_params
    mode, topic = asked.get("hub.mode", ""), asked.get("hub.topic")
    challenge = asked.get("hub.challenge", "")
    with context.database.transaction(wait_seconds=POOL_SECONDS) as connection:
        known = subscriptions.at_callback(connection, token)
        if known is None or topic != known.topic:
            raise _nothing_here()
        if mode == "denied":
            subscriptions.deny(connection, known.id, asked.get("hub.reason"))
            log.info("a hub denied a subscription", feed=known.feed_id, hub=known.hub)
            return PlainTextResponse("")
        if not 0 < len(challenge) <= CHALLENGE_CHARACTERS:
            raise _nothing_here()
        if mode == "subscribe":
            lease = believed_lease(asked.get("hub.lease_seconds"))
            floor = float(context.settings.poll_floor_seconds)
            renew_after = renewal_after(lease, floor=floor, jitter=random.random())  # noqa: S311 - jitter
            meant = subscriptions.confirm(connection, known.id, lease=lease, renew_after=renew_after)
        else:
            meant = mode == "unsubscribe" and subscriptions.confirm_end(connection, known.id)
        if not meant:
            raise _nothing_here()
    log.info("a hub verified a request", feed=known.feed_id, hub=known.hub, mode=mode)
    return PlainTextResponse(challenge)


@router.post("/websub/{token}")
async def deliver(token: Token, request: Request, context: Context) -> Response:
    """The hub delivers a document. Whether its signature was right is not told: 202 either way."""
    known = await run_in_threadpool(_known, context, token)
    if known is None:
        raise _nothing_here()
    if not known.takes_deliveries:
        # WebSub 7: the hub may end the subscription.
        raise ProblemError(410, "this subscription has ended")
    given = signatures(request.headers.getlist(SIGNATURE_HEADER))
    body = await _body(request, given, known.secret, context.settings.feed_max_bytes)
    content_type = request.headers.get("content-type")
    await run_in_threadpool(_keep, context, known, content_type, body)
    return Response(status_code=202)


def signatures(values: list[str]) -> list[tuple[str, bytes]]:
    """Method and digest of every signature in the header by a method of WebSub 7.1."""
    found = []
    for value in ",".join(values).split(","):
        method, _, digest = value.strip().partition("=")
        method = method.strip().lower()
        if method in METHODS:
            found.append((method, digest.strip().lower().encode("latin-1", "replace")))
    return found[:MOST_SIGNATURES]


async def _body(request: Request, given: list[tuple[str, bytes]], secret: str, most_bytes: int) -> bytes | None:
    """The body, where one of its signatures ``given`` is right; nothing of it, as in a delivery that only says
    that there is news, where that one is weak; ``None`` where none is right.
    """
    checks = [(hmac.new(secret.encode(), digestmod=method), digest) for method, digest in given]
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most_bytes:
        raise ProblemError(413, f"more than {most_bytes} bytes")
    pieces: list[bytes] = []
    room = most_bytes
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                room -= len(piece)
                if room < 0:
                    raise ProblemError(413, f"more than {most_bytes} bytes")
                pieces.append(piece)
                for check, _ in checks:
                    check.update(piece)
    except TimeoutError:
        raise ProblemError(408, f"the body took more than {BODY_SECONDS:.0f} s") from None
    except ClientDisconnect:
        raise ProblemError(400, "the body broke off") from None
    right = {check.name for check, digest in checks if hmac.compare_digest(check.hexdigest().encode(), digest)}
    if right.intersection(f"hmac-{method}" for method in STRONG_METHODS):
        return b"".join(pieces)
    return b"" if right else None


def _known(context: ApiContext, token: str) -> Subscription | None:
    with context.database.transaction(wait_seconds=POOL_SECONDS) as connection:
        return subscriptions.at_callback(connection, token)


def _keep(context: ApiContext, known: Subscription, content_type: str | None, body: bytes | None) -> None:
    with context.database.transaction(wait_seconds=POOL_SECONDS) as connection:
        if body is None:
            push.refuse(connection, known.id)
        else:
            most = context.settings.feed_max_bytes
            push.deliver(connection, known.id, known.feed_id, content_type=content_type, body=body, most_bytes=most)
    if body is None:
        log.warning("a delivery without a valid signature was dropped", feed=known.feed_id, hub=known.hub)


def _nothing_here() -> ProblemError:
    # One answer to everything that is not what was asked for: nobody learns which part of it was right.
    return ProblemError(404, "nothing here")
