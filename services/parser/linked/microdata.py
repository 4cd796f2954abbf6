"""Microdata as the nodes that JSON-LD would have: ``itemprop`` in the page's own markup (HTML, "Microdata")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from services.parser.dom import text_of
from services.parser.linked.nodes import Node

MAX_ITEMS = 20
MAX_PROPERTIES = 200
_MAX_DEPTH = 4
_ITEMS = etree.XPath("//*[@itemtype]")
_PROPERTIES = etree.XPath(f"(.//*[@itemprop])[position() <= {MAX_PROPERTIES}]")
_OF_USE = re.compile(r"(?:Article|Posting|Report|BreadcrumbList)\s*$", re.IGNORECASE)
_SOURCES = {
    "a": "href", "area": "href", "link": "href", "img": "src", "source": "src", "video": "src", "object": "data",
    "time": "datetime", "data": "value", "meter": "value",
}  # fmt: skip
_LINKS = frozenset({"url", "mainentityofpage", "image", "license", "contenturl", "thumbnailurl", "item"})
_NOT_IN_FIGURES = frozenset({"author", "creator", "datePublished"})
"""A photographer is not the article's author, whatever the template says."""
_NOT_READ = frozenset({"articlebody", "text", "comment", "comments", "review"})
"""The text is the page's, and for those who extract it; comments are not the article's."""


def nodes(tree: HtmlElement) -> list[Node]:
    """The articles and the breadcrumbs that the page's markup tells apart, in document order."""
    return [_node(element, _MAX_DEPTH) for element in islice(_items(tree), MAX_ITEMS)]


def _items(tree: HtmlElement) -> Iterator[HtmlElement]:
    return (element for element in _ITEMS(tree) if _OF_USE.search(element.get("itemtype")))


def _node(item: HtmlElement, depth: int) -> Node:
    node: Node = {"@type": (item.get("itemtype") or "").strip()}
    if name := item.get("itemid"):
        node["@id"] = name
    for element in _properties(item):
        for name in element.get("itemprop", "").split()[:3]:
            if name.lower() in _NOT_READ:
                continue
            value = _node(element, depth - 1) if "itemscope" in element.attrib and depth else _value(element, name)
            if value:
                node.setdefault(name, []).append(value)
    return node


def _properties(item: HtmlElement) -> Iterator[HtmlElement]:
    """The properties of an item itself, not those of items within it."""
    for element in _PROPERTIES(item):
        if element.get("itemprop") in _NOT_IN_FIGURES and next(element.iterancestors("figure"), None) is not None:
            continue
        owner = next((above for above in element.iterancestors() if "itemscope" in above.attrib), None)
        if owner is item:
            yield element


def _value(element: HtmlElement, name: str) -> str:
    if (content := element.get("content")) is not None:
        return content
    source = _SOURCES.get(element.tag) if isinstance(element.tag, str) else None
    # A name that is a link is meant, not where it leads.
    if source is not None and (source != "href" or name.lower() in _LINKS) and (said := element.get(source)):
        return said
    return text_of(element)
