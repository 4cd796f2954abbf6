"""What a feed says of itself, in a document of the usual form."""

from __future__ import annotations

from collections.abc import Callable

from lxml.etree import _Element as Element

from services.fetcher.reader.names import UnusualError, attributes_of
from services.fetcher.reader.raw import RawFeed
from services.fetcher.reader.texts import base_within, language_within, text_of
from services.fetcher.reader.walk import Walk

MAX_CATEGORIES = 5000


class Head(Walk):
    """The way over the feed's own elements; ``entries`` are those that it passes, with their base and language."""

    __slots__ = ("categories", "entries", "feed")

    def __init__(self, above: Walk, feed: RawFeed, entries: list[tuple[Element, str, str | None]]) -> None:
        super().__init__(above.texts, above.base, above.language)
        self.feed = feed
        self.entries = entries
        self.categories = 0

    def read(self, element: Element) -> None:
        """Read what is inside of <channel> or <feed>."""
        attributes = attributes_of(element)
        if "href" in attributes or "lastmod" in attributes:
            raise UnusualError
        self.base = base_within(attributes, self.base)
        self.language = language_within(attributes, self.language)
        for child in element:
            name = self.names.of(child)
            step = _STEPS.get(name)
            if name in ("item", "entry"):
                self.entries.append((child, self.base, self.language))
            elif step is not None:
                step(self, child)
            elif name in ASIDE:
                self.aside(child, name)
            elif name in _UNREAD:
                self.unread(child)
            else:
                self.skip(child, name)

    def aside(self, element: Element, name: str) -> None:
        """The feed's logo, or its search box: their titles and links are not the feed's."""
        for child in element:
            kind = self.names.of(child)
            if kind not in ASIDE[name] and (":" not in kind or kind.startswith(("media:", "dc:", "itunes:"))):
                raise UnusualError
            text_of(child)

    def unread(self, element: Element) -> None:
        """What a feed says of itself that no record has: texts, dates, categories, authors of RSS."""
        for child in element.iterdescendants():
            if self.names.of(child) not in _UNREAD_WITHIN:
                raise UnusualError
        self.categories += 1
        if self.categories > MAX_CATEGORIES:
            raise UnusualError

    def only_title(self, element: Element) -> None:
        self.title(self.feed, element)

    def media_title(self, element: Element) -> None:
        self.title(self.feed, element, own=False)

    def address_of(self, element: Element) -> None:
        self.link(self.feed, element)

    def identify(self, element: Element) -> None:
        attributes = attributes_of(element)
        if attributes.get("ispermalink", "true") == "true" and self.feed.link is None:
            self.feed.link = self.texts.address(element, attributes, self.base)
        else:
            text_of(element)

    def person_of(self, element: Element) -> None:
        if self.is_atom:
            self.author(self.feed, element)
        else:
            self.unread(element)

    def skipped(self, element: Element) -> None:
        for child in element:
            name = self.names.of(child)
            if name in ("hour", "day") and text_of(child):
                (self.feed.skip_hours if name == "hour" else self.feed.skip_days).append(text_of(child))
            elif name not in ("hour", "day"):
                self.skip(child, name)

    def language_of_feed(self, element: Element) -> None:
        self.feed.language = self.texts.line(element)

    def plain(self, element: Element) -> str:
        """The text of an element that feedparser would have no text of, had it attributes."""
        if element.attrib:
            raise UnusualError
        return self.texts.line(element)

    def ttl(self, element: Element) -> None:
        self.feed.ttl = self.plain(element)

    def period(self, element: Element) -> None:
        self.feed.update_period = self.plain(element)

    def frequency(self, element: Element) -> None:
        self.feed.update_frequency = self.plain(element)


_STEPS: dict[str, Callable[[Head, Element], None]] = {
    "title": Head.only_title,
    "dc:title": Head.only_title,
    "media:title": Head.media_title,
    "link": Head.address_of,
    "id": Head.identify,
    "guid": Head.identify,
    "language": Head.language_of_feed,
    "dc:language": Head.language_of_feed,
    "ttl": Head.ttl,
    "sy:updateperiod": Head.period,
    "sy:updatefrequency": Head.frequency,
    "skiphours": Head.skipped,
    "skipdays": Head.skipped,
    "author": Head.person_of,
    "dc:creator": Head.person_of,
    "dc:author": Head.person_of,
    "itunes:author": Head.person_of,
    "managingeditor": Head.person_of,
}
ASIDE = {
    "image": frozenset({"title", "link", "description", "url", "href", "width", "height"}),
    "textinput": frozenset({"title", "link", "description", "name"}),
}
_UNREAD = frozenset(
    {"abstract", "category", "created", "dc:date", "dc:description", "dc:subject", "dcterms:created", "dcterms:issued"}
    | {"dcterms:modified", "description", "itunes:category", "itunes:keywords", "itunes:summary", "keywords"}
    | {"issued", "lastbuilddate", "media:category", "media:content", "media:credit"}
    | {
        "media:description",
        "media:keywords",
        "media:thumbnail",
        "modified",
        "pubdate",
        "published",
        "summary",
        "updated",
    }
)
_UNREAD_WITHIN = frozenset({"name", "email", "uri", "url", "homepage", "itunes:category"})
