"""Content encodings (RFC 9110 8.4.1), undone piece by piece, so that a bomb costs what is read of it and no more.

Decoders are generators over pieces: whoever reads stops when enough has come, and nothing beyond the next piece has
been decoded. Each piece is small: 64 KiB for zlib and about that for brotli, up to 4 MiB for zstd, whose library has
no limit for its output (a block of 128 KiB can be four bytes, so it is fed 128 bytes at a time).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli  # type: ignore[import-untyped]  # ships no types
import zstandard

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

PIECE = 64 * 1024
_ZSTD_SLICE = 128
# RFC 9659: larger windows must not be asked of a web client.
_ZSTD_WINDOW = 8 * 1024 * 1024
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_GZIP_MAGIC = b"\x1f\x8b"
MOST_ENCODINGS = 2
_MOST_PARTS = 10_000
# What careless servers write where the body is as it is.
_NO_ENCODING = frozenset({"", "identity", "none", "utf-8", "8bit", "binary"})

Decoder = Callable[[Iterable[bytes]], Iterator[bytes]]


class DecodeError(Exception):
    """The bytes are not in the encoding that they claim, or in none that we read."""


class EndsEarlyError(Exception):
    """The body stops before its end; what came until then has been handed out."""


class TooLongError(Exception):
    """More is there to be decoded than could come to what is wanted."""


def decoded(pieces: Iterable[bytes], content_encoding: str | None, *, most: int) -> Iterator[bytes]:
    """The body behind ``pieces``, lazily; what is itself encoded may be ``most`` bytes long.

    :raises DecodeError: at once for an encoding that is unknown or stacked too high, later for corrupt bytes.
    :raises EndsEarlyError: while reading, after the last piece that could be had.
    :raises TooLongError: while reading.
    """
    names = [name.strip().lower() for name in (content_encoding or "").split(",")]
    names = [name for name in names if name not in _NO_ENCODING]
    if len(names) > MOST_ENCODINGS:
        raise DecodeError(f"{len(names)} content encodings on top of one another")
    body = iter(pieces)
    for name in reversed(names):
        if name not in _DECODERS:
            raise DecodeError(f"the content encoding {name[:40]!r} was not asked for")
        # Also between two of them: compressed nothing comes to no byte, and each gigabyte of it takes two seconds.
        body = _DECODERS[name](_at_most(body, most))
    return body


def _at_most(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    came = 0
    for piece in pieces:
        came += len(piece)
        yield piece
        if came > most:
            raise TooLongError


def _gunzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder = None
    members = 0
    for piece in pieces:
        rest = piece
        while rest:
            if decoder is None:
                # Members may follow one another (RFC 1952 2.2); anything else at the end is padding.
                if members and not _GZIP_MAGIC.startswith(rest[:2]):
                    return
                members = _one_more(members)
                decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
            yield from _inflate(decoder, rest)
            rest = b""
            if decoder.eof:
                rest = decoder.unused_data
                decoder = None
    if decoder is not None:
        raise EndsEarlyError


def _undeflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """RFC 9110 means zlib's format by "deflate"; some servers send the bare stream."""
    decoder = None
    start = b""
    for piece in pieces:
        start += piece
        if decoder is None and len(start) >= 2:
            is_zlib = start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0
            decoder = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        if decoder is not None:
            yield from _inflate(decoder, start)
            if decoder.eof:
                return
            start = b""
    if decoder is not None or start:
        raise EndsEarlyError


def _inflate(decoder: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    try:
        while True:
            out = decoder.decompress(data, PIECE)
            if out:
                yield out
            data = decoder.unconsumed_tail
            # After the end, what follows is in unused_data, and sometimes in unconsumed_tail as well.
            if decoder.eof or (not data and len(out) < PIECE):
                return
    except zlib.error as error:
        raise DecodeError(f"corrupt gzip or deflate: {error}") from None


def _unbrotli(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    began = False
    try:
        for piece in pieces:
            began = began or bool(piece)
            out = decoder.process(piece, output_buffer_limit=PIECE)
            # Not can_accept_more_data(): it says yes while there is output left (brotli 1.2).
            while out:
                yield out
                out = b"" if decoder.is_finished() else decoder.process(b"", output_buffer_limit=PIECE)
            if decoder.is_finished():
                return
    except brotli.error as error:
        raise DecodeError(f"corrupt brotli: {error}") from None
    if began:
        raise EndsEarlyError


def _unzstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    decoder = None
    frames = 0
    for piece in pieces:
        rest = piece
        while rest:
            if decoder is None:
                if frames and not _ZSTD_MAGIC.startswith(rest[:4]):
                    return
                frames = _one_more(frames)
                decoder = decompressor.decompressobj()
            try:
                out = decoder.decompress(rest[:_ZSTD_SLICE])
            except zstandard.ZstdError as error:
                raise DecodeError(f"corrupt zstd: {error}") from None
            if out:
                yield out
            rest = rest[_ZSTD_SLICE:]
            if decoder.eof:
                rest = decoder.unused_data + rest
                decoder = None
    if decoder is not None:
        raise EndsEarlyError


def _one_more(parts: int) -> int:
    """Count a member or frame. Millions of empty ones would cost CPU without ever reaching the size cap."""
    if parts >= _MOST_PARTS:
        raise DecodeError(f"more than {_MOST_PARTS} compressed parts in one body")
    return parts + 1


_DECODERS: dict[str, Decoder] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
