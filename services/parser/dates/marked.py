"""Dates that a page marks up as such: ``<time>`` and microdata."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from services.parser.dates import belonging
from services.parser.dom import text_of
from services.parser.witness import Witness

MAX_MARKED = 40

_ITEMPROPS = etree.XPath("//@itemprop", smart_strings=True)
_PUBLISHED_PROPS = frozenset({"datepublished", "datecreated"})
_PUBLISHED_CLASS = re.compile(
    r"\b(?:published|pubdate|entry-date|date-published|publish-date|posted-on)\b", re.IGNORECASE
)
_UPDATED = re.compile(r"updat|modif|edited", re.IGNORECASE)


@dataclass(frozen=True)
class Marked:
    """``microdata`` and ``styled`` dates are the publication's, by what they are and by the class that they have.

    The others may belong to anything on the page, comments among it; they only serve to make a known date more exact.
    """

    microdata: tuple[Witness, ...]
    styled: tuple[Witness, ...]
    others: tuple[Witness, ...]


def read(tree: HtmlElement) -> Marked:
    """The dates in ``<time>`` and microdata."""
    published: list[Witness] = []
    styled: list[Witness] = []
    others: list[Witness] = []
    for element in _elements(tree):
        value = element.get("datetime") or element.get("content") or element.get("title") or text_of(element, limit=100)
        if not value or not any(character.isdigit() for character in value):
            continue
        itemprop, css = (element.get("itemprop") or "").lower(), element.get("class") or ""
        is_published = itemprop in _PUBLISHED_PROPS or "pubdate" in element.attrib
        is_styled = bool(_PUBLISHED_CLASS.search(css))
        is_updated = _UPDATED.search(itemprop) or _is_updated(css, is_styled=is_styled)
        if is_updated or not (is_published or is_styled) or belonging.is_of_another(element):
            others.append(Witness("time", value))
        elif is_published:
            published.append(Witness("microdata", value))
        else:
            styled.append(Witness("time", value))
    return Marked(tuple(published), tuple(styled), tuple(others))


def clocks(tree: HtmlElement) -> tuple[Witness, ...]:
    """What the page gives as times, whatever of."""
    given = (element.get("datetime") for element in islice(tree.iter("time"), MAX_MARKED))
    return tuple(Witness("time", value) for value in given if value)


def _elements(tree: HtmlElement) -> list[HtmlElement]:
    found = list(islice(tree.iter("time", "abbr"), MAX_MARKED))
    named = [name.getparent() for name in _ITEMPROPS(tree) if name.lower() in _PUBLISHED_PROPS]
    return [*(one for one in named[:MAX_MARKED] if one.tag not in {"meta", "time", "abbr"}), *found]


def _is_updated(css: str, *, is_styled: bool) -> bool:
    # WordPress writes "entry-date published updated" where an article was never changed.
    return bool(_UPDATED.search(css)) and not (is_styled and "published" in css)
