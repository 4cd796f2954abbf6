"""Which of several encodings makes more sense of a text: by the characters that each would have nobody write. Pure."""

from __future__ import annotations

import re

from charset_normalizer import from_bytes

from services.parser.garbled import bad_characters

# Japanese is written in them hardly ever; what is read in Shift_JIS and is none comes out as rows of them.
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
# Syllables are written whole; hiragana of EUC-JP, read in EUC-KR, are parts of them.
_LONE_JAMO = re.compile("[\u3131-\u318e]")
_WESTERN_LETTERS = re.compile("[À-ÖØ-öø-ɏ]")
# Which the detector confuses where a text is short.
_RIVALS = ("euc_jp", "cp932", "big5hkscs", "gb18030", "cp949")
_BEYOND = re.compile("[^\x00-\u02ff]")
_BAD_WEIGHT = 4
# ISO-8859-15 has these where windows-1252 has signs that stand in no word, and the euro where hardly a text has ¤.
_LATIN_9 = re.compile(
    rb"[a-zA-Z\xc0-\xff][\xa6\xa8\xb8\xbc\xbd][a-z\xdf-\xff]|(?<![\w\xc0-\xff])[\xa6\xbc\xbd][a-z\xdf-\xff]{4}|"
    rb"\d\s?\xa4|\xa4\s?\d"
)
_WINDOWS = re.compile(rb"[\x80-\x9f]")


def oddity(text: str, codec: str) -> int:
    """How many characters of ``text``, read in ``codec``, none in it would have; what no text has counts most."""
    odd = _BAD_WEIGHT * bad_characters(text)
    if codec in {"cp932", "euc_jp"}:
        return odd + len(_HALF_WIDTH.findall(text))
    if codec == "cp949":
        return odd + len(_LONE_JAMO.findall(text))
    if codec in {"gb18030", "big5hkscs"}:
        return odd + _rare(text, codec)
    if codec in {"cp1256", "iso8859_6"} and _BEYOND.search(text) is not None:
        return odd + len(_WESTERN_LETTERS.findall(text))
    return odd


def detected(sample: bytes) -> str:
    """The detector's answer, unless it has characters that no text has, and one of the usual encodings has fewer."""
    found = from_bytes(sample).best()
    # On Western text the detector takes windows-1252 for its Eastern sister, and for what Macs used once.
    if found is None or found.encoding == "utf_8" or found.encoding.startswith(("cp1250", "mac_")):
        codec = "cp1252"
    else:
        codec = found.encoding
    if codec == "cp1252" and is_latin_9(sample):
        return "iso8859_15"
    if not oddity(sample.decode(codec, "replace"), codec):
        return codec
    return min((codec, *_RIVALS), key=lambda rival: oddity(sample.decode(rival, "replace"), rival))


def is_latin_9(body: bytes) -> bool:
    """Whether a Western page is in ISO-8859-15: œ, š, ž or € stand where windows-1252 has fractions and accents."""
    return _WINDOWS.search(body) is None and _LATIN_9.search(body) is not None


def _rare(text: str, codec: str) -> int:
    """The ideographs that are not of the most frequent half of the encoding."""
    beyond = "".join(_BEYOND.findall(text))
    if codec == "gb18030":
        pairs = beyond.encode("gb2312", "replace")
        return pairs.count(b"?") + sum(0xD8 <= byte <= 0xF7 for byte in pairs[::2])
    pairs = beyond.encode("big5", "replace")
    return pairs.count(b"?") + sum(0xC9 <= byte <= 0xF9 for byte in pairs[::2])
