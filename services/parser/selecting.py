"""Which elements of a page selectors name: one walk for any number of them, whose length is the page's. Pure.

A selector is read as a row of compounds. Each element is given a set of those that are fulfilled by it together with
all that stand before them: a compound is, where the element is what it says and the one before it is fulfilled by a
parent, an ancestor or a sibling, as the combinator between them has it. Nothing is ever looked at twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from shared.selectors import Attribute, Combinator, Compound, Selection


@dataclass
class _Place:
    """What is fulfilled at an element, at it or above it, and by the children that were seen; bits of compounds."""

    own: int
    upwards: int
    previous_child: int = 0
    children: int = 0


class _Row:
    """All compounds of several selections in a row, each one bit, in masks of those that have something in common."""

    def __init__(self, selections: Sequence[Selection]) -> None:
        self.compounds: list[Compound] = []
        self.starts = 0
        self.before: dict[Combinator, int] = {" ": 0, ">": 0, "+": 0, "~": 0}
        self.untyped = 0
        self.typed: dict[str, int] = {}
        self.unclassed = 0
        self.ends: list[int] = []
        for selection in selections:
            self.ends.append(0)
            for selector in selection.selectors:
                self.starts |= 1 << len(self.compounds)
                for compound, combinator in zip(selector.compounds, (*selector.combinators, None), strict=True):
                    bit = 1 << len(self.compounds)
                    if combinator is None:
                        self.ends[-1] |= bit
                    else:
                        self.before[combinator] |= bit
                    self._add(compound, bit)

    def _add(self, compound: Compound, bit: int) -> None:
        if compound.tag is None:
            self.untyped |= bit
        else:
            self.typed[compound.tag] = self.typed.get(compound.tag, 0) | bit
        if not compound.classes:
            self.unclassed |= bit
        self.compounds.append(compound)

    def fulfilled(self, element: HtmlElement, above: _Place) -> int:
        before = self.before
        possible = (
            self.starts
            | (
                (above.upwards & before[" "])
                | (above.own & before[">"])
                | (above.previous_child & before["+"])
                | (above.children & before["~"])
            )
            << 1
        )
        possible &= self.untyped | self.typed.get(str(element.tag), 0)
        # Most elements of a page have no class, and most compounds want one.
        if possible & ~self.unclassed and not element.get("class"):
            possible &= self.unclassed
        found = 0
        while possible:
            bit = possible & -possible
            possible ^= bit
            if _is(element, self.compounds[bit.bit_length() - 1]):
                found |= bit
        return found


def select(tree: HtmlElement, selections: Sequence[Selection]) -> list[list[HtmlElement]]:
    """For each of ``selections`` the elements of ``tree`` that it names, in the order of the page."""
    found: list[list[HtmlElement]] = [[] for _ in selections]
    row = _Row(selections)
    all_ends = 0
    for end in row.ends:
        all_ends |= end
    outside = _Place(0, 0)
    places: dict[HtmlElement, _Place] = {}
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        parent = element.getparent()
        above = outside if parent is None else places.get(parent, outside)
        own = row.fulfilled(element, above)
        above.previous_child = own
        above.children |= own
        places[element] = _Place(own, above.upwards | own)
        if own & all_ends:
            for elements, end in zip(found, row.ends, strict=True):
                if own & end:
                    elements.append(element)
    return found


def outermost(elements: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Those of ``elements``, which come in the order of the page, that are in none of the others."""
    kept: list[HtmlElement] = []
    inside: set[HtmlElement] = set()
    for element in elements:
        if element not in inside:
            kept.append(element)
            inside.update(element.iter())
    return kept


def _is(element: HtmlElement, compound: Compound) -> bool:
    if compound.tag is not None and element.tag != compound.tag:
        return False
    if compound.classes:
        classes = (element.get("class") or "").split()
        if not all(name in classes for name in compound.classes):
            return False
    if not all(_has(element, attribute) for attribute in compound.attributes):
        return False
    if (compound.first and element.getprevious() is not None) or (compound.last and element.getnext() is not None):
        return False
    return not any(_is(element, other) for other in compound.none_of)


def _has(element: HtmlElement, wanted: Attribute) -> bool:
    value = element.get(wanted.name)
    if value is None:
        return False
    # An empty value is in no word and no text (Selectors Level 4, 6.2).
    match wanted.comparison:
        case "":
            return True
        case "=":
            return value == wanted.value
        case "~=":
            return wanted.value in value.split()
        case "|=":
            return value == wanted.value or value.startswith(f"{wanted.value}-")
        case "^=":
            return bool(wanted.value) and value.startswith(wanted.value)
        case "$=":
            return bool(wanted.value) and value.endswith(wanted.value)
        case "*=":
            return bool(wanted.value) and wanted.value in value
