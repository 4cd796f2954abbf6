"""Bytes to text, by RFC 7303: byte order mark, then HTTP, then the XML declaration, then UTF-8.

A label that the bytes contradict is passed over: feeds lie about their encoding more often than they are broken.
"""

from __future__ import annotations

import codecs
import re

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# XML 1.0, appendix F: how "<?xm" looks in families of encodings that are not ASCII with something on top.
_FAMILIES = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00?", "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00r", "utf-16-be"),
    (b"<\x00r\x00", "utf-16-le"),
    (b"\x00<\x00f", "utf-16-be"),
    (b"<\x00f\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
# What people mean: the supersets that browsers use (WHATWG Encoding), and names that Python lacks.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "tis-620": "cp874",
}
_ALIASES = {
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "ks_c_5601-1987": "cp949",
}
# Text codecs that are no charsets: slow (punycode and idna are quadratic), or they would run escapes in the text.
_NOT_CHARSETS = frozenset(
    {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "unicode-escape", "raw-unicode-escape", "undefined"}
    | {"utf-7", "mbcs", "oem"}
)


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str, str | None]:
    """The text of ``body``, the encoding that fitted, and what was wrong, if anything was."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _decode_as(body[len(mark) :], encoding)
    for beginning, encoding in _FAMILIES:
        if body.startswith(beginning):
            return _decode_as(body, encoding)
    labels = _labels(body, content_type)
    encodings = [encoding for encoding in map(_codec, labels) if encoding] or ["utf-8"]
    # Bytes beyond ASCII that are UTF-8 by chance do not happen: a one-byte label on them is wrong.
    candidates = ["utf-8", *encodings] if encodings[0].startswith("cp12") else [*encodings, "utf-8"]
    for encoding in dict.fromkeys(candidates):
        try:
            text = body.decode(encoding)
        except ValueError:
            continue
        right = not labels or _codec(labels[0]) == encoding or body.isascii()
        return text, encoding, None if right else f"declared as {labels[0]}, read as {encoding}"
    text = body.decode("utf-8", "replace")
    # Whole sequences shrink, broken bytes do not: a few of these do not make it another encoding.
    if len(body) - len(text) > 3 * text.count("\ufffd"):
        return text, "utf-8", "undecodable bytes replaced"
    declared = f"declared as {labels[0]}, " if labels else ""
    return body.decode("cp1252", "replace"), "cp1252", f"{declared}read as cp1252"


def says_utf8(body: bytes, content_type: str | None = None) -> bool:
    """Whether ``body`` is UTF-8 by its labels, or for want of any; whether it is in truth is not looked at."""
    if body.startswith(codecs.BOM_UTF8):
        return True
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in body[:4]:
        return False
    labels = _labels(body, content_type)
    return not labels or _codec(labels[0]) == "utf-8"


def _decode_as(body: bytes, encoding: str) -> tuple[str, str, str | None]:
    try:
        return body.decode(encoding), encoding, None
    except ValueError:
        return body.decode(encoding, "replace"), encoding, "undecodable bytes replaced"


def _labels(body: bytes, content_type: str | None) -> list[str]:
    """The labels that HTTP and the document give, the weightier first."""
    from_http = _CHARSET.search(content_type or "")
    declared = _DECLARATION.match(body[:512].decode("latin-1"))
    return [found.group(1) for found in (from_http, declared) if found]


def _codec(label: str) -> str | None:
    """Python's name for the charset that ``label`` means; ``None`` for anything that is no charset."""
    try:
        name = codecs.lookup(_ALIASES.get(label.lower(), label)).name
        b"".decode(name)
    except (LookupError, ValueError):
        return None
    return None if name in _NOT_CHARSETS else _MEANT.get(name, name)
