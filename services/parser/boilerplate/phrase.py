"""The small language in which phrases of news pages are written down, and the expressions that it stands for. Pure.

``read (more|also)[ on ...]`` is any of "read more", "read also", "read more on the ferry": round brackets hold
alternatives, square brackets what may be missing, braces what may be said several times over, ``...`` is up to 60
characters of anything, ``#`` a number, ``*`` the rest of a word, and a backslash makes a sign stand for itself, as all
other characters do, without case. There is nothing in it that could take long to match, whatever a page says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

KEY = 3
"""Characters of a line by which the phrases that may begin it are looked up."""
DIGIT = "#"
"""The key of phrases that begin with a number."""
_MOST_KEYS = 200
_SHORTEST_CUE = 2
_ANYTHING = r".{1,60}"
_AMONG_WORDS = r"\W(?:.{0,60}\W)?"
_NUMBER = r"\d[\d.,]{0,8}"
_REST = r"\w{0,30}"
_BETWEEN = r"[\s,|/·•&+-]{1,5}"
_SIGN = re.compile(r"\\.| \.\.\. |\.\.\.|[()\[\]{}|#*]|(?:(?! ?\.\.\.)[^()\[\]{}|#*\\])+")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_PLAINER = (
    ("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("„", '"'), ("…", "..."), ("\xa0", " "), ("\u202f", " "),
)  # fmt: skip


@dataclass(frozen=True)
class Word:
    """Characters that stand for themselves."""

    text: str


@dataclass(frozen=True)
class Gap:
    """A part of which only the form is known: anything, a number, the rest of a word."""

    pattern: str


@dataclass(frozen=True)
class Choice:
    """One of several sequences; ``optional``: or none of them; ``repeated``: or a few in a row."""

    options: tuple[tuple[Part, ...], ...]
    optional: bool = False
    repeated: bool = False


Part = Word | Gap | Choice


class PhraseError(ValueError):
    """A phrase that cannot be read, and why."""


@dataclass(frozen=True)
class Phrase:
    """A phrase as it was written, and its parts."""

    source: str
    parts: tuple[Part, ...]

    @cached_property
    def pattern(self) -> str:
        """The expression of the phrase, for lines without case."""
        return _pattern(self.parts)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every beginning of up to ``KEY`` characters that a line in this form of words can have.

        :raises PhraseError: if it can begin with anything.
        """
        keys = {key for key, _ in _beginnings(self.parts, {("", True)})}
        if "" in keys:
            raise PhraseError("begins with anything: such a phrase is found by nothing")
        return frozenset(keys)

    @cached_property
    def cues(self) -> frozenset[str]:
        """Words of which a text in this form has at least one: the longest there are.

        :raises PhraseError: if there is no such word.
        """
        best = max(map(_cues, self.parts), key=_weight)
        if _weight(best)[0] < _SHORTEST_CUE:
            raise PhraseError("has no word that it cannot do without")
        return best


def plain(text: str) -> str:
    """``text`` without case and typographic differences, as phrases and lines are compared."""
    if not text.isascii():
        # Eight replacements take a fortieth of the time of one translate.
        for typographic, plainer in _PLAINER:
            text = text.replace(typographic, plainer)
        text = unicodedata.normalize("NFC", text)
        # Turkish capitals lose nothing but their dot this way.
        return text.casefold().replace("\u0307", "").replace("(c)", "©")
    return text.lower().replace("(c)", "©")


def read(source: str) -> Phrase:
    """The phrase that ``source`` writes down.

    :raises PhraseError: if brackets do not match or nothing is in it.
    """
    signs = _SIGN.findall(" ".join(plain(source).split()))
    parts, rest = _sequence(signs, 0, closing=None)
    if rest != len(signs):
        raise PhraseError(f"has a {signs[rest]} that nothing opens")
    if not any(not isinstance(part, Choice) or not part.optional for part in parts):
        raise PhraseError("can be nothing at all")
    return Phrase(source=source, parts=parts)


def _sequence(signs: list[str], at: int, *, closing: str | None) -> tuple[tuple[Part, ...], int]:
    parts: list[Part] = []
    while at < len(signs):
        sign = signs[at]
        if sign in _CLOSING.values() or (sign == "|" and closing is not None):
            break
        at += 1
        if sign in _CLOSING:
            choice, at = _choice(signs, at, opening=sign)
            parts.append(choice)
        elif sign == "|":
            raise PhraseError("has a | outside of brackets")
        else:
            parts.append(_part(sign))
    return tuple(_spaced(parts)), at


