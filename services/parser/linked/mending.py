"""Broken JSON read as far as it can be understood: what templates make of it when nobody looks.

Understood are comments, trailing and missing commas, single quotes, bare keys, ``undefined`` and other words of
JavaScript, raw line breaks, stray backslashes, quotes inside of a text that nobody escaped, and an end in the middle:
the value that was cut is left out, what stands before it is kept.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_CHARACTERS = 500_000
_MAX_VALUES = 40
_MAX_DEPTH = 60
_MAX_ITEMS = 20_000
_MAX_IN_KEY = 4

_START = re.compile(r"[{\[]")
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?(?:\*/|$)|<!--|-->)*", re.DOTALL)
_STOPS = {'"': re.compile(r'["\\]'), "'": re.compile(r"['\\]")}
_BARE = re.compile(r"[^\s,:{}\[\]\"'<>]+")
_QUOTED_KEY = r"(?:\"[^\"\n]{0,80}\"|'[^'\n]{0,80}')\s*(?::|$)"
_BARE_KEY = r"[@\w$-]{1,60}\s*:"
# Possessive and bounded: at every quote of a broken text one of these is tried.
_GAP = r"(?:\s{1,200}+|//[^\n]{0,200}+\n){0,8}+"
_END = r"\s{0,500}+(?:$|[}\]]"
_NO_COMMA = rf"(?:(?<=\n)|(?<=\s\s)){_QUOTED_KEY}"
_AFTER_PAIR = re.compile(rf"{_END}|,{_GAP}(?:$|[}}\],]|/[/*]|{_QUOTED_KEY})|{_NO_COMMA})")
_AFTER_BARE_PAIR = re.compile(rf"{_END}|,{_GAP}(?:$|[}}\],]|/[/*]|{_QUOTED_KEY}|{_BARE_KEY})|{_NO_COMMA})")
_AFTER_ITEM = re.compile(rf"{_END}|,{_GAP}(?:$|[}}\]\[{{\"'/\d-]|true\b|false\b|null\b))")
_AFTER_KEY = re.compile(r"\s{0,500}+:")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_QUOTE_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\'")
_WORDS = {"true": True, "false": False, "True": True, "False": False}


def mended(text: str) -> list[Any]:
    """The values in ``text``, one after another, without what could not be understood."""
    reader = _Reader(text[:MAX_CHARACTERS])
    values: list[Any] = []
    while len(values) < _MAX_VALUES and (start := _START.search(reader.text, reader.at)) is not None:
        reader.at = start.start()
        value = reader.value(after=_AFTER_ITEM, depth=0)
        if value:
            values.append(value)
        if reader.given_up:
            break
    return values


class _Reader:
    """A position in the text. Every step moves it on, so that any text comes to an end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.items = 0
        self.cut = False
        self.given_up = False
        self.bare_keys = False

    def value(self, *, after: re.Pattern[str], depth: int) -> Any:  # noqa: ANN401 - whatever JSON holds
        character = self._next()
        self.items += 1
        if depth > _MAX_DEPTH or self.items > _MAX_ITEMS:
            self.cut = self.given_up = True
            return None
        if character == "{":
            self.at += 1
            return self._object(depth)
        if character == "[":
            self.at += 1
            return self._array(depth)
        if character in _STOPS:
            return self._string(after)
        return self._word()

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self.cut:
            character = self._next()
            if character == "}":
                self.at += 1
                break
            if character == "]":
                break
            if character in {",", ":", "[", "{"}:
                self.at += 1
                continue
            key = self._string(_AFTER_KEY) if character in _STOPS else self._bare_key()
            if self.cut or self._next() != ":":
                continue
            self.at += 1
            after = _AFTER_BARE_PAIR if self.bare_keys else _AFTER_PAIR
            value = self.value(after=after, depth=depth + 1)
            if key is not None and (not self.cut or value):
                found.setdefault(key, value)
        return found

    def _array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while not self.cut:
            character = self._next()
            if character == "]":
                self.at += 1
                break
            if character == "}":
                break
            if character in {",", ":"}:
                self.at += 1
                continue
            value = self.value(after=_AFTER_ITEM, depth=depth + 1)
            if value is not None:
                found.append(value)
        return found

    def _string(self, after: re.Pattern[str]) -> str | None:
        """A text up to the quote that ends it: the first one that is followed by what may follow a value."""
        quote = self.text[self.at]
        self.at += 1
        stop, start = _STOPS[quote], self.at
        inner = 0
        while (found := stop.search(self.text, self.at)) is not None:
            if found.group() == "\\":
                self.at = found.end() + 1
                continue
            self.at = found.end()
            if after.match(self.text, self.at) is not None or (after is _AFTER_KEY and inner >= _MAX_IN_KEY):
                return _text(self.text[start : found.start()])
            inner += 1
        self.at, self.cut = len(self.text), True
        return None

    def _bare_key(self) -> str | None:
        word = self._bare()
        self.bare_keys = self.bare_keys or word is not None
        return word

    def _word(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        word = self._bare()
        if self.at >= len(self.text):
            self.cut = True
            return None
        if word is None or word in _WORDS:
            return _WORDS.get(word or "")
        try:
            number = json.loads(word)
        except ValueError:
            return None
        return number if isinstance(number, int | float) else None

    def _bare(self) -> str | None:
        match = _BARE.match(self.text, self.at)
        if match is None:
            self.at += 1
            return None
        self.at = match.end()
        return match.group()

    def _next(self) -> str:
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space is not None else self.at
        if self.at >= len(self.text):
            self.cut = True
            return ""
        return self.text[self.at]


def _text(raw: str) -> str:
    # JavaScript's escape, which JSON does not know.
    raw = _QUOTE_ESCAPE.sub(r"\1'", raw)
    escaped = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', _BAD_ESCAPE.sub(r"\\\\", raw))
    try:
        return str(json.loads(f'"{escaped}"', strict=False))
    except ValueError:
        return raw
