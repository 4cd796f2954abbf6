"""The by-line that readers see, looked for in the page's tree where no other witness names a person."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from services.parser.byline.parting import PARTED, spoken_in
from services.parser.byline.persons import is_full_name
from services.parser.byline.words import KINDS, is_agency, key, lead, without_accents
from services.parser.dom import text_of
from services.parser.names import in_byline
from services.parser.witness import Witness
from shared.records import Author

_LIMIT = 160
# What marks a by-line, the surest first; what marks the comments, the side and the names that are not the author's.
_SURE = re.compile(
    r"^author|rel=author\b|prop=author\b|id=author(?: |$)|class=(?:[^=]* )?(?:author|author-?_?name|vcard)(?: |$)",
    re.IGNORECASE,
)
_LIKELY = re.compile(
    r"class=(?:[^=]*[ _-])?"
    r"(?:by-?line|byl|authors?|journalist|writer|posted-by|submitted-by|autor(?:en)?|zuozhe|bianji)(?:[ _-]|$)",
    re.IGNORECASE,
)
_CUES = (
    "author",
    "byl",
    "by-line",
    "journalist",
    "writer",
    "vcard",
    "posted",
    "submitted",
    "autor",
    "zuozhe",
    "bianji",
)
"""One of these is in every class that the expressions above find: looking for them first is six times cheaper."""
_ELSEWHERE = re.compile(
    r"(?:id|class)=(?:[^=]* )?(?:comment|reply|respond|sidebar|related|is-hidden|quote|share|social|follow|category|"
    r"reviewer|avatar|teaser|most-?read|promo|newsletter)|^(?:time|figure|aside|nav|footer|form) ",
    re.IGNORECASE,
)
_WHOLE = frozenset({"html", "body", "main", "article"})
_TAGS = frozenset(
    {"a", "address", "div", "p", "span", "strong", "li", "author", "h3", "h4", "section", "cite", "em", "b", "dd"}
)
_MAX_CLASSES = 12
_MAX_MARKED = 1_000
_MAX_PER_RANK = 20
# Most elements have a class and few classes are a by-line's: to ask for every element's attributes from Python costs
# four times as much as to ask libxml2 for the classes once, and then for the elements that have the few.
_CLASSES = etree.XPath("descendant::*/@class", smart_strings=False)
# Addresses of authors' own pages; /people/ and /person/ are as often about those whom the news is about. That the
# link's words are in its address too tells it from a list of authors.
_PROFILE_PATHS = ("/author", "/autor", "/auteur", "/redak", "/staff/", "/writer", "/journalist", "/contributor")
_PROFILED = etree.XPath(f"descendant::a/@href[{' or '.join(f'contains(., {path!r})' for path in _PROFILE_PATHS)}]/..")
_AFTER_HEADLINE = etree.XPath("(//h1)[1]/following::*[self::p or self::div or self::span or self::a][position() <= 40]")
_RELATED = etree.XPath("descendant::a/@rel[contains(., 'author')]/..")
_MAX_PROFILES = 100


def visible(tree: HtmlElement) -> tuple[Witness, tuple[Author, ...]] | None:
    """The first element that is marked as a by-line and names somebody, the surest marks first; else words under the
    headline that begin as by-lines do.
    """
    for element in _marked(tree):
        if (seen := _names_at(element)) is not None:
            return None if _is_list(seen[1]) else seen
    for element in _PROFILED(tree)[:_MAX_PER_RANK]:
        if (seen := _names_at(element)) is not None and _is_addressed(element.get("href"), seen[1]):
            return seen
    for element in _AFTER_HEADLINE(tree):
        if element.text and lead(element.text):
            seen = _names_at(element)
            if seen is not None and all(is_full_name(author.name) for author in seen[1]):
                return seen
    return None


def _names_at(element: HtmlElement) -> tuple[Witness, tuple[Author, ...]] | None:
    if any(_ELSEWHERE.search(_marks_of(one)) for one in (element, *element.iterancestors()) if one.tag not in _WHOLE):
        return None
    text = text_of(element, limit=_LIMIT + 1)
    if not 2 < len(text) <= _LIMIT:
        return None
    spoken = spoken_in(element, limit=_LIMIT)
    found = _before_date(spoken) or in_byline(spoken)
    links = {key(text_of(link, limit=_LIMIT)): link.get("href") for link in element.iter("a") if link.get("href")}
    if PARTED in spoken and any(key(name) in links and is_full_name(name) for name in found):
        found = [name for name in found if key(name) in links or _is_author_too(name)]
    if not found:
        return None
    return Witness("byline", text), tuple(Author(name=name, url=links.get(key(name))) for name in found)


def _before_date(spoken: str) -> list[str]:
    """The names up to the first part that holds a date; what follows it is buttons."""
    parts = spoken.split(PARTED)
    dated = next((number for number, part in enumerate(parts) if any(map(str.isdigit, part))), len(parts))
    return in_byline(PARTED.join(parts[: dated + 1])) if dated + 1 < len(parts) else []


def _is_author_too(name: str) -> bool:
    """Whether a name without a link may be an author's, beside one that has a link: not "BBC News", not a place."""
    return is_agency(name) or (is_full_name(name) and key(name).rpartition(" ")[2] not in KINDS)


