"""One walk over the elements of an entry, in a document of the usual form."""

from __future__ import annotations

from collections.abc import Callable

from lxml.etree import _Element as Element

from services.fetcher.reader.names import UnusualError, attributes_of
from services.fetcher.reader.raw import MAX_IMAGES, PLAIN, MediaImage, RawEntry, Words
from services.fetcher.reader.texts import HTML, Texts, base_within, language_within, text_of
from services.fetcher.reader.walk import Walk, with_href

MAX_LISTED = 1000
_SOURCE = frozenset(
    {"author", "category", "contributor", "generator", "icon", "id", "link", "logo", "name", "rights", "subtitle"}
    | {"title", "updated", "uri", "email"}
)


class EntryWalk(Walk):
    """The way over one entry."""

    __slots__ = ("caption", "credit", "described", "entry", "has_content", "tags")

    def __init__(self, texts: Texts, base: str, language: str | None) -> None:
        super().__init__(texts, base, language)
        self.entry = RawEntry()
        self.has_content = False
        self.described = 0
        self.credit: str | None = None
        self.caption: str | None = None
        self.tags: list[list[str | None]] = []

    def read(self, element: Element) -> RawEntry:
        entry = self.entry
        if element.attrib:
            attributes = attributes_of(element)
            if "href" in attributes or "lastmod" in attributes:
                raise UnusualError
            self.base = base_within(attributes, self.base)
            self.language = language_within(attributes, self.language)
            entry.entry_id = attributes.get("rdf:about") or None
        name_of = self.names.known.get
        for child in element:
            name = name_of(child.tag) or self.names.of(child)
            step = _STEPS.get(name)
            if step is not None:
                step(self, child)
            else:
                self.skip(child, name)
        entry.tags = [label or term for term, _, label in self.tags]
        for image in entry.images:
            # Media RSS 1.5.1, 3: what stands above an object goes for all below it that do not say otherwise.
            image.credit = image.credit or self.credit
            image.caption = image.caption or self.caption
        return entry

    def guid(self, element: Element) -> None:
        attributes = attributes_of(element)
        permanent = attributes.get("ispermalink", "true")
        self.entry.id_is_link = permanent.strip().lower() != "false"
        self.identify(element, attributes, is_link=permanent == "true")

    def atom_id(self, element: Element) -> None:
        attributes = attributes_of(element)
        self.identify(element, attributes, is_link=attributes.get("ispermalink", "true") == "true")

    def identify(self, element: Element, attributes: dict[str, str], *, is_link: bool) -> None:
        entry, texts = self.entry, self.texts
        found = entry.entry_id = texts.address(element, attributes, self.base) if is_link else texts.line(element)
        if is_link and entry.link is None:
            entry.link = found

    def description(self, element: Element, default: str = HTML) -> None:
        """A description or summary. A second one is the content, where there is no other before."""
        if self.entry.summary is not None and not self.has_content:
            self.content(element, PLAIN)
        else:
            self.entry.summary = self.texts.words(element, attributes_of(element), default)

    def abstract(self, element: Element) -> None:
        self.entry.summary = self.texts.words(element, attributes_of(element), PLAIN)

    def content(self, element: Element, default: str) -> None:
        self.has_content = True
        words = self.texts.words(element, attributes_of(element), default)
        self.entry.contents.append(words)
        if self.entry.summary is None:
            self.entry.summary = Words(words.text, HTML)

    def tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        tag = [term, scheme, label]
        if (term or scheme or label) and tag not in self.tags:
            self.tags.append(tag)
            if len(self.tags) > MAX_LISTED:
                raise UnusualError

    def category(self, element: Element, scheme: str | None = None) -> None:
        attributes = attributes_of(element)
        if attributes or scheme:
            scheme = attributes.get("scheme", scheme or attributes.get("domain"))
            self.tag(attributes.get("term"), scheme, attributes.get("label"))
        text = self.texts.line(element)
        if text and self.tags and not self.tags[-1][0]:
            self.tags[-1][0] = text
        elif text:
            self.tag(text, None, None)

    def keywords(self, element: Element, scheme: str | None) -> None:
        if element.attrib:
            raise UnusualError
        for term in self.texts.line(element).split(","):
            self.tag(term.strip() or None, scheme if term.strip() else None, None)

    def enclosure(self, element: Element) -> None:
        text_of(element)
        self.entry.links.append(with_href(attributes_of(element)) | {"rel": "enclosure"})

    def source(self, element: Element) -> None:
        """Where an entry was taken from: nothing of it is the entry's own."""
        for child in element.iterdescendants():
            if not self.is_atom or self.names.of(child) not in _SOURCE:
                raise UnusualError

    def picture(self, element: Element) -> None:
        """An image in an entry of RSS, which nobody reads; but its title would be taken for the entry's."""
        text_of(element)

    def original_link(self, element: Element) -> None:
        if element.attrib:
            raise UnusualError
        self.entry.original_link = self.texts.line(element)

    def media(self, element: Element, depth: int = 1, image: MediaImage | None = None) -> None:
        """An element of Media RSS, and those inside of it."""
        name = self.names.of(element)
        self.described += 1
        if self.described > MAX_LISTED:
            raise UnusualError
        if name == "media:title":
            self.title(self.entry, element, depth, own=False)
        elif name in ("media:description", "media:text", "media:credit"):
            self.caption_of(name, text_of(element), image)
        elif name == "media:category":
            self.category(element, "http://search.yahoo.com/mrss/category_schema")
        elif name == "media:keywords":
            self.keywords(element, None)
        elif name in ("media:group", "media:content", "media:thumbnail"):
            attributes, around = attributes_of(element), self.language
            if name != "media:group" and len(self.entry.images) <= MAX_IMAGES:
                image = MediaImage(dict(attributes), name == "media:thumbnail")
                self.entry.images.append(image)
            self.language = language_within(attributes, around)
            for child in element:
                self.media(child, depth + 1, image)
            self.language = around
        else:
            self.skip(element, name)

    def caption_of(self, name: str, text: str, image: MediaImage | None) -> None:
        if not text:
            return
        if name == "media:description" and self.entry.description is None:
            self.entry.description = text
        owner = self if image is None else image
        if name == "media:credit":
            owner.credit = owner.credit or text
        else:
            owner.caption = owner.caption or text


