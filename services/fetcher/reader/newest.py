"""Which entries of a document are read when it has more than may be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.fetcher.reader.dates import parse_date


def latest(dates: Iterable[str | None]) -> datetime | None:
    """The last moment that any of an entry's ``dates`` names."""
    found = [date.at for date in map(parse_date, dates) if date is not None]
    return max(found) if found else None


def newest_first(moments: Sequence[datetime | None]) -> list[int]:
    """The places of a document's entries, the newest first; as they stand where none is dated, or equally.

    An entry without a date is as new as the one before it, or after it where none is before.
    """
    known = next((moment for moment in moments if moment is not None), None)
    if known is None:
        return list(range(len(moments)))
    filled: list[datetime] = []
    for moment in moments:
        known = known if moment is None else moment
        filled.append(known)
    return sorted(range(len(filled)), key=filled.__getitem__, reverse=True)


def newest(moments: Sequence[datetime | None], limit: int) -> list[int]:
    """The places of the ``limit`` newest entries, in the order of the document."""
    return sorted(newest_first(moments)[:limit])
