"""Dates that a page prints for its readers: marked up as dates, labelled, or alone on a line beside the headline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from lxml.html import HtmlElement

from services.parser.dates import belonging, classes, reading, relative, written
from services.parser.dates import headline as headlines
from services.parser.dates.line import around, is_alone
from services.parser.dates.locale import Locale
from services.parser.dates.moment import Moment
from services.parser.dates.words import Meaning, label
from services.parser.dom import text_of
from services.parser.text import plain
from services.parser.witness import Witness

PRINTED = "page"
"""The source of a date that stands in the page's text."""

_MAX_ELEMENTS = 20_000
_LINE = 160
_CELL = 120
_BRIEF = (30, 10)
_FAR = 1_000
_MAX_DAYS = 200
_SHORT = 60
_DASHES = " -–—"
_WEST, _EAST = timedelta(hours=11), timedelta(hours=14)
"""How far behind and ahead of UTC there are clocks: on them it is today."""
_LONG = 400
_HAS_DATE = re.compile(r"\d{4}|\d\d?[./-]\d\d?[./-]\d\d")


@dataclass(frozen=True)
class Printed:
    """A date on the page. ``distance`` counts elements from the headline, ``cost`` is less for what is likelier the
    article's.
    """

    witness: Witness
    moment: Moment
    meaning: Meaning | None
    marked: bool
    distance: int
    holder: HtmlElement = field(repr=False, compare=False)
    """The element that it stands in."""

    @property
    def cost(self) -> int:
        """Nearness to the headline, with a handicap for what is less clearly a publication date."""
        handicap = 0 if self.meaning == "published" else 10 if self.marked else 25
        return handicap + (self.distance if self.distance > 0 else -2 * self.distance)


def beside(
    headline: HtmlElement, *, locale: Locale, latest: datetime | None, brief: bool = False
) -> tuple[Printed, ...]:
    """The dates around ``headline``, the likeliest first; those of updates among them. ``brief``: the nearest only."""
    above = frozenset(headline.iterancestors())
    found: list[Printed] = []
    reach = _BRIEF if brief else (headlines.AFTER, headlines.BEFORE)
    for distance, element in headlines.around(headline, after=reach[0], before=reach[1]):
        for one in _in(element, distance, locale, latest):
            near = abs(one.distance) <= _reach(one) and not _is_site(one, above, latest)
            if near and not belonging.is_elsewhere(one.holder, above, distance=distance):
                found.append(one)
    return tuple(sorted(found, key=lambda one: one.cost))


def _is_site(one: Printed, above: frozenset[HtmlElement], latest: datetime | None) -> bool:
    """Whether a date is more likely the site's than the article's: in its frame, or the reader's today above it all."""
    if one.meaning == "published":
        return False
    is_before = one.distance < 0
    if belonging.is_in_frame(one.holder, above, is_before=is_before):
        return True
    if not is_before or belonging.is_in_story(one.holder):
        return False
    if any(element.tag in belonging.STORY_TAGS for element in above):
        return True
    if latest is None:
        return False
    now = latest.astimezone(UTC)
    return one.moment.day in {(now - _WEST).date(), (now + _EAST).date()}


def _reach(one: Printed) -> int:
    if one.distance < 0:
        return 30 if one.meaning == "published" else 25 if one.marked else 15
    return 100 if one.meaning == "published" else 80 if one.marked else 40


def anywhere(
    tree: HtmlElement, headline: HtmlElement | None, *, locale: Locale, latest: datetime | None
) -> tuple[Printed | None, frozenset[date]]:
    """The date of a page that has none beside its headline: labelled as the publication's, or the only one marked.

    And the days that may be the article's by where they stand, whatever else they may be.
    """
    above = frozenset(headline.iterancestors()) if headline is not None else frozenset()
    labelled: list[Printed] = []
    marked: list[Printed] = []
    own: set[date] = set()
    is_before = headline is not None
    for number, element in enumerate(tree.iter()):
        if number > _MAX_ELEMENTS or len(own) > _MAX_DAYS:
            break
        is_before = is_before and element is not headline
        for one in _in(element, -number if is_before else number, locale, latest):
            if one.meaning == "modified" or _is_site(one, above, latest):
                continue
            if belonging.is_of_another(one.holder, above):
                continue
            own.add(one.moment.day)
            if belonging.is_elsewhere(one.holder, above, distance=_FAR):
                continue
            if one.meaning == "published":
                labelled.append(one)
            elif one.marked:
                marked.append(one)
    agreed = (found[0] for found in (labelled, marked) if len({one.moment.day for one in found}) == 1)
    return next(agreed, None), frozenset(own)


