"""CSS selectors as an operator writes them into the sites file: what parser rules name elements by. Pure.

A part of CSS (Selectors Level 4) that is decided in one walk down a page, whatever the page is like: types, ``*``,
``#id``, ``.class``, ``[attribute]`` with the six comparisons, ``:first-child``, ``:last-child``, ``:not()``, and all
four combinators. What it leaves out (``:has()``, ``:nth-*()``, text) is what cannot be; XPath is left out for that too:
with lxml a plain ``div p`` took more than five minutes on a page of 2,000 nested ``div`` with 17,000 ``p``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

LONGEST = 500
"""Characters of one selector list."""

Combinator = Literal[" ", ">", "+", "~"]
Comparison = Literal["", "=", "~=", "|=", "^=", "$=", "*="]

_ESCAPE = r"\\(?:[0-9a-fA-F]{1,6}\s?|[^\n0-9a-fA-F])"
_NAME_START = rf"(?:[A-Za-z_\u0080-\U0010ffff]|{_ESCAPE})"
_NAME_PART = rf"(?:[A-Za-z0-9_\-\u0080-\U0010ffff]|{_ESCAPE})"
_IDENT = rf"-?{_NAME_START}{_NAME_PART}*|--{_NAME_PART}*"
_PART = re.compile(
    rf"\#(?P<id>{_NAME_PART}+)"
    rf"|\.(?P<cls>{_IDENT})"
    rf"|\[\s*(?P<attribute>{_IDENT})\s*"
    rf"(?:(?P<comparison>[~|^$*]?=)\s*(?:\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'|(?P<bare>{_IDENT}))\s*)?\]"
    r"|:(?P<place>first-child|last-child)(?![\w-])"
    r"|(?P<no>:not\(\s*)"
)
_TYPE = re.compile(rf"\*|{_IDENT}")
_COMBINATOR = re.compile(r"\s*([>+~])\s*|\s+")
_COMMA = re.compile(r"\s*,\s*")
_CLOSE = re.compile(r"\s*\)")
_ATTRIBUTE = re.compile(r"\s*@([A-Za-z][\w:.-]*)\s*")
_ESCAPED = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)


@dataclass(frozen=True)
class Attribute:
    """A test of one attribute; with the comparison ``""`` it need only be there."""

    name: str
    comparison: Comparison = ""
    value: str = ""


@dataclass(frozen=True)
class Compound:
    """What one element must be: each part that is given must hold."""

    tag: str | None = None
    classes: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    first: bool = False
    last: bool = False
    none_of: tuple[Compound, ...] = ()


@dataclass(frozen=True)
class Selector:
    """Compounds from the outermost to the one that is meant; ``combinators`` stand between them."""

    compounds: tuple[Compound, ...]
    combinators: tuple[Combinator, ...] = ()


@dataclass(frozen=True)
class Selection:
    """A selector list as it was written: an element that any of it names is selected.

    ``attribute``: what of the element is meant, where that is not its text (``meta[name=author] @content``).
    """

    text: str
    selectors: tuple[Selector, ...] = field(repr=False)
    attribute: str | None = None


def read_selection(text: str) -> Selection:
    """The selector list, with an optional ``@attribute`` at its end.

    :raises ValueError: in a few words that say where it is not understood.
    """
    if len(text) > LONGEST:
        raise ValueError(f"more than {LONGEST} characters")
    reader = _Reader(text.strip())
    selectors = [reader.selector()]
    while reader.take(_COMMA):
        selectors.append(reader.selector())
    attribute = reader.take(_ATTRIBUTE)
    reader.end()
    return Selection(text.strip(), tuple(selectors), attribute[1].lower() if attribute else None)


class _Reader:
    """A place in the text, moved on by what was read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
        return match

    def end(self) -> None:
        if self._at < len(self._text):
            raise self._wrong()

    def selector(self) -> Selector:
        compounds = [self.compound()]
        combinators: list[Combinator] = []
        while not self._ends() and (found := self.take(_COMBINATOR)):
            combinators.append(found[1] or " ")  # type: ignore[arg-type] # one of those that the pattern has
            compounds.append(self.compound())
        return Selector(tuple(compounds), tuple(combinators))

    def compound(self) -> Compound:
        began = self._at
        kind = self.take(_TYPE)
        classes: list[str] = []
        attributes: list[Attribute] = []
        places: set[str] = set()
        none_of: list[Compound] = []
        while found := self.take(_PART):
            if found["no"]:
                none_of += self._excluded()
            elif found["place"]:
                places.add(found["place"])
            elif found["cls"]:
                classes.append(_plain(found["cls"]))
            else:
                attributes.append(_attribute(found))
        if self._at == began:
            raise self._wrong()
        tag = _plain(kind[0]).lower() if kind is not None and kind[0] != "*" else None
        places_of = {"first": "first-child" in places, "last": "last-child" in places}
        return Compound(tag, tuple(classes), tuple(attributes), none_of=tuple(none_of), **places_of)

    def _excluded(self) -> list[Compound]:
        found = [self.compound()]
        while self.take(_COMMA):
            found.append(self.compound())
        if not self.take(_CLOSE):
            raise self._wrong()
        return found

    def _ends(self) -> bool:
        """Whether only a comma, an attribute or nothing follows."""
        return bool(_COMMA.match(self._text, self._at) or _ATTRIBUTE.match(self._text, self._at))

    def _wrong(self) -> ValueError:
        rest = self._text[self._at :]
        if not rest:
            return ValueError("it ends too early" if self._text else "it is empty")
        return ValueError(f"not understood from {rest[:40]!r} on")


def _attribute(found: re.Match[str]) -> Attribute:
    if found["id"]:
        return Attribute("id", "=", _plain(found["id"]))
    value = next((found[name] for name in ("double", "single", "bare") if found[name] is not None), "")
    return Attribute(_plain(found["attribute"]).lower(), found["comparison"] or "", _plain(value))  # type: ignore[arg-type] # as the pattern has them


def _plain(name: str) -> str:
    """``name`` without the escapes of CSS (Syntax Level 3, 4.3.7)."""
    return _ESCAPED.sub(_unescaped, name) if "\\" in name else name


def _unescaped(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2]
    code = int(match[1], 16)
    return "\ufffd" if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)
