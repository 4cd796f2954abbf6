"""Markdown, written so that any reader of CommonMark 0.31, with or without tables, shows the very words. Pure."""

from __future__ import annotations

import re
from urllib.parse import quote

from shared.webaddress import ADDRESS

# What would be read as markup wherever it stands: 2.4, 2.5, 6.1 to 6.6; strikethrough, which many readers know; the end
# of a heading, 4.2. An underscore between letters means nothing.
_INLINE = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,40};)|~(?=~)|(?<=~)~|(?<=\s)#(?=#*$)")
_SIGNS = re.compile(r"[\\`*\[\]<_&~#]")
# What would be at the start of a line: headings and what underlines them (4.2, 4.3), rules (4.1), quotes (5.1), items
# (5.2), and the line that makes a table of the one above it.
_LINE_START = re.compile(r"#{1,6}(?=\s|$)|>|[+-](?=\s|$)|[-=](?=[-=]*$)|[|:-](?=[-:| ]+$)|(\d{1,9})(?=[.)](?:\s|$))")
# What RFC 3986 allows in an address. A percent sign stays, so that nothing is encoded twice.
_SAFE = "%/:?#[]@!$&'()*+,;=~"
_ENDS_ADDRESS = re.compile(r"[()]|&(?=#?\w{1,40};)")


def escaped(text: str) -> str:
    """``text``, which begins a line, with everything escaped that would be read as markup."""
    start = _LINE_START.match(text)
    if start is None:
        return inline(text)
    digits = start[1] or ""
    return f"{digits}\\{text[len(digits)]}{inline(text[len(digits) + 1 :])}"


def inline(text: str) -> str:
    """``text`` within a line, escaped as far as it must be there."""
    return _INLINE.sub(r"\\\g<0>", text) if _SIGNS.search(text) else text


def cell(text: str) -> str:
    """``text`` as a table's cell has it."""
    return inline(text).replace("|", "\\|")


def link(words: str, address: str) -> str:
    """A link with ``words``, which are Markdown, to ``address``, which :func:`shared.webaddress.web_address` takes: its
    host is sound, and what the rest cannot have is percent-encoded.
    """
    match = ADDRESS.match(address)
    host = match.end(2) if match is not None else 0
    encoded = address[:host] + quote(address[host:], safe=_SAFE, errors="replace")
    return f"[{words}]({_ENDS_ADDRESS.sub(_escaped_sign, encoded)})"


def _escaped_sign(match: re.Match[str]) -> str:
    return f"\\{match[0]}"
