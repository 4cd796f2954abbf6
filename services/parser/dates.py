"""Dates as pages and feeds write them, read without guessing: what is not said stays unknown. Pure.

A date keeps what it was given with: its own words, its precision, its UTC offset. A clock time without a zone is an
instant only where another witness supplies the zone; else only its day is believed, and a day is written as midnight
UTC with precision ``day``, never shifted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from typing import Literal

from dateutil import parser as dateutil_parser
from dateutil.tz import tzoffset

from shared.zones import offset_of

Precision = Literal["second", "minute", "day"]

EARLIEST_YEAR = 1800
LATEST_YEAR = 2100
FUTURE_TOLERANCE = timedelta(days=1)
"""How far ahead of the fetch a date may lie: the date line is up to 14 hours ahead, clocks are set wrong by hours."""
FIRST_EPOCH = datetime(1995, 1, 1, tzinfo=UTC)
"""No newspaper has pages from before; a number that small counts something else."""
_LONGEST = 100

_ISO = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})"
    r"(?:[T\s_]+(?P<hour>\d{1,2})[:.]?(?P<minute>\d{2})(?:[:.]?(?P<second>\d{2})(?:[.,:]\d{1,9})?)?"
    r"\s*(?P<zone>Z|UTC|GMT|(?:GMT|UTC)?\s?[+\-−]\d{1,2}(?::?\d{2})?(?::\d{2})?)?)?(?:\[[\w/+-]+\])?",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})(?P<rest>(?:[T\s]+\d.*)?)")
_DAY_FIRST = re.compile(
    r"(?P<one>\d{1,2})(?P<mark>[/.-])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})(?P<rest>(?:[,T\s]+\d.*)?)"
)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
_CJK = re.compile(r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]")
_OFFSET = re.compile(r"(?:GMT|UTC)?\s?(?P<sign>[+\-−])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?", re.IGNORECASE)
_HAS_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_HAS_SECONDS = re.compile(r"\d{1,2}:\d{2}:\d{2}")
_MONTH_NAME = re.compile(r"[A-Za-z]{3}")
# Two fillings for what a date leaves out: what differs between the readings was made up.
_GAPS = (datetime(1999, 1, 2), datetime(2004, 11, 23, 23, 58, 57))  # noqa: DTZ001 - neither is a time


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


def offset_text(offset: timedelta) -> str:
    """A UTC offset as ISO 8601 writes it: ``+03:00``."""
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def parse(raw: str | None, *, latest: datetime | None = None) -> Moment | None:
    """``raw`` as a date, or ``None`` where it is none, is incomplete, or could mean two days (05/06/2022).

    ``latest``: when the page was fetched; a bare number that would be a Unix time more than a day later is none.

    Understands ISO 8601 and its common misspellings, RFC 5322, epoch seconds and milliseconds, and days written with an
    English month or with 年月日.
    """
    text = " ".join((raw or "").split())
    if not text or len(text) > _LONGEST or not any(character.isdigit() for character in text):
        return None
    for read in (_iso, partial(_epoch, latest=latest), _numeric, _worded):
        try:
            moment = read(text)
        except (ValueError, OverflowError):
            moment = None
        if moment is not None:
            return moment if _is_plausible(moment) else None
    return None


def _is_plausible(moment: Moment) -> bool:
    # 1970-01-01 is an empty field of somebody's database, in whichever zone it was printed.
    epoch = abs(moment.clock.replace(tzinfo=None) - datetime(1970, 1, 1)) < timedelta(days=1)  # noqa: DTZ001 - wall clock
    return EARLIEST_YEAR <= moment.clock.year <= LATEST_YEAR and not epoch


def _iso(text: str) -> Moment | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    day = datetime(int(match["year"]), int(match["month"]), int(match["day"]))  # noqa: DTZ001 - the zone follows
    if match["hour"] is None:
        return Moment(text, day, "day")
    clock = _at(day, int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    return Moment(text, clock.replace(tzinfo=_zone(match["zone"])), "second" if match["second"] else "minute")


def _at(day: datetime, hour: int, minute: int, second: int) -> datetime:
    if (hour, minute, second) == (24, 0, 0):  # ISO 8601:2004, 4.2.3: the end of the day
        return day + timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=min(second, 59) if second == 60 else second)


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    match = _OFFSET.match(text)
    if match is None:
        return None
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    if offset > timedelta(hours=14, minutes=59):
        raise ValueError("no place has such an offset")
    return timezone(offset if match["sign"] == "+" else -offset)


def _epoch(text: str, *, latest: datetime | None) -> Moment | None:
    if not _EPOCH.fullmatch(text):
        return None
    number = float(text)
    seconds = number / 1000 if number >= 1e11 else number
    if seconds < FIRST_EPOCH.timestamp():
        return None
    at = datetime.fromtimestamp(seconds, tz=UTC).replace(microsecond=0)
    if at > latest + FUTURE_TOLERANCE if latest is not None else _is_calendar_hour(text):
        return None
    return Moment(text, at, "second")


def _is_calendar_hour(digits: str) -> bool:
    """Whether a number could as well be a date and an hour: 2024010112."""
    try:
        return datetime.strptime(digits[:10], "%Y%m%d%H").replace(tzinfo=UTC) >= FIRST_EPOCH
    except ValueError:
        return False


def _numeric(text: str) -> Moment | None:
    match = _CJK.match(text)
    if match is not None:
        return _dated(text, int(match["year"]), int(match["month"]), int(match["day"]), text[match.end() :])
    match = _SLASHED.fullmatch(text)
    if match is not None:
        return _dated(text, int(match["year"]), int(match["month"]), int(match["day"]), match["rest"])
    match = _DAY_FIRST.fullmatch(text)
    if match is None:
        return None
    one, two = int(match["one"]), int(match["two"])
    if match["mark"] != "." and one <= 12 and two <= 12 and one != two:
        raise ValueError("day and month could be either")
    day, month = (two, one) if two > 12 else (one, two)
    return _dated(text, int(match["year"]), month, day, match["rest"])


def _dated(text: str, year: int, month: int, day: int, rest: str) -> Moment:
    iso = _ISO.fullmatch(f"{year:04d}-{month:02d}-{day:02d} {rest.strip(' ,T')}") if rest.strip() else None
    if iso is not None and iso["hour"] is not None:
        moment = _iso(f"{year:04d}-{month:02d}-{day:02d} {rest.strip(' ,T')}")
        if moment is not None:
            return Moment(text, moment.clock, moment.precision)
    return Moment(text, datetime(year, month, day), "day")  # noqa: DTZ001 - a day has no zone


def _worded(text: str) -> Moment | None:
    """``Fri, 20 May 2022 07:14:41 +0300``, ``May 20, 2022``: dateutil, read twice to see what it made up."""
    if not _MONTH_NAME.search(text) or not re.search(r"\d{4}", text):
        return None
    zones = partial(_named_zone, text)
    one, other = (dateutil_parser.parse(text, default=gaps, tzinfos=zones) for gaps in _GAPS)
    if one.date() != other.date():
        return None
    if not _HAS_CLOCK.search(text) or (one.hour, one.minute) != (other.hour, other.minute):
        return Moment(text, datetime(one.year, one.month, one.day), "day")  # noqa: DTZ001 - a day has no zone
    offset = one.utcoffset()
    clock = one.replace(microsecond=0, tzinfo=timezone(offset) if offset is not None else None)
    if not _HAS_SECONDS.search(text):
        return Moment(text, clock.replace(second=0), "minute")
    return Moment(text, clock, "second")


def _named_zone(text: str, name: str | None, offset: int | None) -> tzoffset | None:
    """The zone of an abbreviation; letters that nobody knows, or that mean several places, are as good as none."""
    if offset is not None:
        return tzoffset(name, offset)
    known = offset_of(name or "", date=text)
    return tzoffset(name, known.total_seconds()) if known is not None else None
