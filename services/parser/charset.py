"""From the bytes of a page to UTF-8: byte order mark, HTTP, meta, then detection; always from bytes. Pure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

# What a label means on the web (WHATWG Encoding Standard, 4.2), as Python's codecs: iso-8859-1 is windows-1252.
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf-16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    **dict.fromkeys(("ascii", "us-ascii", "ansi_x3.4-1968", "iso-8859-1", "iso8859-1", "iso_8859-1"), "cp1252"),
    **dict.fromkeys(
        ("latin1", "latin-1", "l1", "cp1252", "windows-1252", "x-cp1252", "iso-8859-1-windows-3.1"), "cp1252"
    ),
    **dict.fromkeys(("iso-8859-9", "iso8859-9", "latin5", "windows-1254", "cp1254"), "cp1254"),
    **dict.fromkeys(("iso-8859-11", "tis-620", "windows-874", "dos-874"), "cp874"),
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk", "chinese", "csgb2312", "gb18030"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5", "cn-big5", "csbig5"), "big5hkscs"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j", "ms932"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601", "ksc_5601", "korean", "windows-949", "cseuckr"), "cp949"),
    **dict.fromkeys(("euc-jp", "x-euc-jp", "cseucpkdfmtjapanese"), "euc_jp"),
    **dict.fromkeys(("iso-2022-jp", "csiso2022jp"), "iso2022_jp"),
    **dict.fromkeys(("koi8-r", "koi", "koi8", "koi8_r", "cskoi8r"), "koi8_r"),
    **dict.fromkeys(("koi8-u", "koi8-ru"), "koi8_u"),
    **dict.fromkeys(("macintosh", "mac", "x-mac-roman", "csmacintosh"), "mac_roman"),
    **dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "mac_cyrillic"),
    **dict.fromkeys(("ibm866", "cp866", "866", "csibm866"), "cp866"),
    "iso-8859-8-i": "iso8859_8",
    **{f"iso-8859-{n}": f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"iso8859-{n}": f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"{p}{n}": f"cp{n}" for p in ("windows-", "cp", "x-cp") for n in (1250, 1251, 1253, 1255, 1256, 1257, 1258)},
}
_NAMES = {
    "cp1252": "windows-1252",
    "cp932": "shift_jis",
    "cp949": "euc-kr",
    "big5hkscs": "big5",
    "cp874": "windows-874",
}
_META = re.compile(rb"<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})[\"']", re.IGNORECASE)
_HTTP = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_LANGUAGE = re.compile(rb"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?([a-zA-Z]{2,3}(?:-[a-zA-Z]{2,4})?)", re.IGNORECASE)
# WHATWG HTML, 13.2.3.2, the table of suggested defaults; windows-1252 for every other language.
_BY_LANGUAGE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("ar", "fa", "ur"), ("cp1256",)),
    **dict.fromkeys(("ru", "uk", "be", "bg", "kk", "ky", "mk", "sr", "tg", "tt", "ba", "sah"), ("cp1251",)),
    **dict.fromkeys(("cs", "sk", "hr", "hu", "pl", "sl", "ro", "bs"), ("cp1250",)),
    **dict.fromkeys(("et", "lt", "lv"), ("cp1257",)),
    **dict.fromkeys(("tr", "az", "ku"), ("cp1254",)),
    "el": ("cp1253",),
    "he": ("cp1255",),
    "vi": ("cp1258",),
    "th": ("cp874",),
    "ja": ("cp932", "euc_jp"),
    "ko": ("cp949",),
    "zh": ("gb18030",),
    "zh-tw": ("big5hkscs",),
    "zh-hk": ("big5hkscs",),
}
_DECLARED_WITHIN = 4096
_NON_ASCII_RUN = re.compile(rb"[^<>\r\n]{0,200}[\x80-\xff][^<>\r\n]{0,200}")
_SAMPLE_RUNS = 60
# More than one undecodable byte in fifty that are not ASCII, and the label is believed no more.
_TOLERATED = 50


@dataclass(frozen=True)
class Decoded:
    """A page as UTF-8, and the encoding (WHATWG name) it was read in."""

    utf8: bytes
    charset: str


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """``body`` as UTF-8. Never fails: what no encoding explains becomes U+FFFD.

    Bytes that are valid UTF-8 are UTF-8 whatever the labels say: no other encoding looks like it by chance.
    """
    for mark, marked in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            return _read(body[len(mark) :], marked)
    if (codec := _unmarked_utf16(body)) is not None:
        return _read(body, codec)
    declared = [codec for codec in (_from_http(content_type), _from_markup(body)) if codec is not None]
    # ISO-2022-JP is written in ASCII bytes: the one encoding that would pass for UTF-8.
    if ("iso2022_jp" not in declared or b"\x1b" not in body) and (utf8 := _as_utf8(body)) is not None:
        return Decoded(utf8, "utf-8")
    for codec in declared:
        text = body.decode(codec, "replace")
        if text.count("\ufffd") * _TOLERATED <= _non_ascii(body):
            return Decoded(text.encode("utf-8", "replace"), _name(codec))
    return _read(body, _undeclared(body))


def declared(body: bytes, content_type: str | None = None) -> str | None:
    """The label that HTTP, or else the page, gives its encoding, in their word; ``None`` where neither does."""
    head = body[:_DECLARED_WITHIN]
    in_http = _HTTP.search(content_type or "")
    if in_http is not None:
        return in_http.group(1).lower()
    match = _META.search(head) or _XML.match(head)
    return match.group(1).decode("ascii", "replace").lower() if match else None


def _read(body: bytes, codec: str) -> Decoded:
    if codec == "utf-8" and (utf8 := _as_utf8(body)) is not None:
        return Decoded(utf8, "utf-8")
    return Decoded(body.decode(codec, "replace").encode("utf-8", "replace"), _name(codec))


def _as_utf8(body: bytes) -> bytes | None:
    try:
        # A page cut within a character is valid up to there.
        _, valid = codecs.utf_8_decode(body, "strict", False)
    except UnicodeDecodeError:
        return None
    return body if valid == len(body) else body[:valid]


def _unmarked_utf16(body: bytes) -> str | None:
    if body[:1] == b"<" and body[1:2] == b"\x00" and body[3:4] == b"\x00":
        return "utf-16-le"
    if body[:2] == b"\x00<" and body[2:3] == b"\x00":
        return "utf-16-be"
    return None


def _codec(label: str) -> str | None:
    return _CODECS.get(label.strip().lower())


def _from_http(content_type: str | None) -> str | None:
    match = _HTTP.search(content_type or "")
    return _codec(match.group(1)) if match else None


def _from_markup(body: bytes) -> str | None:
    head = body[:_DECLARED_WITHIN]
    match = _META.search(head) or _XML.match(head)
    codec = _codec(match.group(1).decode("ascii", "replace")) if match else None
    # A label that could be read as ASCII cannot be telling the truth about UTF-16 (WHATWG HTML, 13.2.3.2).
    return "utf-8" if codec in {"utf-16-le", "utf-16-be"} else codec


def _undeclared(body: bytes) -> str:
    """The codec of a page that no label explains: its language's own, as browsers have it, else a detector's answer."""
    language = _LANGUAGE.search(body[:_DECLARED_WITHIN])
    if language is not None:
        tag = language.group(1).decode("ascii").lower()
        own = _BY_LANGUAGE.get(tag, _BY_LANGUAGE.get(tag.partition("-")[0], ("cp1252",)))
        for codec in own:
            if body.decode(codec, "replace").count("\ufffd") * _TOLERATED <= _non_ascii(body):
                return codec
    runs = [match.group() for match, _ in zip(_NON_ASCII_RUN.finditer(body), range(_SAMPLE_RUNS), strict=False)]
    best = from_bytes(b"\n".join(runs)).best()
    # On Western text the detector takes windows-1252 for its Eastern sister, and for what Macs used once.
    if best is None or best.encoding == "utf_8" or best.encoding.startswith(("cp1250", "mac_")):
        return "cp1252"
    return best.encoding


def _non_ascii(body: bytes) -> int:
    return len(body) - len(body.translate(None, bytes(range(0x80, 0x100))))


def _name(codec: str) -> str:
    if codec in _NAMES:
        return _NAMES[codec]
    if codec.startswith("cp125"):
        return f"windows-{codec[2:]}"
    return codec.replace("iso8859_", "iso-8859-").replace("_", "-").removesuffix("-le").removesuffix("-be")
