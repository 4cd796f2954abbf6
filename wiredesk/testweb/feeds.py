"""Feeds in the formats of life, all from the same items: RSS 2.0, RSS 1.0, Atom 1.0, JSON Feed 1.1; and OPML.

Written by hand and not with Wiredesk's own code, which is tested with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

FeedKind = Literal["rss", "rss10", "atom", "json"]

CONTENT_TYPES: dict[FeedKind, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "rss10": "application/rdf+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry. ``summary`` and ``content`` are HTML; times carry their zone; ``entry_id`` defaults to the link."""

    link: str
    title: str | None = None
    entry_id: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    summary: str | None = None
    content: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: str | None = None


@dataclass(frozen=True, kw_only=True)
class Channel:
    """The feed's own description; ``ttl_minutes`` is RSS's wish how often to come, ``hub`` a WebSub hub."""

    title: str
    site_url: str
    feed_url: str
    language: str | None = None
    description: str = ""
    ttl_minutes: int | None = None
    hub: str | None = None


def build_feed(kind: FeedKind, channel: Channel, items: Sequence[Item]) -> bytes:
    """The feed document."""
    return {"rss": rss, "rss10": rss10, "atom": atom, "json": json_feed}[kind](channel, items)


def rss(channel: Channel, items: Sequence[Item]) -> bytes:
    """RSS 2.0 with the usual companions: content:encoded, dc:creator, media:thumbnail, atom:link."""
    head = [
        _tag("title", channel.title),
        _tag("link", channel.site_url),
        _tag("description", channel.description or channel.title),
        _tag("language", channel.language),
        _tag("ttl", channel.ttl_minutes),
        f'<atom:link rel="self" type="application/rss+xml" href={quoteattr(channel.feed_url)}/>',
        f'<atom:link rel="hub" href={quoteattr(channel.hub)}/>' if channel.hub else "",
    ]
    return _document(
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:media="http://search.yahoo.com/mrss/">',
        ["<channel>", *head, *(_rss_item(item) for item in items), "</channel>"],
        "</rss>",
    )


def _rss_item(item: Item) -> str:
    permalink = "" if item.entry_id is None else ' isPermaLink="false"'
    parts = [
        _tag("title", item.title),
        _tag("link", item.link),
        f"<guid{permalink}>{escape(item.entry_id or item.link)}</guid>",
        _tag("pubDate", format_datetime(item.published) if item.published else None),
        _tag("atom:updated", _iso(item.updated)),
        _tag("description", item.summary),
        _tag("content:encoded", item.content),
        *(_tag("dc:creator", author) for author in item.authors),
        *(_tag("category", tag) for tag in item.tags),
        f"<media:thumbnail url={quoteattr(item.image)}/>" if item.image else "",
    ]
    return f"<item>{''.join(parts)}</item>"


def rss10(channel: Channel, items: Sequence[Item]) -> bytes:
    """RSS 1.0 (RDF), as Japanese papers still serve it."""
    listed = "".join(f"<rdf:li rdf:resource={quoteattr(item.link)}/>" for item in items)
    head = [
        f"<channel rdf:about={quoteattr(channel.feed_url)}>",
        _tag("title", channel.title),
        _tag("link", channel.site_url),
        _tag("description", channel.description or channel.title),
        _tag("dc:language", channel.language),
        f"<items><rdf:Seq>{listed}</rdf:Seq></items></channel>",
    ]
    return _document(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">',
        [*head, *(_rss10_item(item) for item in items)],
        "</rdf:RDF>",
    )


def _rss10_item(item: Item) -> str:
    parts = [
        _tag("title", item.title),
        _tag("link", item.link),
        _tag("description", item.summary),
        _tag("content:encoded", item.content),
        _tag("dc:date", _iso(item.updated or item.published)),
        *(_tag("dc:creator", author) for author in item.authors),
        *(_tag("dc:subject", tag) for tag in item.tags),
    ]
    return f"<item rdf:about={quoteattr(item.link)}>{''.join(parts)}</item>"


