"""Sitemaps (sitemaps.org 0.9) with Google's news and image extensions, sitemap indexes, and lists of addresses.

A sitemap may have 50,000 addresses in 50 MB, so it is read as it streams by: by expat, without a tree, and gzip is
inflated on the way. Names are told by their place and not by their namespace, which many sitemaps misspell or forget.
Neither entities nor anything outside the document is ever looked at.

``lastmod`` is when a page changed and no date of publication: that is ``news:publication_date`` or nothing.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import charset, gzipped, sniff
from services.fetcher.reader.addresses import Addresses, SitemapLimits
from services.fetcher.reader.fields import absolute
from services.fetcher.reader.sitemapxml import SitemapDocument, SyntaxProblemError, TooLongError
from shared.records import FeedEntry, ParsedFeed

# A comment or a stylesheet may stand before the first element.
HEAD = 16 * 1024
# By so much its encoding is told, where it is not the one that it declares.
SAMPLE = 1024 * 1024
_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:urlset|sitemapindex)[\s/>]", re.IGNORECASE)
_TEXT_NAME = re.compile(r".*\.txt(?:\.gz)?", re.IGNORECASE)
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});)")
# What XML 1.0 does not allow.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# No reference that is escaped or not by what follows is longer.
_LOOK_AHEAD = 10
MAX_ESCAPES = 2_000_000
_LONGEST_LINE = 10_000
_CUT_SHORT = "breaks off: the gzip data is cut short"


def is_sitemap(body: bytes) -> bool:
    """Whether ``body``, or what is there of it, begins as a sitemap or a sitemap index; gzip is looked into."""
    head = _head(body)
    if _ROOT.search(head.replace(b"\x00", b"")) is None:
        return False
    return sniff.first_element(charset.decode(head)[0]) in ("urlset", "sitemapindex")


def read_sitemap(body: bytes, *, url: str | None, content_type: str | None, limits: SitemapLimits) -> ParsedFeed | None:
    """Read a sitemap, a sitemap index or a list of addresses; ``None`` where ``body`` is none of them.

    A list of addresses could be any text, so it is one only as ``text/plain`` under a name that ends in ``.txt``.
    Broken XML is read as far as it goes, except an index: parts that it does not name any more would be given up.

    :raises NotAFeedError: ``too_large``, ``hostile``, ``malformed``, or ``not_a_feed`` for a text without addresses.
    """
    if is_sitemap(body):
        return _read_xml(body, url=url, content_type=content_type, limits=limits)
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type == "text/plain" and url is not None and _TEXT_NAME.fullmatch(urlsplit(url).path):
        return _read_text(body, limits)
    return None


def _head(body: bytes, length: int = HEAD) -> bytes:
    if not gzipped.is_gzip(body):
        return body[:length]
    head = b""
    with contextlib.suppress(NotAFeedError, gzipped.BreaksOffError):
        for piece in gzipped.pieces(body, max_bytes=length + gzipped.PIECE):
            head += piece
            if len(head) >= length:
                break
    return head[:length]


def _read_xml(body: bytes, *, url: str | None, content_type: str | None, limits: SitemapLimits) -> ParsedFeed:
    document = SitemapDocument(url, limits)
    try:
        document.read(_stripped(gzipped.pieces(body, max_bytes=limits.max_bytes)))
    except SyntaxProblemError:
        pass
    except TooLongError as error:
        return document.feed(str(error))
    except gzipped.BreaksOffError:
        return document.feed(_CUT_SHORT)
    else:
        return document.feed(None)
    # Once more, mended: it is the rare case, and most sitemaps need no copy of themselves.
    sample = _head(body, SAMPLE)
    encoding = charset.decode(sample[: sample.rfind(b">") + 1], content_type)[1]
    document = SitemapDocument(url, limits, encoding="utf-8")
    problem = None
    try:
        document.read(_mended(gzipped.pieces(body, max_bytes=limits.max_bytes), encoding))
    except SyntaxProblemError as error:
        problem = f"not well-formed, read up to there: {error}"
    except TooLongError as error:
        problem = str(error)
    except gzipped.BreaksOffError:
        problem = _CUT_SHORT
    return document.feed(problem, mended=True)


def _stripped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The document without the blanks before it, which no XML declaration may follow."""
    started = False
    for piece in pieces:
        kept = piece if started else piece.lstrip(b" \t\r\n")
        started = started or bool(kept)
        yield kept


def _mended(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """UTF-8 without characters that XML does not have, each bare ampersand and each of HTML's entities escaped."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    mend = _Mender()
    kept = ""
    started = False
    for piece in pieces:
        text = kept + decoder.decode(piece)
        if not started:
            text = text.lstrip("\ufeff \t\r\n")
            started = bool(text)
        cut = text.find("&", max(0, len(text) - _LOOK_AHEAD))
        kept = text[cut:] if cut >= 0 else ""
        yield mend(text[: len(text) - len(kept)])
    yield mend(kept + decoder.decode(b"", True))


class _Mender:
    """Counts what it escapes: forty million ampersands would be two hundred megabytes."""

    def __init__(self) -> None:
        self._escaped = 0

    def __call__(self, text: str) -> bytes:
        mended, count = _BARE_AMPERSAND.subn("&amp;", _CONTROL.sub("", text))
        self._escaped += count
        if self._escaped > MAX_ESCAPES:
            raise NotAFeedError("hostile", f"refused: a sitemap of more than {MAX_ESCAPES} bare ampersands")
        return mended.encode("utf-8", "replace")


def _read_text(body: bytes, limits: SitemapLimits) -> ParsedFeed:
    """One address a line (sitemaps.org, "Text file")."""
    found = Addresses(limits)
    problem = None
    try:
        for line in _lines(gzipped.pieces(body, max_bytes=limits.max_bytes)):
            link = absolute(None, line) if line.lower().startswith(("http://", "https://")) else None
            found.take(FeedEntry(link=link) if link else None)
    except gzipped.BreaksOffError:
        problem = _CUT_SHORT
    entries, skipped, problems = found.result()
    if len(entries) <= found.nameless:
        # Prose with a link here and there.
        raise NotAFeedError("not_a_feed", "no feed: plain text")
    return ParsedFeed(
        format="sitemap",
        entries=entries,
        skipped=skipped,
        problems=(*((problem,) if problem else ()), *problems),
    )


def _lines(pieces: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).replace(b"\r", b"\n").split(b"\n")
        rest = rest[:_LONGEST_LINE]
        for line in lines:
            text = line[:_LONGEST_LINE].decode("utf-8", "replace").strip("\ufeff \t")
            if text:
                yield text
    if text := rest.decode("utf-8", "replace").strip("\ufeff \t"):
        yield text
