"""People and organisations in linked data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from services.parser.linked.article import LinkedName
from services.parser.linked.nodes import Graph, Node, types
from services.parser.linked.values import address, as_list, string_in, text_in
from services.parser.text import plain

_ORGANIZATIONS = frozenset({"organization", "newsmediaorganization", "corporation"})
_PUBLISHERS = frozenset({"newsmediaorganization", "organization", "website"})
_MAX_NAMES = 100
_BREAK = re.compile(r"<br\b[^<>]{0,200}>|&lt;br\s{0,9}/?&gt;", re.IGNORECASE)


def names(value: Any, graph: Graph) -> Iterator[LinkedName]:  # noqa: ANN401 - whatever JSON holds
    """Everybody who is named, in their order."""
    for item in as_list(value)[:_MAX_NAMES]:
        for one in as_list(_unquoted(graph.resolved(item)))[:_MAX_NAMES]:
            if isinstance(one, str):
                if name := plain(_in_one_line(one)):
                    yield LinkedName(name)
            elif isinstance(one, dict):
                yield from _of_node(one)


def publisher(node: Node, graph: Graph) -> tuple[str | None, str | None]:
    """The publisher's name and, where its postal address gives one, its country as written.

    ``node`` has plain keys. Where it names no publisher, the page's only organisation or web site is it.
    """
    for key in ("publisher", "sourceorganization", "provider"):
        for item in as_list(node.get(key))[:3]:
            one = graph.resolved(item)
            if name := next((found.name for found in names(one, graph)), None):
                return name, _country(one, graph)
    for kind in sorted(_PUBLISHERS):
        for other in graph.nodes:
            if kind in types(other) and (name := text_in(other.get("name"))):
                return name, _country(other, graph)
    return None, None


def _country(node: Any, graph: Graph) -> str | None:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(node, dict):
        return None
    where = graph.resolved(next(iter(as_list(node.get("address"))), None))
    said = where.get("addressCountry") if isinstance(where, dict) else None
    return text_in(graph.resolved(said))


def _unquoted(item: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A node that a careless template wrote as a string of JSON."""
    if isinstance(item, str) and item.lstrip().startswith(("{", "[")):
        try:
            return json.loads(item, strict=False)
        except (ValueError, RecursionError):
            return None
    return item


def _of_node(node: Node) -> Iterator[LinkedName]:
    organization = bool(types(node) & _ORGANIZATIONS)
    said = node.get("name")
    # A list of names is several people, a list of the same name in several languages one.
    parts = [string_in(said)] if isinstance(said, dict) else as_list(said)[:30]
    for part in parts or [node.get("legalName") or _given_and_family(node)]:
        if name := text_in(_in_one_line(part)):
            yield LinkedName(name, address(node.get("url")) or _elsewhere(node), organization, in_node=True)


def _in_one_line(said: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A text whose line breaks of HTML part it still, where it is one line."""
    return _BREAK.sub("; ", said) if isinstance(said, str) and "br" in said else said


def _elsewhere(node: Node) -> str | None:
    """The first page about somebody that is not the publication's: ``sameAs`` has whole addresses only."""
    said = (address(one) for one in as_list(node.get("sameAs"))[:_MAX_NAMES])
    return next((one for one in said if one is not None and one.startswith("http")), None)


def _given_and_family(node: Node) -> str | None:
    parts = [text for key in ("givenName", "additionalName", "familyName") if (text := text_in(node.get(key)))]
    return " ".join(parts) or None
