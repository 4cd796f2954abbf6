"""Dates that stand in the page itself: marked up as such, or found by a search of it."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, date, datetime, timedelta

from dateutil.parser import UnknownTimezoneWarning
from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from services.parser import dates
from services.parser.body import ENGINE_ERRORS
from services.parser.dom import text_of
from services.parser.meta import MetaTags
from services.parser.witness import Witness

# Names of meta tags that mean publication, in the order of how often they are right.
PUBLISHED_TAGS = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time", "datepublished",
    "parsely-pub-date", "sailthru.date", "bt:pubdate", "cxenseparse:recs:publishtime", "article:published_date",
    "article.published", "mediator_published_time", "vr:published_time", "rnews:datepublished", "rbpubdate",
    "originalpublicationdate", "article_date_original", "displaydate", "publication_date", "publish_date",
    "publish-date", "publishdate", "published_date", "published-date", "date_published", "published_time", "pubdate",
    "pdate", "ptime", "citation_publication_date", "citation_date", "dc.date.issued", "dc.date.published",
    "dcterms.issued", "dc.issued", "dcterms.created", "dc.date.created", "dc.created", "dc.date", "dcterms.date",
    "datecreated", "date_created", "date",
)  # fmt: skip
MODIFIED_TAGS = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "og:modified_time", "datemodified",
    "article:modified", "article:updated_time", "dcterms.modified", "dc.date.modified", "dc.modified", "bt:moddate",
    "modified_time", "updated_time", "last-modified", "lastmod",
)  # fmt: skip

MAX_TIMES = 40
_PUBLISHED_CLASS = re.compile(
    r"\b(?:published|pubdate|entry-date|date-published|publish-date|posted-on)\b", re.IGNORECASE
)
_UPDATED = re.compile(r"updat|modif|edited", re.IGNORECASE)
_SEARCHED_TEXT = 2_000_000
_SEARCH_FORMAT = "%Y-%m-%dT%H:%M:%S%z"


def tagged(tags: MetaTags, names: tuple[str, ...]) -> tuple[Witness, ...]:
    """What the meta tags called ``names`` say, in the order of ``names``."""
    return tuple(Witness(name, tags.values[name][0]) for name in names if name in tags.values)


def marked(tree: HtmlElement) -> tuple[tuple[Witness, ...], tuple[Witness, ...]]:
    """Dates in ``<time>`` and microdata: those marked as the publication's, and all others.

    The others may belong to anything on the page; they only serve to make a known date more exact.
    """
    published: list[Witness] = []
    styled: list[Witness] = []
    others: list[Witness] = []
    for count, element in enumerate(tree.iter("time", "abbr")):
        if count >= MAX_TIMES:
            break
        value = element.get("datetime") or element.get("title") or text_of(element, limit=100)
        if not value:
            continue
        itemprop, css = (element.get("itemprop") or "").lower(), element.get("class") or ""
        if _UPDATED.search(css) or _UPDATED.search(itemprop):
            others.append(Witness("time", value))
        elif itemprop in {"datepublished", "datecreated"} or "pubdate" in element.attrib:
            published.append(Witness("microdata", value))
        elif _PUBLISHED_CLASS.search(css):
            styled.append(Witness("time", value))
        else:
            others.append(Witness("time", value))
    for element in tree.xpath('//*[@itemprop="datePublished"][not(self::time or self::meta)]')[:5]:
        value = element.get("content") or element.get("datetime") or text_of(element, limit=100)
        if value:
            published.append(Witness("microdata", value))
    return (*published, *styled), tuple(others)


def search(tree: HtmlElement, *, url: str | None, latest: datetime | None) -> Witness | None:
    """A date that htmldate finds in the address or the text of the page; dear, and only believed where the page shows
    that very day.

    htmldate's own bounds default to the local today, and its extensive search invents (a page with only ``Copyright
    2021`` is given 2021-01-01): bounds are passed, that search is off. What is left of its inventions, the first of a
    month for a month and today's day for a gap, is refused because no such day stands in the page. Meta tags are taken
    out of ``tree``: they were read before, and htmldate falls back on modification dates and copyright years there.
    """
    for tag in list(tree.iter("meta")):
        tag.drop_tree()
    newest = (latest.astimezone(UTC) if latest else datetime(dates.LATEST_YEAR, 1, 1, tzinfo=UTC)) + timedelta(days=1)
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
    moment = dates.parse(found)
    if moment is None or not _is_shown(moment.day, tree, url):
        return None
    if moment.instant is None and (moment.clock.hour, moment.clock.minute) == (0, 0):
        return Witness("htmldate", moment.day.isoformat())
    return Witness("htmldate", found or "")


def _is_shown(day: date, tree: HtmlElement, url: str | None) -> bool:
    year, month, number = day.year, day.month, day.day
    short = f"(?:{year}|{year % 100:02d})"
    apart = r"\D{1,3}"
    shown = re.compile(
        rf"(?<!\d)(?:{year}{apart}0?{month}{apart}0?{number}(?!\d)"
        rf"|{year}{month:02d}{number:02d}"
        rf"|0?{number}{apart}0?{month}{apart}{short}(?!\d)"
        rf"|0?{month}{apart}0?{number}{apart}{short}(?!\d)"
        rf"|0?{number}(?:st|nd|rd|th|er|º|ª)?[.,]?\s+[^\W\d][^\d<>]{{2,20}}?{short}(?!\d)"
        rf"|{year}[^\d<>]{{3,20}}0?{number}(?!\d))"
        # May 20, 2022
        rf"|[^\W\d]{{3}}\.?\s+0?{number}(?:st|nd|rd|th)?[.,]?\s+(?:at\s+[\d:]+\s*\w*\s+)?{year}(?!\d)"
    )
    if url and shown.search(url):
        return True
    text = etree.tostring(tree, encoding="unicode")[:_SEARCHED_TEXT]
    return shown.search(text) is not None or shown.search(" ".join(tree.itertext())[:_SEARCHED_TEXT]) is not None
