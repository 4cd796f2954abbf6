"""A tree of blocks as lines of text and Markdown: HTML, and the simpler vocabulary of trafilatura. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from services.parser import dom, text
from services.parser.body import Kind, Line, plain_lines
from services.parser.margins import Margin
from services.parser.markdown import cell, escaped

MAX_DEPTH = 200
"""Levels of nesting below which an element's text is taken as one run: no article has a tenth as many."""

_SPARSE, _FEW_CELLS = 10, 2_000
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"list", "ul", "ol", "dl", "menu"})
_ITEMS = frozenset({"item", "li", "dd", "dt"})
_QUOTES, _CODE = frozenset({"quote", "blockquote"}), frozenset({"code", "pre"})
_ROWS, _CELLS = frozenset({"row", "tr"}), frozenset({"cell", "td", "th"})
_TABLE = _ROWS | _CELLS | {"tbody", "thead", "tfoot", "colgroup", "col"}
_BREAKS = frozenset({"lb", "br"})
_CONTAINERS = frozenset(
    {
        "div", "section", "article", "main", "header", "footer", "aside", "address", "figure", "figcaption", "details",
        "summary", "center", "fieldset", "form", "hr", "body", "html", "nav", "caption", "tbody", "thead", "tfoot",
    }
)  # fmt: skip
NOT_TEXT = frozenset(
    {"script", "style", "svg", "noscript", "template", "button", "select", "textarea", "iframe", "title"}
)
"""Elements whose text nobody reads."""
PARTING = _CONTAINERS | _HEADINGS.keys() | _LISTS | _ITEMS | _QUOTES | _ROWS | _CELLS | _BREAKS | {"p", "pre", "table"}
"""Elements of HTML that end the line before them."""


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


@dataclass
class _Writer:
    """Collects text until a block ends, then makes a line of it."""

    lines: list[Line] = field(default_factory=list)
    block: int = 0
    heading: int = 0
    in_code: bool = False
    margin: Margin = field(default_factory=Margin)
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
        if tag in NOT_TEXT:
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
        if self.heading:
            self._add(f"{self.margin.quotes}{'#' * self.heading} {escaped(text)}", text, Kind.HEADING)
            return
        alone = self.margin.stands_alone
        self.block += alone
        quote = self.margin.quotes
        kind = Kind.ITEM if self.margin.in_list else Kind.QUOTE if quote else Kind.PARAGRAPH
        self._add(f"{self.margin.take()}{escaped(text)}", text, kind)
        self.block += alone

    def _add(self, markdown: str, text: str, kind: Kind) -> None:
        self.lines.append(Line(markdown, text, kind, self.block))

    def write_plain(self, element: etree._Element, _tag: str, depth: int) -> None:
        self._new_block()
        self.children(element, depth=depth)
        self._new_block()

    def _new_block(self) -> None:
        self.flush()
        if self.heading or not self.margin.in_list:
            self.block += 1

    def _break_out(self) -> None:
        """Begin a block that is in no list, whatever is open."""
        self.flush()
        self.block += 1
        self.margin.break_out()

    def write_heading(self, element: etree._Element, tag: str, depth: int) -> None:
        self._break_out()
        outside, self.heading = self.heading, _HEADINGS.get(element.get("rend") or tag, 3)
        self.children(element, depth=depth)
        self.flush()
        self.heading = outside
        self.block += 1

    def write_list(self, element: etree._Element, tag: str, depth: int) -> None:
        self._new_block()
        self.margin.open_list(ordered=tag == "ol" or element.get("rend") == "ol")
        self.children(element, depth=depth)
        self.flush()
        self.margin.close()
        self._new_block()

    def write_item(self, element: etree._Element, tag: str, depth: int) -> None:
        self.flush()
        if not self.margin.in_list:
            self.write_plain(element, tag, depth)
            return
        self.margin.begin_item()
        self.children(element, depth=depth)
        self.flush()
        self.margin.end_item()

    def write_quote(self, element: etree._Element, _tag: str, depth: int) -> None:
        self.flush()
        self.block += 1
        self.margin.open_quote()
        self.children(element, depth=depth)
        self.flush()
        self.margin.close()
        self.block += 1

    def write_code(self, element: etree._Element, tag: str, depth: int) -> None:
        text = "" if self.in_code else _code_text(element)
        if self.in_code or (tag == "code" and "\n" not in text and self._is_within_line(element)):
            outside, self.in_code = self.in_code, True
            self.children(element, depth=depth)
            self.in_code = outside
            return
        self._break_out()
        kept = [line.rstrip() for line in text.strip("\n").split("\n")]
        if any(kept):
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
            self._add(fence, "", Kind.RULE)
            for line in kept:
                self._add(line, line, Kind.CODE)
            self._add(fence, "", Kind.RULE)
        self.block += 1

    def _is_within_line(self, element: etree._Element) -> bool:
        parent = element.getparent()
        if self.heading or (parent is not None and parent.tag not in _CONTAINERS):
            return True
        return any(map(str.strip, (*self.buffer, element.tail or "")))

    def write_table(self, table: etree._Element, _tag: str, depth: int) -> None:
        # A table of one column, or of tables, is layout, and one that is nearly empty would outgrow its text.
        rows = [] if table.find(".//table") is not None else list(table.iter(*_ROWS))
        cells = [[part for part in row if part.tag in _CELLS] for row in rows]
        width = max(map(len, cells), default=0)
        sparse = width * len(cells) > _SPARSE * sum(map(len, cells)) + _FEW_CELLS
        if width < 2 or sparse or any(map(_has_own_text, rows)):
            self.write_plain(table, _tag, depth)
            return
        self._new_block()
        for part in table:
            if isinstance(part.tag, str) and part.tag not in _TABLE:
                self.element(part, part.tag, depth=depth + 1)
        self._break_out()
        ruled = False
        for row in cells:
            texts = [_cell_text(part, depth) for part in row]
            if not any(texts):
                continue
            shown = " | ".join(map(cell, [*texts, *[""] * (width - len(texts))]))
            self._add(f"| {shown} |", " | ".join(text for text in texts if text), Kind.ROW)
            if not ruled:
                self._add(f"|{'---|' * width}", "", Kind.RULE)
                ruled = True
        self.block += 1


_Write = Callable[[_Writer, etree._Element, str, int], None]  # noqa: SLF001 - the name lxml gives it
_WRITERS: dict[str, _Write] = {
    **dict.fromkeys((*_CONTAINERS, *_ROWS, *_CELLS, "p"), _Writer.write_plain),
    **dict.fromkeys((*_HEADINGS, "head"), _Writer.write_heading),
    **dict.fromkeys(_LISTS, _Writer.write_list),
    **dict.fromkeys(_ITEMS, _Writer.write_item),
    **dict.fromkeys(_QUOTES, _Writer.write_quote),
    **dict.fromkeys(_CODE, _Writer.write_code),
    "table": _Writer.write_table,
}


def _has_own_text(row: etree._Element) -> bool:
    """Whether words stand in a row beside its cells."""
    return any((part or "").strip() for part in (row.text, *(child.tail for child in row)))


def _cell_text(part: etree._Element, depth: int) -> str:
    writer = _Writer()
    writer.children(part, depth=depth + 2)
    writer.flush()
    return " ".join(line.text for line in writer.lines if line.text)


def _code_text(element: etree._Element) -> str:
    parts = [element.text or ""]
    for part in element.iterdescendants():
        if part.tag in _BREAKS:
            parts.append("\n")
        elif isinstance(part.tag, str):
            parts.append(part.text or "")
        parts.append(part.tail or "")
    return "".join(parts)
