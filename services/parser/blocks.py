"""A tree of blocks as lines of text and Markdown: HTML, and the simpler vocabulary of trafilatura. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from services.parser import dom, text
from services.parser.body import Kind, Line, plain_lines

MAX_DEPTH = 200
"""Levels of nesting below which an element's text is taken as one run: no article has a tenth as many."""

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"list", "ul", "ol", "dl", "menu"})
_ITEMS = frozenset({"item", "li", "dd", "dt"})
_QUOTES = frozenset({"quote", "blockquote"})
_CODE = frozenset({"code", "pre"})
_ROWS = frozenset({"row", "tr"})
_CELLS = frozenset({"cell", "td", "th"})
_BREAKS = frozenset({"lb", "br"})
_BLOCKS = frozenset(
    {
        "p", "div", "section", "article", "main", "header", "footer", "aside", "address", "figure", "figcaption",
        "details", "summary", "center", "fieldset", "form", "hr", "body", "html", "nav", "caption", "tbody", "thead",
        "tfoot",
    }
)  # fmt: skip
_NOT_TEXT = frozenset(
    {"script", "style", "svg", "noscript", "template", "button", "select", "textarea", "iframe", "title"}
)
# What Markdown would take for its own: CommonMark 0.31, 2.4. An underscore within a word means nothing.
_SPECIAL = re.compile(r"([\\`*\[\]<])|(?<!\w)_|_(?!\w)")
_LINE_START = re.compile(r"^(?:([#>+-])(?=\s|$)|(#{2,6})(?=\s)|(\d{1,9})([.)])(?=\s))")


def lines_of(root: etree._Element) -> tuple[Line, ...]:
    """The lines of ``root`` in reading order; ``root`` stays as it was.

    Headings, list items, quotes, rows of tables and lines of code keep what they are; line breaks part lines of one
    block; everything inline is text.
    """
    writer = _Writer()
    writer.children(root, depth=0)
    writer.flush()
    return tuple(writer.lines)


def fragment_lines(value: str, *, limit: int) -> tuple[Line, ...]:
    """The lines of a piece of HTML, escaped HTML or text, such as feeds carry, as far as ``limit`` characters."""
    cut = value[:limit]
    if "<" not in cut and "&lt;" in cut:
        cut = html.unescape(cut)
    if "<" not in cut:
        return plain_lines(text.lines(cut, limit=limit))
    tree = dom.parse(f"<html><body><div>{cut}</div></body></html>".encode("utf-8", "replace"))
    return lines_of(tree) if tree is not None else ()


def escaped(text: str) -> str:
    """``text`` with everything escaped that Markdown would read as markup."""
    return _LINE_START.sub(_escaped_start, _SPECIAL.sub(lambda match: f"\\{match.group()}", text))


def _escaped_start(match: re.Match[str]) -> str:
    if match.group(3):
        return f"{match.group(3)}\\{match.group(4)}"
    return f"\\{match.group()}"


