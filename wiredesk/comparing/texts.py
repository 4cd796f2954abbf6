"""How far two texts agree, and where they differ. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from services.parser.text import words

GRAM = 4
# Written without spaces, a sentence is one long word: there characters are compared.
_LONGEST_AVERAGE = 12
_MOST_LINES = 400
"""Lines of each text that are looked at for what differs, from the first difference on; difflib takes its square."""
_MOST_WORDS = 1_000
_AROUND = 4
"""Words before and after a change that are shown with it."""
_ALIKE = 0.4


@dataclass(frozen=True)
class TextChange:
    """``overlap``: twice the common sequences of four words by all of both texts, 1 where the words are the same."""

    overlap: float
    words_before: int
    words_after: int
    added: int
    lost: int


def change(before: str, after: str) -> TextChange:
    """How the words of ``after`` stand to those of ``before``."""
    old, new = _units(before), _units(after)
    first, second = Counter(old), Counter(new)
    return TextChange(
        overlap=_overlap(old, new),
        words_before=len(old),
        words_after=len(new),
        added=(second - first).total(),
        lost=(first - second).total(),
    )


def differences(before: str, after: str, *, most: int) -> tuple[str, ...]:
    """Up to ``most`` lines in which the texts differ: ``- `` lost, ``+ `` added, ``~ `` changed within
    (``[-lost-]{+added+}``).
    """
    found: list[str] = []
    for line in _differences(_lines(before), _lines(after)):
        if len(found) == most:
            return (*found[: most - 1], "…")
        found.append(line)
    return tuple(found)


def _units(text: str) -> list[str]:
    spoken = words(text)
    if sum(map(len, spoken)) > _LONGEST_AVERAGE * max(len(spoken), 1):
        return list("".join(spoken))
    return spoken


def _overlap(old: list[str], new: list[str]) -> float:
    if old == new:
        return 1.0
    size = max(1, min(GRAM, len(old), len(new)))
    first, second = _grams(old, size), _grams(new, size)
    both = first.total() + second.total()
    return round(2 * (first & second).total() / both, 4) if both else 1.0


def _grams(units: list[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(units[start:] for start in range(size)), strict=False))


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _differences(old: list[str], new: list[str]) -> Iterator[str]:
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    old, new = old[start : start + _MOST_LINES], new[start : start + _MOST_LINES]
    for what, first, last, begin, end in SequenceMatcher(None, old, new).get_opcodes():
        if what == "equal":
            continue
        if last - first == end - begin:
            for one, other in zip(old[first:last], new[begin:end], strict=True):
                yield from _within(one, other)
            continue
        yield from (f"- {line}" for line in old[first:last])
        yield from (f"+ {line}" for line in new[begin:end])


def _within(old: str, new: str) -> Iterator[str]:
    """One line against another: word by word where they are much the same, else as two lines."""
    first, second = old.split()[:_MOST_WORDS], new.split()[:_MOST_WORDS]
    match = SequenceMatcher(None, first, second)
    if match.ratio() < _ALIKE:
        yield f"- {old}"
        yield f"+ {new}"
        return
    parts: list[str] = []
    codes = match.get_opcodes()
    for number, (what, start, stop, begin, end) in enumerate(codes):
        if what == "equal":
            parts.append(_shortened(first[start:stop], is_first=number == 0, is_last=number == len(codes) - 1))
            continue
        lost, added = " ".join(first[start:stop]), " ".join(second[begin:end])
        parts.append((f"[-{lost}-]" if lost else "") + (f"{{+{added}+}}" if added else ""))
    yield f"~ {' '.join(parts)}"


def _shortened(same: list[str], *, is_first: bool, is_last: bool) -> str:
    """Words that did not change, of which only those beside a change are of interest."""
    before = [] if is_first else same[:_AROUND]
    after = [] if is_last else same[-_AROUND:]
    if len(same) <= len(before) + len(after):
        return " ".join(same)
    return " ".join((*before, "…", *after))