def _line(field: str) -> Callable[[EntryWalk, Element], None]:
    def step(walk: EntryWalk, element: Element) -> None:
        setattr(walk.entry, field, walk.texts.line(element))

    return step


def _step(names: str, step: Callable[[EntryWalk, Element], None]) -> dict[str, Callable[[EntryWalk, Element], None]]:
    return dict.fromkeys(names.split(), step)


DATES = {
    **_step("pubdate published issued dcterms:issued", _line("published")),
    **_step("updated modified lastbuilddate dcterms:modified", _line("updated")),
    **_step("created dcterms:created", _line("created")),
    **_step("dc:date", _line("dated")),
}
_STEPS = {
    **DATES,
    **_step("title dc:title", lambda walk, element: walk.title(walk.entry, element)),
    **_step("link", lambda walk, element: walk.link(walk.entry, element)),
    **_step("guid", EntryWalk.guid),
    **_step("id", EntryWalk.atom_id),
    **_step("description dc:description", EntryWalk.description),
    **_step("summary itunes:summary", lambda walk, element: walk.description(element, PLAIN)),
    **_step("abstract", EntryWalk.abstract),
    **_step("content:encoded fullitem", lambda walk, element: walk.content(element, HTML)),
    **_step("content", lambda walk, element: walk.content(element, PLAIN)),
    **_step("author dc:creator dc:author itunes:author", lambda walk, element: walk.author(walk.entry, element)),
    **_step("category keywords dc:subject", EntryWalk.category),
    **_step("itunes:keywords", lambda walk, element: walk.keywords(element, "http://www.itunes.com/")),
    **_step("language dc:language", _line("language")),
    **_step("enclosure", EntryWalk.enclosure),
    **_step("source", EntryWalk.source),
    **_step("image", EntryWalk.picture),
    **_step("feedburner:origlink", EntryWalk.original_link),
    **_step("media:title media:description media:text media:credit media:category media:keywords", EntryWalk.media),
    **_step("media:group media:content media:thumbnail", EntryWalk.media),
}
