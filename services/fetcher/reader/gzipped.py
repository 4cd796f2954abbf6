"""Bodies that are gzip themselves (``sitemap.xml.gz``), whatever HTTP says of them: inflated piece by piece.

What comes out is counted as it comes: a bomb costs the cap and not what it holds.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from services.fetcher.errors import NotAFeedError

MAGIC = b"\x1f\x8b"
PIECE = 64 * 1024
# Millions of empty members would cost time without ever reaching the cap.
MAX_MEMBERS = 1000


class BreaksOffError(ValueError):
    """The gzip data ends before its end; what came until then has been handed out. Never leaves the reader."""


def is_gzip(body: bytes) -> bool:
    """Whether ``body`` is gzip data by its first bytes."""
    return body.startswith(MAGIC)


def pieces(body: bytes, *, max_bytes: int) -> Iterator[bytes]:
    """``body`` in pieces, inflated where it is gzip.

    :raises NotAFeedError: while reading: ``too_large`` beyond ``max_bytes``, ``malformed`` for corrupt data.
    :raises BreaksOffError: while reading, after the last piece that could be had.
    """
    came = 0
    for piece in _inflated(body) if is_gzip(body) else _sliced(body):
        came += len(piece)
        if came > max_bytes:
            raise NotAFeedError("too_large", f"more than {max_bytes // 2**20} MiB")
        yield piece


def unzip(body: bytes, *, max_bytes: int) -> bytes:
    """``body``, inflated where it is gzip.

    :raises NotAFeedError: ``too_large`` or ``malformed``.
    """
    if not is_gzip(body):
        return body
    try:
        return b"".join(pieces(body, max_bytes=max_bytes))
    except BreaksOffError:
        raise NotAFeedError("malformed", "gzip data that breaks off") from None


def _sliced(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


def _inflated(body: bytes) -> Iterator[bytes]:
    rest = body
    for _ in range(MAX_MEMBERS):
        decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
        while not decoder.eof:
            try:
                piece = decoder.decompress(rest, PIECE)
            except zlib.error as error:
                raise NotAFeedError("malformed", f"corrupt gzip data: {error}") from None
            if piece:
                yield piece
            rest = decoder.unconsumed_tail
            if not rest and not piece and not decoder.eof:
                raise BreaksOffError
        # Members may follow one another (RFC 1952 2.2); anything else at the end is padding.
        rest = decoder.unused_data
        if not rest.startswith(MAGIC):
            return
