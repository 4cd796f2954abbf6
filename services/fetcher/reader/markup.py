"""The feed's markup to HTML that is safe to store and show, and to plain text."""

from __future__ import annotations

import html
import re

import nh3

from services.fetcher.reader.fields import clean

MAX_CONTENT = 500_000
MAX_LINE = 2000
# nh3 takes 500 to 800 nanoseconds a tag, and is quadratic in four things: 3 an element that stands around another; 600
# one of formatting (<b>) that HTML opens anew in each paragraph as it was not closed in the last; 0.25 a pair of
# attributes of one element; 0.01 a pair of bare ampersands: 200,000 nested elements took it 128 s, 125,000 attributes
# 4 s, a million ampersands 10 s; and each paragraph after 500 unclosed <b> becomes 500 elements more, of 340 bytes.
NS_TAG = 600
NS_NESTED = 3
NS_REOPENED = 600
# Whether a text is changed depends on nothing beside it: an entry is to read the same whatever stands around it.
FREE_ATTRIBUTES = 60_000_000
FREE_NS = 600_000_000
MAX_NS = 800_000_000
MAX_NESTED = 3_000_000
MAX_REOPENED = 200_000
MAX_AMPERSANDS = 20_000
# Cleaning escapes and adds rel="noopener" to links. What grows more is built to.
MAX_GROWTH = 6
MAX_FREE_LINE = 1000
MAX_LINE_TAGS = 50

