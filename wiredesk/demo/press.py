"""One sample newspaper at its site: its pages, pictures and feeds, and the article that it corrects."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from html import escape
from threading import Event

from wiredesk.demo.content import Extra, Paper, SampleArticle, SampleFeed
from wiredesk.demo.pictures import picture
from wiredesk.testweb import Answer, ArticlePage, Ask, Channel, Furniture, Item, Site, article_page, document
from wiredesk.testweb.feeds import CONTENT_TYPES, build_feed
from wiredesk.testweb.web import HTML

# Entries that are no articles are older than all articles: readers see them last.
EXTRA_HOURS = 72
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


class Press:
    """One paper at its site; ``now`` is where the ages of its articles count back from."""

    def __init__(self, site: Site, paper: Paper, now: datetime) -> None:
        self.site = site
        self.paper = paper
        self.articles = paper.articles
        self._now = now.astimezone(paper.zone)
        self._read = {article.slug: Event() for article in paper.articles if article.edit}

    def url(self, article: SampleArticle) -> str:
        """Where ``article`` stands."""
        return self.site.url(_path(article))

    def publish(self) -> list[tuple[str, str, str]]:
        """Put everything there. Returns the feeds to list: URL, title, paper."""
        for article in self.articles:
            self.site.answer(_path(article), partial(self._show, article))
            self.site.answer(f"/images/{article.slug}.png", partial(self._picture, article.slug))
        for extra in self.paper.extras:
            self._publish_extra(extra)
        if self.paper.disallowed:
            rules = "".join(f"Disallow: {path}\n" for path in self.paper.disallowed)
            self.site.robots(f"User-agent: *\n{rules}")
        listed = []
        for feed in self.paper.feeds:
            self.site.answer(feed.path, partial(self._feed, feed))
            if feed.listed_as:
                self.site.redirect(feed.listed_as, feed.path)
            listed.append((self.site.url(feed.listed_as or feed.path), feed.title, self.paper.name))
        for broken in self.paper.broken_feeds:
            headers = (("Content-Type", broken.content_type),)
            self.site.respond(broken.path, status=broken.status, headers=headers, body=broken.body.encode())
            listed.append((self.site.url(broken.path), broken.title, self.paper.name))
        self.site.page("/", self._front_page(), modified=self._now)
        return listed

    def page(self, article: SampleArticle, *, edited: bool = False) -> ArticlePage:
        """What its page says, before or after the edit."""
        furniture = dict(self.paper.furniture)
        menu = tuple(furniture.pop("menu"))
        at = self.articles.index(article)
        others = [self.articles[(at + step) % len(self.articles)] for step in (1, 2)]
        page = ArticlePage(
            url=self.url(article),
            title=article.title,
            lead=article.lead,
            paragraphs=article.paragraphs,
            author=article.author,
            published=self._published(article),
            language=self.paper.language,
            section=article.section,
            tags=article.tags,
            image=self.site.url(f"/images/{article.slug}.png"),
            caption=article.caption,
            credit=article.credit,
            site_name=self.paper.name,
            site_url=self.site.url("/"),
            feeds=self._alternates(),
            furniture=Furniture(
                menu=menu, related=tuple((other.title, self.url(other)) for other in others), **furniture
            ),
        )
        return self._corrected(page, article) if edited else page

    def _corrected(self, page: ArticlePage, article: SampleArticle) -> ArticlePage:
        assert article.edit is not None
        text = "\n".join(page.paragraphs)
        for old, new in article.edit.replace:
            text = text.replace(old, new)
        paragraphs = (*text.split("\n"), article.edit.append)
        return replace(page, title=article.edit.title, paragraphs=paragraphs, modified=self._now)

    def _show(self, article: SampleArticle, ask: Ask) -> Answer:
        read = self._read.get(article.slug)
        edited = read is not None and read.is_set()
        page = self.page(article, edited=edited)
        if read is not None and ask.method == "GET":
            read.set()
        return document(article_page(page).encode(), HTML, modified=page.modified or page.published, compress=True)

    def _picture(self, slug: str, _: Ask) -> Answer:
        return document(picture(f"{self.paper.site}/{slug}"), "image/png", modified=self._now)

    def _feed(self, feed: SampleFeed, _: Ask) -> Answer:
        listed = [article for article in self.articles if feed.section in (None, article.section)]
        items = [self._item(article, feed) for article in listed]
        if feed is self.paper.feeds[0]:
            old = self._now - timedelta(hours=EXTRA_HOURS)
            items += [
                Item(link=self.site.url(extra.path), title=extra.title, published=old) for extra in self.paper.extras
            ]
        channel = Channel(
            title=feed.title,
            site_url=self.site.url("/"),
            feed_url=self.site.url(feed.path),
            language=self.paper.language,
        )
        changed = [item.updated or item.published for item in items]
        latest = max((moment for moment in changed if moment is not None), default=self._now)
        return document(build_feed(feed.kind, channel, items), CONTENT_TYPES[feed.kind], modified=latest, compress=True)

    def _item(self, article: SampleArticle, feed: SampleFeed) -> Item:
        read = self._read.get(article.slug)
        page = self.page(article, edited=read is not None and read.is_set())
        lead = f"<p>{escape(article.lead)}</p>"
        body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in page.paragraphs)
        return Item(
            link=f"{page.url}?{feed.tracking}" if feed.tracking else page.url,
            entry_id=page.url if feed.tracking else None,
            title=page.title,
            published=page.published,
            updated=page.modified,
            summary=None if feed.content == "title" else lead,
            content=lead + body if feed.content == "full" else None,
            authors=(article.author,),
            tags=(article.section, *article.tags),
            image=page.image,
        )

    def _publish_extra(self, extra: Extra) -> None:
        if extra.what == "moved":
            article = next(article for article in self.articles if article.slug == extra.slug)
            self.site.redirect(extra.path, _path(article))
        elif extra.what == "pdf":
            self.site.page(extra.path, PDF, content_type="application/pdf", modified=self._now)
        elif extra.what == "forbidden":
            self.site.page(extra.path, f"<html><body><h1>{escape(extra.title)}</h1></body></html>", modified=self._now)

    def _front_page(self) -> str:
        links = "".join(f'<li><a href="{_path(article)}">{escape(article.title)}</a></li>' for article in self.articles)
        feeds = "".join(f'<link rel="alternate" type="{kind}" href="{url}">' for kind, url in self._alternates())
        name, language = escape(self.paper.name), self.paper.language
        head = f'<head><meta charset="utf-8"><title>{name}</title>{feeds}</head>'
        return f'<!DOCTYPE html><html lang="{language}">{head}<body><h1>{name}</h1><ul>{links}</ul></body></html>'

    def _alternates(self) -> tuple[tuple[str, str], ...]:
        return tuple((CONTENT_TYPES[feed.kind].split(";")[0], self.site.url(feed.path)) for feed in self.paper.feeds)

    def _published(self, article: SampleArticle) -> datetime:
        return self._now - timedelta(hours=article.hours)


def _path(article: SampleArticle) -> str:
    return f"/news/{article.slug}"
