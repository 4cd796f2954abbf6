"""JSON-LD: what a page says about its article in schema.org's words, in all the shapes found in the wild."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from services.parser.jsonscripts import MAX_CHARACTERS, load, scripts
from services.parser.jsonvalues import address, as_list, boolean, language_in, pixels, scalar, text_in
from services.parser.text import lines, plain

MAX_NODES = 4_000
MAX_DEPTH = 12
BODY_LIMIT = 1_000_000

_ARTICLE_TYPES = frozenset(
    {
        "newsarticle", "article", "reportagenewsarticle", "analysisnewsarticle", "backgroundnewsarticle",
        "opinionnewsarticle", "reviewnewsarticle", "askpublicnewsarticle", "satiricalarticle",
        "advertisercontentarticle", "liveblogposting", "blogposting", "socialmediaposting", "report", "techarticle",
        "scholarlyarticle", "medicalscholarlyarticle",
    }
)  # fmt: skip
_NEWS_TYPES = frozenset(name for name in _ARTICLE_TYPES if "news" in name) | {"liveblogposting"}
# Where an article may sit below another node; hasPart, itemListElement and the like hold other articles.
_DOWN = ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed", "subjectOf")
_PUBLISHER_TYPES = frozenset({"organization", "newsmediaorganization", "website"})

_SCALAR = re.compile(
    r'"(headline|datePublished|dateModified|articleBody|description)"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL
)
_ANY_ARTICLE = re.compile(r'"@type"\s*:\s*\[?\s*"(?:https?://schema\.org/)?(?:\w*NewsArticle|Article|BlogPosting)"')


@dataclass(frozen=True)
class LinkedImage:
    """An image as JSON-LD describes it."""

    url: str
    caption: str | None = None
    credit: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class LinkedName:
    """A person or organisation named by JSON-LD; ``organization`` says that it was called one.

    ``in_node``: it had a node to itself, and is not one of perhaps several in a mere text.
    """

    name: str
    url: str | None = None
    organization: bool = False
    in_node: bool = False


@dataclass(frozen=True)
class LinkedArticle:
    """What JSON-LD says about the page's article; dates are as the page wrote them."""

    headline: str | None = None
    alternative_headline: str | None = None
    description: str | None = None
    body: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[LinkedName, ...] = ()
    publisher: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    images: tuple[LinkedImage, ...] = ()
    url: str | None = None
    free: bool | None = None
    language: str | None = None
    license: str | None = None


def read(tree: HtmlElement, *, url: str | None = None) -> LinkedArticle | None:
    """The article that the page's JSON-LD is about, or ``None``.

    Of several, the one that names the page's own address wins, then the one that says most. Broken JSON is mended
    where the fault is a common one; what cannot be read is as if it were not there.
    """
    nodes: list[dict[str, Any]] = []
    broken: list[str] = []
    for script in scripts(tree):
        values = load(script)
        if values is None:
            broken.append(script)
        for value in values or ():
            nodes.extend(_nodes(value, MAX_NODES - len(nodes)))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if _types(node) & _ARTICLE_TYPES]
    if articles:
        return _article(max(articles, key=lambda node: _weight(node, url)), by_id, nodes)
    return next((found for script in broken if (found := _salvage(script)) is not None), None)


def _nodes(value: Any, room: int) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - whatever JSON holds
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, list):
                below.extend(item[:MAX_NODES])
            elif isinstance(item, dict):
                room -= 1
                if room < 0:
                    return
                yield item
                below.extend(item[key] for key in _DOWN if isinstance(item.get(key), dict | list))
        if not below:
            return
        level = below


def _types(node: dict[str, Any]) -> set[str]:
    return {
        name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower()
        for name in as_list(node.get("@type"))
        if isinstance(name, str)
    }


def _weight(node: dict[str, Any], url: str | None) -> tuple[int, int, int, int]:
    own = address(node.get("url")) or address(node.get("mainEntityOfPage")) or address(node.get("@id"))
    return (
        int(bool(own and url and _path(own) == _path(url) and len(_path(url)) > 1)),
        int(bool(_types(node) & _NEWS_TYPES)),
        sum(bool(node.get(key)) for key in ("headline", "articleBody", "datePublished", "author", "image")),
        int(bool(text_in(node.get("headline")))),
    )


