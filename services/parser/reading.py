"""What the witnesses say of a page, read once and before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from lxml.html import HtmlElement

from services.parser import dom, feeddates, jsonld, meta, pagedates
from services.parser.cleanup import LONGEST_LINK, SHORTEST_LINK, link_key
from services.parser.jsonld import LinkedArticle
from services.parser.meta import MetaTags
from services.parser.text import plain
from services.parser.witness import Witness
from shared.records import EntryHints
from shared.urls import follow, site_of

MAX_ELEMENTS = 20_000
MAX_TEXT = 3_000_000
"""Characters of text outside of scripts. Beyond these two bounds trafilatura takes more than some five seconds."""

_MAX_TAGS = 50
_MAX_HEADINGS = 8
_PAGE_TEXT = 8_000
_FEED_SUMMARY = 8_000
"""Characters beyond which a feed's summary is no summary but the article."""


@dataclass(frozen=True)
class Reading:
    """A page's tree beside what JSON-LD, meta tags, headers and the feed say about it."""

    tree: HtmlElement
    url: str | None
    base: str | None
    headers: Mapping[str, str]
    entry: EntryHints
    now: datetime | None
    linked: LinkedArticle
    """Empty where the page has no JSON-LD article."""
    has_linked: bool
    tags: MetaTags
    headings: tuple[str, ...]
    scripts: int
    page_text: str
    too_large: str | None
    """Why the text cannot be extracted in reasonable time, in words."""

    @property
    def sites(self) -> tuple[str, ...]:
        """The names the publication goes by."""
        named = (
            self.tags.value("og:site_name"),
            self.linked.publisher,
            self.tags.value("application-name"),
            self.entry.feed_title,
            site_of(self.url) if self.url else None,
        )
        return tuple(name for name in named if name)

    @property
    def titles(self) -> tuple[Witness, ...]:
        """Every form of the headline."""
        return _said(
            *(("h1", heading) for heading in self.headings[:3]),
            ("jsonld", self.linked.headline),
            ("og", self.tags.value("og:title")),
            ("twitter", self.tags.value("twitter:title")),
            ("title", self.tags.title),
            ("feed", self.feed_title),
        )

    @property
    def feed_title(self) -> str | None:
        """The feed's headline as plain text."""
        return plain(self.entry.title) or None if self.entry.title else None

    @property
    def descriptions(self) -> tuple[str, ...]:
        """What page and feed say in a few sentences, in the order of belief."""
        summary = self.entry.summary
        said = (
            self.tags.value("description"),
            self.tags.value("og:description"),
            self.linked.description,
            self.tags.value("dc.description", "twitter:description"),
            plain(summary) if summary and len(summary) < _FEED_SUMMARY else None,
        )
        return tuple(dict.fromkeys(text for text in said if text))

    @property
    def claims(self) -> tuple[Witness, ...]:
        """What the page gives as its own address."""
        return _said(("canonical", self.tags.canonical), ("og", self.tags.value("og:url")), ("jsonld", self.linked.url))

    @property
    def languages(self) -> tuple[Witness, ...]:
        """The languages that page, server and feed declare."""
        return _said(
            ("html", self.tags.language),
            ("jsonld", self.linked.language),
            ("og", self.tags.value("og:locale")),
            ("meta", self.tags.value("content-language", "language", "dc.language", "dcterms.language")),
            ("http", self.headers.get("content-language")),
            ("feed", self.entry.language or self.entry.feed_language),
        )

    @property
    def published(self) -> tuple[Witness, ...]:
        """The publication dates of JSON-LD and meta tags."""
        return (*_said(("jsonld", self.linked.published)), *pagedates.tagged(self.tags, pagedates.PUBLISHED_TAGS))

    @property
    def feed_published(self) -> Witness | None:
        """The feed's publication date, in its own words."""
        entry = self.entry
        return feeddates.witness(entry.published_raw, entry.published_at, entry.published_precision, latest=self.now)

    @property
    def modified(self) -> tuple[Witness, ...]:
        """The modification dates of all witnesses."""
        entry = self.entry
        updated = feeddates.witness(entry.updated_raw, entry.updated_at, entry.updated_precision, latest=self.now)
        return (
            *_said(("jsonld", self.linked.modified)),
            *pagedates.tagged(self.tags, pagedates.MODIFIED_TAGS),
            *((updated,) if updated else ()),
        )

    @property
    def keywords(self) -> tuple[str, ...]:
        """The article's tags, each once; the page's general keywords only where there are no others."""
        said = [
            *self.tags.all("article:tag"),
            *self.linked.keywords,
            *_listed(self.tags.all("news_keywords", "parsely-tags", "sailthru.tags")),
            *self.entry.tags,
        ] or _listed(self.tags.all("keywords"))
        unique: dict[str, str] = {}
        for tag in said:
            if text := plain(tag, limit=100):
                unique.setdefault(text.casefold(), text)
        return tuple(unique.values())[:_MAX_TAGS]

    @property
    def links(self) -> frozenset[str]:
        """The words of every link that leads to another page, as :func:`cleanup.is_link_only` looks them up."""
        found: set[str] = set()
        for element in self.tree.iter("a"):
            target = element.get("href")
            if target and not target.startswith("#"):
                text = element.text_content()
                if SHORTEST_LINK <= len(text) <= 2 * LONGEST_LINK:
                    found.add(link_key(text))
        return frozenset(found)


def read(
    tree: HtmlElement, *, url: str | None, headers: Mapping[str, str], entry: EntryHints | None, now: datetime | None
) -> Reading:
    """Read the witnesses of ``tree``; its scripts, styles and drawings are taken out of it on the way."""
    scripts = sum(1 for _ in tree.iter("script"))
    linked = jsonld.read(tree, url=url)
    dom.strip_code(tree)
    size = dom.measure(tree)
    too_large = None
    if size.elements > MAX_ELEMENTS:
        too_large = f"the page has {size.elements:,} elements, more than {MAX_ELEMENTS:,}"
    elif size.text > MAX_TEXT:
        too_large = f"the page has {size.text:,} characters of text, more than {MAX_TEXT:,}"
    dom.split_crowds(tree)
    tags = meta.read(tree)
    headings = (text for element in tree.iter("h1") if (text := dom.text_of(element)))
    return Reading(
        tree=tree,
        url=url,
        base=(follow(url, tags.base) or url) if url and tags.base else url,
        headers=headers,
        entry=entry or EntryHints(),
        now=now,
        linked=linked or LinkedArticle(),
        has_linked=linked is not None,
        tags=tags,
        headings=tuple(text for text, _ in zip(headings, range(_MAX_HEADINGS), strict=False)),
        scripts=scripts,
        page_text=plain(" ".join(islice(tree.itertext(), _PAGE_TEXT // 2)), limit=_PAGE_TEXT),
        too_large=too_large,
    )


def _said(*pairs: tuple[str, str | None]) -> tuple[Witness, ...]:
    return tuple(Witness(source, value) for source, value in pairs if value)


def _listed(values: tuple[str, ...]) -> list[str]:
    return [part for value in values for part in value.split(",")]
