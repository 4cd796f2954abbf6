"""The page as one tree, parsed once, hardened and bounded; all witnesses read from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HTMLParser, HtmlProcessingInstruction, document_fromstring

from services.parser.nesting import flattened
from services.parser.text import SHORT_LIMIT, calm, plain

# lxml refuses these in text (XML 1.0, 2.2); form feed is a space in HTML, the rest are noise. In UTF-8 none of these
# bytes is ever part of another character, so they can be taken out of the bytes.
_CONTROLS = bytes(code for code in range(0x20) if code not in (0x09, 0x0A, 0x0C, 0x0D)) + b"\x7f"
_FORM_FEED = bytes.maketrans(b"\x0c", b" ")
# Numeric references to C1 controls mean windows-1252 on the web (WHATWG HTML, 13.2.5.80); libxml2 takes them literally.
_C1_REFERENCE = re.compile(rb"&#(12[89]|1[345]\d);")
# libxml2 takes the whole page for the content of nothing after <html ... />.
_SELF_CLOSED_ROOT = re.compile(rb"(<html\b[^<>]{0,2000}?)\s*/>", re.IGNORECASE)
_FRAMES = re.compile(rb"</?(?:noframes|frameset|frame)\b[^<>]{0,2000}>", re.IGNORECASE)
_CODE = ("script", "style", "svg")
_GONE = "wiredesk-gone"
# lxml.html asks a function in Python for the class of each element that anybody looks at, a twentieth of a parse. The
# forms and inputs that it makes classes of their own for are nothing to us.
_CLASSES = etree.ElementDefaultClassLookup(HtmlElement, HtmlComment, HtmlProcessingInstruction, HtmlEntity)
# A hundred thousand attributes on one element cost libxml2 18 s and every walk over them as much again; a million
# on a thousand elements cost trafilatura 8 s and 1.3 GB. A long tag with few attributes is an inlined image.
_LONG_TAG = 20_000
_MAX_ATTRIBUTES = 1_000
_MANY_ATTRIBUTES = 200_000
_LONGISH_TAG = 500
_FEW_ATTRIBUTES = 50
_MUCH_TEXT = 100_000
MAX_ELEMENTS = 20_000
"""Elements of a page beyond which nobody works through its text."""
_CROWD = 1_000
_CROWD_SPLIT = 500
_CONTAINERS = frozenset({"div", "article", "section", "main", "form", "center", "header", "aside", "td"})
_CROWDS = etree.XPath(f"//*[{_CROWD + 1}]/..")
_COUNT = etree.XPath("count(//*)")
_PARTS_WORDS = frozenset(
    {"br", "p", "div", "li", "td", "th", "tr", "ul", "ol", "figcaption", "h1", "h2", "h3", "h4", "hr"}
)


@dataclass(frozen=True)
class Size:
    """How much there is to work through: elements, and characters of text outside of scripts; ``nested`` counts each
    character once for each element around it, where there is much text.
    """

    elements: int
    text: int
    nested: int = 0


def parse(utf8: bytes) -> HtmlElement | None:
    """The tree of a page given as UTF-8, or ``None`` where there is nothing to make one of.

    A page nested too deep for the engines is read once more without the containers that make it so.
    """
    cleaned = utf8.translate(_FORM_FEED, _CONTROLS)
    if b"&#1" in cleaned:
        cleaned = _C1_REFERENCE.sub(_windows_1252, cleaned)
    cleaned = _without_attribute_bombs(cleaned)
    head = cleaned[:4096]
    if b"/>" in head:
        cleaned = _SELF_CLOSED_ROOT.sub(rb"\1>", head, count=1) + cleaned[4096:]
    if _FRAMES.search(cleaned):
        # libxml2 takes what a page of frames has for others than them for one run of text.
        cleaned = _FRAMES.sub(b"", cleaned)
    tree, limit = _parse(cleaned)
    if limit is None:
        return tree
    return _parse(flattened(cleaned))[0] if "depth" in limit else _parse(cleaned, huge=True)[0]


def strip_code(tree: HtmlElement) -> None:
    """Take scripts, styles and drawings out, in place: they are most of a page's bytes and none of its text."""
    etree.strip_elements(tree, *_CODE, with_tail=False)


def split_crowds(tree: HtmlElement) -> None:
    """Give every element fewer than a thousand children, in place.

    trafilatura's work on the children of one element is quadratic: 10,000 links in a paragraph take 8 s, in twenty
    paragraphs half a second. A container keeps all that is in it, in parts; a list, a table or a paragraph becomes
    several, one after another.
    """
    for crowd in _CROWDS(tree):
        if crowd.tag in ("html", "head", "body"):
            continue
        children = list(crowd)
        groups = [children[start : start + _CROWD_SPLIT] for start in range(0, len(children), _CROWD_SPLIT)]
        if crowd.tag in _CONTAINERS:
            for group in groups:
                part = crowd.makeelement("div")
                group[0].addprevious(part)
                part.extend(group)
            continue
        last = crowd
        # libxml2 reads names into a tree, such as "ine<", that lxml refuses to make.
        tag = crowd.tag if isinstance(crowd.tag, str) and crowd.tag.isalnum() and crowd.tag.isascii() else "div"
        for group in groups[1:]:
            part = crowd.makeelement(tag)
            last.addnext(part)
            part.extend(group)
            last = part


