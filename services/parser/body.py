"""The lines that an article's body is made of. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from services.parser.markdown import escaped

# What trafilatura and other readers of pages raise on those that nobody foresaw; lxml asserts. Not Exception: RQ's
# timeout is an ordinary exception too and must get through, and so must MemoryError.
ENGINE_ERRORS = (
    ValueError, TypeError, AttributeError, LookupError, ArithmeticError, AssertionError, RuntimeError, etree.LxmlError,
)  # fmt: skip


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


def plain_lines(text: str) -> tuple[Line, ...]:
    """The lines of a body that JSON-LD or a feed gave as text."""
    return tuple(
        Line(markdown=escaped(line), text=line, kind=Kind.PARAGRAPH, block=number)
        for number, line in enumerate(text.split("\n"))
        if line
    )


def as_text(lines: tuple[Line, ...]) -> str:
    """Plain paragraphs with an empty line between them; items of a list and rows of a table on lines of their own."""
    return _joined(lines, lambda line: line.text)


def as_markdown(lines: tuple[Line, ...]) -> str:
    """The same content with its headings, lists, quotes and tables."""
    return _joined(lines, _markdown)


def letters(text: str) -> str:
    """``text`` without its blanks, as texts are compared that differ in how they are set."""
    return "".join(text.split())


def _markdown(line: Line) -> str:
    return line.markdown


def _joined(lines: tuple[Line, ...], form: Callable[[Line], str]) -> str:
    parts: list[str] = []
    block = None
    for line in lines:
        words = form(line)
        if not words and not (line.kind is Kind.CODE and form is _markdown):
            continue
        if parts:
            parts.append("\n" if line.block == block else "\n\n")
        parts.append(words)
        block = line.block
    return "".join(parts)
