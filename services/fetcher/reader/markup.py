"""The feed's markup to HTML that is safe to store and show, and to plain text."""

from __future__ import annotations

import html
import re

import nh3

from services.fetcher.reader.fields import clean

MAX_CONTENT = 500_000
MAX_LINE = 2000
# Beyond these nh3 takes its time: 128 s for 200,000 nested elements, 10 s for a million bare ampersands, 4 s for an
# element with 125,000 attributes. Up to 1,000 tags nothing can be built that costs more than 3 ms.
MAX_FREE_TAGS = 1000
MAX_FREE = 20_000
MAX_DEPTH = 256
MAX_DEPTH_WORK = 3_000_000
MAX_AMPERSANDS = 20_000
MAX_ATTRIBUTES = 500

_HTML = nh3.Cleaner()
_TEXT = nh3.Cleaner(tags=set(), attributes={}, link_rel=None)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})")
_BREAK = re.compile(r"<(?=/?(?:br|p|div|li|h[1-6]|td|tr)\b)", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[A-Za-z!?][^<>]*>")
_CHARACTER_NAME = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_QUOTED = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*')")
_VOID = frozenset(
    {"br", "img", "hr", "input", "meta", "link", "source", "wbr", "area", "col", "embed", "track", "base"}
)
# Their end tags are left out by habit, and the next of them ends the last.
_IMPLIED_END = frozenset({"p", "li", "dt", "dd", "tr", "td", "th", "option"})


def safe_html(source: str, *, is_html: bool = True) -> str | None:
    """``source`` without anything that runs, loads or escapes; plain text becomes HTML that shows the same.

    Links in it stay as the feed has them: relative ones are relative to the entry.
    """
    source = clean(source[:MAX_CONTENT]) or ""
    if not is_html:
        return html.escape(source, quote=False) or None
    if is_tangled(source):
        return html.escape(html.unescape(_ANY_TAG.sub(" ", source)), quote=False).strip() or None
    if "<" not in source and "&" not in source:
        return source.replace(">", "&gt;") or None
    return _HTML.clean(source).strip() or None


def plain_line(source: str | None, *, is_html: bool = True) -> str | None:
    """``source`` as one line of text: tags stripped, characters decoded, white space single.

    Text that should be plain has its character references decoded all the same: nobody means ``AT&amp;T``.
    """
    if not source:
        return None
    source = source[: 10 * MAX_LINE]
    if is_html and "<" in source:
        source = _ANY_TAG.sub(" ", source) if is_tangled(source) else _TEXT.clean(_BREAK.sub(" <", source))
    if "&" in source:
        source = _CHARACTER_NAME.sub(lambda match: html.unescape(match.group()), source)
    return " ".join((clean(source) or "").split())[:MAX_LINE] or None


def is_tangled(source: str) -> bool:
    """Whether ``source`` is built so that making sense of it would take much longer than reading it."""
    if source.count("&") > MAX_AMPERSANDS:
        return True
    if len(source) > MAX_FREE and _has_crowded_tag(source):
        return True
    return source.count("<") > MAX_FREE_TAGS and _is_deep(source)


def _has_crowded_tag(source: str) -> bool:
    """Whether any tag has some hundreds of attributes. Their values are left out first: a ``>`` may stand in one."""
    pieces = _QUOTED.sub("=", source).split("<")[1:]
    return any(
        len(piece) > MAX_ATTRIBUTES and _attributes(piece.partition(">")[0]) > MAX_ATTRIBUTES for piece in pieces
    )


def _attributes(tag: str) -> int:
    return max(tag.count("="), tag.count("/"), len(tag.split()))


def _is_deep(source: str) -> bool:
    """An upper bound of the depth, counted for each name by itself: an end tag that ends nothing helps nobody."""
    opened: dict[str, int] = {}
    depth = work = 0
    for end, name in _TAG.findall(source):
        name = name.lower()  # noqa: PLW2901 - one name in all its spellings
        if name in _VOID:
            continue
        count = opened.get(name, 0)
        if end:
            if count:
                opened[name] = count - 1
                depth -= 1
        elif name not in _IMPLIED_END or count < 8:
            opened[name] = count + 1
            depth += 1
        work += depth
        if depth > MAX_DEPTH or work > MAX_DEPTH_WORK:
            return True
    return False