def atom(channel: Channel, items: Sequence[Item]) -> bytes:
    """Atom 1.0 (RFC 4287)."""
    # Atom wants an updated time; without items there is none that would be true.
    updated = max((item.updated or item.published or datetime(1970, 1, 1, tzinfo=UTC) for item in items), default=None)
    head = [
        _tag("id", channel.feed_url),
        _tag("title", channel.title),
        _tag("subtitle", channel.description),
        _tag("updated", _iso(updated or datetime(1970, 1, 1, tzinfo=UTC))),
        f'<link rel="alternate" type="text/html" href={quoteattr(channel.site_url)}/>',
        f'<link rel="self" type="application/atom+xml" href={quoteattr(channel.feed_url)}/>',
        f'<link rel="hub" href={quoteattr(channel.hub)}/>' if channel.hub else "",
    ]
    language = f" xml:lang={quoteattr(channel.language)}" if channel.language else ""
    return _document(
        f'<feed xmlns="http://www.w3.org/2005/Atom"{language}>',
        [*head, *(_atom_entry(item) for item in items)],
        "</feed>",
    )


def _atom_entry(item: Item) -> str:
    parts = [
        _tag("id", item.entry_id or item.link),
        _tag("title", item.title or ""),
        f'<link rel="alternate" type="text/html" href={quoteattr(item.link)}/>',
        _tag("published", _iso(item.published)),
        _tag("updated", _iso(item.updated or item.published)),
        *(f"<author>{_tag('name', author)}</author>" for author in item.authors),
        *(f"<category term={quoteattr(tag)}/>" for tag in item.tags),
        f'<summary type="html">{escape(item.summary)}</summary>' if item.summary else "",
        f'<content type="html">{escape(item.content)}</content>' if item.content else "",
        f'<link rel="enclosure" type="image/png" href={quoteattr(item.image)}/>' if item.image else "",
    ]
    return f"<entry>{''.join(parts)}</entry>"


def json_feed(channel: Channel, items: Sequence[Item]) -> bytes:
    """JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.site_url,
        "feed_url": channel.feed_url,
        "description": channel.description,
        "language": channel.language,
        "hubs": [{"type": "WebSub", "url": channel.hub}] if channel.hub else None,
        "items": [_json_item(item) for item in items],
    }
    return json.dumps(_known(feed), ensure_ascii=False, indent=1).encode()


def _json_item(item: Item) -> dict[str, Any]:
    return _known(
        {
            "id": item.entry_id or item.link,
            "url": item.link,
            "title": item.title,
            "summary": item.summary,
            # An item without content is no JSON Feed item: an empty text is how feeds of links do it.
            "content_html": item.content or "",
            "image": item.image,
            "date_published": _iso(item.published),
            "date_modified": _iso(item.updated),
            "authors": [{"name": author} for author in item.authors] or None,
            "tags": list(item.tags) or None,
        }
    )


def opml(title: str, feeds: Iterable[tuple[str, str, str | None]]) -> bytes:
    """An OPML list of ``(feed URL, title, category)``, a folder a category."""
    folders: dict[str | None, list[str]] = {}
    for url, name, category in feeds:
        outline = f'<outline type="rss" text={quoteattr(name)} title={quoteattr(name)} xmlUrl={quoteattr(url)}/>'
        folders.setdefault(category, []).append(outline)
    body = [
        "\n".join(outlines)
        if category is None
        else f"<outline text={quoteattr(category)}>\n" + "\n".join(outlines) + "\n</outline>"
        for category, outlines in folders.items()
    ]
    head = f"<head><title>{escape(title)}</title></head>"
    return _document('<opml version="2.0">', [head, "<body>", *body, "</body>"], "</opml>")


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _tag(name: str, value: object) -> str:
    return "" if value is None or value == "" else f"<{name}>{escape(str(value))}</{name}>"


def _document(opening: str, parts: Iterable[str], closing: str) -> bytes:
    lines = ['<?xml version="1.0" encoding="utf-8"?>', opening, *(part for part in parts if part), closing]
    return "\n".join(lines).encode()
