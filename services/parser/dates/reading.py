"""One date given as such, by a machine or beside a label: read without guessing. Pure.

A date keeps what it was given with: its own words, its precision, its UTC offset. A clock time without a zone is an
instant only where another witness supplies the zone; else only its day is believed, and a day is written as midnight
UTC with precision ``day``, never shifted.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.parser.dates import clock, written
from services.parser.dates.clock import Clock
from services.parser.dates.locale import NOWHERE, Locale
from services.parser.dates.moment import FIRST_EPOCH, FUTURE_TOLERANCE, Moment

_LONGEST = 100

_ISO = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})"
    r"(?:[T\s_|]+(?P<hour>\d{1,2})[:.]?(?P<minute>\d{2})(?:[:.]?(?P<second>\d{2})(?:[.,:]\d{1,9})?)?"
    r"\s*(?P<zone>Z|UTC|GMT|(?:GMT|UTC)?\s?[+\-−]\d{1,2}(?::?\d{2})?(?::\d{2})?)?"
    r"(?:\s?\[?(?P<place>[a-z]+/[\w+-]+(?:/[\w+-]+)?)\]?)?)?(?:\[[\w/+-]+\])?",
    re.IGNORECASE,
)
# {"published": "/Date(1795514400000+0100)/"}: .NET's JSON; the offset says nothing of the instant.
_NET_EPOCH = re.compile(r"\\?/Date\((\d{10,13})(?:[+-]\d{4})?\)\\?/")
_EPOCH = re.compile(r"[0-9]{10}(?:[0-9]{3})?(?:\.[0-9]+)?")
# Tue Nov 24 08:00:00 EST 2026: the form of C's ctime, with or without a zone.
_CTIME = re.compile(r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) (\d{1,2}) (\d\d:\d\d:\d\d(?: [A-Z+\-\d:]{1,6})?) (\d{4})")
# .NET's InvariantCulture and its like write 11/01/2023 12:43:42 for the first of November whatever the page's language.
_PROGRAM = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{4},? \d{1,2}:\d\d:\d\d.*")
_NUMBERS = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2}")
_ORDERS = (Locale(order="dmy"), Locale(order="mdy"))
# Words may stand before a date; after it only what says that it was one, and who was meant by the zone.
_BEFORE = re.compile(r"[^\d]{0,40}")
_BEHIND = re.compile(r"[\s.,;)|]*(?:(?:[Uu]hr|hrs?|г|года|р|d|\([^()]*\)|[A-Z]{2,4})[\s.,;)|]*){0,2}")


@lru_cache(maxsize=1024)
def parse(raw: str | None, *, latest: datetime | None = None, locale: Locale = NOWHERE) -> Moment | None:
    """``raw`` as a date, or ``None`` where it is none, is incomplete, or could mean two days (05/06/2022).

    ``latest``: when the page was fetched; a bare number that would be a Unix time more than a day later is none.
    ``locale``: how the page writes dates.

    Understands ISO 8601 and its common misspellings, RFC 5322, epoch seconds and milliseconds, and what
    :func:`written.find` understands. A page says the same date in several places, and each is weighed more than once.
    """
    text = " ".join((raw or "").split())
    if not text or len(text) > _LONGEST:
        return None
    text = _NET_EPOCH.sub(r"\1", text)
    try:
        if (match := _ISO.fullmatch(text)) is not None:
            moment: Moment | None = _iso(match)
        elif _EPOCH.fullmatch(text):
            moment = _epoch(text, latest)
        else:
            return _only(text, locale)
    except (ValueError, OverflowError):
        return None
    return moment if moment is not None and moment.is_plausible else None


def either(raw: str, *, latest: datetime | None = None) -> tuple[Moment, ...]:
    """The two dates that ``raw`` could be where day and month could be either, else none."""
    if not _NUMBERS.search(raw) or parse(raw, latest=latest) is not None:
        return ()
    text = " ".join(raw.split())
    return tuple(moment for order in _ORDERS if (moment := _only(text, order, program=False)) is not None)


def _only(text: str, locale: Locale, *, program: bool = True) -> Moment | None:
    if len(text) > _LONGEST:
        return None
    if program and _PROGRAM.fullmatch(text) and locale.order != "mdy":
        locale = NOWHERE
    line = _CTIME.sub(r"\1 \2, \4 \3", text)
    found = written.find(line, locale)
    if len(found) != 1:
        return None
    first = found[0]
    if not _BEFORE.fullmatch(line[: first.start]) or not _BEHIND.fullmatch(line[first.end :]):
        return None
    return Moment(text, first.moment.clock, first.moment.precision)


def _iso(match: re.Match[str]) -> Moment:
    day = datetime(int(match["year"]), int(match["month"]), int(match["day"]))  # noqa: DTZ001 - the zone follows
    if match["hour"] is None:
        return Moment(match.string, day, "day")
    second = int(match["second"]) if match["second"] else None
    offset = clock.offset(match["zone"], match.string)
    if offset is None and match["place"] is not None:
        offset = _offset_at(match["place"], day.replace(hour=min(int(match["hour"]), 23), minute=int(match["minute"])))
    return clock.moment(
        match.string, day, Clock(int(match["hour"]), int(match["minute"]), second, offset, 0, match.end())
    )


def _offset_at(place: str, at: datetime) -> timedelta | None:
    """How far east of Greenwich the clocks of ``Europe/Berlin`` are at the time that they show; ``None`` where nobody
    knows of such a zone.
    """
    try:
        return at.replace(tzinfo=ZoneInfo(place)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _epoch(text: str, latest: datetime | None) -> Moment | None:
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
