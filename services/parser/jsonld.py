"""JSON-LD: what a page says about its article in schema.org's words, in all the shapes found in the wild."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from services.parser.text import lines, plain, words

MAX_SCRIPTS = 40
MAX_CHARACTERS = 3_000_000
MAX_NODES = 4_000
MAX_DEPTH = 12
BODY_LIMIT = 1_000_000

_ARTICLE_TYPES = frozenset(
    """
    newsarticle article reportagenewsarticle analysisnewsarticle backgroundnewsarticle opinionnewsarticle
    reviewnewsarticle askpublicnewsarticle satiricalarticle advertisercontentarticle liveblogposting blogposting
    socialmediaposting report techarticle scholarlyarticle medicalscholarlyarticle webpageelement
    """.split()
) - {"webpageelement"}
_NEWS_TYPES = frozenset(name for name in _ARTICLE_TYPES if "news" in name) | {"liveblogposting"}
# Where an article may sit below another node; hasPart, itemListElement and the like hold other articles.
_DOWN = ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed", "subjectOf")
_PUBLISHER_TYPES = frozenset({"organization", "newsmediaorganization", "website"})

_COMMENT = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
_VALUE_START = re.compile(r"[{\[]")
_SCALAR = re.compile(r'"(headline|datePublished|dateModified|articleBody|description)"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)
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
    """A person or organisation named by JSON-LD; ``organization`` says that it was called one."""

    name: str
    url: str | None = None
    organization: bool = False


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
    for script in _scripts(tree):
        values = _load(script)
        if values is None:
            broken.append(script)
        for value in values or ():
            nodes.extend(_nodes(value, MAX_NODES - len(nodes)))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if _types(node) & _ARTICLE_TYPES]
    if articles:
        return _article(max(articles, key=lambda node: _weight(node, url)), by_id, nodes)
    return next((found for script in broken if (found := _salvage(script)) is not None), None)


def _scripts(tree: HtmlElement) -> Iterator[str]:
    left = MAX_CHARACTERS
    count = 0
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        count += 1
        left -= len(script.text)
        if count > MAX_SCRIPTS or left < 0:
            return
        yield script.text


def _load(text: str) -> list[Any] | None:
    bare = _COMMENT.sub("", _COMMENT.sub("", text)).strip().rstrip(";")
    if not bare:
        return []
    if bare.startswith(("{&quot;", "[{&quot;")) or ("&quot;" in bare and '"' not in bare):
        bare = html.unescape(bare)
    for attempt in (bare, _TRAILING_COMMA.sub(r"\1", _BAD_ESCAPE.sub(r"\\\\", bare))):
        try:
            return [json.loads(attempt, strict=False)]
        except (ValueError, RecursionError):
            continue
    return _values_one_after_another(bare) or None


def _values_one_after_another(text: str) -> list[Any]:
    """Several JSON values in one script, with or without commas between them."""
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    at = 0
    while (start := _VALUE_START.search(text, at)) is not None and len(values) < MAX_SCRIPTS:
        try:
            value, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            break
        values.append(value)
    return values


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
        name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for name in _as_list(node.get("@type")) if isinstance(name, str)
    }


def _weight(node: dict[str, Any], url: str | None) -> tuple[int, int, int, int]:
    own = _address(node.get("url")) or _address(node.get("mainEntityOfPage")) or _address(node.get("@id"))
    return (
        int(bool(own and url and _path(own) == _path(url) and len(_path(url)) > 1)),
        int(bool(_types(node) & _NEWS_TYPES)),
        sum(bool(node.get(key)) for key in ("headline", "articleBody", "datePublished", "author", "image")),
        int(bool(_text(node.get("headline")))),
    )


def _article(node: dict[str, Any], by_id: dict[str, dict[str, Any]], nodes: list[dict[str, Any]]) -> LinkedArticle:
    publisher = next(
        (name.name for name in _names(node.get("publisher") or node.get("sourceOrganization"), by_id)), None
    ) or next((name for other in nodes if _types(other) & _PUBLISHER_TYPES and (name := _text(other.get("name")))), None)
    body = node.get("articleBody")
    section = next((text for item in _as_list(node.get("articleSection")) if (text := _text(item))), None)
    return LinkedArticle(
        headline=_text(node.get("headline")) or _text(node.get("name")),
        alternative_headline=_text(node.get("alternativeHeadline")),
        description=_text(node.get("description")),
        body=(lines(body, limit=BODY_LIMIT) or None) if isinstance(body, str) else None,
        published=_scalar(node.get("datePublished")),
        modified=_scalar(node.get("dateModified")),
        authors=tuple(_names(node.get("author"), by_id))[:30],
        publisher=publisher,
        section=section,
        keywords=tuple(_keywords(node.get("keywords"))),
        images=tuple(_images(node.get("image"), by_id))[:20],
        url=_address(node.get("mainEntityOfPage")) or _address(node.get("url")),
        free=_boolean(node.get("isAccessibleForFree")),
        language=_text(_language(node.get("inLanguage"))),
        license=_address(node.get("license")) or _text(node.get("license")),
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
        headline=_text(found.get("headline")),
        description=_text(found.get("description")),
        body=lines(found.get("articleBody", ""), limit=BODY_LIMIT) or None,
        published=_scalar(found.get("datePublished")),
        modified=_scalar(found.get("dateModified")),
    )


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 - whatever JSON holds
    if value is None:
        return []
    return value[:MAX_NODES] if isinstance(value, list) else [value]


def _text(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    for _ in range(3):
        if isinstance(value, list):
            value = next(iter(value), None)
        if isinstance(value, dict):
            value = value.get("@value", value.get("name"))
    return (plain(value) or None) if isinstance(value, str) else None


def _scalar(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return plain(str(value), limit=100) or None


def _address(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    for _ in range(3):
        if isinstance(value, list):
            value = next(iter(value), None)
        if isinstance(value, dict):
            value = value.get("url") or value.get("@id") or value.get("contentUrl")
    text = value.strip() if isinstance(value, str) else ""
    return text if text.startswith(("http://", "https://", "/")) and len(text) <= 2_000 else None


def _boolean(value: Any) -> bool | None:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, bool):
        return value
    text = value.rsplit("/", 1)[-1].strip().lower() if isinstance(value, str) else ""
    return {"true": True, "yes": True, "false": False, "no": False}.get(text)


def _language(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, dict):
        return value.get("alternateName") or value.get("name")
    return value


def _names(value: Any, by_id: dict[str, dict[str, Any]]) -> Iterator[LinkedName]:  # noqa: ANN401 - whatever JSON holds
    for item in _as_list(value)[:100]:
        node = item
        if isinstance(node, str) and node.lstrip().startswith(("{", "[")):
            try:
                node = json.loads(node)
            except (ValueError, RecursionError):
                continue
        if isinstance(node, list):
            yield from _names(node[:100], by_id) if not any(isinstance(part, list) for part in node) else ()
            continue
        if isinstance(node, str):
            if text := plain(node):
                yield LinkedName(text)
            continue
        if not isinstance(node, dict):
            continue
        if not node.get("name") and isinstance(node.get("@id"), str):
            node = by_id.get(node["@id"], node)
        organization = bool(_types(node) & {"organization", "newsmediaorganization", "corporation"})
        for part in _as_list(node.get("name"))[:30] or [_given_and_family(node)]:
            if text := _text(part):
                yield LinkedName(text, _address(node.get("url")), organization)


def _given_and_family(node: dict[str, Any]) -> str | None:
    parts = [text for key in ("givenName", "additionalName", "familyName") if (text := _text(node.get(key)))]
    return " ".join(parts) or None


def _keywords(value: Any) -> Iterator[str]:  # noqa: ANN401 - whatever JSON holds
    for item in _as_list(value)[:100]:
        if (text := _text(item)) is not None:
            yield from (part for piece in text.split(",") if (part := piece.strip()))


def _images(value: Any, by_id: dict[str, dict[str, Any]]) -> Iterator[LinkedImage]:  # noqa: ANN401 - whatever JSON holds
    for item in _as_list(value)[:50]:
        node = item
        if isinstance(node, dict):
            if isinstance(node.get("@id"), str) and not (node.get("url") or node.get("contentUrl")):
                node = by_id.get(node["@id"], node)
            for url in _as_list(node.get("url") or node.get("contentUrl"))[:10]:
                if isinstance(url, str) and url.strip():
                    yield LinkedImage(
                        url.strip(),
                        _text(node.get("caption")),
                        _text(node.get("creditText")) or _text(node.get("copyrightHolder")),
                        _pixels(node.get("width")),
                        _pixels(node.get("height")),
                    )
        elif isinstance(node, str) and node.strip():
            yield LinkedImage(node.strip())


def _pixels(value: Any) -> int | None:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, dict):
        value = value.get("value", value.get("@value"))
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", value)
        value = int(match.group(1)) if match else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 < value < 100_000 else None


def _path(url: str) -> str:
    bare = url.split("#")[0].split("?")[0]
    return "/" + bare.split("://", 1)[-1].partition("/")[2].strip("/")


def same_headline(one: str, other: str) -> bool:
    """Whether two headlines are the same one, typography apart."""
    return words(one) == words(other)
