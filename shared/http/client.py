"""The guarded client: the one door through which Wiredesk asks anything of the outside world."""

from __future__ import annotations

import copy
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import httpcore  # noqa: TID251 - the one place
import httpx  # noqa: TID251 - the one place

from shared.credentials import Credentials, shown
from shared.errors import ConfigurationError
from shared.http.answer import headers_of, read_response, skip_body
from shared.http.cookies import ChainCookies
from shared.http.exchange import Clock, Exchange
from shared.http.guard import Guard
from shared.http.names import Resolver, system_addresses
from shared.http.network import Connector
from shared.http.proxy import Proxy
from shared.http.reasons import FetchReason, fetch_error
from shared.http.response import Response, Validators
from shared.http.transport import HOP, GuardedTransport, Hop, StaleConnectionError
from shared.http.wanted import SAME_AGAIN, Wanted
from shared.settings import Settings
from shared.urls import follow
from shared.webaddress import WebAddress, web_address

# With 512 requests in flight still less than the 1024 files that a process may usually open.
MOST_IDLE = 256
# At DEBUG they print header fields, secrets included.
_TALKATIVE = ("httpx", "httpcore", "hpack")


class GuardedClient:
    """One pooled client for a process; thread-safe, made for hundreds of requests at once. It speaks HTTP/1.1, and
    HTTP/2 with sites that offer it.

    Names are resolved once for each connection and only checked addresses connected to, on every hop. Environment
    proxies are ignored, cookies end with the request they were set in, certificates are verified against the host's
    name.

    ``resolver`` and ``tls`` replace the system's resolver and certificate authorities; ``clock`` counts the deadline.

    :raises ConfigurationError: when the settings name a proxy that cannot be one.
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
        try:
            self._proxy = Proxy.at(settings.proxy) if settings.proxy else None
        except ValueError as error:
            raise ConfigurationError(f"WIREDESK_PROXY: {error}") from None
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        tls = tls or httpcore.default_ssl_context()
        tls.set_alpn_protocols(["h2", "http/1.1"] if settings.http2 else ["http/1.1"])
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

    def through(self, proxy: Proxy | None) -> Self:
        """The same client with its connections, asking through ``proxy``; ``None``: as it does anyway."""
        if proxy is None:
            return self
        other = copy.copy(self)
        other._proxy = proxy  # noqa: SLF001 - of its own kind
        return other

    def get(
        self,
        url: str,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        conditional: Validators | None = None,
        credentials: Credentials | None = None,
        before_request: Callable[[str], None] | None = None,
    ) -> Response:
        """Get ``url``, following redirects, and at most ``max_bytes`` of what it holds.

        ``headers`` go before our own of the same name. To another origin only ``Accept``, ``Accept-Language`` and
        ``User-Agent`` go along, and ``conditional`` only within the site; ``credentials`` go to their origin, wherever
        ``url`` is. ``before_request`` is called with the address before every request, redirects included; its time
        does not count towards the deadline, and what it raises passes through.

        :raises FetchError: when no answer came, with a reason of :class:`FetchReason`. Any status is an answer.
        """
        wanted = Wanted(
            first=_address(url),
            user_agent=self._settings.user_agent,
            max_bytes=max_bytes,
            headers=headers or {},
            conditional=conditional,
            credentials=credentials,
        )
        return self._request(wanted, before_request)

    def post(
        self,
        url: str,
        *,
        data: Mapping[str, str],
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        before_request: Callable[[str], None] | None = None,
    ) -> Response:
        """Post ``data`` as a form to ``url``, and read at most ``max_bytes`` of the answer.

        Of the redirects only those that ask for the same again, 307 and 308, are followed, and not from https to http,
        since a form may hold a secret; the others are the answer. Everything else is as :meth:`get` has it.

        :raises FetchError: when no answer came, with a reason of :class:`FetchReason`. Any status is an answer.
        """
        wanted = Wanted(
            first=_address(url),
            user_agent=self._settings.user_agent,
            max_bytes=max_bytes,
            method="POST",
            body=urlencode(data).encode(),
            redirects=SAME_AGAIN,
            headers={"Content-Type": "application/x-www-form-urlencoded", **(headers or {})},
        )
        return self._request(wanted, before_request)

    def _request(self, wanted: Wanted, before_request: Callable[[str], None] | None) -> Response:
        exchange = Exchange(str(wanted.first), self._settings.deadline_seconds, self._clock)
        address = wanted.first
        cookies = ChainCookies()
        hops: list[tuple[int, str]] = []
        asked: set[tuple[str, str]] = set()
        # What is posted must not be sent twice because a kept connection had been given up (RFC 9110 9.2.2).
        fresh = wanted.method == "POST"
        while True:
            exchange.ask(str(address))
            if before_request is not None:
                with exchange.paused():
                    before_request(exchange.url)
            fields = wanted.fields(address, cookies)
            try:
                answer = self._ask(wanted, Hop(address, exchange, fresh, self._proxy), fields)
            except StaleConnectionError:
                fresh = True
                continue
            fresh = wanted.method == "POST"
            try:
                if answer.status_code not in wanted.redirects:
                    sent = wanted.credentials_go_to(address)
                    return read_response(answer, exchange, wanted.max_bytes, tuple(hops), credentials_sent=sent)
                target = _target(answer, exchange, wanted)
                hops.append((answer.status_code, exchange.url))
                # Asked again with the same cookies, an address can only redirect to where it did before.
                asked.add((exchange.url, fields.get("Cookie", "")))
                for said in answer.headers.get_list("set-cookie"):
                    cookies.take(said, address)
                again = (str(target), wanted.fields(target, cookies).get("Cookie", ""))
                self._check_hops(hops, target, exchange, in_a_circle=again in asked)
                skip_body(answer)
                address = target
            finally:
                answer.close()

    def _ask(self, wanted: Wanted, hop: Hop, fields: dict[str, str]) -> httpx.Response:
        exchange = hop.exchange
        try:
            request = httpx.Request(
                wanted.method,
                str(hop.address),
                content=wanted.body,
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

    def _check_hops(
        self, hops: list[tuple[int, str]], target: WebAddress, exchange: Exchange, *, in_a_circle: bool
    ) -> None:
        if len(hops) > self._settings.max_redirects:
            raise exchange.fails(FetchReason.TOO_MANY_REDIRECTS, f"more than {len(hops) - 1} redirects in a row")
        if in_a_circle:
            raise exchange.fails(FetchReason.TOO_MANY_REDIRECTS, f"{target} redirects in a circle")


def _address(url: str) -> WebAddress:
    try:
        return web_address(url)
    except ValueError as error:
        raise fetch_error(FetchReason.BAD_URL, f"{shown(url)!r}: {error}", shown(url)) from None


def _target(answer: httpx.Response, exchange: Exchange, wanted: Wanted) -> WebAddress:
    location = headers_of(answer).first("location")
    if not location:
        message = f"{exchange.url} answered {answer.status_code} without saying where to"
        raise exchange.fails(FetchReason.BAD_REDIRECT, message)
    where = follow(exchange.url, location)
    try:
        target = web_address(where if where is not None else location)
    except ValueError as error:
        message = f"{exchange.url} redirects to {shown(location)!r}: {error}"
        raise exchange.fails(FetchReason.BAD_REDIRECT, message) from None
    if wanted.body is not None and exchange.url.startswith("https:") and target.scheme == "http":
        raise exchange.fails(FetchReason.BAD_REDIRECT, f"{exchange.url} wants a form sent on without TLS")
    return target
