"""Sitemaps as sites serve them: plain ones, Google's news sitemaps, and indexes of both.

Written by hand and not with Wiredesk's own code, which is tested with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from wiredesk.testweb.feeds import Item

SITEMAP_TYPE = "application/xml; charset=utf-8"
GZIP_TYPE = "application/x-gzip"
_NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def sitemap(items: Iterable[Item]) -> bytes:
    """A sitemap of the items' links; ``updated`` is ``lastmod``."""
    return _document("urlset", (_url(item) for item in items))


def news_sitemap(items: Iterable[Item], *, publication: str, language: str = "en") -> bytes:
    """A news sitemap of the items, all of one publication."""
    return _document("urlset", (_url(item, _news(item, publication, language)) for item in items))


def sitemap_index(parts: Sequence[tuple[str, datetime | None]]) -> bytes:
    """An index of ``(address, last change)``."""
    return _document(
        "sitemapindex",
        (f"<sitemap>{_tag('loc', url)}{_tag('lastmod', _iso(changed))}</sitemap>" for url, changed in parts),
    )


def _url(item: Item, more: str = "") -> str:
    image = f"<image:image>{_tag('image:loc', item.image)}</image:image>" if item.image else ""
    return f"<url>{_tag('loc', item.link)}{_tag('lastmod', _iso(item.updated))}{more}{image}</url>"


def _news(item: Item, publication: str, language: str) -> str:
    paper = f"<news:publication>{_tag('news:name', publication)}{_tag('news:language', language)}</news:publication>"
    date = _tag("news:publication_date", _iso(item.published))
    keywords = _tag("news:keywords", ", ".join(item.tags))
    return f"<news:news>{paper}{date}{_tag('news:title', item.title)}{keywords}</news:news>"


def _tag(name: str, text: str | None) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _document(root: str, parts: Iterable[str]) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {_NAMESPACES}>\n{"".join(parts)}</{root}>\n'.encode()
