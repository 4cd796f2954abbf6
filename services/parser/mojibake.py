"""UTF-8 that was taken for a Windows encoding and encoded once more (``fÃ¼r``, ``donâ€™t``, ``РњРѕСЃС‚``), undone where
that is certain. Pure.

It is certain where such sequences stand in words, three times in two kinds or ten times; then it is undone in every
passage between tags that has no other letters of that kind. The rest, and what a later step damaged (a no-break space
made a space), stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CERTAIN = 3
_MANY = 10
_ROUNDS = 3
# The most frequent letters and signs of many languages, twice encoded: what no page in need of mending is without.
_SIGN = rb"(?:[\xc2\xc5\xc6\xcb].|\xe2..)"
_MARKS = re.compile(
    rb"\xc3(?:[\x83-\x85\x8e-\x91\x94-\x96\x98\x99]"
    + _SIGN
    + rb"|\x97[\xc2\xe2]|\xa2\xe2\x82\xac|[\xa0-\xab]"
    + _SIGN
    + rb"{2})",
    re.DOTALL,
)
_CYRILLIC_MARKS = re.compile(rb"\xd0\xa0(?:\xd1\x95|\xc2\xb0)")
_RUN = re.compile(r"[^\x00-\x7f]{2,}")


@dataclass(frozen=True)
class _Reading:
    """One way of misreading: the encoding's name, what it makes of sequences of UTF-8, its letters, what sequences in
    the middle of ASCII words begin with, and what it makes of bytes, the other way round.
    """

    name: str
    sequence: re.Pattern[str]
    letters: re.Pattern[str]
    accents: str
    table: dict[int, int]

    def mend(self, text: str) -> str | None:
        """``text`` mended, or ``None`` where it is not certain that it needs it."""
        found = [*self._in_words(text)]
        if len(found) < (_CERTAIN if len(set(found)) > 1 else _MANY):
            return None
        mended = "<".join(self._mended_passage(passage) for passage in text.split("<"))
        return mended if mended != text else None

    def _in_words(self, text: str) -> Iterator[str]:
        """The sequences that stand in words, or are words: a quotation mark after a capital, as in MANHÃ”, or after a
        space that does not break, as in « été », is no proof.
        """
        for run in _RUN.finditer(text):
            sequences: list[str] = self.sequence.findall(run.group())
            if sum(map(len, sequences)) < len(run.group()):
                continue
            before, after = text[max(run.start() - 1, 0)], text[run.end() : run.end() + 1]
            in_word = before.islower() or (before.isalpha() and after.isalpha())
            if len(sequences) >= _CERTAIN or (in_word and sequences[0][0] in self.accents):
                yield from sequences

    def _mended_passage(self, passage: str) -> str:
        if passage.isascii() or self.letters.search(self.sequence.sub("", passage)):
            return passage
        return self.sequence.sub(self._mended, passage)

    def _mended(self, match: re.Match[str]) -> str:
        sequence: str = match.group()
        try:
            return bytes(self.table[ord(character)] for character in sequence).decode("utf-8")
        except UnicodeDecodeError:
            return sequence


def mend(utf8: bytes) -> tuple[bytes, str | None]:
    """``utf8`` with what was encoded twice, or oftener, mended, and the name of the encoding it had been taken for;
    ``None`` where nothing was, or may have been.
    """
    name = None
    for _ in range(_ROUNDS):
        if _MARKS.search(utf8) is None and (0xD0 not in utf8 or _CYRILLIC_MARKS.search(utf8) is None):
            break
        text = utf8.decode("utf-8", "replace")
        mended = next(((words, one.name) for one in _READINGS if (words := one.mend(text)) is not None), None)
        if mended is None:
            break
        utf8, name = mended[0].encode("utf-8", "replace"), mended[1]
    return utf8, name


def _reading(name: str, codec: str, leads: range, letters: str, accents: str) -> _Reading:
    """``leads``: the first bytes of the sequences that are looked for. What the codec leaves undefined is a control."""
    shown: dict[int, str] = {}
    table: dict[int, int] = {}
    for byte in range(0x80, 0x100):
        forms = {bytes([byte]).decode(codec, "ignore"), chr(byte) if byte < 0xA0 else ""} - {""}
        shown[byte] = "".join(sorted(forms))
        table |= {ord(form): byte for form in forms}

    def one_of(first: int, last: int) -> str:
        signs = "".join(shown[byte] for byte in range(first, last + 1) if byte in leads or last == 0xBF)
        return f"[{re.escape(signs)}]" if signs else "(?!)"

    following = one_of(0x80, 0xBF)
    sequence = "|".join(
        f"{one_of(first, last)}{following}{{{length}}}"
        for first, last, length in ((0xC2, 0xDF, 1), (0xE0, 0xEF, 2), (0xF0, 0xF4, 3))
    )
    return _Reading(name, re.compile(sequence), re.compile(letters), accents, table)


_READINGS = (
    _reading("windows-1252", "cp1252", range(0xC2, 0xF5), "[À-ÖØ-öø-ÿ]", "ÂÃÄÅâ"),
    _reading("windows-1251", "cp1251", range(0xD0, 0xD2), "[А-яЁё]", ""),
)
