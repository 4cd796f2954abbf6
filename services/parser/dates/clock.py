"""The time of day beside a date, and its zone, as pages and feeds write them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from services.parser.dates.moment import Moment
from services.parser.dates.words import AFTERNOON, MORNING, key
from shared.zones import offset_of

_LARGEST_OFFSET = timedelta(hours=14)

_HALF = r"[ap]\.?\s?m\b\.?|[πμ]\.?μ\.?|上午|下午|午前|午後|오전|오후|(?<=\d\s)[صم]\b|sáng|chiều|tối"
_TIME = (
    rf"(?P<before>{_HALF})?\s?(?P<hour>\d{{1,2}})"
    r"(?:(?:\s?[:.h]\s?|\s?[時时点點시]\s?)(?P<minute>\d{2})(?!\d)(?:[分분])?(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"|(?=\s?[ap]\.?m\b))"
    rf"\s?(?P<after>{_HALF})?"
)
_ZONE = (
    r"(?:\s?(?:Uhr|h|hrs|Hrs|klo)\b\.?)?"
    r"(?:\s?\(?(?P<zone>Z\b|(?:GMT|UTC)?\s?[+\-−]\d{1,2}(?::?\d{2})?(?!\d)|(?-i:[A-Z]{2,5}|МСК)\b)\)?(?:\s?\([^()]{1,40}\))?)?"
)
_BESIDE = rf"(?:[\s,|/•·–—\-(@;]|(?!{_HALF})[^\W\d_]{{1,7}}\.?(?=[\s\d:,])){{0,8}}"
_AFTER = re.compile(rf"(?:T(?=\d)|\.?{_BESIDE}){_TIME}{_ZONE}", re.IGNORECASE)
_BEFORE = re.compile(rf"(?:^|(?<![\d:.])){_TIME}{_ZONE}{_BESIDE}$", re.IGNORECASE)
_REACH = 40


@dataclass(frozen=True)
class Clock:
    """A time of day. ``start`` and ``end``: where in the text it stands."""

    hour: int
    minute: int
    second: int | None
    offset: timedelta | None
    start: int
    end: int


def beside(text: str, start: int, end: int) -> Clock | None:
    """The time of day that belongs to the date at ``text[start:end]``: right after it, or else right before."""
    match = _AFTER.match(text, end)
    if match is None:
        match = _BEFORE.search(text, max(start - _REACH, 0), start) if start else None
    return _clock(match, text) if match is not None else None


def moment(raw: str, day: datetime, clock: Clock | None) -> Moment:
    """``day`` at ``clock``. Midnight as the end of a day is the next day's beginning (ISO 8601:2004, 4.2.3);
    where the zone is not known, only the day that was named is.
    """
    if clock is None:
        return Moment(raw, day, "day")
    if (clock.hour, clock.minute, clock.second or 0) == (24, 0, 0):
        if clock.offset is None:
            return Moment(raw, day, "day")
        at = day + timedelta(days=1)
    else:
        at = day.replace(hour=clock.hour, minute=clock.minute, second=min(clock.second or 0, 59))
    zone = None if clock.offset is None else timezone(clock.offset) if clock.offset else UTC
    return Moment(raw, at.replace(tzinfo=zone), "minute" if clock.second is None else "second")


def _clock(match: re.Match[str], text: str) -> Clock | None:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    half = key((match["before"] or match["after"] or "").replace(" ", ""))
    if half in MORNING | AFTERNOON and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half in AFTERNOON else 0)
    second = int(match["second"]) if match["second"] else None
    if hour > 24 or minute > 59 or (second or 0) > 60 or (hour == 24 and minute):
        return None
    return Clock(hour, minute, second, offset(match["zone"], text), match.start(), match.end())


def offset(zone: str | None, text: str) -> timedelta | None:
    """How far east of Greenwich a zone is; ``None`` where there is none, or none that means one place.

    :raises ValueError: for an offset that no place has.
    """
    if not zone:
        return None
    name = zone.upper().replace(" ", "").replace("−", "-")
    name = "MSK" if name == "МСК" else name
    if name[:3] in {"GMT", "UTC"} and len(name) > 3:
        name = name[3:]
    if name[0] not in "+-":
        return offset_of(name, date=text)
    digits = name[1:].replace(":", "")[:4]
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    if timedelta(hours=hours, minutes=minutes) > _LARGEST_OFFSET or minutes > 59:
        raise ValueError("no place has such an offset")
    east = timedelta(hours=hours, minutes=minutes)
    return -east if name[0] == "-" else east
