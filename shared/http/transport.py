"""httpx's way to the wire: our own pool of httpcore connections over guarded streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import h11
import httpcore  # noqa: TID251 - the one place
import httpx  # noqa: TID251 - the one place

from shared.http.exchange import Exchange
from shared.http.http2 import NotTakenError
from shared.http.network import Connector
from shared.http.pool import Connection, IdleConnections, Way
from shared.http.proxy import Proxy
from shared.http.reasons import FetchReason
from shared.webaddress import WebAddress

HOP = "wiredesk.hop"


@dataclass(frozen=True)
class Hop:
    """Where one request goes, in the exchange that it belongs to: what the guard read, not what httpx made of it.

    ``fresh``: over a new connection.
    """

    address: WebAddress
    exchange: Exchange
    fresh: bool = False
    proxy: Proxy | None = None

    @property
    def way(self) -> Way:
        """What a connection must lead to, to serve this hop."""
        return self.address.origin, self.proxy

    @property
    def target(self) -> str:
        """What stands in the request line: a proxy that passes http on is told the whole address (RFC 9112 3.2.2)."""
        return str(self.address) if self.proxy is not None and self.address.scheme == "http" else self.address.target


class StaleConnectionError(Exception):
    """A kept connection that the site had given up: the request never reached anyone."""


class GuardedTransport(httpx.BaseTransport):
    """Sends requests that carry a :class:`Hop` under ``HOP`` in their extensions. Thread-safe."""

    def __init__(self, connector: Connector, *, most_idle: int) -> None:
        self._connector = connector
        self._idle = IdleConnections(most=most_idle)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send ``request`` over a kept connection or a new one; the answer's body is still on the wire.

        :raises StaleConnectionError: when it must be sent again over a new connection, which to the site may well be
            a second request.
        :raises FetchError: when no answer came.
        """
        hop: Hop = request.extensions[HOP]
        connection = self._connection(hop)
        answer = _ask(connection, request, hop)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, connection, self._idle))

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._idle.close()

    def _connection(self, hop: Hop) -> Connection:
        kept = None if hop.fresh else self._idle.take(hop.way)
        if kept is None:
            return Connection.over(self._connector.connect(hop.address, hop.exchange, hop.proxy), hop.way)
        kept.stream.exchange = hop.exchange
        return kept


class _Body(httpx.SyncByteStream):
    """The bytes of a body as they come; closed, its connection serves the next request, if it can."""

    def __init__(self, answer: httpcore.Response, connection: Connection, idle: IdleConnections) -> None:
        self._answer = answer
        self._connection = connection
        self._idle = idle
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer.iter_stream())

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._answer.close()
            self._idle.give(self._connection)


def _ask(connection: Connection, request: httpx.Request, hop: Hop) -> httpcore.Response:
    address, exchange = hop.address, hop.exchange
    sent = httpcore.Request(
        request.method,
        httpcore.URL(
            scheme=address.scheme.encode(),
            host=address.host.encode(),
            port=address.port,
            target=hop.target.encode(),
        ),
        headers=_headers(request, hop),
        content=request.stream,
    )
    try:
        answer = connection.http.handle_request(sent)
    except httpcore.ReadError as error:
        raise _hung_up(connection, exchange, str(error)) from None
    except NotTakenError as error:
        if connection.used:
            raise StaleConnectionError from None
        raise exchange.fails(FetchReason.RESET, f"{exchange.url} takes no request ({error})") from None
    except httpcore.RemoteProtocolError as error:
        cause = error.__cause__
        if not isinstance(cause, h11.RemoteProtocolError):
            raise _hung_up(connection, exchange, "") from None
        if cause.error_status_hint == 431:
            message = f"{exchange.url} sends more header than fits"
            raise exchange.fails(FetchReason.HEADERS_TOO_LARGE, message) from None
        raise exchange.fails(FetchReason.PROTOCOL, f"{exchange.url} does not speak HTTP/1.1: {error}") from None
    except httpcore.LocalProtocolError:
        # h11's words show the header that it takes offence at.
        raise exchange.fails(
            FetchReason.PROTOCOL, f"no request can be made of {exchange.url} and its headers"
        ) from None
    exchange.answered()
    if answer.status < 200:
        answer.close()
        connection.http.close()
        raise exchange.fails(FetchReason.PROTOCOL, f"{exchange.url} answered {answer.status} to a plain request")
    if answer.status == 407 and hop.proxy is not None:
        answer.close()
        raise exchange.fails(FetchReason.PROXY, f"{hop.proxy} wants to know who asks (407)")
    return answer


def _headers(request: httpx.Request, hop: Hop) -> list[tuple[bytes, bytes]]:
    """With what the proxy wants, where it reads the request: the site on the other end of a tunnel must not see it."""
    if hop.proxy is None or hop.address.scheme == "https":
        return request.headers.raw
    return [*request.headers.raw, *((name.encode(), value.encode()) for name, value in hop.proxy.fields().items())]


def _hung_up(connection: Connection, exchange: Exchange, words: str) -> Exception:
    if connection.used and exchange.nothing_came:
        return StaleConnectionError()
    return exchange.fails(FetchReason.RESET, f"{exchange.url} hung up before it answered {words}".rstrip())
