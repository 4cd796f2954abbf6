"""The scripts that hold JSON-LD, as JSON values: read with the patience that the wild needs, within bounds."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

MAX_SCRIPTS = 40
MAX_CHARACTERS = 3_000_000

_COMMENT = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
_VALUE_START = re.compile(r"[{\[]")


def scripts(tree: HtmlElement) -> Iterator[str]:
    """The text of every JSON-LD script, as far as the bounds allow."""
    left = MAX_CHARACTERS
    count = 0
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        count += 1
        left -= len(script.text)
        if count > MAX_SCRIPTS or left < 0:
            return
        yield script.text


def load(text: str) -> list[Any] | None:
    """The values in a script; ``None`` where it is beyond mending.

    Mended are comments and CDATA marks around the script, HTML-escaped quotes, trailing commas, stray backslashes, raw
    control characters, and several values one after another.
    """
    bare = _COMMENT.sub("", _COMMENT.sub("", text)).strip().rstrip(";")
    if not bare:
        return []
    if bare.startswith(("{&quot;", "[{&quot;")) or ("&quot;" in bare and '"' not in bare):
        bare = html.unescape(bare)
    for attempt in (bare, _TRAILING_COMMA.sub(r"\1", _BAD_ESCAPE.sub(r"\\\\", bare))):
        try:
            return [json.loads(attempt, strict=False)]
        except (ValueError, RecursionError):
            continue
    return _values_one_after_another(bare) or None


def _values_one_after_another(text: str) -> list[Any]:
    """Several JSON values in one script, with or without commas between them."""
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    at = 0
    while (start := _VALUE_START.search(text, at)) is not None and len(values) < MAX_SCRIPTS:
        try:
            value, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            break
        values.append(value)
    return values
