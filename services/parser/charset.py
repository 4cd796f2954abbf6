"""From the bytes of a page to UTF-8: byte order mark, HTTP, meta, then detection; always from bytes. Pure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from services.parser import mojibake
from services.parser.charsetdoubt import detected, is_latin_9, oddity
from services.parser.charsetlabels import codec_of, codecs_for, name_of

_HTTP = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_LABEL = re.compile(rb"charset\s*=\s*[\"']?\s*([\w:.-]{2,40})")
_XML = re.compile(rb"\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})[\"']", re.IGNORECASE)
_LANGUAGE = re.compile(rb"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?([a-zA-Z]{2,3}(?:-[a-zA-Z]{2,4})?)", re.IGNORECASE)
_HEAD = 4096
_DECLARED_WITHIN = 65_536
"""WHATWG HTML looks at 1,024 bytes first, but browsers start anew at a later label."""
_SAMPLE_TEXTS = 60
_SAMPLE_TEXT = 400
_SEQUENCE = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
# A character beyond U+FFFF as two surrogates of three bytes each (CESU-8), as Java and MySQL write it.
_SURROGATES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
# The first half of a letter that was cut in two is no capital.
_CUT_OFF = re.compile("(?<=[a-z])[ÂÃÄÅ](?![a-z])")
_CYRILLIC = frozenset({"cp1251", "koi8_r", "koi8_u", "iso8859_5", "cp866", "mac_cyrillic"})
# More than one undecodable byte in fifty that are not ASCII, and the label is believed no more.
_TOLERATED = 50
# Of a Western text at most one letter in five has an accent; of Greek, Cyrillic, Hebrew or Arabic nearly all are beyond
# ASCII.
_WESTERN = 0.3
_MARKED = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Decoded:
    """A page as UTF-8, and the encoding (WHATWG name) it was read in. ``mended``: its UTF-8 had been taken for that
    encoding and encoded once more, which was undone.
    """

    utf8: bytes
    charset: str
    mended: str | None = None


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """``body`` as UTF-8. Never fails: what no encoding explains becomes U+FFFD.

    Bytes that are valid UTF-8 are UTF-8 whatever the labels say: no other encoding looks like it by chance. So are
    those that are mostly: the others are a passage from elsewhere, pasted without care.
    """
    codec, start = marked(body)
    if codec is not None and codec != "utf-8":
        return _read(body[start:], codec)
    body = without_marks(body)
    shifted = 0x1B in body and b"\x1b$" in body
    if not shifted and body.isascii():
        return Decoded(body, "utf-8")
    declared = [codec for codec in (_from_http(content_type), _from_markup(body)) if codec is not None]
    # ISO-2022-JP is written in ASCII bytes: the one encoding that would pass for UTF-8.
    if shifted and ("iso2022_jp" in declared or body.isascii()):
        return _read(body, "iso2022_jp")
    if (utf8 := _as_utf8(body)) is None and (codec == "utf-8" or _is_mostly_utf8(body)):
        utf8 = _with_strays(body, next((legacy for legacy in declared if _is_single_byte(legacy)), "cp1252"))
    if utf8 is not None:
        utf8, taken_for = mojibake.mend(utf8)
        return Decoded(utf8, "utf-8", taken_for)
    own = _of_language(body)
    for codec in declared:
        # Latin-1 is what servers and templates say of anything: where the page's language has an encoding of its own,
        # which has its accents in the same places, or where hardly a letter is ASCII, it is not believed.
        if codec == "cp1252" and ((own and codec not in own) or _is_beyond_western(body)):
            continue
        if _explains(codec, body):
            return _read(body, codec)
    return _read(body, _undeclared(body, own))


def declared(body: bytes, content_type: str | None = None) -> str | None:
    """The label that HTTP, or else the page, gives its encoding, in their word; ``None`` where neither does."""
    in_http = _HTTP.search(content_type or "")
    return in_http.group(1).lower() if in_http else _label(without_marks(body))


def marked(body: bytes) -> tuple[str | None, int]:
    """The codec that a byte order mark, or the zero bytes of markup, give away, and where the text begins."""
    for mark, codec in _MARKED:
        if body.startswith(mark):
            return codec, len(mark)
    head = body[:64]
    if head.count(0) * 3 < len(head):
        return None, 0
    filled = [position for position in range(4) if any(head[position::4])]
    wide = {(0,): "utf-32-le", (3,): "utf-32-be", (0, 2): "utf-16-le", (1, 3): "utf-16-be"}
    return wide.get(tuple(filled)), 0


def without_marks(body: bytes) -> bytes:
    """Files that were put together bring their marks along: there may be two."""
    while body.startswith(codecs.BOM_UTF8):
        body = body[len(codecs.BOM_UTF8) :]
    return body


def _read(body: bytes, codec: str) -> Decoded:
    text = body.decode(codec, "replace").lstrip("\ufeff")
    return Decoded(text.encode("utf-8", "replace"), name_of(codec))


def _as_utf8(body: bytes) -> bytes | None:
    try:
        # A page cut within a character is valid up to there.
        _, valid = codecs.utf_8_decode(body, "strict", False)
    except UnicodeDecodeError:
        return None
    return body if valid == len(body) else body[:valid]


def _is_mostly_utf8(body: bytes) -> bool:
    """Whether at least half of what is not ASCII is UTF-8: of other encodings' text a tenth may look like it."""
    return 2 * sum(len(sequence) for sequence in _SEQUENCE.findall(body)) >= _non_ascii(body)


