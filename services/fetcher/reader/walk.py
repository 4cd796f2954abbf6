"""What the walk over the head of a feed and that over an entry have in common, in a document of the usual form.

What each element means is what feedparser takes it for, so that both paths agree; what it takes for something that is
hard to follow raises :class:`~services.fetcher.reader.names.UnusualError`, and is left to it.
"""

from __future__ import annotations

import re
from typing import Any

from lxml.etree import _Element as Element

from services.fetcher.reader.names import MARKED_UP, UnusualError, attributes_of, is_handled, is_harmless
from services.fetcher.reader.raw import HTML_TYPES, PLAIN, Person, RawEntry, RawFeed, Words
from services.fetcher.reader.texts import HTML, Texts, base_within, join, language_within, text_of

MAX_NAME = 1000
_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")


class Walk:
    """The way over the elements of one context: the head of a feed, or one entry."""

    __slots__ = ("base", "deepest", "is_atom", "language", "names", "texts", "titled")

    def __init__(self, texts: Texts, base: str, language: str | None) -> None:
        self.texts = texts
        self.names = texts.names
        self.is_atom = texts.is_atom
        self.base = base
        self.language = language
        self.titled = False
        self.deepest = 0

    def title(self, to: RawEntry | RawFeed, element: Element, depth: int = 1, *, own: bool = True) -> None:
        """The first title that is not blank; Media RSS's only where there is no other."""
        attributes = attributes_of(element)
        words = self.texts.words(element, attributes, PLAIN)
        if self.titled:
            return
        to.title_language = language_within(attributes, self.language)
        if to.title is None or depth <= self.deepest:
            to.title = words
            self.deepest = depth
        else:
            to.title = Words(to.title.text, words.kind)
        self.titled = own and bool(words.text)

    def link(self, to: RawEntry | RawFeed, element: Element) -> None:
        attributes = attributes_of(element)
        base = base_within(attributes, self.base) if attributes else self.base
        link = with_href(attributes)
        link.setdefault("rel", "alternate")
        link.setdefault("type", "application/atom+xml" if link["rel"] == "self" else HTML)
        to.links.append(link)
        if "href" in link:
            text_of(element)
            link["href"] = join(base, link["href"])
            if link["rel"] == "alternate" and link["type"] in HTML_TYPES:
                to.link = link["href"]
            return
        text = self.texts.address(element, {}, base)
        if "&" in text:
            if isinstance(to, RawEntry):
                text = text.replace("&amp;", "&")
            text = _REFERENCE.sub(r"&\1", text)
        to.link = text
        if text or isinstance(to, RawFeed):
            link["href"] = text

    def person(self, element: Element) -> Person:
        """An author with elements for name and address."""
        name = address = None
        base = base_within(attributes_of(element), self.base)
        blank = element.text or ""
        for child in element:
            kind = self.names.of(child)
            blank += child.tail or ""
            if kind == "name":
                name = text_of(child)
            elif kind in ("uri", "url", "homepage"):
                address = self.texts.address(child, attributes_of(child), base)
            else:
                # Without an element of its own feedparser would take the text of the child for that of the author.
                leaks = bool(text_of(child) and child.attrib)
                if kind != "email" and (leaks or is_handled(kind)):
                    raise UnusualError
        if blank.strip():
            raise UnusualError
        return Person(name, address)

    def author(self, to: RawEntry | RawFeed, element: Element) -> None:
        if len(element):
            to.people.append(self.person(element))
            return
        text = text_of(element)
        if len(text) > MAX_NAME:
            raise UnusualError
        if isinstance(to, RawEntry) and not self.is_atom:
            if text:
                to.writers.append(text)
        elif "@" in text:
            raise UnusualError
        else:
            to.people.append(Person(self.texts.amend(text), None))

    def skip(self, element: Element, name: str) -> None:
        """Pass over what reaches no record, with all inside of it."""
        if not is_harmless(name):
            raise UnusualError
        for child in element:
            if name in MARKED_UP:
                self.texts.local(child)
            self.skip(child, self.names.of(child))


def with_href(attributes: dict[str, str]) -> dict[str, Any]:
    """``attributes`` with the address under the one name that HTML has for it."""
    found: dict[str, Any] = attributes
    if not found:
        return found
    href = found.get("url", found.get("uri", found.get("href")))
    if href:
        found.pop("url", None)
        found.pop("uri", None)
        found["href"] = href
    return found
