"""What an answer about a labelled page is worth. Pure.

Body text is scored as scrapinghub/article-extraction-benchmark does: bags of four-word sequences, shares a page,
averages over pages, F1 from the two averages. Segments are passages that must, or must not, be in the text. Fields
count where they are the same but for case, spacing and the form of quotes; a day where it is the day in the offset
that the page gave (``utc_day``: the day that the record shows, in UTC).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.parser.text import words

BODY = ("precision", "recall", "f1")
FIELDS = ("title", "authors", "day", "utc_day", "language")
MEASURES = (*BODY, "segments", *FIELDS)

_TOKEN = re.compile(r"\w+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " "})
_GOLD = {"title": "title", "authors": "authors", "day": "date", "utc_day": "date", "language": "lang"}


@dataclass(frozen=True)
class Answer:
    """What a parser says of one page. ``None``: it knows nothing of the field, which is wrong where gold knows."""

    text: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    day: str | None = None
    utc_day: str | None = None
    language: str | None = None
    silent: frozenset[str] = frozenset()
    """Fields that the parser does not offer at all: they are not asked of it."""


@dataclass(frozen=True)
class Mark:
    """Sums of one page, or of several: they add up."""

    sums: Mapping[str, float] = field(default_factory=dict)

    def __add__(self, other: Mark) -> Mark:
        total = Counter(self.sums)
        total.update(other.sums)
        return Mark(total)

    def figures(self) -> dict[str, float]:
        """The measures that these pages allow, each from 0 to 1."""
        figures: dict[str, float] = {}
        precision, recall = self._share("precision"), self._share("recall")
        if precision is not None and recall is not None:
            both = precision + recall
            figures |= {"precision": precision, "recall": recall, "f1": 2 * precision * recall / both if both else 0.0}
        found, wrong = self.sums.get("segments", 0), self.sums.get("segments_wrong", 0)
        if found or wrong:
            figures["segments"] = 2 * found / (2 * found + wrong)
        figures |= {name: share for name in FIELDS if (share := self._share(name)) is not None}
        return figures

    def _share(self, name: str) -> float | None:
        asked = self.sums.get(f"{name}_asked", 0)
        return self.sums.get(name, 0) / asked if asked else None


def judge(gold: Mapping[str, Any], answer: Answer) -> Mark:
    """The mark of one answer."""
    sums: dict[str, float] = {}
    if "text" in gold:
        found, spurious, missed = _shares(gold["text"], answer.text)
        if found + spurious:
            sums |= {"precision": found / (found + spurious), "precision_asked": 1}
        if found + missed:
            sums |= {"recall": found / (found + missed), "recall_asked": 1}
    wanted, unwanted = gold.get("must_contain") or (), gold.get("must_not_contain") or ()
    if wanted or unwanted:
        sums["segments"] = sum(segment in answer.text for segment in wanted)
        sums["segments_wrong"] = sum(segment not in answer.text for segment in wanted) + sum(
            segment in answer.text for segment in unwanted
        )
    for name, key in _GOLD.items():
        if (right := gold.get(key)) and name not in answer.silent:
            sums |= {name: _same(name, right, getattr(answer, name)), f"{name}_asked": 1}
    return Mark(sums)


def total(marks: Iterable[Mark]) -> Mark:
    """All marks together."""
    sums: Counter[str] = Counter()
    for mark in marks:
        sums.update(mark.sums)
    return Mark(sums)


def _same(name: str, right: Any, said: Any) -> bool:  # noqa: ANN401 - a text or several, as gold has it
    if name == "authors":
        return _people([right] if isinstance(right, str) else right) == _people(said)
    if name == "title":
        return _title(right) == _title(said)
    if name == "language":
        return bool(said) and right.split("-")[0].lower() == said.split("-")[0].lower()
    return bool(right == said)


def _people(names: Iterable[str]) -> frozenset[str]:
    return frozenset(" ".join(words(name)) for name in names if name.strip())


def _title(title: str | None) -> str | None:
    return " ".join(title.translate(_QUOTES).split()).casefold() if title else None


def _shares(gold: str, said: str) -> tuple[float, float, float]:
    right, given = _sequences(gold), _sequences(said)
    found = sum((right & given).values())
    spurious, missed = sum((given - right).values()), sum((right - given).values())
    every = found + spurious + missed
    return (found / every, spurious / every, missed / every) if every else (0.0, 0.0, 0.0)


def _sequences(text: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(text)
    if len(tokens) < 4:
        return Counter([tuple(tokens)] if tokens else [])
    return Counter(zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False))