_HTML = nh3.Cleaner()
_TEXT = nh3.Cleaner(tags=set(), attributes={}, link_rel=None)
_TAG = re.compile(r"</?[a-z][a-z0-9]{0,20}")
# b, big, code, em, font, i, nobr, s, small, strike, strong, tt and u.
_FORMATTING = re.compile(r"<(/?)([bcefinstuBCEFINSTU](?i:ig|ode|m|ont|obr|mall|trike|trong|t)?)(?=[\s/>])")
_BREAK = re.compile(r"<(?=/?(?:br|p|div|li|h[1-6]|td|tr)\b)", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[A-Za-z!?][^<>]*>")
_CHARACTER_NAME = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# Without the second a tag ends at the first ">", wherever a parser takes it to begin; so the first finds all long ones.
_LONG_TAG = re.compile(r"<[^>]{500,}")
_BRACKET_IN_VALUE = re.compile(r"""=\s*+(?:"[^"<>]*+[<>]|'[^'<>]*+[<>])""")
# A tag of at most a hundred attributes in whose values no other could begin.
_REGULAR_TAG = re.compile(
    r"""</?[A-Za-z][^\s/<>]*+(?:[\s/]++|[^\s/<>"'=]++(?:\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>=][^\s<>]*+))?){0,200}+>"""
)
_TAG_START = re.compile(r"<(?=/?[A-Za-z])")
_TAG_OR_BRACKET = re.compile(rf"({_REGULAR_TAG.pattern})|{_TAG_START.pattern}")
_VOID = frozenset(
    {"br", "img", "hr", "input", "meta", "link", "source", "wbr", "area", "col", "embed", "track", "base"}
)
# Their end tags are left out by habit, and the next of them ends the last.
_IMPLIED_END = frozenset({"p", "li", "dt", "dd", "tr", "td", "th", "option"})


class Markup:
    """Makes the markup of one document safe, within a time that is bounded for the whole of it.

    ``is_clean``: the document is known to have no control characters; looking for them takes a tenth of the time.
    """

    def __init__(self, *, is_clean: bool = False) -> None:
        self.is_clean = is_clean
        self.problems: list[str] = []
        self.free = FREE_NS
        self.left = MAX_NS

    def safe_html(self, source: str, *, is_html: bool = True) -> str | None:
        """``source`` without anything that runs, loads or escapes; plain text becomes HTML that shows the same.

        Links in it stay as the feed has them: relative ones are relative to the entry. Markup that is built to keep
        a reader busy becomes text.
        """
        if len(source) > MAX_CONTENT:
            source = source[:MAX_CONTENT]
            self.problems.append(f"content cut to {MAX_CONTENT} characters")
        source = source.strip() if self.is_clean else clean(source) or ""
        if not is_html:
            return html.escape(source, quote=False) or None
        if "<" not in source and "&" not in source:
            return source.replace(">", "&gt;") or None
        cheap = self._cheap(source)
        found = _HTML.clean(cheap).strip() if cheap is not None else None
        if found is None or len(found) > MAX_GROWTH * len(source) + 1000:
            self.problems.append("markup too tangled to clean: kept as text")
            return html.escape(html.unescape(_ANY_TAG.sub(" ", source)), quote=False).strip() or None
        return found or None

    def _cheap(self, source: str) -> str | None:
        """``source`` in a form that is cleaned in the time that is left; ``None`` where there is none."""
        tags, ampersands = source.count("<"), source.count("&")
        if ampersands > MAX_AMPERSANDS:
            return None
        size = len(source) ** 2 // 32  # all of it attributes of one element, of two letters and a blank each
        attributes = size
        if size > FREE_ATTRIBUTES:
            attributes = _attributes(source)
            if attributes > FREE_ATTRIBUTES:
                attributes = 0
                source = _TAG_OR_BRACKET.sub(lambda match: match[1] or "&lt;", source)
        reopened = tags * tags // 4  # half of the tags, in each of the other half
        references = ampersands * ampersands // 100
        cost = NS_REOPENED * reopened + attributes + references
        if reopened <= MAX_REOPENED and cost <= self.free:
            self.free -= cost
            return source
        self.left -= NS_TAG * tags + references
        if self.left < 0:
            return None
        if attributes == size:
            attributes = _attributes(source)
        reopened = _reopened(source)
        nested = tags * tags // 2
        if nested > MAX_NESTED or NS_NESTED * nested > self.left // 200:
            nested = _nested(source)
        self.left -= NS_NESTED * nested + NS_REOPENED * reopened + attributes
        return source if nested <= MAX_NESTED and reopened <= MAX_REOPENED and self.left >= 0 else None


def plain_line(source: str | None, *, is_html: bool = True) -> str | None:
    """``source`` as one line of text: tags stripped, characters decoded, white space single.

    Text that should be plain has its character references decoded all the same: nobody means ``AT&amp;T``.
    """
    if not source:
        return None
    source = source[: 10 * MAX_LINE]
    if is_html and "<" in source:
        if len(source) <= MAX_FREE_LINE and source.count("<") <= MAX_LINE_TAGS:
            source = _TEXT.clean(_BREAK.sub(" <", source))
        else:
            source = _ANY_TAG.sub(" ", source)
    if "&" in source:
        source = _CHARACTER_NAME.sub(lambda match: html.unescape(match.group()), source)
    return " ".join((clean(source) or "").split())[:MAX_LINE] or None


def _attributes(source: str) -> int:
    """What the attributes of ``source`` cost at most."""
    if _BRACKET_IN_VALUE.search(source):
        regular = len(_TAG_START.findall(source)) == len(_REGULAR_TAG.findall(source))
        return 0 if regular else _words(source) ** 2 // 4
    return sum(_words(tag) ** 2 // 4 for tag in _LONG_TAG.findall(source))


def _words(source: str) -> int:
    return sum(map(source.count, " \n\t\r\f/="))


def _reopened(source: str) -> int:
    """How many tags stand inside of elements of formatting, or after such as are never closed: an upper bound of those
    that are opened anew. An end tag that ends nothing helps nobody.
    """
    opened: dict[str, int] = {}
    depth = reopened = 0
    _, *pieces = _FORMATTING.split(source)
    for end, name, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        name = name.lower()  # noqa: PLW2901 - one name in all its spellings
        if not end:
            opened[name] = opened.get(name, 0) + 1
            depth += 1
        elif opened.get(name):
            opened[name] -= 1
            depth -= 1
        if depth:
            reopened += depth * (1 + text.count("<"))
            if reopened > MAX_REOPENED:
                break
    return reopened


def _nested(source: str) -> int:
    """How many elements stand around others: an upper bound, each name counted by itself."""
    opened: dict[str, int] = {}
    depth = nested = 0
    for tag in _TAG.findall(source.lower()):
        if tag[1] == "/":
            name = tag[2:]
            if opened.get(name):
                opened[name] -= 1
                depth -= 1
        else:
            name = tag[1:]
            count = opened.get(name, 0)
            if name in _VOID or (count >= 8 and name in _IMPLIED_END):
                continue
            opened[name] = count + 1
            depth += 1
        nested += depth
        if nested > MAX_NESTED:
            return nested
    return nested
