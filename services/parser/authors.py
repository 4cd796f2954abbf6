"""Who wrote it, by the witnesses and by the visible by-line.

A person named by JSON-LD is believed first, then one named by meta tags, the feed, and the visible by-line. The
publication's own name counts only where no person is named anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from services.parser.dom import text_of
from services.parser.jsonld import LinkedName
from services.parser.meta import MetaTags
from services.parser.names import AND, MAX_AUTHORS, NAME_LIMIT, UNSPACED_NAME, in_byline, is_agency
from services.parser.text import words
from services.parser.witness import Witness
from shared.records import Author, EntryAuthor

_BYLINE_LIMIT = 120
_TAGS = (
    "sailthru.author",
    "parsely-author",
    "article:author",
    "author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "citation_author",
)
_NAMES_ONLY = frozenset({"jsonld", "feed"})
"""Witnesses that have a place for names and nothing else: a single word there is a name too."""
_INVERTED_TAGS = frozenset({"dc.creator", "dcterms.creator", "citation_author"})

_HOUSE = re.compile(r"\.(?:de|com|net|org|at|ch|fr|it|es|ru|uk|eu|info)\b", re.IGNORECASE)
# What marks a by-line, the surest first; what marks the comments, the side and the names that are not the author's.
_CUE = re.compile(
    r"author|by-?line|\bbyl\b|autor|writer|journalist|vcard|posted|submitted|zuozhe|bianji", re.IGNORECASE
)
_SURE = re.compile(
    r"^author|rel=author\b|prop=author\b|id=author(?: |$)|class=(?:[^=]* )?(?:author|author-?_?name|vcard)(?: |$)",
    re.IGNORECASE,
)
_LIKELY = re.compile(
    r"class=(?:[^=]*[ _-])?"
    r"(?:by-?line|byl|authors?|journalist|writer|posted-by|submitted-by|autor(?:en)?|zuozhe|bianji)(?:[ _-]|$)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"(?:id|class)=(?:[^=]* )?(?:comment|reply|respond|sidebar|related|is-hidden|quote|share|social|follow|category|"
    r"reviewer|avatar|teaser|most-?read|promo|newsletter)|^(?:time|figure|aside|nav|footer|form) ",
    re.IGNORECASE,
)
_WHOLE = frozenset({"html", "body", "main", "article"})
_MARKED = etree.XPath(
    "//body//*[self::a or self::address or self::div or self::p or self::span or self::strong or self::li or "
    "self::author or self::h3 or self::h4 or self::section or self::cite]"
    "[@class or @rel or @id or @itemprop or self::author]"
)
_MAX_MARKED = 5_000
_MAX_PER_RANK = 20


@dataclass(frozen=True)
class Byline:
    """The authors found, the witness that named them, and everything that was said."""

    authors: tuple[Author, ...]
    winner: Witness | None
    said: tuple[Witness, ...]


def choose(
    linked: tuple[LinkedName, ...],
    tags: MetaTags,
    feed: tuple[EntryAuthor, ...],
    tree: HtmlElement,
    *,
    sites: tuple[str, ...],
) -> Byline:
    """The by-line among the witnesses. ``sites``: the names the publication goes by.

    The visible by-line is searched only where nobody else names a person: it costs as much as all the rest.
    """
    houses = frozenset(" ".join(words(site)) for site in sites if site)
    said = _stated(linked, tags, feed)
    witnesses = tuple(witness for witness, _ in said)
    for witness, found in said:
        if _names_a_person(found, houses, single=witness.source in _NAMES_ONLY):
            return Byline(_without_house(found, houses), witness, witnesses)
    visible = _visible(tree)
    if visible is not None:
        witness, found = visible
        witnesses = (*witnesses, witness)
        if _names_a_person(found, houses, single=False):
            return Byline(_without_house(found, houses), witness, witnesses)
    for witness, found in said:
        if found and witness.source in _NAMES_ONLY:
            return Byline(_unique(found), witness, witnesses)
    return Byline((), None, witnesses)


def _stated(
    linked: tuple[LinkedName, ...], tags: MetaTags, feed: tuple[EntryAuthor, ...]
) -> list[tuple[Witness, list[Author]]]:
    said: list[tuple[Witness, list[Author]]] = []
    if linked:
        said.append((Witness("jsonld", "; ".join(one.name for one in linked)), _linked_authors(linked)))
    for tag in _TAGS:
        if tag in tags.values:
            values = tags.values[tag]
            found = [Author(name=name) for value in values for name in in_byline(value, inverted=tag in _INVERTED_TAGS)]
            said.append((Witness(tag, "; ".join(values)), found))
    if feed:
        found = [Author(name=name, url=one.url) for one in feed for name in in_byline(one.name, lone=True)]
        said.append((Witness("feed", "; ".join(one.name for one in feed)), found))
    return said


def _names_a_person(found: list[Author], houses: frozenset[str], *, single: bool) -> bool:
    return any(_is_person(author.name, houses, single=single) for author in found)


def _linked_authors(linked: Iterable[LinkedName]) -> list[Author]:
    found: list[Author] = []
    for one in linked:
        if one.organization:
            found.append(Author(name=one.name[:NAME_LIMIT], url=one.url))
            continue
        spoken = in_byline(one.name, lone=one.in_node)
        found.extend(Author(name=name, url=one.url if len(spoken) == 1 else None) for name in spoken)
    return found


def _is_person(name: str, houses: frozenset[str], *, single: bool) -> bool:
    """Whether ``name`` could be a person's; ``single``: even where it is a single word."""
    spoken = words(name)
    if not spoken or " ".join(spoken) in houses or is_agency(name):
        return False
    if _HOUSE.search(name) or ":" in name:
        return False
    several = any(len(words(part)) > 1 for part in AND.split(name))
    return single or several or UNSPACED_NAME.fullmatch(name) is not None


def _without_house(authors: list[Author], houses: frozenset[str]) -> tuple[Author, ...]:
    """The names beside a person's: agencies stay, the publication itself goes."""
    return _unique(author for author in authors if " ".join(words(author.name)) not in houses)


def _unique(authors: Iterable[Author]) -> tuple[Author, ...]:
    kept: dict[str, Author] = {}
    for author in authors:
        kept.setdefault(" ".join(words(author.name)), author)
    return tuple(kept.values())[:MAX_AUTHORS]


def _visible(tree: HtmlElement) -> tuple[Witness, list[Author]] | None:
    """The by-line that readers see: the first element that is marked as one, the surest marks first."""
    sure: list[HtmlElement] = []
    likely: list[HtmlElement] = []
    for element in _MARKED(tree)[:_MAX_MARKED]:
        marks = _marks_of(element)
        if _CUE.search(marks):
            if _SURE.search(marks):
                sure.append(element)
            elif _LIKELY.search(marks):
                likely.append(element)
    for element in (*sure[:_MAX_PER_RANK], *likely[:_MAX_PER_RANK]):
        if any(
            _ELSEWHERE.search(_marks_of(one)) for one in (element, *element.iterancestors()) if one.tag not in _WHOLE
        ):
            continue
        text = text_of(element, limit=_BYLINE_LIMIT + 1)
        if 2 < len(text) <= _BYLINE_LIMIT and (found := in_byline(text)):
            return Witness("byline", text), [Author(name=name) for name in found]
    return None


def _marks_of(element: HtmlElement) -> str:
    get = element.get
    return (
        f"{element.tag!s} rel={get('rel', '')} id={get('id', '')} prop={get('itemprop', '')} class={get('class', '')}"
    )
