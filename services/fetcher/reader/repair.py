"""Broken XML to whole XML, so that one parser with known costs reads everything.

feedparser has a second parser for broken feeds. It tries regular expressions at every ``<`` and is not used: what
text can mend is mended (bare ampersands, HTML's entities, undeclared prefixes), the rest is libxml2's recovery.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.entities import html5

from lxml import etree

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import sniff

# What XML 1.0 does not allow even as a reference.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,40})\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
_REFERENCE = re.compile(r"&(?:#([0-9]{1,8});|#[xX]([0-9A-Fa-f]{1,7});|([A-Za-z][\w.-]{0,40});)?")
_LONE_BRACKET = re.compile(r"<(?![A-Za-z_/!?])")
_INSTRUCTION = re.compile(r"<\?[^<>]*>")
_TAG = re.compile(r"<[A-Za-z_][^<>]*>")
_NAMESPACE = re.compile(r"(\sxmlns(?::[\w.-]{1,40})?\s?=\s?)(\"[^\"<>]*\"|'[^'<>]*')")
_BARE_VALUE = re.compile(r"(\s[A-Za-z_][\w.:-]*)=([^\s\"'<>=]+)(?=[\s>])")
# HTML's elements without an end; not <link>, which is RSS too.
_VOID = re.compile(r"<((?:br|hr|img|wbr|input)\b[^<>]*?)/?>", re.IGNORECASE)
# Of elements, and of attributes.
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]{0,40}):[\w.-]|\s([A-Za-z_][\w.-]{0,40}):[\w.-]{1,40}\s?=")
_DECLARED = re.compile(r"xmlns:([A-Za-z_][\w.-]{0,40})\s*=")
_FIRST_TAG = re.compile(r"<[A-Za-z_][\w.:-]*")
_ENTRY_START = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:item|entry)\s*>", re.IGNORECASE)
_FEED_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:rss|rdf|feed|channel)\s*>", re.IGNORECASE)
_FEED_START = re.compile(r"<\?xml\s|<(?:[\w.-]{1,40}:)?(?:rss|rdf|feed|channel)(?=[\s>])", re.IGNORECASE)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
# HTML declares 253.
MAX_ENTITIES = 300
MAX_GROWTH = 100_000
MAX_PREFIXES = 50
MAX_MARKS = 2_000_000
MAX_PIECE = 500_000
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rss": "http://backend.userland.com/rss",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}


def prepare(text: str) -> tuple[str, list[str]]:
    """``text`` without what stands before the first element and without control characters, and what was wrong.

    The document type goes: no parser behind this ever sees an entity declaration.

    :raises NotAFeedError: ``hostile``, when it declares entities that stand for more than a little text.
    """
    problems = []
    if _CONTROL.search(text):
        text = _CONTROL.sub("", text)
        problems.append("control characters dropped")
    text = text.lstrip("\ufeff \t\r\n")
    if not text.startswith("<") or sniff.first_element(text) in sniff.HTML_TAGS:
        text, problem = _without_junk(text)
        problems += problem
    entities: dict[str, str] = {}
    doctype = sniff.skip_prolog(text, over_doctype=False)
    if _DOCTYPE.match(text, doctype):
        end = sniff.end_of_doctype(text, doctype)
        entities = _read_entities(text, text[doctype:end])
        text = text[:doctype] + text[end:]
    # Comments too: feedparser looks for a document type in them, by an expression that is quadratic in blank lines.
    text = text[sniff.skip_prolog(text) :]
    if entities:
        text = _outside_cdata(text, lambda part: _resolve(part, entities))
    return text, problems


def _without_junk(text: str) -> tuple[str, list[str]]:
    start = _FEED_START.search(text)
    return (text[start.start() :], ["text before the document dropped"]) if start else (text, [])


def _read_entities(text: str, declarations: str) -> dict[str, str]:
    found = _ENTITY.findall(declarations)
    entities = {name: first or second for name, first, second in found}
    growth = sum(len(value) * text.count(f"&{name};") for name, value in list(entities.items())[:MAX_ENTITIES])
    if (
        declarations.upper().count("<!ENTITY") != len(found)
        or len(entities) > MAX_ENTITIES
        or growth > MAX_GROWTH
        or any("<" in value or _resolve(value, {}) != value for value in entities.values())
    ):
        raise NotAFeedError("hostile", "refused: it declares entities that stand for more than text")
    return entities


def mend(text: str) -> str:
    """``text`` with what is most often wrong put right: references, brackets, bare attributes and prefixes.

    :raises NotAFeedError: ``hostile``, when that would take too long.
    """
    if text.count("&") + text.count("<") > MAX_MARKS:
        raise NotAFeedError("hostile", f"refused: broken, and more than {MAX_MARKS} tags and references")
    text = _outside_cdata(_INSTRUCTION.sub("", text), _mend_part)
    root = _FIRST_TAG.search(text)
    if root is None:
        return text
    declared = _DECLARED.findall(text, root.end(), max(text.find(">", root.end()), 0))
    missing = {name for pair in _PREFIX.findall(text) for name in pair if name} - {"xml", "xmlns", *declared}
    if not missing or len(missing) > MAX_PREFIXES:
        return text
    declarations = (f' xmlns:{name}="{_NAMESPACES.get(name, f"urn:undeclared:{name}")}"' for name in sorted(missing))
    return text[: root.end()] + "".join(declarations) + text[root.end() :]


def _mend_part(text: str) -> str:
    """Mend what is outside of CDATA, in pieces: an expression that matches a million times holds as many strings."""
    return "".join(map(_mend_piece, _pieces(text, "<")))


def _mend_piece(text: str) -> str:
    text = _LONE_BRACKET.sub("&lt;", _resolve(text, {}))
    text = _TAG.sub(lambda tag: _BARE_VALUE.sub(r'\1="\2"', tag.group()), text)
    text = _NAMESPACE.sub(lambda match: match[1] + "%20".join(match[2].split()), text)
    return _VOID.sub(r"<\1/>", text)


def drop_partial_entry(text: str) -> tuple[str, int]:
    """``text`` without the entry in whose middle it breaks off, and how many that were: half a link is another link."""
    ends = list(_ENTRY_END.finditer(text))
    last = ends[-1].end() if ends else 0
    if _FEED_END.search(text, last):
        return text, 0
    start = _ENTRY_START.search(text, last)
    return (text[: start.start()], 1) if start else (text, 0)


def drop_tail(text: str) -> str:
    """``text`` up to where its first element ends for the last time: scripts and notes of servers stand behind."""
    root = _FIRST_TAG.search(text)
    end = text.rfind(f"</{root.group()[1:]}") if root else -1
    return text if end < 0 else text[: text.find(">", end) + 1 or None]


def count_entries(text: str) -> int:
    """How many entries ``text`` begins, as far as broken XML has any."""
    return sum(1 for _ in _ENTRY_START.finditer(text))


def recover(text: str) -> bytes | None:
    """``text`` as libxml2 understands it, well-formed; ``None`` where it finds no element."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return None
    return None if root is None else etree.tostring(root, encoding="utf-8", xml_declaration=False)


