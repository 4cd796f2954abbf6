"""The page as one tree, parsed once, hardened and bounded; all witnesses read from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from services.parser.text import SHORT_LIMIT, plain

# lxml refuses these in text (XML 1.0, 2.2); form feed is a space in HTML, the rest are noise. In UTF-8 none of these
# bytes is ever part of another character, so they can be taken out of the bytes.
_CONTROLS = bytes(code for code in range(0x20) if code not in (0x09, 0x0A, 0x0C, 0x0D)) + b"\x7f"
_FORM_FEED = bytes.maketrans(b"\x0c", b" ")
# Numeric references to C1 controls mean windows-1252 on the web (WHATWG HTML, 13.2.5.80); libxml2 takes them literally.
_C1_REFERENCE = re.compile(rb"&#(12[89]|1[345]\d);")
# libxml2 takes the whole page for the content of nothing after <html ... />.
_SELF_CLOSED_ROOT = re.compile(rb"(<html\b[^<>]{0,2000}?)\s*/>", re.IGNORECASE)
_CONTAINER = re.compile(
    rb"</?(?:div|span|font|center|b|i|u|em|strong|section|blockquote|ul|li|table|tbody|tr|td)\b[^<>]{0,5000}>",
    re.IGNORECASE,
)
_CODE = ("script", "style", "svg")
# A hundred thousand attributes on one element cost libxml2 18 s and every walk over them as much again. A long tag
# with few attributes is an inlined image.
_LONG_TAG = 20_000
_MAX_ATTRIBUTES = 1_000
_CROWD = 1_000
_CROWD_SPLIT = 500
_CROWDS = etree.XPath(f"//*[count(*) > {_CROWD}][not(self::html or self::head or self::body)]")
_COUNT = etree.XPath("count(//*)")
_PARTS_WORDS = frozenset(
    {"br", "p", "div", "li", "td", "th", "tr", "ul", "ol", "figcaption", "h1", "h2", "h3", "h4", "hr"}
)


@dataclass(frozen=True)
class Size:
    """How much there is to work through: elements, and characters of text outside of scripts."""

    elements: int
    text: int


def parse(utf8: bytes) -> HtmlElement | None:
    """The tree of a page given as UTF-8, or ``None`` where there is nothing to make one of.

    Elements deeper than 2,048 levels make libxml2 drop the rest of the page: such a page is read once more without
    its containers, which keeps its words.
    """
    cleaned = utf8.translate(_FORM_FEED, _CONTROLS)
    if b"&#1" in cleaned:
        cleaned = _C1_REFERENCE.sub(_windows_1252, cleaned)
    cleaned = _without_attribute_bombs(cleaned)
    head = cleaned[:4096]
    if b"/>" in head:
        cleaned = _SELF_CLOSED_ROOT.sub(rb"\1>", head, count=1) + cleaned[4096:]
    tree = _parse(cleaned)
    if tree is not None and not _has_text(tree) and _has_words(cleaned):
        tree = _parse(_CONTAINER.sub(b"\n", cleaned))
    return tree


def strip_code(tree: HtmlElement) -> None:
    """Take scripts, styles and drawings out, in place: they are most of a page's bytes and none of its text."""
    etree.strip_elements(tree, *_CODE, with_tail=False)


def split_crowds(tree: HtmlElement) -> None:
    """Make several elements of one with thousands of children, in place.

    trafilatura's work on the children of one element is quadratic: 10,000 links in a paragraph take 8 s, in twenty
    paragraphs half a second.
    """
    for crowd in _CROWDS(tree):
        children = list(crowd)
        last = crowd
        # libxml2 reads names into a tree, such as "ine<", that lxml refuses to make.
        tag = crowd.tag if isinstance(crowd.tag, str) and crowd.tag.isalnum() and crowd.tag.isascii() else "div"
        for start in range(_CROWD_SPLIT, len(children), _CROWD_SPLIT):
            part = crowd.makeelement(tag)
            last.addnext(part)
            part.extend(children[start : start + _CROWD_SPLIT])
            last = part


def measure(tree: HtmlElement) -> Size:
    """The size of a tree without its scripts."""
    return Size(elements=int(_COUNT(tree)), text=len(tree.text_content()))


def text_of(element: HtmlElement, *, limit: int = SHORT_LIMIT) -> str:
    """An element's text as one line of at most ``limit`` characters; line breaks and blocks part words."""
    parts: list[str] = []
    length = 0
    for part in element.iter():
        if part.tag not in _CODE:
            words = part.text or ""
            parts.append(f" {words}" if part.tag in _PARTS_WORDS else words)
            length += len(words)
        if part is not element and part.tail:
            parts.append(f" {part.tail}" if part.tag in _PARTS_WORDS else part.tail)
            length += len(part.tail)
        if length > limit * 2:
            break
    return plain("".join(parts), limit=limit) if parts else ""


def _parse(utf8: bytes) -> HtmlElement | None:
    # huge_tree raises libxml2's depth limit from 256 to 2,048 and lifts its limit on the length of a text; the page's
    # length is bounded by the caller.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    try:
        tree = document_fromstring(utf8, parser=parser)
    except (etree.LxmlError, ValueError):
        return None
    return tree if isinstance(tree, HtmlElement) else None


def _without_attribute_bombs(utf8: bytes) -> bytes:
    """The page with tags of thousands of attributes bare of them."""
    parts = utf8.split(b"<")
    bombs = False
    for number, part in enumerate(parts):
        if len(part) < _LONG_TAG or not part[:1].isalpha():
            continue
        end = part.find(b">")
        if (end == -1 or end >= _LONG_TAG) and len(
            attributes := part[: end if end >= 0 else None].split()
        ) > _MAX_ATTRIBUTES:
            bombs = True
            parts[number] = attributes[0] + b">" + (part[end + 1 :] if end >= 0 else b"")
    return b"<".join(parts) if bombs else utf8


def _windows_1252(match: re.Match[bytes]) -> bytes:
    code = int(match.group(1))
    return bytes([code]).decode("cp1252", "replace").encode() if code <= 0x9F else match.group()


def _has_text(tree: HtmlElement) -> bool:
    return any(
        element.tag not in _CODE and element.tag != "title" and element.text and not element.text.isspace()
        for element in tree.iter()
        if isinstance(element.tag, str)
    )


def _has_words(utf8: bytes) -> bool:
    return re.search(rb">[^<>]*[\w\x80-\xff]{3}[^<>]*<", utf8) is not None
