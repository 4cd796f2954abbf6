"""Days written for people, found in a line of text: with a month's name in many languages, or in numbers. Pure.

Nothing is guessed: two numbers that could each be the month are no date, unless it is known how the page orders them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from services.parser.dates import clock
from services.parser.dates.locale import NOWHERE, Locale
from services.parser.dates.moment import Moment
from services.parser.dates.words import month as month_called

LONGEST = 400
"""Characters of a line beyond which it is not looked at."""

_WORD = r"[^\s\d!-/:-@\[-`{-~،。·•–—|…]{2,20}"
_OF = r"(?:(?:de|di|do|del|den|of|din|г|gada|m)\b\.?\s?|d['’]\s?)?"
# Two digits are a year where something says so: "20 Mai 10" may go on with "Uhr".
_YEAR = (
    r"(?:(?P<year>\d{4})(?![\d:.,]\d|\d)"
    r"|(?:['’]|(?<=[^\W\d_][-./]))(?P<short>\d{2})(?!\d)|(?P<last>\d{2})(?=$|,?\s\d{1,2}:\d{2}))"
)
_HAS_YEAR = re.compile(r"\d{4}|\d['’./-]\d{2}(?!\d)|\D['’ -]\d{2}(?!\d)")


@dataclass(frozen=True)
class Found:
    """A date in a text, and where it stands there: from its clock or day to its year or zone."""

    moment: Moment
    start: int
    end: int


def find(text: str, locale: Locale = NOWHERE) -> tuple[Found, ...]:
    """Every date in ``text``, which is one line with single blanks, in the order they stand."""
    if len(text) > LONGEST or not _HAS_YEAR.search(text):
        return ()
    found: list[Found] = []
    for start, end, day in sorted(_days(text, locale), key=lambda one: (one[0], -one[1])):
        if found and start < found[-1].end:
            continue
        try:
            time = clock.beside(text, start, end)
            if time is not None and found and time.start < found[-1].end:
                time = None
            first, last = (min(start, time.start), max(end, time.end)) if time else (start, end)
            moment = clock.moment(text[first:last].strip(), day, time)
        except ValueError:
            continue
        if moment.is_plausible:
            found.append(Found(moment, first, last))
    return tuple(found)


def _days(text: str, locale: Locale) -> Iterator[tuple[int, int, datetime]]:
    for form, read in _FORMS:
        position = 0
        while (match := form.search(text, position)) is not None:
            try:
                parts = read(match, locale)
                day = datetime(*parts) if parts else None  # noqa: DTZ001 - a day has no zone
            except ValueError:
                day = None
            if day is not None:
                yield match.start(), match.end(), day
            position = match.end() if day is not None else match.start() + 1


_Parts = tuple[int, int, int] | None


def _year(match: re.Match[str]) -> int:
    parts = match.groupdict()
    if parts["year"]:
        return int(parts["year"])
    short = int(parts.get("short") or parts.get("last") or 0)
    return short + (2000 if short < 50 else 1900)  # RFC 5322, 4.3


def _named(match: re.Match[str], locale: Locale) -> _Parts:
    """``20. Mai 2022``, ``20 de mayo de 2022``, ``20 أيار/مايو 2022``."""
    name = match["month"]
    for candidate in (name, name.split("/")[0].strip(), name.rpartition("/")[2].strip()):
        month = month_called(candidate, locale.language)
        if month is not None:
            return _year(match), month, int(match["day"])
    return None


def _name_first(match: re.Match[str], locale: Locale) -> _Parts:
    """``May 20, 2022``."""
    month = month_called(match["month"], locale.language, sure=True)
    return (_year(match), month, int(match["day"])) if month is not None else None


def _numbers(match: re.Match[str], locale: Locale) -> _Parts:
    """``20.05.2022``, ``5/20/2022``, ``20.05.22``."""
    one, two, mark = int(match["one"]), int(match["two"]), match["mark"]
    if match["short"] and (mark != "." or locale.order in {"ymd", None}):
        return _short_numbers(match, locale)
    # With full stops the day always comes first.
    order = "dmy" if mark == "." else locale.order
    if one <= 12 and two <= 12 and one != two and order not in {"dmy", "mdy"}:
        return None
    day, month = (two, one) if two > 12 or (order == "mdy" and one <= 12) else (one, two)
    return _year(match), month, day


def _short_numbers(match: re.Match[str], locale: Locale) -> _Parts:
    one, two, three = int(match["one"]), int(match["two"]), int(match["short"])
    if locale.order == "ymd":
        return 2000 + one, two, three
    if locale.order == "dmy":
        return _year(match), two, one
    if locale.order == "mdy":
        return _year(match), one, two
    return None


def _plain(match: re.Match[str], _: Locale) -> _Parts:
    return int(match["year"]), int(match["month"]), int(match["day"])


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Locale], _Parts]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        # 2022-05-20, 2022/5/20, 2022. 05. 20., 20220520T
        (r"(?<![\d/.-])(?P<year>\d{4})(?P<mark>[-/.])\s?(?P<month>\d{1,2})(?P=mark)\s?(?P<day>\d{1,2})(?!\d)", _plain),
        (r"(?<!\d)(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일号號]?", _plain),
        (
            (
                r"(?<![\d/.,-])(?P<one>\d{1,2})\s?(?P<mark>[-/.])\s?(?P<two>\d{1,2})(?P=mark)\s?"
                r"(?:(?P<year>\d{4})|(?P<short>\d{2}))(?![\d/-]|[.,]\d)"
            ),
            _numbers,
        ),
        # 20. Mai 2022, 20 de mayo de 2022, 20-May-22, 20th of May 2022
        (
            (
                rf"(?<![\d.,:/])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|ère|-?го|[ªº°])?[\s.,/-]{{0,3}}{_OF}"
                rf"(?P<month>{_WORD}(?:\s(?:الثاني|الأول))?(?:\s?/\s?{_WORD})?)[\s.,/-]{{1,3}}{_OF}{_YEAR}"
            ),
            _named,
        ),
        # May 20, 2022
        (
            rf"(?P<month>{_WORD})[\s.]{{1,2}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.,]{{1,3}}(?:de\s)?(?P<year>\d{{4}})(?!\d)",
            _name_first,
        ),
        # 2022. május 20., 2022 m. gegužės 20 d., 2022-May-20, 2022. gada 20. maijs
        (
            rf"(?<!\d)(?P<year>\d{{4}})(?:\s?m\.|\.|,|-)?\s?{_OF}(?P<month>{_WORD})[\s.-]{{1,2}}(?P<day>\d{{1,2}})(?!\d|\.\d|:)",
            _named,
        ),
        (
            rf"(?<!\d)(?P<year>\d{{4}})\.?\s?gada\s(?P<day>\d{{1,2}})\.\s(?P<month>{_WORD})",
            _named,
        ),
        # ngày 20 tháng 5 năm 2022
        (r"(?<!\d)(?P<day>\d{1,2})\s?tháng\s(?P<month>\d{1,2})(?:,?\s(?:năm\s)?|/|-)(?P<year>\d{4})(?!\d)", _plain),
    )
)