def _is_list(authors: tuple[Author, ...]) -> bool:
    """Whether most of several names are no whole ones: what is marked as a by-line has the article's sections too."""
    return len(authors) > 2 and 2 * sum(is_full_name(author.name) for author in authors) < len(authors)


def _is_addressed(href: str, authors: tuple[Author, ...]) -> bool:
    """Whether an address is that of the one person named: has two words or more of the name, in plain letters."""
    spoken = without_accents(authors[0].name).split()
    address = key(href[:500])
    return len(authors) == 1 and len(spoken) > 1 and sum(f" {word} " in f" {address} " for word in spoken) > 1


def profiles(tree: HtmlElement) -> dict[str, str]:
    """The addresses of links marked ``rel=author``, by the words of the name that they are on."""
    found: dict[str, str] = {}
    links = (link for link in _RELATED(tree) if "author" in link.get("rel").lower().split() and link.get("href"))
    for link in islice(links, _MAX_PROFILES):
        names = in_byline(text_of(link, limit=_LIMIT))
        if len(names) == 1:
            found.setdefault(key(names[0]), link.get("href"))
    return found


def _marked(tree: HtmlElement) -> tuple[HtmlElement, ...]:
    sure: list[HtmlElement] = []
    likely: list[HtmlElement] = []
    every = dict.fromkeys(_CLASSES(tree))
    lowered = "\n".join(every).lower()
    cues = [cue for cue in _CUES if cue in lowered]
    classes = tuple(islice((name for name in every if _is_bylines(name, cues)), _MAX_CLASSES)) if cues else ()
    marked = _selector(len(classes))(tree, **{f"c{number}": name for number, name in enumerate(classes)})
    for element in marked[:_MAX_MARKED]:
        if element.tag in _TAGS:
            (sure if _SURE.search(_marks_of(element)) else likely).append(element)
    return (*sure[:_MAX_PER_RANK], *likely[:_MAX_PER_RANK])


def _is_bylines(name: str, cues: list[str]) -> bool:
    lowered = name.lower()
    if not any(cue in lowered for cue in cues):
        return False
    marks = f"class={name}"
    return _LIKELY.search(marks) is not None or _SURE.search(marks) is not None


@lru_cache
def _selector(classes: int) -> etree.XPath:
    """Selects what is marked as the author's, or has one of so many classes, given as ``$c0``, ``$c1``..."""
    either = " or ".join(f". = $c{number}" for number in range(classes)) or "false()"
    return etree.XPath(
        "descendant::author | descendant::*/@rel[contains(., 'author')]/.. | descendant::*/@id[. = 'author']/.. | "
        f"descendant::*/@itemprop[contains(., 'author')]/.. | descendant::*/@class[{either}]/.."
    )


def _marks_of(element: HtmlElement) -> str:
    get = element.get
    return (
        f"{element.tag!s} rel={get('rel', '')} id={get('id', '')} prop={get('itemprop', '')} class={get('class', '')}"
    )
