"""Header fields as HTTP/2 carries them (RFC 9113 8.2, 8.3): what goes out, and what of that which comes can be one."""

from __future__ import annotations

import re
from collections.abc import Iterable

import httpcore  # noqa: TID251 - the one place

Field = tuple[bytes, bytes]

_STATUS = re.compile(rb"[1-9][0-9]{2}")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[^\x00\r\n]*")
# Of the connection, and so forbidden (8.2.2); some servers send them on from HTTP/1.1 all the same.
_HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"})


def request_fields(request: httpcore.Request) -> list[Field]:
    """The header of a request that was put together for HTTP/1.1."""
    fields = [(name.lower(), value) for name, value in request.headers]
    pseudo = [
        (b":method", request.method),
        (b":authority", next((value for name, value in fields if name == b"host"), request.url.host)),
        (b":scheme", request.url.scheme),
        (b":path", request.url.target),
    ]
    return pseudo + [(name, value) for name, value in fields if name != b"host" and name not in _HOP_BY_HOP]


def response_fields(came: Iterable[Field]) -> tuple[int, list[Field]]:
    """The status of an answer and its header fields.

    :raises ValueError: in a few words, for what no header can be.
    """
    statuses, fields = [], []
    for name, value in came:
        if name.startswith(b":"):
            statuses.append(value if name == b":status" else b"")
        elif _NAME.fullmatch(name) is None or _VALUE.fullmatch(value) is None:
            raise ValueError("a header field that cannot be one")
        elif name not in _HOP_BY_HOP:
            fields.append((bytes(name), bytes(value).strip(b" \t")))
    if len(statuses) != 1 or _STATUS.fullmatch(statuses[0]) is None:
        raise ValueError("an answer without a status")
    return int(statuses[0]), fields
