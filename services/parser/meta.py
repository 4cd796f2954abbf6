"""Meta tags and link relations: OpenGraph, article:, Dublin Core, Parsely, Sailthru, citation_ and plain names."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from lxml.html import HtmlElement

from services.parser.dom import text_of
from services.parser.text import plain

MAX_TAGS = 1_000
MAX_VALUES = 200
"""Values of one name that are kept."""
_VALUE_LIMIT = 4_000
_MAX_NAMES = 6
_PARSELY = {
    "title": "parsely-title", "link": "parsely-link", "url": "parsely-link", "image_url": "parsely-image-url",
    "author": "parsely-author", "authors": "parsely-author", "creator": "parsely-author", "section": "parsely-section",
    "pub_date": "parsely-pub-date", "tags": "parsely-tags", "type": "parsely-type",
}  # fmt: skip
_NOTHING = frozenset({"null", "undefined", "[object object]", "none"})
# What is addressed to browsers, owners' tools and apps: a third of the tags of a page.
_NOT_READ = (
    "msapplication-",
    "apple-",
    "al:",
    "fb:",
    "twitter:app:",
    "google-site-",
    "viewport",
    "theme-color",
    "og:see_also",
)


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
    """Read the tags of a page, in one walk; a name or value that is empty is as if it were not there."""
    values: dict[str, list[str]] = {}
    links: dict[str, str] = {}
    base = title = None
    for count, element in enumerate(tree.iter("meta", "link", "base", "title")):
        if count >= MAX_TAGS:
            break
        tag = element.tag
        if tag == "meta":
            _read_meta(element, values)
        elif tag == "link":
            relations = element.get("rel")
            if relations and (target := element.get("href")):
                for relation in relations.lower().split()[:5]:
                    if relation in {"canonical", "license"}:
                        links.setdefault(relation, plain(target, limit=2_000))
        elif tag == "base":
            base = base or element.get("href")
        elif title is None:
            title = text_of(element) or None
    return MetaTags(
        values={name: tuple(found) for name, found in values.items()},
        canonical=links.get("canonical") or None,
        license=links.get("license") or None,
        base=base,
        language=tree.get("lang") or tree.get("xml:lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        title=title,
    )


def _read_meta(tag: HtmlElement, values: dict[str, list[str]]) -> None:
    get = tag.get
    said = get("content") or get("datetime") or get("value")
    if not said:
        return
    names: list[str] = []
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        if (name := get(attribute)) and not (lower := name.lower()).startswith(_NOT_READ):
            names.extend(_plain_name(one) for one in lower.split()[:_MAX_NAMES])
    if not names:
        return
    value = plain(said, limit=_VALUE_LIMIT)
    if not value or value.lower() in _NOTHING:
        return
    if names[0] == "parsely-page":
        _read_parsely(said, values)
    for name in names[:_MAX_NAMES]:
        _add(values, name, value)


def _plain_name(name: str) -> str:
    """Dublin Core's names with a dot, however they are joined: ``DC:title``, ``dcterms_subject``."""
    if name.startswith("dc"):
        for prefix in ("dcterms", "dc"):
            rest = name.removeprefix(prefix)
            if rest[:1] in {":", "_", "-"}:
                return f"{prefix}.{rest[1:]}"
    return name


def _add(values: dict[str, list[str]], name: str, value: str) -> None:
    kept = values.setdefault(name, [])
    if len(kept) < MAX_VALUES:
        kept.append(value)


def _read_parsely(said: str, values: dict[str, list[str]]) -> None:
    """``parsely-page``: one tag that holds all of Parsely's fields as JSON."""
    try:
        page = json.loads(said, strict=False)
    except (ValueError, RecursionError):
        return
    if not isinstance(page, dict):
        return
    for key, name in _PARSELY.items():
        given: Any = page.get(key)
        if name in values or not given:
            continue
        for one in given[:MAX_VALUES] if isinstance(given, list) else (given,):
            if isinstance(one, str) and (value := plain(one, limit=_VALUE_LIMIT)):
                _add(values, name, value)