def _in(element: HtmlElement, distance: int, locale: Locale, latest: datetime | None) -> Iterator[Printed]:
    tag = element.tag
    if tag in {"script", "style", "h1", "title", "meta", "link", "option"} or not isinstance(tag, str):
        return
    css = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('data-testid') or ''}"
    named = classes.named(css[: classes.LONGEST]) if len(css) > 2 else classes.UNNAMED
    if tag == "time" or named.is_date or (tag == "abbr" and element.get("data-utime")):
        yield from _marked(element, named.meaning, distance, locale, latest)
    elif (text := element.text) and _may_have_date(text):
        yield from _bare(text, element, distance, locale, latest)
    if (tail := element.tail) and _may_have_date(tail):
        yield from _bare(tail, element, distance, locale, latest, is_tail=True)


def _may_have_date(text: str) -> bool:
    # Most texts are blanks or have no year; looking for one costs a tenth of the expression.
    return (
        ("20" in text or "19" in text or len(text) < _SHORT or not text.isascii())
        and len(text) < _LONG
        and bool(_HAS_DATE.search(text))
    )


def _marked(
    element: HtmlElement, by_class: Meaning | None, distance: int, locale: Locale, latest: datetime | None
) -> Iterator[Printed]:
    line = text_of(element, limit=_CELL + 1)
    told: list[tuple[Witness, Moment, Meaning | None]] = []
    if len(line) <= _CELL:
        told.extend(_told(line, element, locale, by_class, apart=True))
        if not told and (ago := relative.read(line, now=latest, locale=locale)) is not None:
            told.append((_witness(PRINTED, line, ago), ago, by_class))
    given = element.get("datetime" if element.tag == "time" else "data-utime")
    moment = reading.parse(given, latest=latest, locale=locale) if given else None
    if given and moment is not None:
        witness = _witness("time", given, moment)
        # What is shown may be several dates, of which the attribute has one; or the attribute is of another than shown.
        told = [
            (witness, moment, meaning) if _one_day(shown, moment) else (said, shown, meaning)
            for said, shown, meaning in told
        ] or [(witness, moment, label(line) or label(_before(element)) or by_class)]
    for said, shown, meaning in told:
        if not shown.is_after(latest):
            yield Printed(said, shown, meaning, marked=True, distance=distance, holder=element)


def _one_day(shown: Moment, given: Moment) -> bool:
    return abs((shown.day - given.day).days) <= (1 if given.instant is not None else 0)


def _bare(
    text: str, element: HtmlElement, distance: int, locale: Locale, latest: datetime | None, *, is_tail: bool = False
) -> Iterator[Printed]:
    line = plain(text, limit=_LINE)
    parent = element.getparent() if is_tail else None
    holder = element if parent is None else parent
    for witness, moment, meaning in _told(line, element, locale, None, is_tail=is_tail):
        if not moment.is_after(latest):
            yield Printed(witness, moment, meaning, marked=False, distance=distance, holder=holder)


def _told(
    line: str,
    element: HtmlElement,
    locale: Locale,
    by_class: Meaning | None,
    *,
    is_tail: bool = False,
    apart: bool = False,
) -> Iterator[tuple[Witness, Moment, Meaning | None]]:
    """The dates in ``line``, the text of ``element`` or behind it, that are labelled, of a telling class, or alone.

    ``apart``: the element is made for a date, so that those beside it are made for something else.
    """
    dates = written.find(line, locale)
    if not dates:
        return
    outer_before, outer_behind = around(element, tail=is_tail, apart=apart)
    end = 0
    for number, found in enumerate(dates, start=1):
        before = line[end : found.start]
        said = before
        if end == 0:
            before = f"{outer_before} {before}".strip()
            said = before or ("" if is_tail else _before(element))
        if number > 1 and not before.strip(_DASHES):
            end = found.end
            continue
        end = found.end
        behind = line[end : dates[number].start] if number < len(dates) else f"{line[end:]} {outer_behind}"
        meaning = label(said) or _label_behind(behind) or by_class
        is_span = number < len(dates) and not behind.strip(_DASHES)
        if meaning or (not is_span and is_alone(before, "" if label(behind) == "modified" else behind)):
            yield _witness(PRINTED, found.moment.raw, found.moment), found.moment, meaning


def _witness(source: str, raw: str, moment: Moment) -> Witness:
    if moment.precision == "day":
        return Witness(source, raw, iso=moment.day.isoformat())
    exactness = "minutes" if moment.precision == "minute" else "seconds"
    return Witness(source, raw, iso=moment.clock.isoformat(timespec=exactness))


def _label_behind(behind: str) -> Meaning | None:
    words = behind[:40].strip(" ()[]-–|,").split(" ")
    return "modified" if label(words[0]) == "modified" else None


def _before(element: HtmlElement) -> str:
    """What is read right before an element."""
    for _ in range(3):
        previous = element.getprevious()
        parent = element.getparent()
        if previous is not None:
            if isinstance(previous.tag, str) and previous.tag not in {"h1", "h2", "h3", "p", "br", "hr"}:
                return f"{text_of(previous, limit=60)} {previous.tail or ''}".strip()
            return (previous.tail or "").strip()
        if parent is None:
            return ""
        if parent.text and parent.text.strip():
            return str(parent.text).strip()
        element = parent
    return ""
