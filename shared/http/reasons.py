"""Why a request brought no usable answer: the fixed codes of :class:`shared.errors.FetchError`."""

from __future__ import annotations

from enum import StrEnum

from shared.errors import FetchError


class FetchReason(StrEnum):
    """Each is a metric label and a reason on a row: never renamed, only added to."""

    BAD_URL = "bad_url"
    """No http or https address."""
    BLOCKED_ADDRESS = "blocked_address"
    """The host is (or its name leads to) an address or port that is not of the public web."""
    DNS = "dns"
    """The name does not exist."""
    DNS_TEMPORARY = "dns_temporary"
    """The name servers gave no answer this time."""
    CONNECT = "connect"
    """Refused, or no way there."""
    CONNECT_TIMEOUT = "connect_timeout"
    """Nobody took the connection in time, TLS included."""
    TLS = "tls"
    """The certificate or the handshake is not in order."""
    RESET = "reset"
    """The site hung up before it answered."""
    READ_TIMEOUT = "read_timeout"
    """The site fell silent."""
    DEADLINE = "deadline"
    """The whole request, redirects included, took too long."""
    TOO_MANY_REDIRECTS = "too_many_redirects"
    """More hops than allowed, or in a circle."""
    BAD_REDIRECT = "bad_redirect"
    """A redirect to nowhere: no Location, or one that is no web address."""
    PROTOCOL = "protocol"
    """What came is no HTTP."""
    HEADERS_TOO_LARGE = "headers_too_large"
    """More header than anyone needs."""
    PROXY = "proxy"
    """The proxy cannot be reached, or will not let us through."""
    DECODE = "decode"
    """The body is not in the content encoding that it claims, or in one that was not asked for."""


def fetch_error(reason: FetchReason, message: str, url: str) -> FetchError:
    """The error for ``reason``; the code travels as plain text, into databases and JSON."""
    return FetchError(reason.value, message, url=url)
