"""The real sample pages and feeds, served as if their sites were here.

Each page stands at a site named after its host (``www.example.org`` is ``www-example-org.localhost``) with the path
and query of its URL, and is sent as it was fetched. Each set of pages has a feed a host that links to them and says
nothing else; each real feed has a site of its own, its links lead here, and where an entry carries its whole text
there is a page with it.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import read_feed
from shared.records import FeedEntry
from shared.urls import absolute_url
from shared.webaddress import without_dots
from wiredesk.testweb.answers import Answer, Ask
from wiredesk.testweb.feeds import Item, opml
from wiredesk.testweb.names import label, linked_hosts, rewrite_hosts
from wiredesk.testweb.web import NewsWeb

PAGE_SETS = ("aed", "fundus", "trafilatura", "htmldate", "readability")
# Beneath this an entry's text is a teaser, and its page is not known.
FULL_TEXT_CHARACTERS = 500
FEED_MAX_ENTRIES = 2000
# The type as a plain server would give it, without a charset: finding that out is the parser's.
HTML = "text/html"
_TEXT = re.compile(r"<[^>]*>")


@dataclass(frozen=True, kw_only=True)
class SamplePage:
    """A sample page: its set, its file, the address that it had (``None`` where nobody noted it) and the one here."""

    set: str
    file: Path
    original: str | None
    url: str


@dataclass(frozen=True, kw_only=True)
class SampleWeb:
    """What is served. ``page_feeds`` list the pages, ``real_feeds`` are the feeds as published.

    ``full_entries``: pages made from entries of real feeds; ``missing_entries``: URLs that such feeds link to and that
    answer 404; ``unreadable``: real feeds that are no feeds, which happens in life.
    """

    pages: tuple[SamplePage, ...]
    page_feeds: tuple[str, ...]
    real_feeds: tuple[str, ...]
    full_entries: tuple[str, ...]
    missing_entries: tuple[str, ...]
    unreadable: tuple[str, ...]

    @property
    def feeds(self) -> tuple[str, ...]:
        """Every feed."""
        return self.page_feeds + self.real_feeds

    def opml(self) -> bytes:
        """A list of all feeds, a folder a kind."""
        listed = [(url, _name(url), "Sample pages") for url in self.page_feeds]
        listed += [(url, _name(url), "Real feeds") for url in self.real_feeds]
        return opml("The sample web", listed)


def build_samples(web: NewsWeb, folder: Path, *, limit: int | None = None) -> SampleWeb:
    """Serve the samples of ``folder`` in ``web``; ``limit``: at most so many pages of each set, and so many feeds.

    :raises FileNotFoundError: where ``folder`` has no samples.
    """
    pages = _PageShelf(web)
    for name in PAGE_SETS:
        pages.add_set(name, folder / "pages" / name, limit)
    pages.add_seed(folder / "seed")
    feeds = _FeedShelf(web)
    for file in sorted((folder / "feeds" / "real").iterdir())[:limit]:
        feeds.add(f"feed-{file.name[:8]}", "/feed", file.read_bytes())
    seed, _ = feeds.serve("example-test", "/feed.xml", (folder / "seed" / "feed.xml").read_bytes())
    return SampleWeb(
        pages=tuple(pages.pages),
        page_feeds=(*pages.publish_feeds(), seed),
        real_feeds=tuple(feeds.feeds),
        full_entries=tuple(feeds.full),
        missing_entries=tuple(feeds.missing),
        unreadable=tuple(feeds.unreadable),
    )


class _PageShelf:
    """The pages, each at its address; the first set that has a URL keeps it."""

    def __init__(self, web: NewsWeb) -> None:
        self._web = web
        self.pages: list[SamplePage] = []
        self._listed: dict[tuple[str, str], list[Item]] = {}

    def add_set(self, name: str, folder: Path, limit: int | None) -> None:
        lines = (folder / "gold.jsonl").read_text("utf-8").splitlines()
        for line in lines[:limit]:
            gold = json.loads(line)
            self._add(name, folder / gold["file"], gold.get("url"), gold.get("title"))

    def add_seed(self, folder: Path) -> None:
        body = (folder / "page.html").read_bytes()
        found = re.search(rb'<link rel="canonical" href="([^"]+)"', body)
        assert found is not None
        self._add("seed", folder / "page.html", found[1].decode(), None, listed=False)

    def publish_feeds(self) -> list[str]:
        """A feed for each set and host."""
        return [
            self._web.site(host).feed(f"/sample-feeds/{name}.xml", items)
            for (name, host), items in self._listed.items()
        ]

    def _add(self, name: str, file: Path, original: str | None, title: str | None, *, listed: bool = True) -> None:
        host, target = _place(original, f"/{name}/{file.name.partition('.')[0]}")
        site = self._web.site(host)
        if site.has(target):
            return
        url = site.answer(target, partial(_send_file, file))
        self.pages.append(SamplePage(set=name, file=file, original=original, url=url))
        if listed:
            self._listed.setdefault((name, host), []).append(Item(link=url, title=title))


class _FeedShelf:
    """The real feeds, and a page for each entry that carries its text."""

    def __init__(self, web: NewsWeb) -> None:
        self._web = web
        self.feeds: list[str] = []
        self.full: list[str] = []
        self.missing: dict[str, None] = {}
        self.unreadable: list[str] = []

    def serve(self, host: str, path: str, body: bytes) -> tuple[str, bytes]:
        """Put the feed there with its links leading here and nothing else changed. Returns its URL and its bytes."""
        addresses = {linked: self._web.site(label(linked)).url("") for linked in linked_hosts(body)}
        rewritten = rewrite_hosts(body, addresses)
        return self._web.site(host).page(path, rewritten, content_type=_feed_type(body)), rewritten

    def add(self, host: str, path: str, body: bytes) -> None:
        """Put the feed and what it links to there."""
        url, rewritten = self.serve(host, path, body)
        self.feeds.append(url)
        try:
            parsed = read_feed(rewritten, url=url, content_type=_feed_type(body), max_entries=FEED_MAX_ENTRIES)
        except NotAFeedError:
            self.unreadable.append(url)
            return
        for entry in parsed.entries:
            link = absolute_url(url, entry.link) if entry.link else None
            if link is not None:
                self._add_entry(link, entry, parsed.language)

    def _add_entry(self, link: str, entry: FeedEntry, language: str | None) -> None:
        parts = urlsplit(link)
        site = self._web.find(parts.netloc)
        if site is None:
            # An address outside of this web: the links of feeds that name other sites only in passing.
            self.missing[link] = None
            return
        target = _target(link)
        if site.has(target):
            return
        content = max(entry.content or "", entry.summary or "", key=len)
        if len(_TEXT.sub("", content)) > FULL_TEXT_CHARACTERS:
            self.full.append(site.page(target, _entry_page(entry, content, language)))
        else:
            self.missing[link] = None


def _place(original: str | None, otherwise: str) -> tuple[str, str]:
    """Site and target for a page's old address; pages without one stand at the site ``unnamed``."""
    match = re.fullmatch(r"x?https?://([^/?#]+)(.*)", (original or "").strip(), re.DOTALL)
    if match is None:
        return "unnamed", otherwise
    return label(match[1]), _target(original or "")


