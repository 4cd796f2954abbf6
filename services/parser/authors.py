"""Who wrote it, by all witnesses.

A person named by JSON-LD is believed first, then one named by meta tags, the feed, and the visible by-line. Where
nobody names a person, the author is whatever JSON-LD or the feed calls one, else a news agency. The publication's own
name counts only where nobody else is named at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from lxml.html import HtmlElement

from services.parser.byline import words as bywords
from services.parser.byline.persons import NAME_LIMIT
from services.parser.byline.visible import profiles, visible
from services.parser.byline.words import UNSPACED_NAME, is_agency, key, letters_of_house, without_accents
from services.parser.jsonld import LinkedName
from services.parser.meta import MetaTags
from services.parser.names import MAX_AUTHORS, in_byline
from services.parser.text import words
from services.parser.witness import Witness
from shared.records import Author, EntryAuthor
from shared.urls import absolute_url

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
_DOMAIN = re.compile(r"\.(?:de|com|net|org|at|ch|fr|it|es|ru|uk|eu|info)\b|[\w-]\.[a-z]{2,}$", re.IGNORECASE)


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
    base: str | None = None,
) -> Byline:
    """The by-line among the witnesses. ``sites``: the names the publication goes by; ``base``: what links are
    resolved against.

    The visible by-line is searched only where nobody else names a person: it costs ten times as much as all the rest.
    """
    houses = frozenset(letters for site in sites for letters in letters_of_house(site))
    said = _stated(linked, tags, feed)
    for one in said:
        if _names_a_person(one.names, houses, single=one.is_names_only):
            return _byline(one.names, one, said, houses, tree, base)
    seen = visible(tree)
    if seen is not None:
        said.append(_Said(seen[0], lambda: list(seen[1])))
        if _names_a_person(said[-1].names, houses, single=False):
            return _byline(said[-1].names, said[-1], said, houses, tree, base)
    winner, names = _nobody_by_name(said, houses)
    return _byline(names, winner, said, houses, tree, base) if winner else Byline((), None, _witnesses(said))


class _Said:
    """What one witness says; its names are taken out of it when they are asked for."""

    def __init__(self, witness: Witness, read: Callable[[], list[Author]]) -> None:
        self.witness = witness
        self.is_names_only = witness.source in _NAMES_ONLY
        self._read = read

    @cached_property
    def names(self) -> list[Author]:
        return self._read()


def _stated(linked: tuple[LinkedName, ...], tags: MetaTags, feed: tuple[EntryAuthor, ...]) -> list[_Said]:
    said: list[_Said] = []
    if linked:
        said.append(_Said(Witness("jsonld", "; ".join(one.name for one in linked)), partial(_linked_authors, linked)))
    for tag in _TAGS:
        if tag in tags.values:
            values = tags.values[tag]
            said.append(_Said(Witness(tag, "; ".join(values)), partial(_tagged_authors, tag, values)))
    if feed:
        said.append(_Said(Witness("feed", "; ".join(one.name for one in feed)), partial(_feeds_authors, feed)))
    return said


def _tagged_authors(tag: str, values: tuple[str, ...]) -> list[Author]:
    found = (name for value in values[:MAX_AUTHORS] for name in in_byline(value, inverted=tag in _INVERTED_TAGS))
    return [Author(name=name) for name in found]


def _feeds_authors(feed: tuple[EntryAuthor, ...]) -> list[Author]:
    found: list[Author] = []
    for one in feed[:MAX_AUTHORS]:
        spoken = in_byline(one.name)
        found.extend(Author(name=name, url=one.url if len(spoken) == 1 else None) for name in spoken)
    return found


def _linked_authors(linked: tuple[LinkedName, ...]) -> list[Author]:
    found: list[Author] = []
    for one in linked[: 2 * MAX_AUTHORS]:
        spoken = [one.name[:NAME_LIMIT]] if one.organization else in_byline(one.name)
        found.extend(Author(name=name, url=one.url if len(spoken) == 1 else None) for name in spoken)
    return found


def _names_a_person(found: list[Author], houses: frozenset[str], *, single: bool) -> bool:
    return any(_is_person(author.name, houses, single=single) for author in found)


def _is_person(name: str, houses: frozenset[str], *, single: bool) -> bool:
    """Whether ``name`` could be a person's; ``single``: even where it is a single word."""
    if _is_house(name, houses) or is_agency(name) or key(name) in bywords.STAFF or _is_desk(name, houses):
        return False
    if _DOMAIN.search(name) or ":" in name:
        return False
    return single or len(words(name)) > 1 or UNSPACED_NAME.fullmatch(name) is not None


def _is_house(name: str, houses: frozenset[str]) -> bool:
    spoken = [word for word in words(name) if word != "the"]
    bare = [word for word in spoken if word not in bywords.STAFF]
    return "".join(spoken) in houses or "".join(bare) in houses or not spoken


def _nobody_by_name(said: list[_Said], houses: frozenset[str]) -> tuple[_Said | None, list[Author]]:
    """Whoever signs where no person does: whatever JSON-LD or the feed names, else an agency, else the publication."""
    for one in said:
        if one.is_names_only and one.names:
            return one, one.names
    for is_kind in (is_agency, lambda name: _is_nobody_else(name, houses)):
        for one in said:
            if names := [author for author in one.names if is_kind(author.name)]:
                return one, names
    return None, []


def _is_nobody_else(name: str, houses: frozenset[str]) -> bool:
    """Whether this is the publication, a part of it, or its staff."""
    return _is_house(name, houses) or _is_desk(name, houses) or key(name) in bywords.STAFF


def _is_desk(name: str, houses: frozenset[str]) -> bool:
    """Whether this is a part of a publication that goes by its initials: BBC Sport."""
    first, _, rest = name.partition(" ")
    return bool(rest) and first.isupper() and key(first) in houses


def _byline(
    found: list[Author],
    winner: _Said,
    said: list[_Said],
    houses: frozenset[str],
    tree: HtmlElement,
    base: str | None,
) -> Byline:
    """Everybody once, agencies behind people; the publication only where it is alone."""
    others = [author for author in found if not _is_house(author.name, houses)]
    kept: dict[str, Author] = {}
    for author in sorted(others or found, key=lambda author: is_agency(author.name)):
        kept.setdefault(_person(author.name), author)
    authors = tuple(kept.values())[:MAX_AUTHORS]
    links = {} if all(author.url for author in authors) else profiles(tree)
    return Byline(
        tuple(_linked_to(author, author.url or links.get(key(author.name)), base) for author in authors),
        winner.witness,
        _witnesses(said),
    )


def _witnesses(said: list[_Said]) -> tuple[Witness, ...]:
    return tuple(one.witness for one in said)


def _person(name: str) -> str:
    """The same for every way to write one name."""
    spoken = without_accents(name)
    return " ".join(word for word in spoken.split() if word not in bywords.HONORIFICS) or spoken


def _linked_to(author: Author, url: str | None, base: str | None) -> Author:
    """``author`` with the whole address of a web page, or with none."""
    resolved = absolute_url(base, url) if base and url else url
    if resolved and not resolved.lower().startswith(("http://", "https://")):
        resolved = None
    return author if author.url == resolved else Author(name=author.name, url=resolved)
