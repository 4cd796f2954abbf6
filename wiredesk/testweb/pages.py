"""A newspaper's article page, with everything around the article that a parser must leave out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

STYLE = "body{font-family:serif;max-width:60rem;margin:auto}aside{border-top:1px solid}img{max-width:100%}"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, kw_only=True)
class Furniture:
    """What stands around an article, in the paper's own language."""

    menu: tuple[str, ...] = ("Home", "News", "Culture", "Weather")
    related_heading: str = "Read more"
    related: tuple[tuple[str, str], ...] = ()
    """Title and URL of other articles."""
    share: str = "Share this article"
    newsletter: str = "Subscribe to our newsletter and get the day's stories every morning."
    footer: str = "All rights reserved."
    photo: str = "Photo"


@dataclass(frozen=True, kw_only=True)
class ArticlePage:
    """An article as its page shows it. Times carry the paper's zone; ``paragraphs`` and the rest are plain text."""

    url: str
    title: str
    paragraphs: tuple[str, ...]
    lead: str | None = None
    author: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    language: str = "en"
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    caption: str | None = None
    credit: str | None = None
    site_name: str = "The Paper"
    site_url: str | None = None
    feeds: tuple[tuple[str, str], ...] = ()
    """Content type and URL of the feeds that the page names, for autodiscovery."""
    furniture: Furniture = field(default_factory=Furniture)


def article_page(page: ArticlePage) -> str:
    """The HTML document."""
    direction = ' dir="rtl"' if page.language.split("-")[0] in RIGHT_TO_LEFT else ""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{page.language}"{direction}>',
            "<head>",
            *_head(page),
            "</head>",
            "<body>",
            _header(page),
            "<main>",
            *_article(page),
            *_sidebar(page),
            "</main>",
            f"<footer><p>{_text(page.site_name)}. {_text(page.furniture.footer)}</p></footer>",
            "</body>",
            "</html>",
        ]
    )


def _head(page: ArticlePage) -> list[str]:
    metas = [
        ("name", "description", page.lead),
        ("name", "author", page.author),
        ("name", "keywords", ", ".join(page.tags)),
        ("property", "og:type", "article"),
        ("property", "og:title", page.title),
        ("property", "og:description", page.lead),
        ("property", "og:url", page.url),
        ("property", "og:site_name", page.site_name),
        ("property", "og:image", page.image),
        ("property", "article:published_time", _iso(page.published)),
        ("property", "article:modified_time", _iso(page.modified)),
        ("property", "article:section", page.section),
    ]
    linked = json.dumps(_json_ld(page), ensure_ascii=False).replace("</", "<\\/")
    return [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(page.title)} | {_text(page.site_name)}</title>",
        f'<link rel="canonical" href="{_text(page.url)}">',
        *(f'<link rel="alternate" type="{kind}" href="{_text(url)}">' for kind, url in page.feeds),
        *(f'<meta {kind}="{name}" content="{_text(value)}">' for kind, name, value in metas if value),
        f'<script type="application/ld+json">{linked}</script>',
        f"<style>{STYLE}</style>",
    ]


def _json_ld(page: ArticlePage) -> dict[str, object]:
    fields: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": page.url},
        "headline": page.title,
        "description": page.lead,
        "inLanguage": page.language,
        "datePublished": _iso(page.published),
        "dateModified": _iso(page.modified),
        "author": [{"@type": "Person", "name": page.author}] if page.author else None,
        "publisher": {"@type": "NewsMediaOrganization", "name": page.site_name},
        "image": [page.image] if page.image else None,
        "articleSection": page.section,
        "keywords": list(page.tags) or None,
        "isAccessibleForFree": True,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _header(page: ArticlePage) -> str:
    entries = "".join(
        f'<li><a href="/section/{at}">{_text(name)}</a></li>' for at, name in enumerate(page.furniture.menu)
    )
    home = _text(page.site_url or "/")
    logo = f'<a class="logo" href="{home}">{_text(page.site_name)}</a>'
    return f'<header>{logo}<nav><ul class="menu">{entries}</ul></nav></header>'


def _article(page: ArticlePage) -> list[str]:
    shown = page.published.strftime("%Y-%m-%d %H:%M") if page.published else ""
    time = f'<time datetime="{_iso(page.published)}">{shown}</time>' if page.published else ""
    author = f'<span class="author" rel="author">{_text(page.author)}</span>' if page.author else ""
    middle = len(page.paragraphs) // 2
    paragraphs = [f"<p>{_text(paragraph)}</p>" for paragraph in page.paragraphs]
    return [
        "<article>",
        f'<p class="section-label">{_text(page.section)}</p>' if page.section else "",
        f"<h1>{_text(page.title)}</h1>",
        f'<p class="lead">{_text(page.lead)}</p>' if page.lead else "",
        f'<div class="byline">{author} {time}</div>' if author or time else "",
        _figure(page),
        '<div class="article-body">',
        *paragraphs[:middle],
        _teaser(page),
        *paragraphs[middle:],
        "</div>",
        f'<div class="share"><span>{_text(page.furniture.share)}:</span>',
        '<a href="#">E-Mail</a> <a href="#">Mastodon</a></div>',
        "</article>",
    ]


def _figure(page: ArticlePage) -> str:
    if not page.image:
        return ""
    credit = f' <span class="credit">{_text(page.furniture.photo)}: {_text(page.credit)}</span>' if page.credit else ""
    caption = f"<figcaption>{_text(page.caption or '')}{credit}</figcaption>"
    return f'<figure><img src="{_text(page.image)}" width="640" height="360" alt="">{caption}</figure>'


def _teaser(page: ArticlePage) -> str:
    """The box that papers put between two paragraphs: a link to another story, which is no part of this one."""
    if len(page.paragraphs) < 4 or not page.furniture.related:
        return ""
    title, url = page.furniture.related[0]
    return f'<div class="read-more"><a href="{_text(url)}">{_text(title)}</a></div>'


def _sidebar(page: ArticlePage) -> list[str]:
    links = "".join(f'<li><a href="{_text(url)}">{_text(title)}</a></li>' for title, url in page.furniture.related)
    related = f'<aside class="related"><h2>{_text(page.furniture.related_heading)}</h2><ul>{links}</ul></aside>'
    form = '<form action="/newsletter" method="post"><input type="email" name="email"></form>'
    return [
        related if links else "",
        f'<aside class="newsletter"><p>{_text(page.furniture.newsletter)}</p>{form}</aside>',
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _text(text: str | None) -> str:
    return escape(text or "", quote=True)
