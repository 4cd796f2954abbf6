"""How a line finds the few phrases that it may hold among some two thousand, without trying the others."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.parser.boilerplate.phrase import DIGIT, KEY, Phrase
from services.parser.boilerplate.rules import Manner, Rule

_ALONE = r"(?:{})[\s.,:;·•|!)\]】»>…*-]*\Z"
_SHAPE = {
    Manner.WHOLE: _ALONE,
    Manner.HEADING: _ALONE,
    Manner.LABEL: r"(?:{})(?=\s*[:：|»>→–—\])】-]|\s*\.*\Z)",
    Manner.START: r"(?:{})",
    Manner.TAIL: r".*(?:/|\||\bvia |©|\()\s*(?:{})\s*\)?\Z",
}
_WORDS = r"(?<!\w)(?:{})(?!\w)"
_STEM = 6
_SHORT_STEM = 4
_STEMS = re.compile(rf"\b\w{{{_SHORT_STEM},{_STEM}}}")
_WORD = re.compile(r"\w+")
# Between the scripts of Europe and the Middle East and these stand the dashes and quotes of all of them.
_FAR_SCRIPT = re.compile("[\u0900-\u1cff\u3040-\ufdff]")


@dataclass
class Group:
    """The phrases of one rule that are found together; their expression is made when a line first asks for it."""

    rule: Rule
    patterns: list[str] = field(default_factory=list)
    compiled: re.Pattern[str] | None = None

    def matches(self, text: str) -> bool:
        """Whether one of the phrases stands in ``text`` as the rule has it."""
        if self.compiled is None:
            self.compiled = re.compile(_SHAPE[self.rule.manner].format("|".join(self.patterns)))
        return self.compiled.match(text) is not None


@dataclass(frozen=True)
class Passage:
    """A phrase that may stand anywhere in a line, and a word that it has."""

    cue: str
    rule: Rule
    pattern: re.Pattern[str]


class Openings:
    """Phrases that begin a line, by its first characters."""

    def __init__(self) -> None:
        self._groups: dict[str, list[Group]] = defaultdict(list)

    def add(self, rule: Rule, phrase: Phrase) -> None:
        """Add a phrase; rules are asked in the order in which they were first added."""
        for key in sorted(phrase.keys):
            groups = self._groups[key]
            group = next((one for one in groups if one.rule is rule), None)
            if group is None:
                groups.append(group := Group(rule))
            group.patterns.append(phrase.pattern)

    def of(self, text: str) -> Iterator[Group]:
        """The groups that may begin ``text``."""
        for length in range(KEY, 0, -1):
            yield from self._groups.get(text[:length], ())
        if text[:1].isdigit():
            yield from self._groups.get(DIGIT, ())


class Passages:
    """Phrases that stand anywhere in a line, by a word that they cannot do without."""

    def __init__(self) -> None:
        self._by_stem: dict[str, dict[str, list[Passage]]] = defaultdict(lambda: defaultdict(list))
        self._far: list[Passage] = []

    def add(self, rule: Rule, phrase: Phrase, *, unspaced: bool) -> None:
        """Add a phrase; ``unspaced``: of a language in which no space shows where a word begins."""
        pattern = re.compile(("{}" if unspaced else _WORDS).format(phrase.pattern))
        for cue in sorted(phrase.cues):
            passage = Passage(cue, rule, pattern)
            stem = _stem(cue)
            if stem is None or _FAR_SCRIPT.search(cue):
                self._far.append(passage)
            else:
                self._by_stem[stem][cue].append(passage)

    def among(self, text: str, begun: frozenset[str]) -> tuple[Passage, ...]:
        """The phrases whose words ``text``, of many lines, has at all, so that each line is asked for these alone."""
        found: list[Passage] = []
        for stem in sorted(begun & self._by_stem.keys()):
            for cue, passages in self._by_stem[stem].items():
                if cue in text:
                    found.extend(passages)
        if not text.isascii() and _FAR_SCRIPT.search(text):
            found.extend(passage for passage in self._far if passage.cue in text)
        return tuple(found)


def stems(text: str) -> frozenset[str]:
    """The beginnings of all words of ``text``, of two lengths."""
    longer = set(_STEMS.findall(text))
    return frozenset(longer.union([stem[:_SHORT_STEM] for stem in longer]))


def _stem(cue: str) -> str | None:
    word: str = max(_WORD.findall(cue), key=len, default="")
    if len(word) >= _STEM:
        return word[:_STEM]
    return word[:_SHORT_STEM] if len(word) >= _SHORT_STEM else None
