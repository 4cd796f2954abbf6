"""Connections: a name resolved once, its addresses checked, and exactly a checked one connected to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence

import httpcore  # noqa: TID251 - the one place

from shared.errors import FetchError
from shared.http.exchange import Clock, Exchange
from shared.http.guard import Guard
from shared.http.names import Resolver, addresses_of
from shared.http.proxy import Proxy, open_tunnel
from shared.http.reasons import FetchReason
from shared.http.stream import GuardedStream, words_of
from shared.webaddress import WebAddress

MOST_ADDRESSES = 4
# What goes wrong on the way to a proxy says nothing about the site behind it.
_OF_THE_WAY = frozenset({FetchReason.DNS, FetchReason.DNS_TEMPORARY, FetchReason.CONNECT, FetchReason.CONNECT_TIMEOUT})


class Connector:
    """Opens connections to addresses that the guard has nothing against, or to them through a proxy."""

    def __init__(
        self,
        guard: Guard,
        resolver: Resolver,
        *,
        tls: ssl.SSLContext,
        connect_timeout: float,
        read_timeout: float,
        clock: Clock,
    ) -> None:
        self._guard = guard
        self._resolver = resolver
        self._tls = tls
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._clock = clock

    def connect(self, address: WebAddress, exchange: Exchange, proxy: Proxy | None = None) -> GuardedStream:
        """Connect to the host of ``address``, with TLS for https.

        Resolving, connecting to one address after the other and the handshake share the connect timeout. ``proxy`` is
        asked only for what the guard has nothing against, by our own look at the name.

        :raises FetchError: ``dns``, ``dns_temporary``, ``blocked_address``, ``connect``, ``connect_timeout``, ``tls``,
            ``proxy`` or ``deadline``.
        """
        ends = self._clock() + exchange.wait(self._connect_timeout)
        checked = self._checked(address, self._addresses(address.host, exchange), exchange)
        sock = self._to_proxy(proxy, ends, exchange) if proxy else self._open(checked, address, ends, exchange)
        try:
            if address.scheme == "https":
                if proxy is not None:
                    self._tunnel(sock, proxy, address, exchange)
                sock = self._secure(sock, address.host, ends, exchange)
            return GuardedStream(sock, exchange, self._read_timeout)
        except BaseException:
            sock.close()
            raise

    def _addresses(self, host: str, exchange: Exchange) -> Sequence[str]:
        return addresses_of(host, self._resolver, exchange, self._connect_timeout)

    def _to_proxy(self, proxy: Proxy, ends: float, exchange: Exchange) -> socket.socket:
        """The proxy stands where the operator said: the one address that the guard is not asked about."""
        try:
            found = self._addresses(proxy.address.host, exchange)
            return self._open(found[:MOST_ADDRESSES], proxy.address, ends, exchange)
        except FetchError as error:
            if error.reason not in _OF_THE_WAY:
                raise
            raise exchange.fails(FetchReason.PROXY, f"{proxy} cannot be reached: {error}") from None

    def _tunnel(self, sock: socket.socket, proxy: Proxy, address: WebAddress, exchange: Exchange) -> None:
        try:
            open_tunnel(GuardedStream(sock, exchange, self._read_timeout), proxy, address, exchange)
        except httpcore.NetworkError as error:
            raise exchange.fails(FetchReason.PROXY, f"{proxy} hung up {error}".rstrip()) from None

    def _checked(self, address: WebAddress, found: Sequence[str], exchange: Exchange) -> Sequence[str]:
        objections = {ip: self._guard.objection(ip, address.port) for ip in found}
        checked = [ip for ip, objection in objections.items() if objection is None]
        if not checked:
            ip, objection = next(iter(objections.items()))
            where = address.host if ip == address.host else f"{address.host} ({ip})"
            raise exchange.fails(FetchReason.BLOCKED_ADDRESS, f"{where} may not be fetched from: {objection}")
        return checked[:MOST_ADDRESSES]

    def _open(self, checked: Sequence[str], address: WebAddress, ends: float, exchange: Exchange) -> socket.socket:
        failure = exchange.fails(FetchReason.CONNECT_TIMEOUT, f"{address.authority} took no connection in time")
        for number, ip in enumerate(checked):
            # A dead first address (often IPv6) leaves the others their share of the time.
            share = (ends - self._clock()) / (len(checked) - number)
            if share <= 0:
                break
            try:
                sock = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM)
            except OSError as error:
                # A kernel without IPv6.
                failure = exchange.fails(FetchReason.CONNECT, f"{address.authority}: {words_of(error)}")
                continue
            try:
                sock.settimeout(exchange.wait(share))
                sock.connect((ip, address.port))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except TimeoutError:
                sock.close()
            except OSError as error:
                sock.close()
                failure = exchange.fails(FetchReason.CONNECT, f"{address.authority}: {words_of(error)}")
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        exchange.wait(self._connect_timeout)
        raise failure

    def _secure(self, sock: socket.socket, host: str, ends: float, exchange: Exchange) -> ssl.SSLSocket:
        try:
            sock.settimeout(exchange.wait(max(0.001, ends - self._clock())))
            return self._tls.wrap_socket(sock, server_hostname=host)
        except TimeoutError:
            exchange.wait(self._connect_timeout)
            raise exchange.fails(FetchReason.CONNECT_TIMEOUT, f"{host} did not finish the TLS handshake") from None
        except ssl.SSLCertVerificationError as error:
            message = f"the certificate of {host} is not valid: {error.verify_message}"
            raise exchange.fails(FetchReason.TLS, message) from None
        except (ssl.SSLError, ValueError) as error:
            raise exchange.fails(FetchReason.TLS, f"no TLS with {host}: {words_of(error)}") from None
        except OSError as error:
            raise exchange.fails(FetchReason.CONNECT, f"{host}: {words_of(error)}") from None
