"""The words of words.toml: months in many languages, and what stands beside dates."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Literal

Meaning = Literal["published", "modified"]

_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
_SHORT = 3
"""A name of so few letters is a word of other languages too: Czech "pro" is December."""
_LATIN_ENDS = "\u0370"
_LABEL_WORDS = 4
_APART = re.compile(r"[^\s:：|,;()\[\]•·–—/-]+")
# What may stand between a label and its date: "am", "on", "le", "dne". No label is that short.
_CONNECTOR = 3


def key(text: str) -> str:
    """``text`` without case, accents and full stops, as words are looked up."""
    if text.isascii():
        return text.lower().replace(".", "")
    bare = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in bare if unicodedata.category(c) != "Mn").replace("ı", "i").replace(".", "")


def _months() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for language, months in _WORDS["months"].items():
        for number, names in enumerate(months, start=1):
            for name in names.split():
                found[key(name.replace("_", " "))][language] = number
    return dict(found)


MONTHS = _months()
"""The number of a month by its name and language."""


def month(name: str, language: str | None, *, sure: bool = False) -> int | None:
    """The month called ``name`` on a page in ``language`` (two letters); ``None`` where it is none or could be two.

    ``sure``: only believe a short name where it is the page's language or English.
    """
    meanings = MONTHS.get(key(name))
    if meanings is None:
        return None
    if language in meanings:
        return meanings[language]
    if "en" in meanings:
        return meanings["en"]
    is_short = len(name.rstrip(".")) <= _SHORT and name[0] < _LATIN_ENDS
    if len(set(meanings.values())) > 1 or (is_short and (sure or len(meanings) == 1)):
        return None
    return next(iter(meanings.values()))


def _keys(group: str, name: str) -> frozenset[str]:
    return frozenset(key(word) for word in _WORDS[group][name])


_PUBLISHED, _MODIFIED = _keys("labels", "published"), _keys("labels", "modified")
PAST, MINUTES, HOURS = (_keys("relative", name) for name in ("past", "minutes", "hours"))
TODAY, YESTERDAY = _keys("relative", "today"), _keys("relative", "yesterday")
WEEKDAYS, PARTICLES, AGENCIES, READING = (
    _keys("beside", name) for name in ("weekdays", "particles", "agencies", "reading")
)
MORNING, AFTERNOON = _keys("halves", "am"), _keys("halves", "pm")


def label(before: str) -> Meaning | None:
    """What the words before a date say that it is the date of: "Last updated on", "Pressemitteilung vom"."""
    words = _APART.findall(key(before[-80:]))[-_LABEL_WORDS - 1 :]
    for meaning, labels in (("modified", _MODIFIED), ("published", _PUBLISHED)):
        for end in (len(words), len(words) - 1):
            if end < 1 or (end < len(words) and len(words[-1]) > _CONNECTOR):
                break
            if any(" ".join(words[start:end]) in labels for start in range(max(end - _LABEL_WORDS, 0), end)):
                return "modified" if meaning == "modified" else "published"
    return None