def _outside_cdata(text: str, change: Callable[[str], str]) -> str:
    parts: list[str] = []
    position = 0
    while (start := text.find("<![CDATA[", position)) >= 0:
        end = text.find("]]>", start)
        if end < 0:
            break
        parts += [change(text[position:start]), text[start : end + 3]]
        position = end + 3
    parts.append(change(text[position:]))
    return "".join(parts)


def _resolve(text: str, entities: dict[str, str]) -> str:
    def character(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name is not None:
            if name in _XML_ENTITIES:
                return match.group()
            if name in entities:
                return entities[name]
            return html5.get(f"{name};", f"&{name};").replace("&", "&amp;").replace("<", "&lt;")
        if decimal is None and hexadecimal is None:
            return "&amp;"
        number = int(decimal) if decimal is not None else int(hexadecimal, 16)
        allowed = number <= 0x10FFFF and not _CONTROL.match(chr(number))
        return match.group() if allowed else ""

    return "".join(_REFERENCE.sub(character, piece) for piece in _pieces(text, "&"))


def _pieces(text: str, mark: str) -> Iterator[str]:
    """``text`` in pieces of some length that begin with ``mark``, as whatever is looked for in them does."""
    start = 0
    while (end := text.find(mark, start + MAX_PIECE)) >= 0:
        yield text[start:end]
        start = end
    yield text[start:]