def elements(tree: HtmlElement) -> int:
    """How many there are, whatever they are."""
    return int(_COUNT(tree))


def take_out(gone: Iterable[HtmlElement]) -> None:
    """Take elements out of their tree with all that is in them; the text after each stays.

    Each by itself would be quadratic: lxml moves the text after it to the text before, which grows each time. 20,000
    links of one paragraph, with a line of text after each, take 36 s so, and 30 ms in one go.
    """
    tree = None
    for element in gone:
        element.tag = _GONE
        tree = element.getroottree()
    if tree is not None:
        etree.strip_elements(tree, _GONE, with_tail=False)


def tame(tree: HtmlElement, *, most: int = MAX_ELEMENTS) -> Size:
    """Take out of a tree, in place, what is none of its text and what makes work on it quadratic. Returns the size that
    it had; of more than ``most`` elements the first ``most`` are left.
    """
    strip_code(tree)
    words = tree.text_content()
    if calm(words) != words:
        _calm(tree)
    nested = _nested(tree) if len(words) > _MUCH_TEXT else 0
    size = Size(elements=elements(tree), text=len(words), nested=nested)
    if size.elements > most:
        _cut(tree, most)
    if size.elements > _CROWD:
        split_crowds(tree)
    return size


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


def beginning(tree: HtmlElement, *, limit: int) -> str:
    """The first words of the page as one line of at most ``limit`` characters, elements parted by spaces."""
    parts: list[str] = []
    length = 0
    for part in tree.itertext():
        if not part.isspace():
            parts.append(part)
            length += len(part)
            if length > limit:
                break
    return plain(" ".join(parts), limit=limit)


def _parse(utf8: bytes, *, huge: bool = False) -> tuple[HtmlElement | None, str | None]:
    """The tree, and which of libxml2's limits ended it early: 256 levels, or 10 MB in one text or attribute. ``huge``
    raises them to 2,048 levels and 1 GB.
    """
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=huge)
    parser.set_element_class_lookup(_CLASSES)
    try:
        tree = document_fromstring(utf8, parser=parser)
    except (etree.LxmlError, ValueError):
        tree = None
    error = parser.error_log.last_error
    limit = error.message if error is not None and error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT else None
    return (tree if isinstance(tree, HtmlElement) else None), limit


def _without_attribute_bombs(utf8: bytes) -> bytes:
    """The page with tags of thousands of attributes bare of them, or of dozens where there are many such tags."""
    if len(utf8) > _MANY_ATTRIBUTES and utf8.count(b"=") > _MANY_ATTRIBUTES:
        longest, most = _LONGISH_TAG, _FEW_ATTRIBUTES
    else:
        longest, most = _LONG_TAG, _MAX_ATTRIBUTES
    kept: list[bytes] = []
    done = 0
    for start, stop in _long_parts(utf8, longest):
        part = utf8[start:stop]
        if not part[:1].isalpha():
            continue
        end = part.find(b">")
        if (end == -1 or end >= longest) and len(attributes := part[: end if end >= 0 else None].split()) > most:
            kept += utf8[done:start], attributes[0], b">"
            done = start + end + 1 if end >= 0 else stop
    return b"".join([*kept, utf8[done:]]) if kept else utf8


def _long_parts(utf8: bytes, longest: int) -> Iterator[tuple[int, int]]:
    """Where the parts between signs ``<`` begin and end that have at least ``longest`` bytes."""
    start = 0
    while start + longest <= len(utf8):
        last = utf8.rfind(b"<", start, start + longest)
        if last >= 0:
            start = last + 1
            continue
        end = utf8.find(b"<", start + longest)
        end = end if end >= 0 else len(utf8)
        yield start, end
        start = end + 1


def _nested(tree: HtmlElement) -> int:
    count = depth = 0
    level = [tree]
    while level:
        children = [child for element in level for child in element]
        depth += 1
        count += depth * sum(len(element.text or "") for element in level)
        count += depth * sum(len(child.tail or "") for child in children)
        level = children
    return count


def _calm(tree: HtmlElement) -> None:
    for element in tree.iter():
        for name in ("text", "tail"):
            words = getattr(element, name) or ""
            if (calmed := calm(words)) != words:
                try:
                    setattr(element, name, calmed)
                except ValueError:  # a reference to a control character, which libxml2 reads and lxml refuses
                    setattr(element, name, None)


def _cut(tree: HtmlElement, most: int) -> None:
    last = next(islice(tree.iter(), most, None), None)
    while last is not None and (parent := last.getparent()) is not None:
        del parent[parent.index(last) + 1 :]
        last = parent


def _windows_1252(match: re.Match[bytes]) -> bytes:
    code = int(match.group(1))
    return bytes([code]).decode("cp1252", "replace").encode() if code <= 0x9F else match.group()
