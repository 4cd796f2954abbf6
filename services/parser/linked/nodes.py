"""The nodes of a page's linked data, and which of them is the page's article. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.parser.linked.values import address, as_list, text_in
from services.parser.text import words

MAX_NODES = 4_000
MAX_DEPTH = 12

Node = dict[str, Any]
Titles = Callable[[], tuple[str, ...]]
"""What the page itself calls its article; asked only where there is a doubt, for it has to be looked for."""

_ARTICLE = re.compile(r"(?:\w*article|\w*(?:blog|news)posting|socialmediaposting|discussionforumposting|report)")
# Works that news pages are about when they are no article; as witnesses they come behind any article.
_KIN = frozenset({"review", "criticreview", "userreview", "recipe", "podcastepisode", "radioepisode"})
_PAGE = re.compile(r"(?:medical|item|qa|faq|about|media)?(?:web)?page")
# Where an article may sit below another node.
_DOWN = ("@graph", "mainEntity", "mainEntityOfPage", "subjectOf")
# Where other articles sit; the page's own only where it is called by the page's address or headline.
_LISTS = ("hasPart", "itemListElement", "item", "@graph", "mainEntity", "blogPost")
_SAID = ("headline", "articleBody", "datePublished", "author", "image", "description")
_PREFIX = re.compile(r"(?:https?://schema\.org/|schema:)")
_MIN_SHARED = 0.3
_SAME = 0.8


@dataclass(frozen=True)
class Graph:
    """The nodes in document order, and those that others may refer to."""

    nodes: tuple[Node, ...]
    by_id: dict[str, Node] = field(default_factory=dict)

    def resolved(self, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        """What a reference (``{"@id": ...}``) refers to, else the value itself."""
        name = value.get("@id") if isinstance(value, dict) else value
        if not isinstance(name, str) or (isinstance(value, dict) and (value.get("name") or value.get("url"))):
            return value
        return self.by_id.get(name, value)


def graph(values: list[Any]) -> Graph:
    """The nodes in JSON values."""
    nodes = tuple(_walk(values, _DOWN))
    by_id: dict[str, Node] = {}
    for node in nodes:
        for one in (node, *(value for value in node.values() if isinstance(value, dict))):
            if isinstance(name := one.get("@id"), str) and len(one) > 1:
                by_id.setdefault(name, one)
    return Graph(nodes, by_id)


def plain_keys(node: Node) -> Node:
    """The node with keys as schema.org spells them, but for case: ``schema:datePublished`` is ``datepublished``."""
    return {(_PREFIX.sub("", key) if ":" in key else key).lower(): value for key, value in node.items()}


def types(node: Node) -> set[str]:
    """What a node says that it is, in lower case and without the vocabulary's address."""
    named = as_list(node.get("@type", node.get("type")))
    return {re.split("[/:#]", name.strip())[-1].lower() for name in named if isinstance(name, str)}


def is_article(node: Node) -> bool:
    """Whether a node is called an article, of whatever kind."""
    return any(_ARTICLE.fullmatch(name) for name in types(node))


def is_page(node: Node) -> bool:
    """Whether a node is called a web page."""
    return any(_PAGE.fullmatch(name) for name in types(node))


def about(found: Graph, *, url: str | None, titles: Titles) -> list[Node]:
    """The nodes that are about the page's article, the best account first: articles, else its kin, else the page.

    Of several articles the one that names the page's own address wins, then the one that bears its headline, then the
    one that says most; others count where they bear the same headline. One that gives another address and shares no
    word with the page's titles is another article.
    """
    articles = [node for node in found.nodes if is_article(node)]
    doubtful = len(articles) > 1 or any(_at(node, url) < 0 for node in articles)
    shown = titles() if doubtful else ()
    articles = [node for node in articles if not _is_anothers(node, url, shown)]
    if not articles and (listed := [node for node in _walk(list(found.nodes), _LISTS) if is_article(node)]):
        shown = shown or titles()
        articles = [node for node in listed if is_called(node, url, shown)]
    if not articles:
        articles = [node for node in found.nodes if types(node) & _KIN and _at(node, url) >= 0]
    if len(articles) > 1:
        articles.sort(key=lambda node: _weight(node, url, shown), reverse=True)
        headline = words(_headline(articles[0]))
        articles = [articles[0], *(node for node in articles[1:4] if words(_headline(node)) == headline)]
    return articles


def is_called(node: Node, url: str | None, titles: tuple[str, ...]) -> bool:
    """Whether a node bears the page's address or one of its titles."""
    return _at(node, url) > 0 or _shared(node, titles) >= _SAME


def pages(found: Graph, url: str | None) -> list[Node]:
    """The nodes that are the web page itself."""
    return [node for node in found.nodes if is_page(node) and _at(node, url) >= 0]


def _walk(values: list[Any], down: tuple[str, ...]) -> Iterator[Node]:
    level = values
    room = MAX_NODES
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
                below.extend(item[key] for key in down if isinstance(item.get(key), dict | list))
        if not below:
            return
        level = below


def _weight(node: Node, url: str | None, titles: tuple[str, ...]) -> tuple[int, int, bool, int]:
    here = _at(node, url)
    return (
        max(here, int(_shared(node, titles) >= _SAME)),
        here,
        any("news" in name or name == "liveblogposting" for name in types(node)),
        sum(bool(node.get(key)) for key in _SAID),
    )


def _headline(node: Node) -> str:
    return text_in(node.get("headline")) or text_in(node.get("name")) or ""


def _at(node: Node, url: str | None) -> int:
    """1 where a node gives the page's own address, -1 where only others, 0 where none that says anything."""
    given = [address(node.get(key)) for key in ("url", "mainEntityOfPage", "@id")]
    paths = {path for one in given if one and len(path := path_of(one)) > 1}
    if not url or not paths or len(own := path_of(url)) <= 1:
        return 0
    return 1 if own in paths else -1


def _is_anothers(node: Node, url: str | None, titles: tuple[str, ...]) -> bool:
    return bool(titles) and _at(node, url) < 0 and bool(_headline(node)) and _shared(node, titles) < _MIN_SHARED


def _shared(node: Node, titles: tuple[str, ...]) -> float:
    """The share of the headline's words that stand in one of ``titles``."""
    spoken = set(words(_headline(node)))
    if not spoken:
        return 0.0
    return max((len(spoken & set(words(title))) / len(spoken) for title in titles), default=0.0)


def path_of(url: str) -> str:
    """The path of an address without its AMP marks: what stays the same between hosts, schemes and renditions."""
    bare, _, _ = url.partition("#")
    bare, _, _ = bare.partition("?")
    path = bare.rpartition("://")[2].partition("/")[2].strip("/")
    return "/" + path.removesuffix("/amp").removesuffix(".amp").removeprefix("amp/")
