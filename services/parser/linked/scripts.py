"""The scripts that hold JSON-LD, as JSON values: read with the patience that the wild needs, within bounds."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from services.parser.linked.mending import mended

MAX_SCRIPTS = 40
MAX_CHARACTERS = 3_000_000

_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$"
)
_VALUE_START = re.compile(r"[{\[]")
# Scripts about products, events, recipes' ratings and the like say nothing of an article, its page or its publisher.
_OF_USE = re.compile(r"Article|Posting|Report|Review|WebPage|Breadcrumb|Organi[sz]ation|WebSite|Person|ImageObject")


def scripts(tree: HtmlElement) -> Iterator[str]:
    """The text of every JSON-LD script that can be of use, as far as the bounds allow."""
    left = MAX_CHARACTERS
    count = 0
    for script in tree.iter("script"):
        kind = script.get("type")
        if kind is None or "ld+json" not in kind.lower() or not (text := script.text):
            continue
        count += 1
        left -= len(text)
        if count > MAX_SCRIPTS or left < 0:
            return
        if _OF_USE.search(text):
            yield text


def load(text: str) -> list[Any]:
    """The values in a script, mended where it is broken; none where nothing can be understood."""
    try:
        return [_unwrapped(json.loads(text, strict=False))]
    except (ValueError, RecursionError):
        pass
    bare = _WRAPPING.sub("", _WRAPPING.sub("", text)).strip()
    if "&quot;" in bare and bare.count("&quot;") > bare.count('"'):
        bare = html.unescape(bare)
    values, at = _one_after_another(bare)
    if at is not None:
        values.extend(mended(bare[at:]))
    return values


def _unwrapped(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A value that a careless template wrote as a string of JSON."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return json.loads(value, strict=False)
        except (ValueError, RecursionError):
            return None
    return value


def _one_after_another(text: str) -> tuple[list[Any], int | None]:
    """Several JSON values in one script, with or without commas between them, and where the first broken one starts."""
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    at = 0
    while (start := _VALUE_START.search(text, at)) is not None and len(values) < MAX_SCRIPTS:
        try:
            value, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            return values, start.start()
        values.append(value)
    return values, None
