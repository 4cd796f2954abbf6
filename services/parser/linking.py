"""The links of the page put back into the lines they were in: extraction leaves only their words.

trafilatura can keep them, but then finds other text; so they are found again in the tree, by the words of the block
that they stand in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from urllib.parse import quote

from lxml.html import HtmlElement

from services.parser.blocks import escaped
from services.parser.body import Kind, Line
from shared.urls import absolute_url, follow

MAX_LINKS = 2_000
_SHORTEST = 2
_LONGEST = 300
_LONGEST_BLOCK = 20_000
_ADDRESS_LIMIT = 2_000
_BLOCKS = frozenset(
    {
        "p", "li", "dd", "dt", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "div", "section",
        "article", "main", "figcaption", "body",
    }
)  # fmt: skip
_UNLINKED = (Kind.CODE, Kind.RULE)


def with_links(
    lines: tuple[Line, ...], anchors: Iterable[tuple[HtmlElement, str]], *, base: str | None
) -> tuple[Line, ...]:
    """``lines`` with ``anchors``, links and their words, in their Markdown; their text stays as it is.

    A link is put where the block that it stands in says the same as a line, or holds it; only web addresses count, made
    absolute by ``base``.
    """
    where = {_letters(line.text): at for at, line in reversed([*enumerate(lines)]) if line.kind not in _UNLINKED}
    if not where:
        return lines
    said = "\n".join(where)
    found: dict[int, list[tuple[str, str]]] = {}
    blocks: dict[HtmlElement, int | None] = {}
    for words, target, block in _links(anchors, said):
        if block not in blocks:
            blocks[block] = _line_of(block, where)
        at = blocks[block]
        if at is None:
            continue
        address = (absolute_url(base, target) if base else follow("", target)) or ""
        if address and len(address) <= _ADDRESS_LIMIT:
            found.setdefault(at, []).append((words, address))
    return tuple(_linked(line, found[at]) if at in found else line for at, line in enumerate(lines))


def _links(anchors: Iterable[tuple[HtmlElement, str]], said: str) -> Iterator[tuple[str, str, HtmlElement]]:
    """The words, the target and the block of each link whose words the lines have."""
    for element, text in islice(anchors, MAX_LINKS):
        words = text.split()
        letters = "".join(words)
        if not _SHORTEST <= len(letters) <= _LONGEST or letters not in said:
            continue
        block = next((one for one in element.iterancestors() if one.tag in _BLOCKS), None)
        if block is not None:
            yield " ".join(words), element.get("href") or "", block


def _line_of(block: HtmlElement, where: dict[str, int]) -> int | None:
    """The line that says what ``block`` says."""
    text = block.text_content()
    return where.get(_letters(text)) if len(text) <= _LONGEST_BLOCK else None


def _linked(line: Line, links: list[tuple[str, str]]) -> Line:
    parts: list[str] = []
    rest = line.markdown
    for words, address in links:
        shown = escaped(words)
        before, middle, after = rest.partition(shown)
        if not middle:
            continue
        parts += [before, f"[{shown}]({quote(address, safe=_SAFE)})"]
        rest = after
    return replace(line, markdown="".join([*parts, rest]))


# All that an address may have but the parentheses and angle brackets that would end it in Markdown; no percent sign is
# encoded twice.
_SAFE = "%/:?#[]@!$&'*+,;=~"


def _letters(text: str) -> str:
    return "".join(text.split())
