"""Connections: a name resolved once, its addresses checked, and exactly a checked one connected to.

What httpcore calls a network stream is ours, so that every wait, down to a single byte of a header, ends with the
request's deadline.
"""

from __future__ import annotations

import queue
import select
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any

import httpcore  # noqa: TID251 - the one place

from shared.errors import FetchError
from shared.http.exchange import Clock, Exchange
from shared.http.guard import Guard
from shared.http.reasons import FetchReason
from shared.webaddress import WebAddress

Resolver = Callable[[str], Sequence[str]]
"""From a host name to its addresses, best first; raises :class:`socket.gaierror`."""

MOST_ADDRESSES = 4
_TEMPORARY = (socket.EAI_AGAIN, socket.EAI_MEMORY, socket.EAI_SYSTEM)


def system_addresses(host: str) -> Sequence[str]:
    """What the operating system's resolver says."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedStream(httpcore.NetworkStream):
    """A connected socket whose waits are those of the exchange that uses it now."""

    def __init__(self, sock: socket.socket, exchange: Exchange, read_timeout: float) -> None:
        self._socket = sock
        self._read_timeout = read_timeout
        self.exchange = exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - ours rules
        """What has come, waiting for at least one byte; nothing once the site has closed.

        :raises FetchError: ``read_timeout``, ``deadline`` or ``headers_too_large``.
        """
        self._socket.settimeout(self.exchange.wait(self._read_timeout))
        try:
            data = self._socket.recv(max_bytes)
        except TimeoutError:
            raise self._silent() from None
        except OSError as error:
            raise httpcore.ReadError(_words(error)) from error
        self.exchange.received(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - ours rules
        """Send all of ``buffer``.

        :raises FetchError: ``read_timeout`` or ``deadline``, when the site takes nothing.
        """
        while buffer:
            self._socket.settimeout(self.exchange.wait(self._read_timeout))
            try:
                buffer = buffer[self._socket.send(buffer) :]
            except TimeoutError:
                raise self._silent() from None
            except OSError as error:
                raise httpcore.WriteError(_words(error)) from error

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        """Only ``is_readable``: of an idle connection it means that the site has closed it."""
        if info != "is_readable":
            return None
        if self._socket.fileno() < 0:
            return True
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def _silent(self) -> FetchError:
        self.exchange.wait(self._read_timeout)
        return self.exchange.fails(
            FetchReason.READ_TIMEOUT, f"{self.exchange.url} fell silent for {self._read_timeout:g} s"
        )


class Connector:
    """Opens connections to addresses that the guard has nothing against."""

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

    def connect(self, address: WebAddress, exchange: Exchange) -> GuardedStream:
        """Connect to the host of ``address``, with TLS for https.

        Resolving, connecting to one address after the other and the handshake share the connect timeout.

        :raises FetchError: ``dns``, ``dns_temporary``, ``blocked_address``, ``connect``, ``connect_timeout``, ``tls``
            or ``deadline``.
        """
        ends = self._clock() + exchange.wait(self._connect_timeout)
        checked = self._checked(address, self._addresses(address.host, exchange), exchange)
        sock = self._open(checked, address, ends, exchange)
        try:
            if address.scheme == "https":
                sock = self._secure(sock, address.host, ends, exchange)
            return GuardedStream(sock, exchange, self._read_timeout)
        except BaseException:
            sock.close()
            raise

    def _addresses(self, host: str, exchange: Exchange) -> Sequence[str]:
        if _is_ip(host):
            return [host]
        if host == "localhost" or host.endswith(".localhost"):
            return ["127.0.0.1", "::1"]  # RFC 6761 6.3: never asked of a name server
        try:
            found = _in_time(self._resolver, host, exchange.wait(self._connect_timeout))
        except socket.gaierror as error:
            if error.errno in _TEMPORARY:
                raise exchange.fails(FetchReason.DNS_TEMPORARY, f"{host} cannot be resolved now") from None
            raise exchange.fails(FetchReason.DNS, f"the name {host} does not exist") from None
        except (OSError, UnicodeError):
            raise exchange.fails(FetchReason.DNS, f"the name {host} cannot be resolved") from None
        if found is None:
            exchange.wait(self._connect_timeout)
            message = f"no name server answered for {host} in {self._connect_timeout:g} s"
            raise exchange.fails(FetchReason.DNS_TEMPORARY, message)
        if not found:
            raise exchange.fails(FetchReason.DNS, f"the name {host} has no address")
        return found

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
            sock = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM)
            try:
                sock.settimeout(exchange.wait(share))
                sock.connect((ip, address.port))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except TimeoutError:
                sock.close()
            except OSError as error:
                sock.close()
                failure = exchange.fails(FetchReason.CONNECT, f"{address.authority}: {_words(error)}")
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
            raise exchange.fails(FetchReason.TLS, f"no TLS with {host}: {_words(error)}") from None
        except OSError as error:
            raise exchange.fails(FetchReason.CONNECT, f"{host}: {_words(error)}") from None


def _in_time(resolver: Resolver, host: str, seconds: float) -> Sequence[str] | None:
    """The resolver's answer, or ``None`` after ``seconds``.

    C libraries cannot interrupt a lookup. It goes on alone, on a thread that dies with it: at most the library's own
    limit (about 30 s), so that a process has no more of them than a few for each of its requests in flight.
    """
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name=f"resolving {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        return None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _words(error: Exception) -> str:
    text = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return " ".join(str(text).split())[:200].lower()
