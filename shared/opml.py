"""OPML, the lists in which people keep feeds: read as they are, written as they should be (OPML 2.0).

80 of 118 public lists are not well-formed XML. Most break on a bare ``&`` in a URL; what is left, libxml2 recovers.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from shared.errors import UsageError
from shared.text import storable
from shared.urls import canonical_url

MAX_FEEDS = 100_000
MAX_DEPTH = 200
# Each costs a hundred bytes while it is escaped: 10 MiB of nothing else took 943 MiB.
MAX_AMPERSANDS = 1_000_000
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});)")
_ADDRESS = re.compile(rb"\sxmlUrl\s{0,9}=\s{0,9}[\"']([^\"'<>]{1,4000})[\"']", re.IGNORECASE)
_END = re.compile(rb"</(?:[\w-]+:)?opml\s*>", re.IGNORECASE)
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*>")
_CONTROL = re.compile("[\x00-\x1f\x7f]+")
# Browsers once opened these in a feed reader: feed://host/path is http, feed:https://host/path what it says.
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?:)|feed(?=://)", re.IGNORECASE)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class OpmlFeed:
    """A feed in a list. ``categories``: the folder it stands in, ``/`` between levels, and those of its own."""

    url: str
    title: str | None = None
    site_url: str | None = None
    categories: tuple[str, ...] = ()


def read_opml(body: bytes) -> list[OpmlFeed]:
    """The feeds of an OPML document in its order; one listed twice comes once, with all its categories.

    :raises UsageError: with one line that says why there are none.
    """
    if not body.strip():
        raise UsageError("the file is empty")
    if body.count(b"&") > MAX_AMPERSANDS:
        raise UsageError("holds more ampersands than any list of feeds")
    root, is_broken = _parse(body)
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise UsageError("is no OPML: its first element is not <opml>")
    found: dict[str, OpmlFeed] = {}
    for feed in (*_feeds(root), *(_salvage(body) if is_broken else ())):
        try:
            key = canonical_url(feed.url)
        except ValueError:
            key = feed.url
        first = found.get(key, feed)
        found[key] = OpmlFeed(
            url=first.url,
            title=first.title or feed.title,
            site_url=first.site_url or feed.site_url,
            categories=tuple(dict.fromkeys(first.categories + feed.categories)),
        )
        if len(found) > MAX_FEEDS:
            raise UsageError(f"lists more than {MAX_FEEDS} feeds, split it")
    if not found:
        raise UsageError("lists no feeds: no outline has an xmlUrl")
    return list(found.values())


def is_cut_off(body: bytes) -> bool:
    """Whether the document ends before its end tag; lists that are merely no well-formed XML have one all the same."""
    return _END.search(body.replace(b"\x00", b"")) is None


def write_opml(feeds: Sequence[OpmlFeed]) -> bytes:
    """An OPML document of ``feeds``, each in the folders of its categories; those without stand first."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Feeds of Wiredesk"
    body = etree.SubElement(root, "body")
    folders: dict[tuple[str, ...], etree._Element] = {(): body}
    placed = [(feed, path) for feed in feeds for path in _paths(feed)]
    for feed, path in sorted(placed, key=lambda pair: bool(pair[1])):
        for depth in range(1, len(path) + 1):
            if path[:depth] not in folders:
                folders[path[:depth]] = _outline(folders[path[: depth - 1]], text=path[depth - 1])
        named = {"text": feed.title, "title": feed.title} if feed.title else {"text": feed.url}
        outline = _outline(folders[path], type="rss", **named, xmlUrl=feed.url)
        if feed.site_url:
            outline.set("htmlUrl", _plain(feed.site_url))
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _paths(feed: OpmlFeed) -> list[tuple[str, ...]]:
    paths = [tuple(part.strip() for part in name.split("/") if part.strip()) for name in feed.categories]
    return [path[:MAX_DEPTH] for path in paths if path] or [()]


def _outline(parent: etree._Element, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, "outline", {name: _plain(value) for name, value in attributes.items()})


def _plain(text: str) -> str:
    return _NOT_XML.sub("", storable(text) or "")


def _parse(body: bytes) -> tuple[etree._Element | None, bool]:
    """The document and whether it is broken."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if body.startswith(mark):
            body = _DECLARATION.sub(b"", body[2:].decode(encoding, "replace").encode("utf-8", "replace"))
    # Escaped, no entity of a document type is left to expand.
    body = _BARE_AMPERSAND.sub(b"&amp;", body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(body, parser), bool(parser.error_log)
    except (etree.XMLSyntaxError, ValueError):
        return None, True


def _salvage(body: bytes) -> Iterator[OpmlFeed]:
    """The addresses that are plain to see where an outline is lost to a quotation mark in its description."""
    if b"<!--" in body:
        return
    for match in _ADDRESS.finditer(body):
        url = _feed_url(_line(html.unescape(match[1].decode("utf-8", "replace"))))
        if url:
            yield OpmlFeed(url)


def _feeds(root: etree._Element) -> Iterator[OpmlFeed]:
    """All outlines with a feed's address, in order; no recursion, as the depth is the file's choice."""
    stack: list[tuple[etree._Element, tuple[str, ...]]] = [(root, ())]
    while stack:
        element, path = stack.pop()
        if not isinstance(element.tag, str):
            continue
        below = path
        if etree.QName(element).localname.lower() == "outline":
            url = _feed_url(_attribute(element, "xmlUrl"))
            name = _attribute(element, "title") or _attribute(element, "text")
            if url:
                # Who has no title writes the address in its place, as we do.
                title = name if name != url else None
                categories = _categories(path, _attribute(element, "category"))
                yield OpmlFeed(url, title, _attribute(element, "htmlUrl"), categories)
            elif name:
                # A slash in a name would look like another level.
                below = (*path, name.replace("/", "-"))[:MAX_DEPTH]
        stack.extend((child, below) for child in reversed(element))


def _feed_url(url: str | None) -> str | None:
    match = _FEED_SCHEME.match(url) if url else None
    if url is None or match is None:
        return url
    return ("" if match[0].endswith((":", "/")) else "http") + url[match.end() :]


def _categories(path: tuple[str, ...], listed: str | None) -> tuple[str, ...]:
    """OPML 2.0: ``category`` is a comma-separated list of slash-delimited names."""
    own = [part.strip().strip("/") for part in (listed or "").split(",")]
    return tuple(dict.fromkeys(name for name in ("/".join(path), *own) if name))


def _attribute(element: etree._Element, name: str) -> str | None:
    # By name: walking over all attributes is quadratic in lxml.
    value = element.get(name) or element.get(name.lower()) or element.get(name.upper())
    return _line(value) if value else None


def _line(text: str) -> str | None:
    return " ".join(_CONTROL.sub(" ", text).split()) or None
