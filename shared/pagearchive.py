"""Files of the page store put one after another: a WARC archive, read page by page in bounded memory.

Each record is a gzip member of its own; a page is a ``response`` and the ``metadata`` after it, as
:mod:`shared.pagestore` writes them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from shared.errors import UsageError
from shared.pagestore import PageMissingError, StoredPage, decode

MARGIN = 1024 * 1024
"""Bytes of a record beside the page: headers, and what the feed said."""
_CHUNK = 256 * 1024
_GZIP = b"\x1f\x8b"
_METADATA = re.compile(rb"^WARC-Type:[ \t]*metadata[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_HEADER = 4096


@dataclass(frozen=True)
class DamagedPage:
    """A page of the archive that cannot be read; those after it can."""

    why: str


def is_archive(beginning: bytes) -> bool:
    """Whether a file that begins so is a gzipped WARC archive. A few hundred bytes of it are enough."""
    if not beginning.startswith(_GZIP):
        return False
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(beginning, 5) == b"WARC/"
    except zlib.error:
        return False


def stored_pages(file: BinaryIO, *, max_bytes: int, beginning: bytes = b"") -> Iterator[StoredPage | DamagedPage]:
    """The pages of an archive in their order.

    :param max_bytes: no page has more, however little it was packed into.
    :param beginning: what was read of the file already.
    :raises UsageError: where the file itself is damaged, or a record unpacks to more. What lies behind cannot be found.
    """
    records: list[bytes] = []
    for record in _members(file, beginning, max_bytes + MARGIN):
        if _is_metadata(record):
            yield _page([*records, record])
            records = []
        else:
            if records:
                yield _page(records)
            records = [record]
    if records:
        yield _page(records)


def _page(records: list[bytes]) -> StoredPage | DamagedPage:
    try:
        return decode(b"".join(records))
    except PageMissingError as error:
        return DamagedPage(str(error))


def _is_metadata(record: bytes) -> bool:
    header = record[:_HEADER].partition(b"\r\n\r\n")[0]
    return _METADATA.search(header) is not None


def _members(file: BinaryIO, beginning: bytes, most: int) -> Iterator[bytes]:
    """The gzip members of a file, each unpacked."""
    packed = beginning or file.read(_CHUNK)
    while packed:
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        pieces: list[bytes] = []
        size = 0
        while not unpacker.eof:
            if not packed:
                raise UsageError("damaged gzip file: it ends within a record")
            try:
                piece = unpacker.decompress(packed, most + 1 - size)
            except zlib.error as error:
                raise UsageError(f"damaged gzip file: {error}") from None
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise UsageError(f"unpacks to more than {most} bytes: WIREDESK_PAGE_MAX_BYTES")
            packed = unpacker.unconsumed_tail or (b"" if unpacker.eof else file.read(_CHUNK))
        yield b"".join(pieces)
        packed = unpacker.unused_data or file.read(_CHUNK)
