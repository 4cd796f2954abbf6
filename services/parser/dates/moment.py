"""A date as it was written: with its own words, and no more exact than these. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Precision = Literal["second", "minute", "day"]

EARLIEST_YEAR = 1800
LATEST_YEAR = 2100
NEVER = 2099
"""What databases and schedulers put for a day that shall not come."""
FUTURE_TOLERANCE = timedelta(days=1)
"""How far ahead of the fetch a date may lie: the date line is up to 14 hours ahead, clocks are set wrong by hours."""
FIRST_EPOCH = datetime(1995, 1, 1, tzinfo=UTC)
"""No newspaper has pages from before; a number that small counts something else."""

# The first day of Go and .NET (1), of OLE and Delphi (1899), of SQL Server and NTP (1900), of a Unix time of 32 bits
# (1901), of the Macintosh (1904), of Unix (1970) and of MS-DOS (1980).
_ZEROS = tuple(
    datetime.fromisoformat(zero)
    for zero in (
        "0001-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-12-13", "1904-01-01", "1970-01-01",
        "1970-01-02", "1980-01-01",
    )
)  # fmt: skip
_WESTWARD, _EASTWARD = timedelta(hours=14), timedelta(days=1)
"""A placeholder printed in another zone begins so much earlier; that it is the whole day is for the times of day."""


@dataclass(frozen=True)
class Moment:
    """A date as it was written. ``clock`` has a zone where one was given; ``precision`` says how far to believe it."""

    raw: str
    clock: datetime
    precision: Precision

    @property
    def day(self) -> date:
        """The day as the page's readers know it: in the offset that was given."""
        return self.clock.date()

    @property
    def instant(self) -> datetime | None:
        """The point in time, where the zone is known and more than the day was said."""
        return self.clock if self.clock.tzinfo is not None and self.precision != "day" else None

    @property
    def offset(self) -> str | None:
        """The offset in the form ``+03:00``, ``None`` where none was given."""
        if self.instant is None:
            return None
        return offset_text(self.clock.utcoffset() or timedelta())

    @property
    def is_plausible(self) -> bool:
        """Whether a page can have been published then."""
        return EARLIEST_YEAR <= self.clock.year <= LATEST_YEAR and not self.is_placeholder

    @property
    def is_placeholder(self) -> bool:
        """Whether it is an empty field of somebody's database, in whichever zone it was printed."""
        wall = self.clock.replace(tzinfo=None)
        return wall.year <= 1980 and any(-_WESTWARD < wall - zero < _EASTWARD for zero in _ZEROS)

    def is_after(self, latest: datetime | None) -> bool:
        """Whether it lies more than a day beyond ``latest``, when the page was fetched, or never comes."""
        if latest is None:
            return self.clock.year >= NEVER
        if self.instant is not None:
            return self.instant > latest + FUTURE_TOLERANCE
        return self.day > (latest.astimezone(UTC) + FUTURE_TOLERANCE).date()


def offset_text(offset: timedelta) -> str:
    """A UTC offset as ISO 8601 writes it: ``+03:00``."""
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