def _with_strays(body: bytes, legacy: str) -> bytes:
    """UTF-8 with the bytes that are none read in another encoding, and surrogates joined."""
    body = _SURROGATES.sub(_joined, body)
    parts: list[bytes] = []
    start = 0
    for match in _SEQUENCE.finditer(body):
        parts += _in(legacy, body[start : match.start()]), match.group().decode("utf-8", "replace").encode()
        start = match.end()
    parts.append(_in(legacy, body[start:]))
    return b"".join(parts)


def _in(codec: str, stray: bytes) -> bytes:
    if stray.isascii():
        return stray
    return _CUT_OFF.sub("\ufffd", stray.decode(codec, "replace")).encode("utf-8")


def _joined(match: re.Match[bytes]) -> bytes:
    pair = match.group().decode("utf-8", "surrogatepass")
    return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _is_single_byte(codec: str) -> bool:
    return codec.startswith(("cp125", "iso8859", "koi8", "mac", "cp866", "cp874"))


def _from_http(content_type: str | None) -> str | None:
    match = _HTTP.search(content_type or "")
    return codec_of(match.group(1)) if match else None


def _from_markup(body: bytes) -> str | None:
    codec = codec_of(_label(body) or "")
    # A label that could be read as ASCII cannot be telling the truth about UTF-16 (WHATWG HTML, 13.2.3.2).
    return "utf-8" if codec in {"utf-16-le", "utf-16-be"} else codec


def _label(body: bytes) -> str | None:
    """The label of the first meta element that has one, else of the XML declaration."""
    head = body[:_HEAD].lower()
    label = _in_meta(head)
    if label is None and (match := _XML.match(head)):
        label = match.group(1)
    if label is None and len(body) > _HEAD:
        label = _in_meta(body[:_DECLARED_WITHIN].lower())
    return label.decode("ascii", "replace") if label else None


def _in_meta(head: bytes) -> bytes | None:
    """Whose markup is in lower case."""
    for match in _LABEL.finditer(head):
        tag = head.rfind(b"<", 0, match.start())
        if head.startswith(b"<meta", tag) and head.rfind(b"<!--", 0, tag) <= head.rfind(b"-->", 0, tag):
            return match.group(1)
    return None


def _of_language(body: bytes) -> tuple[str, ...]:
    """The encodings that browsers expect of the page's language; none where it has none."""
    language = _LANGUAGE.search(body[:_HEAD])
    return codecs_for(language.group(1).decode("ascii")) if language else ()


def _undeclared(body: bytes, own: tuple[str, ...]) -> str:
    """The codec of a page that no label explains: its language's own, as browsers have it, else a detector's answer."""
    beyond = _is_beyond_western(body) if "cp1252" in own else False
    sample = _sample(body)
    explaining = [codec for codec in own if _explains(codec, body) and not (codec == "cp1252" and beyond)]
    if explaining:
        # The first of those that make equal sense of it.
        best = min(explaining, key=lambda codec: oddity(sample.decode(codec, "replace"), codec))
        return "iso8859_15" if best == "cp1252" and is_latin_9(body) else best
    return detected(sample)


def _explains(codec: str, body: bytes) -> bool:
    if body.decode(codec, "replace").count("\ufffd") * _TOLERATED > _non_ascii(body):
        return False
    if codec not in _CYRILLIC:
        return True
    # Any bytes are letters in these; in the wrong one capitals become small and small letters capitals, or signs.
    letters = [letter for letter in _sample(body).decode(codec, "replace") if letter >= "\x80"]
    return 2 * sum(map(str.islower, letters)) > len(letters)


def _is_beyond_western(body: bytes) -> bool:
    """Whether words consist of bytes beyond ASCII, so that no Western encoding makes sense of them."""
    sample = _sample(body)
    accented = sum(byte >= 0xC0 for byte in sample)
    return accented > _WESTERN * (accented + sum(chr(byte).isalpha() for byte in sample if byte < 0x80))


def _sample(body: bytes) -> bytes:
    """The beginnings of the first texts, else tags, that are not all ASCII."""
    parts = [part for part in body.split(b"<") if not part.isascii()]
    texts = [text for part in parts if not (text := part.partition(b">")[2]).isascii()]
    return b"\n".join(part[:_SAMPLE_TEXT] for part in (texts or parts)[:_SAMPLE_TEXTS])


def _non_ascii(body: bytes) -> int:
    return len(body) - len(body.translate(None, bytes(range(0x80, 0x100))))