@dataclass
class _Writer:
    """Collects text until a block ends, then makes a line of it."""

    lines: list[Line] = field(default_factory=list)
    block: int = 0
    quoted: int = 0
    heading: int = 0
    lists: list[int | None] = field(default_factory=list)
    """For each open list the number of its last item; ``None`` where items have none."""
    marker: str = ""
    """What the next line begins with, where it is the first of an item."""
    buffer: list[str] = field(default_factory=list)

    def children(self, element: etree._Element, *, depth: int) -> None:
        if element.text:
            self.buffer.append(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self.element(child, child.tag, depth=depth + 1)
            if child.tail:
                self.buffer.append(child.tail)

    def element(self, element: etree._Element, tag: str, *, depth: int) -> None:
        if tag in _NOT_TEXT:
            return
        if depth > MAX_DEPTH:
            self.buffer.append(" ".join(element.itertext()))
        elif tag in _BREAKS:
            self.flush()
        elif tag in _WRITERS:
            _WRITERS[tag](self, element, tag, depth)
        else:
            self.children(element, depth=depth)

    def flush(self) -> None:
        """Make a line of what was collected, if it is anything."""
        text = " ".join("".join(self.buffer).split())
        self.buffer.clear()
        if not text:
            return
        quote = "> " * self.quoted
        if self.heading:
            self._add(f"{quote}{'#' * self.heading} {escaped(text)}", text, Kind.HEADING)
        elif self.lists:
            indent = "  " * (len(self.lists) - 1)
            self._add(f"{quote}{indent}{self.marker or '  '}{escaped(text)}", text, Kind.ITEM)
            self.marker = ""
        else:
            self._add(f"{quote}{escaped(text)}", text, Kind.QUOTE if self.quoted else Kind.PARAGRAPH)

    def _add(self, markdown: str, text: str, kind: Kind) -> None:
        self.lines.append(Line(markdown, text, kind, self.block))

    def write_plain(self, element: etree._Element, _tag: str, depth: int) -> None:
        self._new_block()
        self.children(element, depth=depth)
        self._new_block()

    def _new_block(self) -> None:
        self.flush()
        if not self.lists:
            self.block += 1

    def write_heading(self, element: etree._Element, tag: str, depth: int) -> None:
        self.flush()
        self.block += 1
        level = element.get("rend") or tag
        outside, self.heading = self.heading, _HEADINGS.get(level, 3)
        lists, self.lists = self.lists, []
        self.children(element, depth=depth)
        self.flush()
        self.heading, self.lists = outside, lists
        self.block += 1

    def write_list(self, element: etree._Element, tag: str, depth: int) -> None:
        self._new_block()
        self.lists.append(0 if tag == "ol" or element.get("rend") == "ol" else None)
        marker, self.marker = self.marker, ""
        self.children(element, depth=depth)
        self.flush()
        self.lists.pop()
        self.marker = marker if not self.lists else ""
        self._new_block()

    def write_item(self, element: etree._Element, _tag: str, depth: int) -> None:
        self.flush()
        if not self.lists:
            self.write_plain(element, _tag, depth)
            return
        number = self.lists[-1]
        if number is None:
            self.marker = "- "
        else:
            self.lists[-1] = number + 1
            self.marker = f"{number + 1}. "
        self.children(element, depth=depth)
        self.flush()
        self.marker = ""

    def write_quote(self, element: etree._Element, _tag: str, depth: int) -> None:
        self._new_block()
        self.quoted += 1
        self.children(element, depth=depth)
        self.flush()
        self.quoted -= 1
        self._new_block()

    def write_code(self, element: etree._Element, tag: str, depth: int) -> None:
        text = _code_text(element)
        if tag == "code" and "\n" not in text and self.buffer:
            self.children(element, depth=depth)
            return
        self.flush()
        self.block += 1
        kept = [line.rstrip() for line in text.strip("\n").split("\n")]
        if any(kept):
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
            self._add(fence, "", Kind.RULE)
            for line in kept:
                self._add(line, line, Kind.CODE)
            self._add(fence, "", Kind.RULE)
        self.block += 1

    def write_table(self, table: etree._Element, _tag: str, depth: int) -> None:
        rows = [row for row in table.iter(*_ROWS) if next(row.iterancestors("table"), None) is table]
        cells = [[cell for cell in row if cell.tag in _CELLS] for row in rows]
        if not cells or max(map(len, cells)) < 2 or table.find(".//table") is not None:
            # A table of one column, or of tables, is layout.
            self.write_plain(table, _tag, depth)
            return
        self.flush()
        self.block += 1
        ruled = False
        for row in cells:
            texts = [" ".join(" ".join(cell.itertext()).split()) for cell in row]
            if not any(texts):
                continue
            shown = " | ".join(escaped(text).replace("|", "\\|") for text in texts)
            self._add(f"| {shown} |", " | ".join(text for text in texts if text), Kind.ROW)
            if not ruled:
                self._add(f"|{'---|' * len(texts)}", "", Kind.RULE)
                ruled = True
        self.block += 1


_Write = Callable[[_Writer, etree._Element, str, int], None]  # noqa: SLF001 - the name lxml gives it
_WRITERS: dict[str, _Write] = {
    **dict.fromkeys(_BLOCKS, _Writer.write_plain),
    **dict.fromkeys((*_HEADINGS, "head"), _Writer.write_heading),
    **dict.fromkeys(_LISTS, _Writer.write_list),
    **dict.fromkeys(_ITEMS, _Writer.write_item),
    **dict.fromkeys(_QUOTES, _Writer.write_quote),
    **dict.fromkeys(_CODE, _Writer.write_code),
    "table": _Writer.write_table,
}


def _code_text(element: etree._Element) -> str:
    parts = [element.text or ""]
    for part in element.iterdescendants():
        if part.tag in _BREAKS:
            parts.append("\n")
        elif isinstance(part.tag, str):
            parts.append(part.text or "")
        parts.append(part.tail or "")
    return "".join(parts)
