"""What a node says of its article, field by field. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from services.parser.linked.article import LinkedArticle, LinkedImage
from services.parser.linked.names import names, publisher
from services.parser.linked.nodes import Graph, Node, path_of, plain_keys, types
from services.parser.linked.values import (
    address,
    as_list,
    boolean,
    language_in,
    pixels,
    scalar,
    string_in,
    text_in,
)  # fmt: skip
from services.parser.text import lines, plain
from services.parser.topics import listed

BODY_LIMIT = 1_000_000
_MAX_AUTHORS = 30
_MAX_IMAGES = 20
_MAX_KEYWORDS = 100
_MAX_UPDATES = 1_000
_MAX_CRUMBS = 20
_LIST_DEPTH = 3
# In a body that was given as HTML: what is no text of it.
_NO_TEXT = re.compile(r"<(script|style|figure|iframe|form)\b.{0,20000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
# WordPress writes its codes for pictures and embeds into the body: those with attributes, and what ends one.
_SHORTCODE = re.compile(
    r"\[caption\b[^\]]{0,500}\].{0,2000}?\[/caption\]|\[/[a-z_-]{3,30}\]|\[[a-z][a-z_-]{2,30} [a-z_]+=[^\]]{0,500}\]",
    re.IGNORECASE | re.DOTALL,
)


def article(node: Node, graph: Graph) -> LinkedArticle:
    """What ``node`` says, as one that is called an article."""
    said = plain_keys(node)
    named, country = publisher(said, graph)
    return LinkedArticle(
        headline=text_in(said.get("headline")) or text_in(said.get("name")),
        alternative_headline=text_in(said.get("alternativeheadline")) or text_in(said.get("alternatename")),
        description=text_in(said.get("description")) or text_in(said.get("abstract")),
        body=_body(said),
        published=scalar(said.get("datepublished")) or scalar(said.get("datecreated")),
        modified=scalar(said.get("datemodified")),
        authors=tuple(islice(names(said.get("author") or said.get("creator"), graph), _MAX_AUTHORS)),
        publisher=named,
        country=country,
        sections=tuple(listed(_texts(said.get("articlesection")))),
        breadcrumbs=breadcrumbs(graph),
        keywords=tuple(listed(_texts(said.get("keywords")))),
        images=tuple(_images(said.get("image") or said.get("thumbnailurl"), graph))[:_MAX_IMAGES],
        url=address(said.get("mainentityofpage")) or address(said.get("url")),
        free=_free(said),
        language=text_in(language_in(said.get("inlanguage"))),
        license=address(said.get("license")) or text_in(said.get("license")),
    )


def page(node: Node, graph: Graph) -> LinkedArticle:
    """What ``node`` says of the web page that it is: what is true of its article, too. Its name is a ``<title>``."""
    said = plain_keys(node)
    named, country = publisher(said, graph)
    return LinkedArticle(
        headline=text_in(said.get("headline")),
        description=text_in(said.get("description")),
        published=scalar(said.get("datepublished")),
        modified=scalar(said.get("datemodified")),
        authors=tuple(islice(names(said.get("author"), graph), _MAX_AUTHORS)),
        publisher=named,
        country=country,
        breadcrumbs=breadcrumbs(graph),
        images=tuple(_images(said.get("primaryimageofpage") or said.get("image"), graph))[:_MAX_IMAGES],
        free=_free(said),
        language=text_in(language_in(said.get("inlanguage"))),
        license=address(said.get("license")) or text_in(said.get("license")),
        is_article=False,
    )


def loose(graph: Graph) -> LinkedArticle | None:
    """What is said beside any article or page: the publisher and the way to the page."""
    named, country = publisher({}, graph)
    crumbs = breadcrumbs(graph)
    return (
        LinkedArticle(publisher=named, country=country, breadcrumbs=crumbs, is_article=False)
        if named or crumbs
        else None
    )


def breadcrumbs(graph: Graph) -> tuple[str, ...]:
    """The names on the way to the page, in the order of their positions."""
    for node in graph.nodes:
        found = node if "breadcrumblist" in types(node) else node.get("breadcrumb")
        found = graph.resolved(found)
        items = as_list(found.get("itemListElement")) if isinstance(found, dict) else []
        placed = [
            (pixels(item.get("position")) or number, name)
            for number, item in enumerate(items[:_MAX_CRUMBS], 1)
            if isinstance(item, dict)
            and not (len(items) > 1 and _is_home(item))
            and (name := text_in(item.get("name")) or text_in(item.get("item")))
        ]
        if placed:
            return tuple(name for _, name in sorted(placed, key=lambda one: one[0]))
    return ()


def _is_home(crumb: Node) -> bool:
    where = address(crumb.get("item")) or address(crumb.get("url"))
    return where is not None and path_of(where) == "/"


def _body(said: Node) -> str | None:
    updates = said.get("liveblogupdate")
    parts = [_text(said.get("articlebody") or said.get("text") or said.get("reviewbody"))]
    for update in as_list(updates)[:_MAX_UPDATES]:
        if isinstance(update, dict):
            one = plain_keys(update)
            parts.extend((text_in(one.get("headline")) or "", _text(one.get("articlebody") or one.get("text"))))
    return "\n".join(part for part in parts if part)[:BODY_LIMIT] or None


def _text(value: Any, depth: int = _LIST_DEPTH) -> str:  # noqa: ANN401 - whatever JSON holds
    """A body with a line a paragraph: given as text, as HTML, as escaped HTML, as a list of paragraphs."""
    if isinstance(value, list):
        return "\n".join(part for item in value[:_MAX_UPDATES] if depth and (part := _text(item, depth - 1)))
    raw = string_in(value)
    if not raw:
        return ""
    if "\\n" in raw and "\n" not in raw:
        raw = raw.replace("\\r", "").replace("\\n", "\n")
    if "<" in raw:
        raw = _NO_TEXT.sub("\n", raw)
    if "[" in raw:
        raw = _SHORTCODE.sub(" ", raw)
    return lines(raw, limit=BODY_LIMIT)


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - whatever JSON holds
    return [text for item in as_list(value)[:_MAX_KEYWORDS] if (text := text_in(item))]


def _free(said: Node) -> bool | None:
    """Whether it may be read without paying. A part that may not be makes the whole one that may not; a part that may
    be says nothing of the others.
    """
    whole = boolean(said.get("isaccessibleforfree", said.get("isaccesibleforfree")))
    parts = [part for part in as_list(said.get("haspart"))[:50] if isinstance(part, dict)]
    if whole is not True and any(boolean(part.get("isAccessibleForFree")) is False for part in parts):
        return False
    return whole


def _images(value: Any, graph: Graph) -> Iterator[LinkedImage]:  # noqa: ANN401 - whatever JSON holds
    for item in as_list(value)[:50]:
        node = graph.resolved(item)
        if isinstance(node, str) and (target := plain(node)):
            yield LinkedImage(target)
        elif isinstance(node, dict):
            yield from _images_of_node(plain_keys(node), graph)


def _images_of_node(said: Node, graph: Graph) -> Iterator[LinkedImage]:
    credit = text_in(said.get("credittext")) or text_in(said.get("copyrightholder"))
    if credit is None:
        credit = next((found.name for key in ("creator", "author") for found in names(said.get(key), graph)), None)
    urls = as_list(said.get("url") or said.get("contenturl") or address(said.get("@id")))
    for url in urls[:10]:
        if isinstance(url, str) and (target := plain(url)):
            yield LinkedImage(
                target,
                text_in(said.get("caption")) or text_in(said.get("description")),
                credit or text_in(said.get("copyrightnotice")),
                pixels(said.get("width")),
                pixels(said.get("height")),
            )
