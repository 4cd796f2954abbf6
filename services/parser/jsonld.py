"""The page's article in schema.org's words: JSON-LD, in all the shapes found in the wild, else microdata."""

from __future__ import annotations

from dataclasses import replace

from lxml.html import HtmlElement

from services.parser.dom import text_of
from services.parser.linked import facts, microdata, nodes
from services.parser.linked.article import LinkedArticle, LinkedImage, LinkedName
from services.parser.linked.scripts import load, scripts

__all__ = ["LinkedArticle", "LinkedImage", "LinkedName", "read", "read_microdata"]

_TITLES = 4


def read(tree: HtmlElement, *, url: str | None = None) -> LinkedArticle | None:
    """What the page's JSON-LD says about its article, or ``None`` where it says nothing.

    Articles come before other works, and these before what is said of the web page; a gap in the best account is filled
    from the next one of the same. Broken JSON is mended as far as it can be understood.
    """
    values = [value for script in scripts(tree) for value in load(script)]
    return _said(nodes.graph(values), tree, url) if values else None


def read_microdata(tree: HtmlElement, *, url: str | None = None) -> LinkedArticle | None:
    """The same of the page's microdata. Its texts are the page's own, so that none of them is given as a body; its
    dates are read where they stand, by :mod:`services.parser.pagedates`.
    """
    values = microdata.nodes(tree)
    graph = nodes.graph(values)
    own = [node for node in graph.nodes if not nodes.is_article(node) or nodes.is_called(node, url, _titles(tree))]
    found = _said(nodes.Graph(tuple(own)), tree, url) if own else None
    return replace(found, published=None, modified=None) if found is not None else None


def _said(graph: nodes.Graph, tree: HtmlElement, url: str | None) -> LinkedArticle | None:
    accounts = [facts.article(node, graph) for node in nodes.about(graph, url=url, titles=lambda: _titles(tree))]
    if not accounts or not accounts[0].is_complete:
        accounts.extend(facts.page(node, graph) for node in nodes.pages(graph, url)[:1])
    if not accounts:
        return facts.loose(graph)
    best, *others = accounts
    for other in others:
        best = best.completed(other)
    return best


def _titles(tree: HtmlElement) -> tuple[str, ...]:
    """What the page calls its article: headings, ``<title>``, OpenGraph."""
    headings = [text_of(element) for element, _ in zip(tree.iter("h1", "title"), range(_TITLES), strict=False)]
    graph = [tag.get("content", "") for tag in tree.iter("meta") if tag.get("property") == "og:title"][:1]
    return tuple(text for text in (*headings, *graph) if text)
