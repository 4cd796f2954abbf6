"""What a body is that is no feed, in words for a person."""

from __future__ import annotations

import re

_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "gzip data"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"ID3", "an audio file"),
)
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s*>")
_FIRST_TAG = re.compile(r"<\s*(?:([\w.-]{1,40}):)?([A-Za-z_][\w.-]{0,60})")
HTML_TAGS = frozenset(
    {"html", "head", "body", "script", "div", "meta", "title", "p", "center", "table", "h1", "h2", "br", "b", "style"}
    | {"link", "iframe", "span", "form", "noscript", "pre", "a", "img", "ul", "font", "section", "main", "svg"}
)
FEED_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
FEED_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|rdf|feed)(?=[\s>])", re.IGNORECASE)
_KNOWN_ROOTS = {
    "opml": "an OPML list of feeds, not a feed",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap index",
    "opensearchdescription": "an OpenSearch description",
    "service": "an Atom service document",
}


def binary_kind(body: bytes) -> str | None:
    """What ``body`` is by its first bytes; ``None`` where they say nothing."""
    return next((name for magic, name in _MAGIC if body.startswith(magic)), None)


def skip_prolog(text: str, position: int = 0, *, over_doctype: bool = True) -> int:
    """Where the first element begins, or what stands in its place; on request, where the document type does."""
    while True:
        while position < len(text) and text[position] in " \t\r\n\ufeff":
            position += 1
        if text.startswith("<!--", position):
            end = text.find("-->", position + 4) + 3
        elif text.startswith("<?", position):
            end = text.find(">", position) + 1
        elif over_doctype and _DOCTYPE.match(text, position):
            end = end_of_doctype(text, position)
        else:
            return position
        if end <= position:
            return len(text)
        position = end


def end_of_doctype(text: str, start: int) -> int:
    """Where the document type that begins at ``start`` ends, its internal subset included."""
    close = text.find(">", start)
    if close < 0:
        return len(text)
    if text.find("[", start, close) < 0:
        return close + 1
    end = _SUBSET_END.search(text, start)
    return end.end() if end else len(text)


def first_element(text: str) -> str | None:
    """The local name, in lower case, of the element that the document starts with."""
    found = _FIRST_TAG.match(text, skip_prolog(text))
    return found.group(2).lower() if found else None


def looks_like_html(text: str) -> bool:
    """Whether the document is a web page that nobody could mean as a feed."""
    if re.match(r"\s*<!doctype\s+html", text[:2000], re.IGNORECASE) or first_element(text) in HTML_TAGS:
        # A feed behind a warning that PHP printed before it is still a feed.
        return FEED_ROOT.search(text) is None
    return False


def kind(text: str) -> str:
    """What ``text`` is, given that it is no feed."""
    if looks_like_html(text):
        return "an HTML page"
    if text.lstrip()[:1] in ("{", "["):
        return "JSON that is no JSON Feed"
    root = first_element(text)
    if root is None:
        return "plain text" if text.isprintable() or "\x00" not in text[:1000] else "binary data"
    if root in HTML_TAGS:
        return "an HTML page"
    return _KNOWN_ROOTS.get(root, f"XML that is no feed: its first element is <{root[:40]}>")