def _article(node: dict[str, Any], by_id: dict[str, dict[str, Any]], nodes: list[dict[str, Any]]) -> LinkedArticle:
    publisher = next(
        (name.name for name in _names(node.get("publisher") or node.get("sourceOrganization"), by_id)), None
    ) or next(
        (name for other in nodes if _types(other) & _PUBLISHER_TYPES and (name := text_in(other.get("name")))), None
    )
    body = node.get("articleBody")
    section = next((text for item in as_list(node.get("articleSection")) if (text := text_in(item))), None)
    return LinkedArticle(
        headline=text_in(node.get("headline")) or text_in(node.get("name")),
        alternative_headline=text_in(node.get("alternativeHeadline")),
        description=text_in(node.get("description")),
        body=(lines(body, limit=BODY_LIMIT) or None) if isinstance(body, str) else None,
        published=scalar(node.get("datePublished")),
        modified=scalar(node.get("dateModified")),
        authors=tuple(_names(node.get("author"), by_id))[:30],
        publisher=publisher,
        section=section,
        keywords=tuple(_keywords(node.get("keywords"))),
        images=tuple(_images(node.get("image"), by_id))[:20],
        url=address(node.get("mainEntityOfPage")) or address(node.get("url")),
        free=boolean(node.get("isAccessibleForFree")),
        language=text_in(language_in(node.get("inLanguage"))),
        license=address(node.get("license")) or text_in(node.get("license")),
    )


def _salvage(text: str) -> LinkedArticle | None:
    """The plain strings of an article whose JSON cannot be mended."""
    if not _ANY_ARTICLE.search(text):
        return None
    found: dict[str, str] = {}
    for match in _SCALAR.finditer(text[:MAX_CHARACTERS]):
        try:
            found.setdefault(match.group(1), json.loads(f'"{match.group(2)}"', strict=False))
        except ValueError:
            continue
    if not found:
        return None
    return LinkedArticle(
        headline=text_in(found.get("headline")),
        description=text_in(found.get("description")),
        body=lines(found.get("articleBody", ""), limit=BODY_LIMIT) or None,
        published=scalar(found.get("datePublished")),
        modified=scalar(found.get("dateModified")),
    )


def _names(value: Any, by_id: dict[str, dict[str, Any]]) -> Iterator[LinkedName]:  # noqa: ANN401 - whatever JSON holds
    for item in as_list(value)[:100]:
        for node in as_list(_unquoted(item))[:100]:
            if isinstance(node, str):
                if name := plain(node):
                    yield LinkedName(name)
            elif isinstance(node, dict):
                yield from _names_of_node(node, by_id)


def _unquoted(item: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A node that a careless template wrote as a string of JSON."""
    if isinstance(item, str) and item.lstrip().startswith(("{", "[")):
        try:
            return json.loads(item)
        except (ValueError, RecursionError):
            return None
    return item


def _names_of_node(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Iterator[LinkedName]:
    if not node.get("name") and isinstance(node.get("@id"), str):
        node = by_id.get(node["@id"], node)
    organization = bool(_types(node) & {"organization", "newsmediaorganization", "corporation"})
    for part in as_list(node.get("name"))[:30] or [_given_and_family(node)]:
        if name := text_in(part):
            yield LinkedName(name, address(node.get("url")), organization, in_node=True)


def _given_and_family(node: dict[str, Any]) -> str | None:
    parts = [text for key in ("givenName", "additionalName", "familyName") if (text := text_in(node.get(key)))]
    return " ".join(parts) or None


def _keywords(value: Any) -> Iterator[str]:  # noqa: ANN401 - whatever JSON holds
    for item in as_list(value)[:100]:
        if (text := text_in(item)) is not None:
            yield from (part for piece in text.split(",") if (part := piece.strip()))


def _images(value: Any, by_id: dict[str, dict[str, Any]]) -> Iterator[LinkedImage]:  # noqa: ANN401 - whatever JSON holds
    for item in as_list(value)[:50]:
        node = item
        if isinstance(node, dict):
            if isinstance(node.get("@id"), str) and not (node.get("url") or node.get("contentUrl")):
                node = by_id.get(node["@id"], node)
            for url in as_list(node.get("url") or node.get("contentUrl"))[:10]:
                if isinstance(url, str) and (target := plain(url)):
                    yield LinkedImage(
                        target,
                        text_in(node.get("caption")),
                        text_in(node.get("creditText")) or text_in(node.get("copyrightHolder")),
                        pixels(node.get("width")),
                        pixels(node.get("height")),
                    )
        elif isinstance(node, str) and (target := plain(node)):
            yield LinkedImage(target)


def _path(url: str) -> str:
    bare, _, _ = url.partition("#")
    bare, _, _ = bare.partition("?")
    return "/" + bare.rpartition("://")[2].partition("/")[2].strip("/")
