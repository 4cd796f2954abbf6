"""Pages nested deeper than the engines go, made shallow before they are parsed. Pure.

libxml2 drops what lies deeper than 256 levels, or with leave 2,048, and extractors that write a page out to read it
again meet the first bound whatever the leave. Such pages exist: a tag that is opened for each comment and never closed.
"""

from __future__ import annotations

import re

DEEP = 50
"""Levels that stay. Of one that counts there may be four, a table's cell within its row, and 256 is the end."""

# A name is what stands there up to a blank or a slash (WHATWG HTML, 13.2.5.8), as strange as it may be.
_TAG = re.compile(rb"<(/?)([a-zA-Z][^\s/>]{0,60})[^<>]{0,5000}>")
# What cannot have children, or does not come to lie within its like: the next one closes it.
_FLAT = frozenset(
    b"area base br col embed hr img input link meta param source track wbr"
    b" html head body title script style noscript template svg a h1 h2 h3 h4 h5 h6 p option".split()
)
# Closed by the next one too, but of no use without the list or table around it.
_PARTS = frozenset(b"li dt dd tr td th tbody thead tfoot caption colgroup optgroup".split())
_INLINE = frozenset(b"span font b i u em strong small big center tt s strike sub sup code mark abbr label".split())
_BREAK = b"<p>"


def flattened(utf8: bytes) -> bytes:
    """The page with its containers taken away where they are within :data:`DEEP` others, and its words kept: a
    paragraph begins where a block did.
    """
    pieces: list[bytes] = []
    depth = at = 0
    for match in _TAG.finditer(utf8):
        name = match[2].lower()
        if name in _FLAT:
            continue
        closes = bool(match[1])
        counts = name not in _PARTS
        depth += counts and not closes
        if depth > DEEP:
            between = utf8[at : match.start()]
            at = match.end()
            if between and not (between.isspace() and pieces and pieces[-1] == _BREAK):
                pieces.append(between)
            if name not in _INLINE and not (pieces and pieces[-1] == _BREAK):
                pieces.append(_BREAK)
        if counts and closes and depth:
            depth -= 1
    return b"".join([*pieces, utf8[at:]])
