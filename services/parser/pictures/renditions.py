"""One picture under many addresses: every size, format and cache has its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from lxml.html import HtmlElement

ADDRESS_LIMIT = 2_000
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-full-src", "data-hi-res-src")
_SRCSETS = ("srcset", "data-srcset", "data-lazy-srcset")
_MAX_CANDIDATES = 30
_WITH_WIDTH = 2
_MAX_SOURCES = 10
_BETWEEN = re.compile(r"(?<=\d[wx]),|,\s+")
_WIDTH = re.compile(r"(\d{1,5})w")
# What lazy loading shows until the picture comes.
_EMPTY = re.compile(
    r"(?:^|[/_.-])(?:blank|placeholder|spacer|transparent|lazy(?:load)?|loading|1x1|pixel)(?:[/_.?-]|$)"
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?|jfif|heic)$", re.IGNORECASE)
# An image server is told the picture as a parameter, or as the rest of its path.
_WRAPPED = re.compile(r"[?&](?:url|src|image|img|imgurl)=([^&]{8,})")
_INNER = re.compile(r"(?<=.)(?:https?:/{1,2}|https?%3A%2F%2F)(?!.*https?(?::/|%3A%2F))", re.IGNORECASE)
_SIZES_IN_QUERY = frozenset(
    {
        "w", "h", "width", "height", "q", "quality", "fit", "crop", "auto", "format", "fm", "resize", "dpr",
        "ssl", "strip", "s", "size", "rect", "fp-x", "fp-y", "auth", "smart", "im", "impolicy", "imwidth", "v",
        "t", "ts", "cs", "ixlib", "sig", "precrop", "downsize", "output-quality", "output-format",
        "interpolation", "mode", "scale", "zoom", "itok", "cb",
    }
)  # fmt: skip
_SIZES_IN_PATH = re.compile(
    r"/(?:(?:w|h|c|q|f|ar|g|fl|dpr)_[\w.:-]+(?:,[a-z]{1,4}_[\w.:-]+)*|\d{2,4}x\d{2,4}|[wsh]\d{3,4}(?:-[a-z0-9-]+)?"
    r"|(?:width|height|resize|crop|fit-in|quality|format|scale|thumbs?|styles)(?:[/_=-][\w.:x%-]+)?)(?=/)",
    re.IGNORECASE,
)
_SIZES_IN_FILE = re.compile(
    r"(?:[-_](?:\d{2,4}x\d{2,4}|\d{3,4}(?:w|px)?|scaled|small|medium|large|thumb(?:nail)?))+(?=\.\w+$)|@\dx"
)
_HINT = re.compile(
    r"[?&](?:w|width|imwidth)=(\d{2,4})(?:px)?(?=&|$)|[-_/](\d{3,4})x\d{1,4}(?=[./])|/w(?:idth)?[_=/-]?(\d{3,4})(?=[,/])"
)


@lru_cache(maxsize=256)  # each picture is asked for several times a page
def key(url: str) -> str:
    """What all renditions of a picture have in common: its path, without host, sizes and formats."""
    for _ in range(2 if "=" in url or url.rfind("http") > 0 else 0):
        if (inner := _WRAPPED.search(url)) is not None and ("/" in (target := unquote(inner.group(1)))):
            url = target
        elif (start := _INNER.search(url)) is not None:
            url = unquote(url[start.start() :])
        else:
            break
    bare, _, query = url.partition("#")[0].partition("?")
    _, slashes, after = bare.partition("//")
    host, _, rest = after.partition("/")
    whole = unquote(f"/{rest}") if slashes else unquote(bare)
    if host.endswith(".wp.com"):  # i0.wp.com/HOST/PATH
        whole = "/" + whole.strip("/").partition("/")[2]
    path = _SIZES_IN_FILE.sub("", _SIZES_IN_PATH.sub("", whole))
    if not query or _FILE.search(path):
        return path
    named = [pair for pair in parse_qsl(query, keep_blank_values=True)[:20] if pair[0].lower() not in _SIZES_IN_QUERY]
    return f"{path}?{named}" if named else path


def file_of(path: str) -> str:
    """The last part of a key."""
    return path.rsplit("/", 1)[-1]


def width_in(url: str) -> int | None:
    """The width that an address asks for."""
    match = _HINT.search(url)
    return int(next(group for group in match.groups() if group)) if match else None


def largest(image: HtmlElement) -> tuple[str, int | None] | None:
    """The address of an ``img``'s largest rendition, and its width where the page tells it.

    Sources of a ``picture`` count, and what scripts would load once it is scrolled to.
    """
    widest = _widest(image)
    for attribute in (*_LAZY, "src"):
        value = (image.get(attribute) or "").strip()
        if not value or value.startswith("data:") or _EMPTY.search(value.lower()):
            continue
        hinted = width_in(value)
        if widest is None or (hinted or 0) > widest[1]:
            return value, None
        # Named beside its renditions, and asking for no size: that is the picture itself.
        if hinted is None and "?" not in value and widest[0] != value and key(value) == key(widest[0]):
            return value, None
    return widest or _last(image)


def _widest(image: HtmlElement) -> tuple[str, int] | None:
    """The rendition with the largest width that a ``srcset`` gives."""
    widest: tuple[str, int] | None = None
    for srcset in _srcsets(image):
        for candidate in _BETWEEN.split(srcset)[:_MAX_CANDIDATES]:
            words = candidate.split()
            if len(words) < _WITH_WIDTH or (match := _WIDTH.fullmatch(words[1])) is None:
                continue
            if (widest is None or int(match.group(1)) > widest[1]) and not words[0].startswith("data:"):
                widest = (words[0].strip(","), int(match.group(1)))
    return widest


def _last(image: HtmlElement) -> tuple[str, None] | None:
    """The last rendition of a ``srcset`` without widths: that of the most pixels, as all write them."""
    for srcset in _srcsets(image):
        last = _BETWEEN.split(srcset)[-1].split()
        if last and not last[0].startswith("data:"):
            return last[0].strip(","), None
    return None


def _srcsets(image: HtmlElement) -> Iterator[str]:
    for name in _SRCSETS:
        if value := image.get(name):
            yield value
    # libxml2 does not know that a source has no content: the picture's image comes to stand inside of its sources.
    above = image.getparent()
    for _ in range(_MAX_SOURCES):
        if above is None or above.tag not in {"source", "picture"}:
            return
        for source in above.iter("source") if above.tag == "picture" else ():
            for name in _SRCSETS:
                if value := source.get(name):
                    yield value
        above = above.getparent()
