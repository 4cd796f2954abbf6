"""Frames of HTTP/2 (RFC 9113 4.1), also such as no library would write."""

from __future__ import annotations

import struct

END_STREAM, END_HEADERS = 0x1, 0x4


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def data(stream: int, payload: bytes, flags: int = 0) -> bytes:
    return frame(0x0, flags, stream, payload)


def goaway(last: int, code: int = 0) -> bytes:
    return frame(0x7, 0, 0, struct.pack(">II", last, code))


def reset(stream: int, code: int) -> bytes:
    return frame(0x3, 0, stream, struct.pack(">I", code))
