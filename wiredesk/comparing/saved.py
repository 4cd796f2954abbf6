"""Records in a file, one JSON object a line, as ``wiredesk parse`` and ``wiredesk articles export`` write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from pydantic import ValidationError

from shared.errors import UsageError
from shared.records import SCHEMA_VERSION, Article, Rejection
from wiredesk.comparing.changes import Found

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of the longest record there can be, and then some."""

Bad = Callable[[str], None]
"""Told of a line that is no record: the file, the line's number, and what is wrong with it."""


def found_in(line: bytes) -> Found:
    """The record in one line.

    :raises UsageError: with what is wrong with it.
    """
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise UsageError("no JSON") from None
    if not isinstance(value, dict) or not ("text" in value or "reason" in value):
        raise UsageError("no record of an article or a rejection")
    return found_from(value)


def found_from(value: dict[str, Any]) -> Found:
    """A record out of JSON.

    :raises UsageError: with what is wrong with it.
    """
    version = value.get("schema_version", SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        raise UsageError(f"a record of schema version {str(version)[:20]}; this wiredesk reads {SCHEMA_VERSION}")
    name = value.pop("file", None)
    try:
        kind = Rejection if "reason" in value and "text" not in value else Article
        record = kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])[:80]
        raise UsageError(f"no record that this wiredesk knows: {field}: {first['msg'].lower()}") from None
    unnamed = Found("", record)
    return Found(str(name or record.page.key or unnamed.url or record.page.sha256 or "(unnamed)"), record)


class SavedRecords:
    """The records of one file, which is read again whenever it is asked."""

    def __init__(self, path: Path, bad: Bad, *, longest: int = LONGEST_LINE) -> None:
        """Take the file at ``path``; a line that is no record, or longer than ``longest`` bytes, is told to ``bad`` and
        left out.
        """
        self._path = path
        self._bad = bad
        self._longest = longest

    def __iter__(self) -> Iterator[Found]:
        for _, found in self.placed():
            yield found

    def placed(self) -> Iterator[tuple[int, Found]]:
        """Each record with where its line begins."""
        with self._path.open("rb") as file:
            for number, (place, line) in enumerate(_lines(file, self._longest), 1):
                if line is not None and not line.strip():
                    continue
                try:
                    if line is None:
                        raise UsageError(f"longer than {self._longest} bytes")  # noqa: TRY301 - one answer to bad lines
                    yield place, found_in(line)
                except UsageError as error:
                    self._bad(f"{self._path} line {number}: {error}")


class SavedIndex:
    """Finds the record of the same page in a file, while it is open; it keeps places, not records: some 450 bytes for
    each.
    """

    def __init__(self, path: Path, bad: Bad) -> None:
        """Read the file once.

        :raises UsageError: where it has no record at all.
        """
        self._places: dict[int, int] = {}
        self._left: set[int] = set()
        for place, found in SavedRecords(path, bad).placed():
            for name in _names(found):
                self._places.setdefault(hash(name), place)
            self._left.add(place)
        if not self._left:
            raise UsageError(f"{path}: no record in it: wiredesk parse --save writes such files")
        self._file = path.open("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, wanted: Found) -> Found | None:
        """The record of the page that ``wanted`` is of: the same bytes at the same address, the same key of the page
        store, the same bytes where one of them has no address, or the same address.
        """
        for name in _names(wanted):
            place = self._places.get(hash(name))
            if place is None:
                continue
            self._file.seek(place)
            found = found_in(self._file.readline())
            if name in _names(found) and not _apart(name, wanted, found):
                self._left.discard(place)
                return found
        return None


def _names(found: Found) -> list[tuple[str | None, ...]]:
    page, url = found.record.page, found.url
    names: list[tuple[str | None, ...]] = [
        ("bytes at", page.sha256, url),
        ("key", page.key),
        ("bytes", page.sha256),
        ("url", url),
    ]
    return [name for name in names if None not in name]


def _apart(name: tuple[str | None, ...], one: Found, other: Found) -> bool:
    """Whether two pages only have their bytes in common: an error page is the same at every address."""
    return name[0] == "bytes" and None not in (one.url, other.url)


def _lines(file: BinaryIO, longest: int) -> Iterator[tuple[int, bytes | None]]:
    """Each line with where it begins; ``None`` for one that is too long to be read."""
    place = 0
    while line := file.readline(longest):
        start, size = place, len(line)
        place += size
        if size < longest or line.endswith(b"\n"):
            yield start, line
            continue
        while (rest := file.readline(longest)) and not rest.endswith(b"\n"):
            place += len(rest)
        place += len(rest)
        yield start, None
