"""Words and lines: how the parser tidies, compares and counts what it reads. Pure."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Literal

SHORT_LIMIT = 2_000
"""Characters of a title, name or caption beyond which it is cut."""

_TAG = re.compile(r"<!--.{0,5000}?-->|</?[a-zA-Z][^<>]{0,2000}>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?li|/?h[1-6])\b[^<>]{0,2000}>", re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_WORD = re.compile(r"[^\W_]+")
# UAX #29 takes every ideograph and hiragana for a word, a run of katakana for one; a word of Thai, Lao, Khmer or
# Burmese, which it leaves to dictionaries, is four to five characters long on average.
_IDEOGRAPH = "\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_KATAKANA = "\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_PLAIN_COUNTED = re.compile(r"[^\W_]++(?:['’.,-][^\W_]++)*+")
_NEEDS_CARE = re.compile(
    "[<&\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\xad\u200b\u2060\ufeff\\ud800-\\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_HAS_UNSPACED = re.compile(f"[{_IDEOGRAPH}{_KATAKANA}{_UNSPACED}]")
_COUNTED = re.compile(
    f"(?P<ideograph>[{_IDEOGRAPH}])|(?P<katakana>[{_KATAKANA}]+)|(?P<unspaced>[{_UNSPACED}]+)"
    f"|(?:(?![{_IDEOGRAPH}{_KATAKANA}{_UNSPACED}])[^\\W_])+"
    f"(?:['’.,-](?:(?![{_IDEOGRAPH}{_KATAKANA}{_UNSPACED}])[^\\W_])+)*"
)
_UNSPACED_WORD = 4
# Where a run of marks may be: no ASCII, and none of the scripts that are written without spaces and without marks.
_LONG_RUN = re.compile("[^\x00-\u02ff\u3001-\u3029\u3030-\u3098\u309b-\u9fff\uac00-\ud7af\uff00-\uffef]{64,}")
_MOST_MARKS = 30
_SENTENCE_END = re.compile(r"[.!?…。！？؟।։]['\"”’»)\]]*(?:\s|$)")


def plain(value: str, *, limit: int = SHORT_LIMIT) -> str:
    """``value`` as one line of text: entities resolved, tags and control characters gone, spaces single, NFC."""
    if not _NEEDS_CARE.search(value):
        return _composed("NFC", " ".join(value[: limit * 4].split()))[:limit]
    return " ".join(lines(value, limit=limit).split())


def lines(value: str, *, limit: int) -> str:
    """``value`` as text with a line a paragraph: what a witness gives as HTML, escaped HTML or text."""
    cut = value[: limit * 4]
    if "<" in cut or "&" in cut:
        # Escaped once more than it should be is common in JSON-LD and feeds; twice is enough.
        for _ in range(2):
            if _ENTITY.search(cut):
                cut = html.unescape(cut)
        if "<" in cut:
            cut = _TAG.sub("", _BREAK.sub("\n", cut))
    cut = _CONTROL.sub(" ", _INVISIBLE.sub("", cut.replace("\r\n", "\n").replace("\r", "\n")))
    kept = (" ".join(line.split()) for line in cut.split("\n"))
    return _composed("NFC", "\n".join(line for line in kept if line))[:limit]


def calm(value: str) -> str:
    """``value`` with at most 30 combining marks on a letter (UAX #15, stream-safe text), which no language exceeds.

    Bringing marks into their order is quadratic: a hundred thousand on one letter take minutes.
    """
    return value if value.isascii() else _LONG_RUN.sub(_with_fewer_marks, value)


def words(value: str) -> list[str]:
    """The words of ``value`` for comparing: letters and digits only, without case."""
    return _WORD.findall(_composed("NFKC", value).casefold())


def word_count(value: str) -> int:
    """How many words a reader would count, also where script has no spaces (UAX #29)."""
    if not _HAS_UNSPACED.search(value):
        return len(_PLAIN_COUNTED.findall(value))
    count = 0
    for match in _COUNTED.finditer(value):
        unspaced = match.group("unspaced")
        count += -(-len(unspaced) // _UNSPACED_WORD) if unspaced else 1
    return count


def ends_sentence(value: str) -> bool:
    """Whether ``value`` ends as sentences do."""
    return bool(_SENTENCE_END.search(value[-4:]))


def has_sentence(value: str) -> bool:
    """Whether a sentence ends anywhere in ``value``."""
    return bool(_SENTENCE_END.search(value))


def _composed(form: Literal["NFC", "NFKC"], value: str) -> str:
    return value if value.isascii() else unicodedata.normalize(form, calm(value))


def _with_fewer_marks(match: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in match.group():
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def sequences(value: str) -> frozenset[tuple[str, ...]]:
    """The sequences of four words in ``value``; in scripts without spaces each character counts as a word, in whatever
    text it stands.
    """
    spoken = words(value)
    if _HAS_UNSPACED.search(value):
        spoken = [part for word in spoken for part in (word if _HAS_UNSPACED.search(word) else (word,))]
    return frozenset(zip(spoken, spoken[1:], spoken[2:], spoken[3:], strict=False))
