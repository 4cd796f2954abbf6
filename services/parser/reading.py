"""What the witnesses say of a page, read once and before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from lxml.html import HtmlElement

from services.parser import dom, feeddates, fields, jsonld, meta
from services.parser.cleanup import LONGEST_LINK, SHORTEST_LINK, link_key
from services.parser.dates import tags as datetags
from services.parser.dom import MAX_ELEMENTS as MAX_ELEMENTS  # noqa: PLC0414 - one of the three bounds below
from services.parser.fields import Statements
from services.parser.linked.article import LinkedArticle
from services.parser.meta import MetaTags
from services.parser.siterule import UNRULED, Ruled
from services.parser.text import plain
from services.parser.witness import Witness
from shared.records import EntryHints
from shared.urls import follow, site_of

MAX_TEXT = 3_000_000
"""Characters of text outside of scripts."""
MAX_NESTED = 50_000_000
"""Characters times levels. Beyond these bounds, and that of elements, trafilatura takes more than five seconds."""

_MAX_HEADINGS = 8
_PAGE_TEXT = 8_000


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
    ruled: Ruled = UNRULED
    """What the operator's rule for the site made of the page."""

    @property
    def inside(self) -> Reading:
        """The page as if it had nothing but the text's containers that the rule names."""
        entry = self.entry.model_copy(update={"content": None})
        tree = self.tree if self.ruled.story is None else self.ruled.story
        return replace(self, tree=tree, linked=replace(self.linked, body=None), entry=entry)

    @property
    def stated(self) -> Statements:
        """Those of the witnesses that speak of more than one field."""
        return Statements(self.tags, self.linked, self.entry)

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
            ("meta", self.tags.value("parsely-title", "sailthru.title", "dc.title", "dcterms.title", "title")),
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
        return tuple(dict.fromkeys(witness.value for witness in fields.summaries(self.stated)))

    @property
    def claims(self) -> tuple[Witness, ...]:
        """What the page gives as its own address."""
        return fields.claims(self.stated)

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
        return (*_said(("jsonld", self.linked.published)), *datetags.tagged(self.tags, datetags.PUBLISHED))

    @property
    def feed_published(self) -> Witness | None:
        """The feed's publication date, in its own words."""
        entry = self.entry
        return feeddates.witness(
            entry.published_raw,
            entry.published_at,
            entry.published_precision,
            latest=self.now,
            stamp=entry.published_stamp,
        )

    @property
    def modified(self) -> tuple[Witness, ...]:
        """The modification dates of all witnesses."""
        entry = self.entry
        updated = feeddates.witness(
            entry.updated_raw,
            entry.updated_at,
            entry.updated_precision,
            latest=self.now,
            stamp=entry.updated_stamp,
        )
        return (
            *_said(("jsonld", self.linked.modified)),
            *datetags.tagged(self.tags, datetags.MODIFIED),
            *((updated,) if updated else ()),
        )

    @cached_property
    def anchors(self) -> tuple[tuple[HtmlElement, str], ...]:
        """Every link that leads to another page, with its words."""
        return tuple(
            (element, element.text_content())
            for element in self.tree.iter("a")
            if (target := element.get("href")) and not target.startswith("#")
        )

    @property
    def links(self) -> frozenset[str]:
        """The words of every such link, as :func:`cleanup.is_link_only` looks them up."""
        return frozenset(link_key(text) for _, text in self.anchors if SHORTEST_LINK <= len(text) <= 2 * LONGEST_LINK)


def read(
    tree: HtmlElement, *, url: str | None, headers: Mapping[str, str], entry: EntryHints | None, now: datetime | None
) -> Reading:
    """Read the witnesses of ``tree``; its scripts, styles and drawings are taken out of it on the way."""
    scripts = sum(1 for _ in tree.iter("script"))
    linked = jsonld.read(tree, url=url) or LinkedArticle(is_article=False)
    if not linked.is_article and (marked := jsonld.read_microdata(tree, url=url)) is not None:
        linked = marked.completed(linked)
    size = dom.tame(tree)
    too_large = None
    if size.elements > MAX_ELEMENTS:
        too_large = f"the page has {size.elements:,} elements, more than {MAX_ELEMENTS:,}"
    elif size.text > MAX_TEXT:
        too_large = f"the page has {size.text:,} characters of text, more than {MAX_TEXT:,}"
    elif size.nested > MAX_NESTED:
        too_large = f"the page's {size.text:,} characters of text are nested too deep"
    tags = meta.read(tree)
    headings = (text for element in tree.iter("h1") if (text := dom.text_of(element)))
    return Reading(
        tree=tree,
        url=url,
        base=(follow(url, tags.base) or url) if url and tags.base else url,
        headers=headers,
        entry=entry or EntryHints(),
        now=now,
        linked=linked,
        has_linked=linked.is_article,
        tags=tags,
        headings=tuple(text for text, _ in zip(headings, range(_MAX_HEADINGS), strict=False)),
        scripts=scripts,
        page_text=dom.beginning(tree, limit=_PAGE_TEXT),
        too_large=too_large,
    )


def _said(*pairs: tuple[str, str | None]) -> tuple[Witness, ...]:
    return tuple(Witness(source, value) for source, value in pairs if value)
