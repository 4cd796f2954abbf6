"""Dates that count back from when the page was fetched: "3 hours ago", "vor 2 Stunden", "gestern". Pure.

The fetch knows neither in which zone the page counts nor how it rounds: a day is only said where it is the same in
every zone that its language is read in.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from services.parser.dates.locale import Locale
from services.parser.dates.moment import Moment
from services.parser.dates.words import HOURS, MINUTES, PAST, TODAY, YESTERDAY, key

_COUNTED = re.compile(r"(?P<before>[^\d]{0,24}?)(?P<number>\d{1,3})\s?(?P<behind>[^\d]{1,24})")
_GLUED = re.compile(r"(?P<unit>分钟|分鐘|分間|分|小时|小時|時間|시간)\s?(?P<past>前|전)")
# Hawaii to New Zealand: English, French and what is not known are read around the world.
_DEFAULT_ZONES = (-10.0, 13.0)
# Hours east of Greenwich, from the westernmost to the easternmost that the language is mostly read in.
_ZONES = {
    "ar": (0, 4), "bg": (2, 3), "bn": (5.5, 6), "ca": (1, 2), "cs": (1, 2), "da": (-3, 2), "de": (1, 2), "el": (2, 3),
    "es": (-8, 2), "et": (2, 3), "fa": (3.5, 4.5), "fi": (2, 3), "he": (2, 3), "hi": (5.5, 5.5), "hr": (1, 2),
    "hu": (1, 2), "id": (7, 9), "it": (1, 2), "ja": (9, 9), "ko": (9, 9), "lt": (2, 3), "lv": (2, 3), "ms": (8, 8),
    "nl": (-4, 2), "no": (1, 2), "pl": (1, 2), "pt": (-5, 1), "ro": (2, 3), "ru": (2, 12), "sk": (1, 2), "sl": (1, 2),
    "sr": (1, 2), "sv": (1, 2), "th": (7, 7), "tr": (3, 3), "uk": (2, 3), "ur": (5, 5), "vi": (7, 7), "zh": (8, 8),
}  # fmt: skip


def read(text: str, *, now: datetime | None, locale: Locale) -> Moment | None:
    """The moment that ``text`` tells of, where it tells of nothing else; ``None`` without ``now``.

    Minutes give an instant in UTC, hours and yesterday a day.
    """
    if now is None or not 0 < len(text) <= 60:
        return None
    now = now.astimezone(UTC)
    said = key(text).strip(" .,:;|·•–—-()")
    if said in TODAY | YESTERDAY:
        back = timedelta(days=said in YESTERDAY)
        return _day(text, now, now, locale, back)
    if (match := _COUNTED.fullmatch(said)) is None:
        return None
    unit = _unit(match["before"], match["behind"])
    number = int(match["number"])
    if unit == "minute" and number <= 120:
        return Moment(text, (now - timedelta(minutes=number)).replace(second=0, microsecond=0), "minute")
    if unit == "hour" and number <= 48:
        return _day(text, now - timedelta(hours=number + 1), now - timedelta(hours=number), locale, timedelta())
    return None


def _unit(before: str, behind: str) -> str | None:
    """The unit that is counted, where a word says that it is past."""
    glued = _GLUED.fullmatch(behind.strip())
    unit, *rest = (glued["unit"], glued["past"]) if glued else behind.split() or [""]
    if not any(words.strip(" .:") in PAST for words in (before, " ".join(rest), *before.split()[-1:], *rest[:1])):
        return None
    return "minute" if unit in MINUTES else "hour" if unit in HOURS else None


def _day(text: str, first: datetime, last: datetime, locale: Locale, back: timedelta) -> Moment | None:
    west, east = _ZONES.get(locale.language or "", _DEFAULT_ZONES)
    earliest, latest = (first + timedelta(hours=west)).date(), (last + timedelta(hours=east)).date()
    if earliest != latest:
        return None
    day = earliest - back
    return Moment(text, datetime(day.year, day.month, day.day), "day")  # noqa: DTZ001 - a day has no zone
