"""Text that nobody wrote: bytes of something else that were read as letters, and what no encoding explained. Pure."""

from __future__ import annotations

import re
import unicodedata

_BAD = re.compile("[\x80-\x9f\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_SIGNS = re.compile("[\x80-\xbf×÷]")
_CASE_UP = re.compile(r"[a-zß-öø-ÿа-я][A-ZÀ-ÖØ-ÞА-Я]")
_SAMPLE = 20_000
_LEAST = 100
# Of 300 articles of the samples none has less than 0.90; of random bytes 0.4 to 0.7 come out as letters and digits.
_SPOKEN = 0.75
_ODD = 0.05
_HOPELESS = 0.1
_OFTEN = 1_000
"""Characters of a text among which one that no encoding explains is a doubt."""


def bad_characters(text: str) -> int:
    """How many characters no text has: U+FFFD, C1 controls, and those of private use, which fonts alone explain."""
    return 0 if text.isascii() else len(_BAD.findall(text))


def is_garbled(text: str) -> bool:
    """Whether the text was read in a wrong encoding, or was damaged: one character in a thousand is no text's."""
    return bad_characters(text) * _OFTEN > len(text)


def is_noise(text: str) -> bool:
    """Whether the text is no text: a tenth of it cannot be, or it has few letters, and those in no writing's order."""
    sample = "".join(text[:_SAMPLE].split())
    if len(sample) < _LEAST or sample.isascii():
        return False
    bad = bad_characters(sample) / len(sample)
    if bad >= _HOPELESS:
        return True
    spoken = sum(map(str.isalnum, sample)) / len(sample)
    if spoken >= _SPOKEN:
        return False
    # The vowels of Indic scripts and of Thai are marks, which are no letters to Python.
    marks = sum(unicodedata.category(sign)[0] == "M" for sign in sample if sign > "\u02ff")
    if spoken + marks / len(sample) >= _SPOKEN:
        return False
    odd = max(len(_SIGNS.findall(sample)), len(_CASE_UP.findall(sample)))
    return odd / len(sample) >= _ODD