def _spaced(parts: list[Part]) -> list[Part]:
    """``parts`` with the space beside what may be missing made a part of it, so that it is missing too."""
    for at, part in enumerate(parts):
        if not isinstance(part, Choice) or not part.optional:
            continue
        before = parts[at - 1] if at else None
        after = parts[at + 1] if at + 1 < len(parts) else None
        opens_after = isinstance(after, Word) and after.text.startswith(" ")
        if isinstance(before, Word) and before.text.endswith(" ") and (after is None or opens_after):
            parts[at - 1] = Word(before.text[:-1])
            parts[at] = Choice(tuple((Word(" "), *option) for option in part.options), optional=True)
        elif before is None and isinstance(after, Word) and opens_after:
            parts[at] = Choice(tuple((*option, Word(" ")) for option in part.options), optional=True)
            parts[at + 1] = Word(after.text[1:])
    return [part for part in parts if part != Word("")]


def _choice(signs: list[str], at: int, *, opening: str) -> tuple[Choice, int]:
    closing = _CLOSING[opening]
    options: list[tuple[Part, ...]] = []
    while True:
        option, at = _sequence(signs, at, closing=closing)
        if not option:
            raise PhraseError("has brackets with an empty place")
        options.append(option)
        if at >= len(signs) or signs[at] not in {"|", closing}:
            raise PhraseError(f"lacks a {closing}")
        at += 1
        if signs[at - 1] == closing:
            return Choice(tuple(options), optional=opening == "[", repeated=opening == "{"), at


def _part(sign: str) -> Part:
    match sign:
        case " ... ":
            return Gap(_AMONG_WORDS)
        case "...":
            return Gap(_ANYTHING)
        case "#":
            return Gap(_NUMBER)
        case "*":
            return Gap(_REST)
        case _:
            return Word(sign.removeprefix("\\") or sign)


def _pattern(parts: tuple[Part, ...]) -> str:
    return "".join(_one(part) for part in parts)


def _one(part: Part) -> str:
    match part:
        case Word(text):
            return re.escape(text)
        case Gap(pattern):
            return pattern
        case Choice(options, optional, repeated):
            either = f"(?:{'|'.join(_pattern(option) for option in options)})"
            return f"{either}(?:{_BETWEEN}{either}){{0,12}}" if repeated else f"{either}{'?' if optional else ''}"


def _beginnings(parts: tuple[Part, ...], begun: set[tuple[str, bool]]) -> set[tuple[str, bool]]:
    """How a line can begin, with whether more of the phrase can still add to each."""
    for part in parts:
        growing = {key for key, grows in begun if grows}
        if not growing:
            break
        begun = {(key, grows) for key, grows in begun if not grows}
        for key in growing:
            begun |= set(_extended(key, part))
        if len(begun) > _MOST_KEYS:
            raise PhraseError(f"can begin in more than {_MOST_KEYS} ways")
    return begun


def _extended(key: str, part: Part) -> Iterator[tuple[str, bool]]:
    match part:
        case Word(text):
            longer = (key + text)[:KEY]
            yield longer, len(longer) < KEY
        case Gap(pattern):
            yield (DIGIT if not key and pattern == _NUMBER else key), False
        case Choice(options, optional, repeated):
            for option in options:
                for longer, grows in _beginnings(option, {(key, True)}):
                    # What follows one of several need not be what follows all of them.
                    yield longer, grows and not repeated
            if optional:
                yield key, True


def _cues(part: Part) -> frozenset[str]:
    match part:
        case Word(text):
            return frozenset({text.strip()}) if text.strip() else frozenset()
        case Choice(options, optional=False):
            each = [max(map(_cues, option), key=_weight) for option in options]
            return frozenset().union(*each) if all(each) else frozenset()
        case _:
            return frozenset()


def _weight(cues: frozenset[str]) -> tuple[int, int]:
    """How well a set of words tells that a phrase may be there: by the shortest of them, and by how few they are."""
    return (min(map(len, cues), default=0), -len(cues))
