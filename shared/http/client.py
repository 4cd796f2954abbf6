"""The guarded client: the one door through which Wiredesk asks anything of the outside world."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpcore  # noqa: TID251 - the one place
import httpx  # noqa: TID251 - the one place

from shared.http.answer import headers_of, read_response, skip_body
from shared.http.decoding import ACCEPT_ENCODING
from shared.http.exchange import Clock, Exchange
from shared.http.guard import Guard
from shared.http.network import Connector, Resolver, system_addresses
from shared.http.reasons import FetchReason, fetch_error
from shared.http.response import Response, Validators
from shared.http.transport import HOP, GuardedTransport, Hop, StaleConnectionError
from shared.settings import Settings
from shared.urls import follow, same_site
from shared.webaddress import DEFAULT_PORTS, WebAddress, web_address

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# The caller's headers that may follow a redirect to another origin; all others could carry a secret.
HARMLESS_HEADERS = frozenset({"accept", "accept-language", "user-agent"})
# With 512 requests in flight still less than the 1024 files that a process may usually open.
MOST_IDLE = 256


class GuardedClient:
    """One pooled HTTP/1.1 client for a process; thread-safe, made for hundreds of requests at once.

    Names are resolved once for each connection and only checked addresses connected to, on every hop. Environment
    proxies are ignored, cookies are not kept, certificates are verified against the host's name.

    ``resolver`` and ``tls`` replace the system's resolver and certificate authorities; ``clock`` counts the deadline.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        resolver: Resolver = system_addresses,
        clock: Clock = time.monotonic,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        tls = tls or httpcore.default_ssl_context()
        tls.set_alpn_protocols(["http/1.1"])
        connector = Connector(
            Guard(settings.allowed_networks),
            resolver,
            tls=tls,
            connect_timeout=settings.connect_timeout_seconds,
            read_timeout=settings.read_timeout_seconds,
            clock=clock,
        )
        self._http = httpx.Client(
            transport=GuardedTransport(connector, most_idle=min(2 * settings.fetch_concurrency, MOST_IDLE)),
            # No proxy, .netrc or certificate file from the environment, no cookie from one request to the next.
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._http.close()

    def get(
        self,
        url: str,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        conditional: Validators | None = None,
        before_request: Callable[[str], None] | None = None,
    ) -> Response:
        """Get ``url``, following redirects, and at most ``max_bytes`` of what it holds.

        ``headers`` go before our own of the same name. To another origin only ``Accept``, ``Accept-Language`` and
        ``User-Agent`` go along, and ``conditional`` only within the site. ``before_request`` is called with the
        address before every request, redirects included; its time does not count towards the deadline, and what it
        raises passes through.

        :raises FetchError: when no answer came, with a reason of :class:`FetchReason`. Any status is an answer.
        """
        exchange = Exchange(url, self._settings.deadline_seconds, self._clock)
        first = address = _address(url)
        hops: list[tuple[int, str]] = []
        fresh = False
        while True:
            exchange.ask(str(address))
            if before_request is not None:
                with exchange.paused():
                    before_request(exchange.url)
            fields = self._fields(address, first, headers, conditional)
            try:
                answer = self._ask(Hop(address, exchange, fresh), fields)
            except StaleConnectionError:
                fresh = True
                continue
            fresh = False
            try:
                if answer.status_code not in REDIRECTS:
                    return read_response(answer, exchange, max_bytes, tuple(hops))
                target = _target(answer, exchange)
                hops.append((answer.status_code, exchange.url))
                self._check_hops(hops, target, exchange)
                skip_body(answer)
                address = target
            finally:
                answer.close()

    def _ask(self, hop: Hop, fields: dict[str, str]) -> httpx.Response:
        exchange = hop.exchange
        try:
            request = httpx.Request(
                "GET",
                str(hop.address),
                headers=[(name.encode(), value.encode()) for name, value in fields.items()],
                extensions={HOP: hop},
            )
        except httpx.InvalidURL as error:
            raise exchange.fails(FetchReason.BAD_URL, f"{exchange.url}: {error}") from None
        try:
            return self._http.send(request, stream=True)
        except (httpx.InvalidURL, httpx.RemoteProtocolError) as error:
            # httpx looks at where a redirect leads, although it is not asked to follow.
            raise exchange.fails(FetchReason.BAD_REDIRECT, f"{exchange.url} redirects nowhere: {error}") from None

    def _fields(
        self, address: WebAddress, first: WebAddress, headers: Mapping[str, str] | None, conditional: Validators | None
    ) -> dict[str, str]:
        fields = {
            "Host": address.authority,
            "User-Agent": self._settings.user_agent,
            "Accept": "*/*",
            "Accept-Encoding": ACCEPT_ENCODING,
            "Connection": "keep-alive",
        }
        own = {name.lower(): name for name in fields}
        at_home = address.origin == first.origin
        for name, value in (headers or {}).items():
            if at_home or name.lower() in HARMLESS_HEADERS:
                fields[own.get(name.lower(), name)] = value
        if conditional is not None and (at_home or _within_site(first, address)):
            fields.update(conditional.headers())
        return fields

    def _check_hops(self, hops: list[tuple[int, str]], target: WebAddress, exchange: Exchange) -> None:
        if len(hops) > self._settings.max_redirects:
            raise exchange.fails(FetchReason.TOO_MANY_REDIRECTS, f"more than {len(hops) - 1} redirects in a row")
        # Without cookies, the same address can only redirect to where it did before.
        if str(target) in {url for _, url in hops}:
            raise exchange.fails(FetchReason.TOO_MANY_REDIRECTS, f"{target} redirects in a circle")


def _address(url: str) -> WebAddress:
    try:
        return web_address(url)
    except ValueError as error:
        raise fetch_error(FetchReason.BAD_URL, f"{url[:200]!r}: {error}", url) from None


def _target(answer: httpx.Response, exchange: Exchange) -> WebAddress:
    location = headers_of(answer).first("location")
    if not location:
        message = f"{exchange.url} answered {answer.status_code} without saying where to"
        raise exchange.fails(FetchReason.BAD_REDIRECT, message)
    target = follow(exchange.url, location)
    try:
        return web_address(target if target is not None else location)
    except ValueError as error:
        message = f"{exchange.url} redirects to {location[:200]!r}: {error}"
        raise exchange.fails(FetchReason.BAD_REDIRECT, message) from None


def _within_site(first: WebAddress, address: WebAddress) -> bool:
    """From http to https, or to www.: still the site that the validators came from. A feed that always redirects
    there would otherwise never be answered with 304.
    """
    usual_ports = all(one.port == DEFAULT_PORTS[one.scheme] for one in (first, address))
    return usual_ports and same_site(str(first), str(address))
