"""From a host's name to its addresses, in time."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from shared.http.exchange import Exchange
from shared.http.reasons import FetchReason

Resolver = Callable[[str], Sequence[str]]
"""From a host name to its addresses, best first; raises :class:`socket.gaierror`."""

_TEMPORARY = (socket.EAI_AGAIN, socket.EAI_MEMORY, socket.EAI_SYSTEM)


def system_addresses(host: str) -> Sequence[str]:
    """What the operating system's resolver says."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def addresses_of(host: str, resolver: Resolver, exchange: Exchange, timeout: float) -> Sequence[str]:
    """The addresses of ``host``, at least one, within ``timeout`` seconds.

    :raises FetchError: ``dns``, ``dns_temporary`` or ``deadline``.
    """
    if _is_ip(host):
        return [host]
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1", "::1"]  # RFC 6761 6.3: never asked of a name server
    try:
        found = _in_time(resolver, host, exchange.wait(timeout))
    except socket.gaierror as error:
        if error.errno in _TEMPORARY:
            raise exchange.fails(FetchReason.DNS_TEMPORARY, f"{host} cannot be resolved now") from None
        raise exchange.fails(FetchReason.DNS, f"the name {host} does not exist") from None
    except (OSError, UnicodeError):
        raise exchange.fails(FetchReason.DNS, f"the name {host} cannot be resolved") from None
    if found is None:
        exchange.wait(timeout)
        message = f"no name server answered for {host} in {timeout:g} s"
        raise exchange.fails(FetchReason.DNS_TEMPORARY, message)
    if not found:
        raise exchange.fails(FetchReason.DNS, f"the name {host} has no address")
    return found


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
