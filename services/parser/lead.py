"""The standfirst: the paragraph between headline and text that extraction leaves out when it stands in its own box.

It is only taken where the page's own description, or the feed's, says the same words: whatever else stands there may be
anything. Readers see it as the article's beginning, and so do those who judge extractors.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from services.parser.body import Kind, Line
from services.parser.dom import text_of
from services.parser.markdown import escaped
from services.parser.text import words

_MIN_WORDS = 8
_LIMIT = 1_500
_OPENING = 24
_CUT = re.compile(r"\s*(?:\.{3,}|…|\[…\]|\[\.\.\.\])\s*$")
_CARRIERS = ("p", "div", "h2", "h3", "h4", "span", "strong", "b", "em", "section", "header", "li")
_MAX_CARRIERS = 6_000


def find(tree: HtmlElement, lines: tuple[Line, ...], descriptions: tuple[str, ...]) -> Line | None:
    """The standfirst as a line to put before ``lines``, or ``None`` where there is none or the text has it already."""
    wanted = [(description, words(_CUT.sub("", description))) for description in descriptions if description]
    wanted = [(description, spoken) for description, spoken in wanted if _is_long_enough(spoken)]
    if not wanted or not lines:
        return None
    beginning = " ".join(line.text for line in lines)
    if all(description in beginning for description, _ in wanted):
        return None
    present = f" {' '.join(words(beginning))} "
    wanted = [(description, spoken) for description, spoken in wanted if f" {' '.join(spoken)} " not in present]
    if not wanted:
        return None
    openings = {_opening(description): spoken for description, spoken in wanted}
    for count, element in enumerate(tree.iter(*_CARRIERS)):
        if count >= _MAX_CARRIERS:
            return None
        start = _opening(element.text or "")
        spoken = openings.get(start) if start else None
        if spoken is None:
            continue
        text = text_of(element, limit=_LIMIT)
        shown = words(text)
        if len(text) < _LIMIT and shown[: len(spoken)] == spoken:
            return Line(markdown=escaped(text), text=text, kind=Kind.PARAGRAPH, block=-1)
    return None


def _is_long_enough(spoken: list[str]) -> bool:
    return len(spoken) >= _MIN_WORDS or sum(map(len, spoken)) >= 5 * _MIN_WORDS


def _opening(text: str) -> str:
    return " ".join(text[: _OPENING * 4].split())[:_OPENING]
