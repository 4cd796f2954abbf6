"""From what httpx hands over to a :class:`Response`: header text, and a body decoded under its cap."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpcore  # noqa: TID251 - the one place
import httpx  # noqa: TID251 - the one place

from shared.errors import FetchError
from shared.http.decoding import DecodeError, EndsEarlyError, TooLongError, decoded
from shared.http.exchange import Exchange
from shared.http.reasons import FetchReason
from shared.http.response import Headers, Response

# A body that is compressed badly is a little longer than what comes out of it.
_WIRE_SLACK = 64 * 1024
# The body of a redirect is read, so that its connection can be used again, only when that costs next to nothing.
_SHORT_BODY = 8 * 1024
# From here on the pieces of a body (chunks, frames) must hold more than a few bytes each: ten million of one byte would
# stay under every cap, and keep a core busy until the deadline.
_MANY_PIECES = 10_000
_CRUMBS = 16


def headers_of(answer: httpx.Response) -> Headers:
    """The header fields as they came."""
    return Headers((_text(name), _text(value)) for name, value in answer.headers.raw)


def _text(value: bytes) -> str:
    """Header bytes are ASCII by the book; what is not is UTF-8 on today's servers, and Latin-1 on old ones."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def read_response(
    answer: httpx.Response,
    exchange: Exchange,
    max_bytes: int,
    redirects: tuple[tuple[int, str], ...],
    *,
    credentials_sent: bool | None = None,
) -> Response:
    """Read the body behind ``answer``, decoded, up to ``max_bytes``.

    Where the status already says that nothing came, a broken body takes nothing away from it.

    :raises FetchError: ``decode``, ``reset``, ``protocol``, ``read_timeout`` or ``deadline``.
    """
    headers = headers_of(answer)
    matters = 200 <= answer.status_code < 300
    pieces: list[bytes] = []
    room = max_bytes
    truncated = closed_early = False
    try:
        wire = _wire(answer, exchange)
        for piece in decoded(wire, headers.get("content-encoding"), most=max_bytes + _WIRE_SLACK):
            pieces.append(piece[:room])
            if len(piece) > room:
                truncated = True
                break
            room -= len(piece)
    except EndsEarlyError:
        if matters and not pieces:
            raise exchange.fails(FetchReason.RESET, f"{exchange.url} hung up before it sent its content") from None
        truncated = closed_early = True
    except TooLongError:
        truncated = True
    except DecodeError as error:
        truncated = True
        if matters:
            raise exchange.fails(FetchReason.DECODE, f"{exchange.url}: {error}") from None
    return Response(
        status=answer.status_code,
        url=exchange.url,
        headers=headers,
        body=b"".join(pieces),
        truncated=truncated,
        closed_early=closed_early,
        redirects=redirects,
        credentials_sent=credentials_sent,
    )


def _wire(answer: httpx.Response, exchange: Exchange) -> Iterator[bytes]:
    came = pieces = 0
    try:
        for piece in answer.iter_raw():
            came += len(piece)
            pieces += 1
            if pieces > _MANY_PIECES and came < _CRUMBS * pieces:
                raise exchange.fails(FetchReason.PROTOCOL, f"{exchange.url} sends its content in crumbs")
            yield piece
    except httpcore.ReadError:
        raise EndsEarlyError from None
    except httpcore.RemoteProtocolError as error:
        # h11's words for both forms of a body that stops in the middle.
        if "peer closed connection" in str(error):
            raise EndsEarlyError from None
        raise exchange.fails(FetchReason.PROTOCOL, f"{exchange.url} breaks off into no HTTP/1.1: {error}") from None


def skip_body(answer: httpx.Response) -> None:
    """Read the body of a redirect, so that its connection can serve the next request: only when it is announced as
    short, and never to anyone's harm.
    """
    length = headers_of(answer).get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) <= _SHORT_BODY:
        with contextlib.suppress(httpcore.NetworkError, httpcore.ProtocolError, FetchError):
            for _ in answer.iter_raw():
                pass
