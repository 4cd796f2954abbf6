"""The article's body out of the page's tree: trafilatura's choice, as lines that the clean-up can judge one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document
from trafilatura.xml import xmltotxt

CONFIG = "comments=no tables=yes links=no"
"""What trafilatura is asked for, as the record tells it."""

# What trafilatura and its rescuers raise on pages nobody foresaw. Not Exception: RQ's timeout is an ordinary
# exception too and must get through, and so must MemoryError.
ENGINE_ERRORS = (ValueError, TypeError, AttributeError, LookupError, RecursionError, ArithmeticError, etree.LxmlError)

_MARKER = re.compile(r"(?:\s*(?:>\s?|[-*]\s|\d{1,4}\.\s))+")
_HEADING = re.compile(r"\s*(#{1,6}) ")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TABLE_RULE = re.compile(r"\|(?:\s*:?-{3,}:?\s*\|)+")
_FENCE = re.compile(r"`{3,}")
# Any printable character that no page uses would do.
_QUOTED = "\u241f"
_CELL_BORDER = re.compile(r"(?<!\\)\|")


class Kind(StrEnum):
    """What a line is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"
    ROW = "row"
    CODE = "code"
    RULE = "rule"


@dataclass(frozen=True)
class Line:
    """One line of the body: as Markdown, and as plain text. ``block`` numbers the paragraph, list or table it is in."""

    markdown: str
    text: str
    kind: Kind
    block: int


def page_lines(tree: HtmlElement) -> tuple[Line, ...]:
    """The lines of the article that trafilatura finds in ``tree``, none where it finds none; the tree stays as it was.

    ``deduplicate`` stays off: it remembers texts for the whole process, and the third parse of a page comes out empty.
    The dates are not trafilatura's to find here, so that its date settings, which default to today, play no part.
    """
    try:
        # With "txt" the tree is not made into text a first time, which the lines below do not need.
        document = bare_extraction(
            tree, output_format="txt", include_comments=False, include_tables=True, deduplicate=False
        )
        found = document.body if isinstance(document, Document) else None
        _mark_quotes(found)
        markdown = xmltotxt(found, include_formatting=True)
    except ENGINE_ERRORS:
        return ()
    return tuple(_lines(markdown))


def plain_lines(text: str) -> tuple[Line, ...]:
    """The lines of a body that JSON-LD or a feed gave as text."""
    return tuple(
        Line(markdown=line, text=line, kind=Kind.PARAGRAPH, block=number)
        for number, line in enumerate(text.split("\n"))
        if line
    )


def as_text(lines: tuple[Line, ...]) -> str:
    """Plain paragraphs with an empty line between them; items of a list and rows of a table on lines of their own."""
    return _joined(lines, lambda line: line.text)


def as_markdown(lines: tuple[Line, ...]) -> str:
    """The same content with its headings, lists, quotes and tables."""
    return _joined(lines, lambda line: line.markdown)


def _joined(lines: tuple[Line, ...], form: Callable[[Line], str]) -> str:
    parts: list[str] = []
    block = None
    for line in lines:
        words = form(line)
        if not words:
            continue
        if parts:
            parts.append("\n" if line.block == block else "\n\n")
        parts.append(words)
        block = line.block
    return "".join(parts)


def _mark_quotes(body: etree._Element | None) -> None:
    """Put a sign before every quoted paragraph: trafilatura's Markdown does not tell quotes from paragraphs."""
    for quote in body.iter("quote") if body is not None else ():
        for part in [*quote.iter("p")] or [quote]:
            part.text = f"{_QUOTED}{part.text or ''}"


def _lines(markdown: str) -> Iterator[Line]:
    block = 0
    fenced = False
    for raw in markdown.split("\n"):
        if not raw.strip():
            block += 0 if fenced else 1
            continue
        if _FENCE.match(raw.strip()):
            fenced = not fenced
            yield Line(raw.rstrip(), "", Kind.RULE, block)
            continue
        line = raw.rstrip()
        if _QUOTED in line:
            line = line.replace(_QUOTED, "> " if line.startswith(_QUOTED) else "", 1).replace(_QUOTED, "")
        yield Line(line, line if fenced else _plain(line), Kind.CODE if fenced else _kind(line), block)


def _kind(raw: str) -> Kind:
    line = raw.strip()
    if _TABLE_RULE.fullmatch(line):
        return Kind.RULE
    if line.startswith("|"):
        return Kind.ROW
    if _HEADING.match(line):
        return Kind.HEADING
    if line.startswith(">"):
        return Kind.QUOTE
    return Kind.ITEM if _MARKER.match(line) else Kind.PARAGRAPH


def _plain(raw: str) -> str:
    line = raw.strip()
    if _TABLE_RULE.fullmatch(line):
        return ""
    if line.startswith("|"):
        cells = (cell.strip() for cell in _CELL_BORDER.split(line))
        line = " | ".join(cell for cell in cells if cell)
    elif match := _HEADING.match(line) or _MARKER.match(line):
        line = line[match.end() :]
    return _ESCAPED.sub(r"\1", line).strip()
