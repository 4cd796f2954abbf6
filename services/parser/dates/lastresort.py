"""A date that htmldate finds where nothing else says one: dear, and only believed where the page shows that day."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from dateutil.parser import UnknownTimezoneWarning
from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from services.parser.body import ENGINE_ERRORS
from services.parser.dates.locale import Locale, Order
from services.parser.dates.moment import LATEST_YEAR
from services.parser.dates.reading import parse
from services.parser.witness import Witness

SEARCHED = "htmldate"
"""The source of what is found here."""

_SEARCHED_TEXT = 2_000_000
_SEARCH_FORMAT = "%Y-%m-%dT%H:%M:%S%z"


def search(
    tree: HtmlElement, *, url: str | None, latest: datetime | None, locale: Locale, others: frozenset[date]
) -> Witness | None:
    """What htmldate finds in the address or the text of the page.

    htmldate's own bounds default to the local today, and its extensive search invents (a page with only ``Copyright
    2021`` is given 2021-01-01): bounds are passed, that search is off. What is left of its inventions, the first of a
    month for a month and today's day for a gap, is refused because no such day stands in the page. Meta tags are taken
    out of ``tree``: they were read before, and htmldate falls back on modification dates and copyright years there.

    ``others``: days that the page shows, but not as the article's.
    """
    for tag in list(tree.iter("meta")):
        tag.drop_tree()
    newest = (latest.astimezone(UTC) if latest else datetime(LATEST_YEAR, 1, 1, tzinfo=UTC)) + timedelta(days=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownTimezoneWarning)
        try:
            found = find_date(
                tree,
                extensive_search=False,
                original_date=True,
                outputformat=_SEARCH_FORMAT,
                url=url,
                max_date=newest.replace(tzinfo=None),
            )
        except ENGINE_ERRORS:
            return None
    moment = parse(found)
    if moment is None or moment.day in others or not _is_shown(moment.day, tree, url, locale.order):
        return None
    if moment.instant is None and (moment.clock.hour, moment.clock.minute) == (0, 0):
        return Witness(SEARCHED, moment.day.isoformat())
    return Witness(SEARCHED, found or "")


def _is_shown(day: date, tree: HtmlElement, url: str | None, order: Order | None) -> bool:
    shown = re.compile("|".join(_forms(day, order)))
    if url and shown.search(url):
        return True
    text = etree.tostring(tree, encoding="unicode")[:_SEARCHED_TEXT]
    return shown.search(text) is not None or shown.search(" ".join(tree.itertext())[:_SEARCHED_TEXT]) is not None


def _forms(day: date, order: Order | None) -> Iterator[str]:
    year, month, number = day.year, day.month, day.day
    short = f"(?:{year}|{year % 100:02d})"
    apart = r"\D{1,3}"
    yield rf"(?<!\d){year}{apart}0?{month}{apart}0?{number}(?!\d)"
    yield rf"(?<!\d){year}{month:02d}{number:02d}"
    # Only where it can be told which of the two is the day: htmldate takes the first.
    is_clear = number > 12 or month == number
    dots = apart if is_clear or order == "dmy" else r"\s?\.\s?"
    yield rf"(?<!\d)0?{number}{dots}0?{month}{dots}{short}(?!\d)"
    if is_clear or order == "mdy":
        yield rf"(?<!\d)0?{month}{apart}0?{number}{apart}{short}(?!\d)"
    yield rf"(?<!\d)0?{number}(?:st|nd|rd|th|er|º|ª)?[.,]?\s+[^\W\d][^\d<>]{{2,20}}?{short}(?!\d)"
    yield rf"(?<!\d){year}[^\d<>]{{3,20}}0?{number}(?!\d)"
    # May 20, 2022
    yield rf"[^\W\d]{{3}}\.?\s+0?{number}(?:st|nd|rd|th)?[.,]?\s+(?:at\s+[\d:]+\s*\w*\s+)?{year}(?!\d)"
