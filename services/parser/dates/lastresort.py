"""A date that htmldate finds where nothing else says one: dear, and only believed where the page shows that day."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta

from dateutil.parser import UnknownTimezoneWarning
from htmldate import find_date
from lxml.html import HtmlElement

from services.parser.body import ENGINE_ERRORS
from services.parser.dates.moment import LATEST_YEAR
from services.parser.dates.reading import parse
from services.parser.witness import Witness

SEARCHED = "htmldate"
"""The source of what is found here."""

_SEARCH_FORMAT = "%Y-%m-%dT%H:%M:%S%z"


def search(tree: HtmlElement, *, url: str | None, latest: datetime | None, days: frozenset[date]) -> Witness | None:
    """What htmldate finds in the address or the text of the page.

    htmldate's own bounds default to the local today, and its extensive search invents (a page with only ``Copyright
    2021`` is given 2021-01-01): bounds are passed, that search is off. What is left of its inventions, the first of a
    month for a month and today's day for a gap, is refused because no such day stands in the page. Meta tags are taken
    out of ``tree``: they were read before, and htmldate falls back on modification dates and copyright years there.

    ``days``: those that the page shows where the article's may stand; no other is believed.
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
    if moment is None or moment.day not in days:
        return None
    if moment.instant is None and (moment.clock.hour, moment.clock.minute) == (0, 0):
        return Witness(SEARCHED, moment.day.isoformat())
    return Witness(SEARCHED, found or "")