def _target(url: str) -> str:
    """Path and query as a client sends them."""
    rest = re.sub(r"^\w+://[^/?#]*", "", url.strip()).split("#", maxsplit=1)[0]
    path, mark, query = quote(rest, safe="/?&=%:;,+@!$'()*~[]-._|").partition("?")
    return f"{without_dots(path) or '/'}{mark}{query}"


def _send_file(file: Path, ask: Ask) -> Answer:
    """A page from its file, whole; where it is kept compressed it can go out like that."""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", HTML), ("ETag", f'"{file.name.partition(".")[0]}"'))
    body = file.read_bytes()
    if file.suffix != ".gz":
        return Answer(headers=headers, body=body)
    if ask.accepts_gzip:
        return Answer(headers=(*headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")), body=body)
    return Answer(headers=headers, body=gzip.decompress(body))


def _entry_page(entry: FeedEntry, content: str, language: str | None) -> str:
    title = escape(entry.title or "")
    tongue = entry.language or language
    lang = f' lang="{escape(tongue)}"' if tongue else ""
    when = entry.published_at.isoformat() if entry.published_at else None
    meta = f'<meta property="article:published_time" content="{when}">' if when else ""
    time = f'<p><time datetime="{when}">{when[:10]}</time></p>' if when else ""
    head = f'<head><meta charset="utf-8"><title>{title}</title>{meta}</head>'
    body = f"<body><article><h1>{title}</h1>{time}<div>{content}</div></article></body>"
    return f"<!DOCTYPE html>\n<html{lang}>{head}\n{body}</html>"


def _feed_type(body: bytes) -> str:
    start = body[:2000].lower()
    for mark, kind in ((b"<rss", "rss+xml"), (b"<rdf", "rdf+xml"), (b"<feed", "atom+xml")):
        if mark in start:
            return f"application/{kind}"
    return HTML if b"<html" in start else "application/xml"


def _name(url: str) -> str:
    parts = urlsplit(url)
    return f"{(parts.hostname or '').partition('.')[0]}{parts.path}"
