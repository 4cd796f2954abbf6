"""The links of the page put back into the lines they were in: extraction leaves only their words.

trafilatura can keep them, but then finds other text; so they are found again in the tree. What stands between two line
breaks or blocks of the page is looked up among the lines, letter for letter, and tells where in the line each of its
links is.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from lxml.html import HtmlElement

from services.parser import markdown
from services.parser.blocks import MAX_DEPTH, NOT_TEXT, PARTING
from services.parser.body import Kind, Line, letters
from shared.urls import absolute_url, follow
from shared.webaddress import web_address

_SHORTEST = 2
_LONGEST = 300
"""Letters of the words of a link."""
_ADDRESS_LIMIT = 2_000
_LONG = 100_000
_UNLINKED = (Kind.CODE, Kind.RULE)
# Most addresses, at a thirtieth of what it takes to resolve and check one.
_PLAIN = re.compile(r"https?://[a-z0-9][a-z0-9-]{0,60}(?:\.[a-z0-9][a-z0-9-]{0,60}){1,8}(?:[/?#][!-~]*)?")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True)
class _Place:
    """A line, or one of a row's cells, by the line's number and the cell's."""

    line: int
    cell: int | None = None


@dataclass(frozen=True)
class _Mark:
    """A link: the letters between which its words are, blanks not counted, and its target."""

    begin: int
    end: int
    target: str


@dataclass
class _Run:
    """What stands between two breaks: its letters and the links in it."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    marks: list[_Mark] = field(default_factory=list)

    def add(self, text: str | None) -> None:
        if text:
            part = letters(text)
            self.parts.append(part)
            self.length += len(part)


def with_links(
    lines: tuple[Line, ...], anchors: Iterable[tuple[HtmlElement, str]], *, base: str | None
) -> tuple[Line, ...]:
    """``lines`` with ``anchors``, links and their words, in their Markdown; their text stays as it is.

    A link is put where a line or a cell of a table says what the link and all that stands around it say. Only web
    addresses count, made absolute by ``base``.
    """
    where = _places(lines)
    # Nearly all links of a page are told apart by this from the article's; of a long text it would be quadratic.
    said = "\n".join(where)
    is_long = len(said) > _LONG
    found: dict[_Place, list[_Mark]] = {}
    blocks: set[HtmlElement] = set()
    for element, words in anchors:
        if len(words) < _SHORTEST or not (is_long or letters(words) in said):
            continue
        block = next((one for one in element.iterancestors() if one.tag in PARTING), None)
        if block is None or block in blocks:
            continue
        blocks.add(block)
        for run in _runs(block):
            # Of lines that say the same each run has the next.
            if places := where.get("".join(run.parts)):
                marks = [replace(mark, target=address) for mark in run.marks if (address := _web(mark, base))]
                found[places.popleft()] = marks
    return tuple(_linked(line, at, found) for at, line in enumerate(lines)) if found else lines


def _places(lines: tuple[Line, ...]) -> dict[str, deque[_Place]]:
    """Where each line and each cell is, by their letters."""
    where: defaultdict[str, deque[_Place]] = defaultdict(deque)
    for at, line in enumerate(lines):
        if line.kind is Kind.ROW:
            for number, cell in enumerate(_cells(line)):
                where[letters(cell)].append(_Place(at, number))
        elif line.kind not in _UNLINKED:
            where[letters(line.text)].append(_Place(at))
    return where


def _runs(block: HtmlElement) -> Iterator[_Run]:
    """The runs of ``block`` that have links, without those of the blocks in it."""
    runs = [_Run()]
    _walk(block, runs, 0)
    return (run for run in runs if run.marks)


def _walk(element: HtmlElement, runs: list[_Run], depth: int) -> None:
    if depth > MAX_DEPTH:
        runs[-1].add(element.text_content())
        return
    runs[-1].add(element.text)
    for child in element:
        if child.tag in PARTING:
            runs.append(_Run())
        elif isinstance(child.tag, str) and child.tag not in NOT_TEXT:
            run, begin = runs[-1], runs[-1].length
            _walk(child, runs, depth + 1)
            target = child.get("href") if child.tag == "a" else None
            if target and run is runs[-1] and _SHORTEST <= run.length - begin <= _LONGEST:
                run.marks.append(_Mark(begin, run.length, target))
        runs[-1].add(child.tail)


def _web(mark: _Mark, base: str | None) -> str | None:
    """The address of the web that ``mark`` leads to."""
    target = mark.target.strip()
    if target.startswith("#") or len(target) > _ADDRESS_LIMIT:
        return None
    if _PLAIN.fullmatch(target):
        return target
    # A name alone is a page beside this one to browsers, unlike to readers of feeds.
    address = (absolute_url(base, target) or follow(base, target)) if base else follow("", target)
    if not address or len(address) > _ADDRESS_LIMIT:
        return None
    if _PLAIN.fullmatch(address):
        return address
    try:
        web_address(address)
    except ValueError:
        return None
    return address


def _linked(line: Line, at: int, found: dict[_Place, list[_Mark]]) -> Line:
    if line.kind is Kind.ROW:
        cells = [
            _marked(cell, found.get(_Place(at, number), []), first=False).replace("|", "\\|")
            for number, cell in enumerate(_cells(line))
        ]
        return replace(line, markdown=f"| {' | '.join(cells)} |")
    marks = found.get(_Place(at))
    shown = markdown.escaped(line.text)
    if not marks or not line.markdown.endswith(shown):
        return line
    return replace(line, markdown=line.markdown.removesuffix(shown) + _marked(line.text, marks, first=True))


def _marked(text: str, marks: list[_Mark], *, first: bool) -> str:
    """``text`` as Markdown with links in it; ``first``: at the beginning of a line."""
    places = [at for at, sign in enumerate(text) if not sign.isspace()]
    parts: list[str] = []
    done = 0
    for mark in sorted(marks, key=lambda mark: mark.begin):
        begin, end = places[mark.begin], places[mark.end - 1] + 1
        if begin < done:
            continue
        before = text[done:begin]
        shown = markdown.escaped(before) if first and not done else markdown.inline(before)
        # An exclamation mark before a link would make an image of it.
        parts.append(f"{shown[:-1]}\\!" if shown.endswith("!") else shown)
        parts.append(markdown.link(markdown.inline(text[begin:end]), mark.target))
        done = end
    rest = text[done:]
    parts.append(markdown.escaped(rest) if first and not done else markdown.inline(rest))
    return "".join(parts)


def _cells(line: Line) -> list[str]:
    """The text of each cell of a row."""
    return [_ESCAPED.sub(r"\1", cell) for cell in line.markdown[2:-2].split(" | ")]
