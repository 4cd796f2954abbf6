"""All phrases of all languages, in which the lines of an article are looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.parser.boilerplate.files import tables
from services.parser.boilerplate.lookup import Group, Openings, Passage, Passages, stems
from services.parser.boilerplate.rules import RULES, Manner

_FOLDER = Path(__file__).parent
_UNSPACED = frozenset({"ja", "zh", "ko", "th", "km", "lo", "my"})
"""Languages in whose script, or after whose words, no space shows where a word begins or ends."""
_SET_OFF = re.compile(r"[/|©(]|\bvia ")


@dataclass(frozen=True)
class Sought:
    """What is worth looking for in the lines of one article: anywhere, and in the last of them."""

    anywhere: tuple[Passage, ...]
    last: tuple[Passage, ...]


class Rulebook:
    """The language files, read once."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        """Read every language file of ``folder``.

        :raises ConfigurationError: one line that names file, rule and phrase, if one of them cannot be read.
        """
        self.tables = tuple(tables(folder))
        self._openings = Openings()
        self._passages = Passages()
        self._last = Passages()
        self._tails: dict[str, Group] = {}
        for table in sorted(self.tables, key=lambda one: RULES.index(one.rule)):
            rule = table.rule
            for phrase in table.phrases:
                if rule.manner is Manner.WITHIN:
                    passages = self._last if rule.ending else self._passages
                    passages.add(rule, phrase, unspaced=table.language in _UNSPACED)
                elif rule.manner is Manner.TAIL:
                    self._tails.setdefault(rule.name, Group(rule)).patterns.append(phrase.pattern)
                else:
                    self._openings.add(rule, phrase)

    def opened_by(self, text: str) -> Iterator[Group]:
        """The groups whose phrases may begin ``text``, which is plain and without case."""
        return self._openings.of(text)

    def closed_by(self, text: str) -> Iterator[Group]:
        """The groups whose phrases may end ``text``."""
        return iter(self._tails.values() if _SET_OFF.search(text) else ())

    def sought_in(self, text: str) -> Sought:
        """What to look for, line by line, in a text of which this is all."""
        begun = stems(text)
        return Sought(anywhere=self._passages.among(text, begun), last=self._last.among(text, begun))

    def pattern(self, rule: str) -> str:
        """All phrases of a rule as one expression, for texts without case."""
        return "|".join(phrase.pattern for table in self.tables if table.rule.name == rule for phrase in table.phrases)


RULEBOOK = Rulebook()
