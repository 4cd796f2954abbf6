"""Meta tags and link relations: OpenGraph, article:, Dublin Core, Parsely, Sailthru and plain names."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from services.parser.dom import text_of
from services.parser.text import plain

MAX_TAGS = 1_000
_VALUE_LIMIT = 4_000
_LINKS = etree.XPath("//link[@rel and @href] | //a[@rel and @href]")


@dataclass(frozen=True)
class MetaTags:
    """A page's head: every meta value by lower-case name in document order, and what stands beside them."""

    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    canonical: str | None = None
    license: str | None = None
    base: str | None = None
    language: str | None = None
    title: str | None = None

    def first(self, *names: str) -> tuple[str, str] | None:
        """The name and first value of the first of ``names`` that the page gives."""
        return next(((name, self.values[name][0]) for name in names if name in self.values), None)

    def value(self, *names: str) -> str | None:
        """The first value of the first of ``names`` that the page gives."""
        found = self.first(*names)
        return found[1] if found else None

    def all(self, *names: str) -> tuple[str, ...]:
        """Every value of all of ``names``."""
        return tuple(value for name in names for value in self.values.get(name, ()))


def read(tree: HtmlElement) -> MetaTags:
    """Read the tags of a page; a name or value that is empty is as if it were not there."""
    values = _values(tree)
    links: dict[str, str] = {}
    for link in _LINKS(tree)[:MAX_TAGS]:
        target = plain(link.get("href"), limit=2_000)
        for relation in link.get("rel").lower().split()[:5]:
            if relation == "license" or (relation == "canonical" and link.tag == "link"):
                links.setdefault(relation, target)
    title = next((text for element in tree.iter("title") if (text := text_of(element))), None)
    base = next((found for element in tree.iter("base") if (found := element.get("href"))), None)
    return MetaTags(
        values=values,
        canonical=links.get("canonical"),
        license=links.get("license"),
        base=base,
        language=tree.get("lang") or tree.get("xml:lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        title=title,
    )


def _values(tree: HtmlElement) -> dict[str, tuple[str, ...]]:
    values: dict[str, list[str]] = {}
    for count, tag in enumerate(tree.iter("meta")):
        if count >= MAX_TAGS:
            break
        value = plain(tag.get("content") or tag.get("datetime") or "", limit=_VALUE_LIMIT)
        names = " ".join(tag.get(attribute) or "" for attribute in ("property", "name", "itemprop", "http-equiv"))
        if value:
            for name in names.lower().split()[:6]:
                values.setdefault(name, []).append(value)
    return {name: tuple(found) for name, found in values.items()}
