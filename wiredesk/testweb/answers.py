"""What a path of a site says: a value, and whether a conditional request needs it at all. Pure."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from enum import Enum
from functools import lru_cache

Headers = tuple[tuple[str, str], ...]


class Manner(Enum):
    """How an answer goes over the wire; all but the first are how servers misbehave."""

    WHOLE = "whole"
    BROKEN = "broken"
    """Announces more than it sends, then closes."""
    HANG = "hang"
    """Never answers; the connection ends when the web closes."""
    DRIP = "drip"
    """Headers at once, then a byte every ``pause`` seconds."""
    DRIP_HEADERS = "drip headers"
    """Even the headers come byte by byte."""
    ENDLESS = "endless"
    """The body, again and again, until the client has had enough or ``most`` bytes were sent."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer. ``pause`` in seconds; ``announced`` and ``most`` in bytes.

    ``conditional``: answer 304 to a request whose validators match; a lying server sets it to false. ``gzip``: compress
    the body for clients that accept it.
    """

    status: int = 200
    headers: Headers = ()
    body: bytes = b""
    manner: Manner = Manner.WHOLE
    pause: float = 0.0
    announced: int = 0
    most: int = 0
    conditional: bool = True
    gzip: bool = False

    def header(self, name: str) -> str | None:
        """The first header called ``name``."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True)
class Ask:
    """One request as a route sees it; ``count``: how often this path was asked for, this time included."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    count: int = 1

    @property
    def accepts_gzip(self) -> bool:
        """Whether ``Accept-Encoding`` names gzip."""
        names = {part.split(";")[0].strip().lower() for part in self.headers.get("accept-encoding", "").split(",")}
        return "gzip" in names


Route = Callable[[Ask], Answer]


def document(
    body: bytes,
    content_type: str,
    *,
    modified: datetime | None = None,
    status: int = 200,
    headers: Headers = (),
    compress: bool = False,
) -> Answer:
    """A page or a feed with honest validators: the ``ETag`` of these bytes, ``Last-Modified`` when it was put there."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    changed = (modified or datetime.now(UTC)).astimezone(UTC)
    own = {name.lower() for name, _ in headers}
    standard = (
        ("Content-Type", content_type),
        ("ETag", etag),
        ("Last-Modified", format_datetime(changed.replace(microsecond=0), usegmt=True)),
    )
    kept = tuple(header for header in standard if header[0].lower() not in own)
    return Answer(status=status, body=body, headers=kept + headers, gzip=compress)


def settle(ask: Ask, answer: Answer) -> Answer:
    """The answer to this very request: a 304 where its validators still hold, compressed where that was agreed on."""
    if _unchanged(ask, answer):
        kept = tuple(header for header in answer.headers if header[0].lower() != "content-type")
        return replace(answer, status=304, headers=kept, body=b"", gzip=False)
    if answer.gzip and ask.accepts_gzip and answer.body:
        headers = (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
        return replace(answer, headers=headers, body=_gzipped(answer.body), gzip=False)
    return answer


def _unchanged(ask: Ask, answer: Answer) -> bool:
    """RFC 9110, 13.2.2: ``If-None-Match`` decides alone where it is there; else ``If-Modified-Since``."""
    if not answer.conditional or answer.status != 200 or ask.method not in ("GET", "HEAD"):
        return False
    wanted = ask.headers.get("if-none-match")
    if wanted is not None:
        etag = answer.header("etag")
        listed = {part.strip().removeprefix("W/") for part in wanted.split(",")}
        return etag is not None and (wanted.strip() == "*" or etag.removeprefix("W/") in listed)
    since, modified = ask.headers.get("if-modified-since"), answer.header("last-modified")
    if since is None or modified is None:
        return False
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


@lru_cache(maxsize=512)
def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)
