"""The dates of feeds: RFC 822 and 3339 as they should be, and the many other ways in which they are written.

Nothing is guessed: two numbers that could each be the month, a year before feeds existed or beyond reason give
``None``; of a time without a zone, or with one that could mean several places, only the day is believed (RFC 822,
RFC 3339 and so Atom and JSON Feed require a zone). The feed's own words are kept beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import TypedDict

from shared.records.feed import FeedPrecision
from shared.zones import offset_of

FIRST_YEAR = 1990
LAST_YEAR = 2100
MAX_LENGTH = 80

# Names of months by their first letters, in the languages of feeds that do not write English ones. Only such as
# mean one month in all of them: "mar" is March in French, Italian and Spanish too, "mai" May in four.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januar january janvier janv enero ene gennaio gen janeiro januari ocak янв января",
            "feb februar february février févr fév fevrier febrero febbraio fevereiro fev februari şubat фев февраля",
            "mar march mär märz mrz maerz mars marzo março marco maart mrt mart мар марта",
            "apr april avril avr abril abr aprile nisan апр апреля",
            "may mai mayo maggio mag maio mei май мая",
            "jun june juni juin junio giugno giu junho haziran июн июня",
            "jul july juli juillet juil julio luglio lug julho temmuz июл июля",
            "aug august août aout agosto ago augustus ağustos авг августа",
            "sep sept september septembre septiembre settembre set setembro eylül сен сент сентября",
            "oct october okt oktober octobre octubre ottobre ott outubro out ekim окт октября",
            "nov november novembre noviembre novembro ноя нояб ноября",
            "dec december dez dezember décembre déc decembre diciembre dic dicembre dezembro дек декабря",
        ),
        start=1,
    )
    for name in names.split()
}
_TIME = r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?\s*(?P<half>[ap]\.?m\.?)?"
_SHORT_TIME = r"(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})?(?:[.,]\d{1,9})?"
_ZONE = r"(?P<zone>[+-]\d{1,2}:?\d{2}|(?:gmt|utc)\s*[+-]\d{1,2}(?::?\d{2})?|[+-]\d{1,2}|[a-z]{1,5})?(?:\s*\([^)]*\))?"
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+|[^\W\d_]{2,12}\.?,\s*)?"
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_AT = r"(?:,?\s*(?:-|at|um|à|t)?\s*"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.|er|º)?"
_TAIL = rf"{_AT}{_TIME}\s*{_ZONE})?"
# How nearly all feeds write it, and nothing in which two readings differ.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)")
_RFC822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|([+-])(0\d|1[0-3])([0-5]\d))"
)
# Seconds or milliseconds, from 2001 to 2033.
_UNIX = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2026-11-24T08:00:00+11:00, 2026/11/24 8:00, 2026-11-24
        rf"(?P<year>\d{{4}})[-/.](?P<number>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?:[t ,]\s*{_TIME}\s*{_ZONE})?",
        # 20261124T080000Z
        rf"(?P<year>\d{{4}})(?P<number>\d{{2}})(?P<day>\d{{2}})(?:t?\s*{_SHORT_TIME}\s*{_ZONE})?",
        # Tue, 24 Nov 2026 08:00:00 +1100
        rf"{_WEEKDAY}{_DAY}[ -]*(?:de\s+)?{_MONTH}[ ,-]*(?:de\s+)?(?P<year>\d{{4}}|\d{{2}}){_TAIL}",
        # November 24, 2026 8:00 AM EST
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}}){_TAIL}",
        # Tue Nov 24 08:00:00 EST 2026
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}\s+{_TIME}\s*{_ZONE}\s+(?P<year>\d{{4}})",
        # 24.11.2026 08:00: with dots the day always comes first
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})\.\s?(?P<number>\d{{1,2}})\.\s?(?P<year>\d{{4}}|\d{{2}}){_TAIL}",
        # 11/24/2026 or 24/11/2026
        rf"(?P<either>\d{{1,2}})[/-](?P<other>\d{{1,2}})[/-](?P<year>\d{{4}}){_TAIL}",
    )
)


@dataclass(frozen=True)
class FeedDate:
    """A date and how far to believe it: ``at`` is an instant, or with ``day`` the midnight UTC that stands for the day
    as it was written.
    """

    at: datetime
    precision: FeedPrecision


@lru_cache(maxsize=4096)
def parse_date(raw: str | None) -> FeedDate | None:
    """What ``raw`` names: a day, or an instant where it has a clock and says of which zone."""
    if raw is None or not raw.strip() or len(raw) > MAX_LENGTH:
        return None
    text = " ".join(raw.split())
    found = _usual(text)
    if found is not None:
        return found
    if _UNIX.fullmatch(text):
        return None if _is_calendar_hour(text) else FeedDate(datetime.fromtimestamp(int(text[:10]), UTC), "second")
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return _build(match.groupdict(), text)
    return None


class EntryDates(TypedDict):
    """The dates of an entry under the names that :class:`shared.records.FeedEntry` has for them."""

    published_at: datetime | None
    published_precision: FeedPrecision | None
    published_raw: str | None
    updated_at: datetime | None
    updated_precision: FeedPrecision | None
    updated_raw: str | None


def entry_dates(published_raw: str | None, updated_raw: str | None) -> EntryDates:
    """What is meant by the two dates of an entry, each beside its words."""
    published, updated = parse_date(published_raw), parse_date(updated_raw)
    return EntryDates(
        published_at=published.at if published else None,
        published_precision=published.precision if published else None,
        published_raw=published_raw,
        updated_at=updated.at if updated else None,
        updated_precision=updated.precision if updated else None,
        updated_raw=updated_raw,
    )


def _usual(text: str) -> FeedDate | None:
    try:
        if _RFC3339.fullmatch(text):
            at = datetime.fromisoformat(text).astimezone(UTC)
        elif match := _RFC822.fullmatch(text):
            day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
            at = datetime(int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
            if sign:
                offset = timedelta(hours=int(hours), minutes=int(minutes))
                at += offset if sign == "-" else -offset
        else:
            return None
    except (KeyError, ValueError, OverflowError):
        return None
    return FeedDate(at, "second") if FIRST_YEAR <= at.year <= LAST_YEAR else None


def _is_calendar_hour(digits: str) -> bool:
    """Whether a number could as well be a date and an hour: 1999123112."""
    try:
        return datetime.strptime(digits[:10], "%Y%m%d%H").replace(tzinfo=UTC).year >= FIRST_YEAR
    except ValueError:
        return False


def _build(parts: dict[str, str | None], text: str) -> FeedDate | None:
    day, month = _day_and_month(parts)
    if day is None or month is None:
        return None
    year = _year(parts["year"] or "")
    hour = int(parts.get("hour") or 0)
    half = (parts.get("half") or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    minute = int(parts.get("minute") or 0)
    # A leap second, and midnight as the end of a day (ISO 8601).
    second = int(parts.get("second") or 0)
    second = 59 if second == 60 else second
    next_day = hour == 24 and not minute and not second
    try:
        zone = _zone(parts.get("zone"), text)
        local = datetime(year, month, day, 0 if next_day else hour, minute, second, tzinfo=UTC)
        local += timedelta(days=next_day)
        if zone is None or parts.get("hour") is None:
            found = FeedDate(local.replace(hour=0, minute=0, second=0), "day")
        else:
            instant = local.replace(tzinfo=timezone(zone)).astimezone(UTC)
            found = FeedDate(instant, "second" if parts.get("second") else "minute")
    except (ValueError, OverflowError):
        return None
    return found if FIRST_YEAR <= found.at.year <= LAST_YEAR else None


def _day_and_month(parts: dict[str, str | None]) -> tuple[int | None, int | None]:
    if parts.get("either"):
        either, other = int(parts["either"] or 0), int(parts["other"] or 0)
        if either == other or other > 12 >= either:
            return other, either
        return (either, other) if either > 12 >= other else (None, None)
    day = int(parts["day"] or 0)
    if parts.get("number"):
        return day, int(parts["number"] or 0)
    return day, _MONTHS.get((parts.get("month") or "").lower())


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    # RFC 5322, 4.3.
    return year + (2000 if year < 50 else 1900)


def _zone(text: str | None, date: str) -> timedelta | None:
    """The offset that a zone names; ``None`` where there is none, or nobody knows which it is.

    :raises ValueError: for an offset that no place has.
    """
    if not text:
        return None
    name = text.lower().replace(" ", "")
    if len(name) > 3 and name[:3] in ("gmt", "utc") and name[3] in "+-":
        name = name[3:]
    if name[0] not in "+-":
        return offset_of(name, date=date)
    digits = name[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    if hours > 14 or minutes > 59:
        raise ValueError("no place has such an offset")
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if name[0] == "-" else offset
