"""What the bytes of a page are: HTML, or something that must not be read as HTML. Pure."""

from __future__ import annotations

import re

from services.parser import charset

_HEAD = 4096
_MARKUP_WITHIN = 200_000
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"PK\x03\x04", "a ZIP archive or Office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 file"),
    (b"fLaC", "a FLAC file"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"{\\rtf", "an RTF document"),
    (b"WARC/1.", "a WARC archive"),
)
_ROOTS = {
    "rss": "an RSS feed",
    "rdf": "an RSS feed",
    "feed": "an Atom feed",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap index",
    "opml": "an OPML list",
    "svg": "an SVG image",
}
_TYPES = (
    ("application/pdf", "a PDF document"),
    ("image/", "an image"),
    ("audio/", "audio"),
    ("video/", "a video"),
    ("font/", "a font"),
    ("application/json", "JSON"),
    ("application/feed+json", "a JSON feed"),
    ("application/rss+xml", "an RSS feed"),
    ("application/atom+xml", "an Atom feed"),
    ("application/zip", "a ZIP archive"),
    ("text/css", "a style sheet"),
    ("text/javascript", "a script"),
    ("application/javascript", "a script"),
    ("text/calendar", "a calendar"),
    ("text/csv", "a table (CSV)"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))
_TAG = re.compile(rb"<\s*/?\s*[a-zA-Z!]")
_PAGE_TAG = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|meta|title|div|p|article|table)\b", re.IGNORECASE)
_ROOT = re.compile(
    rb"\s*(?:<\?[^>]{0,2000}\?>\s*|<!--.{0,3000}?-->\s*|<!doctype\b[^>\[]{0,500}>\s*)*<(?:[\w-]+:)?([A-Za-z]+)",
    re.DOTALL | re.IGNORECASE,
)
_JSON = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*(?:[\[{\"\]\d-]|true|false|null))")


def not_html(body: bytes, content_type: str | None = None) -> str | None:
    """What ``body`` is instead of a page, in words for a person; ``None`` where it may be HTML.

    The bytes decide; the declared type only where they are silent, since servers call anything ``text/html``.
    """
    head = _ascii_head(body)
    looks_html = _PAGE_TAG.search(head) is not None
    kind = _by_magic(body, looks_html=looks_html) or _by_root(head)
    if kind is not None or looks_html:
        return kind
    if _JSON.match(head):
        return "JSON"
    if head.lstrip().startswith(b"<?xml"):
        return "an XML document"
    declared = (content_type or "").partition(";")[0].strip().lower()
    kind = next((what for prefix, what in _TYPES if declared.startswith(prefix)), None)
    # No encoding of text uses them, but for a few: one byte in nine of what is random is one.
    if kind is None and len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 30:
        return "binary data"
    if kind is None and not _TAG.search(body[:_MARKUP_WITHIN]):
        return "plain text without any markup"
    return kind


def _by_magic(body: bytes, *, looks_html: bool) -> str | None:
    for magic, what in _MAGIC:
        # Two letters are no proof: a page may well begin with "BM".
        if body.startswith(magic) and not (len(magic) == 2 and looks_html):
            return what
    if body[:4] == b"RIFF" and body[8:12] in {b"WEBP", b"AVI ", b"WAVE"}:
        return "a WebP image" if body[8:12] == b"WEBP" else "audio or a video"
    return "a video or an AVIF image" if body[4:8] == b"ftyp" else None


def _by_root(head: bytes) -> str | None:
    root = _ROOT.match(head)
    return _ROOTS.get(root.group(1).decode().lower()) if root else None


def _ascii_head(body: bytes) -> bytes:
    """The beginning without byte order marks and, of UTF-16 and UTF-32, without the zero bytes."""
    codec, start = charset.marked(body)
    if codec is None or codec == "utf-8":
        return charset.without_marks(body[: 2 * _HEAD])[:_HEAD]
    return body[start : start + 4 * _HEAD].replace(b"\x00", b"")
