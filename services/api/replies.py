"""Answers that a caller may keep and ask about: JSON with a validator (RFC 9110, section 8.8)."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import Request, Response

from shared.text import storable_json

JSON = "application/json"


def json_reply(request: Request, value: dict[str, Any]) -> Response:
    """``value`` as it is: records were validated when they were written, and a newer service may have added fields."""
    return reply(request, storable_json(value), JSON)


def reply(request: Request, text: str, media_type: str, **headers: str) -> Response:
    """``text``, or 304 where the caller has it already. Names of further headers take ``_`` for ``-``."""
    body = text.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    common = {"ETag": tag, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=common)
    return Response(body, media_type=media_type, headers=common)


def matches(if_none_match: str, tag: str) -> bool:
    """The weak comparison of ``If-None-Match`` (RFC 9110, section 13.1.2)."""
    return any(part.strip().removeprefix("W/") in (tag, "*") for part in if_none_match.split(","))
