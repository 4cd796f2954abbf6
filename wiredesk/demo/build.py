"""Putting the sample newspapers into a web, and saying what must come out of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wiredesk.demo.content import Paper, load_papers
from wiredesk.demo.press import Press
from wiredesk.testweb import ArticlePage, NewsWeb, opml

OPML_PATH = "/feeds.opml"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a first run over all feeds must come to, counted from the content.

    ``by_language``: indexed articles a language.
    """

    feeds_ok: int
    feeds_failed: int
    discovered: int
    indexed: int
    duplicate: int
    rejected: int
    failed: int
    by_language: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Edited:
    """An article that changes once it was read: the next poll of its feed shows the new title."""

    url: str
    title_before: str
    title_after: str


@dataclass(frozen=True, kw_only=True)
class DemoPapers:
    """The papers, served. ``feeds``: every URL to add, broken ones among them (``broken_feeds``).

    ``searches``: a language, words, and the URL that a search for them must find. ``near_duplicates``: pairs of URLs
    whose texts are nearly the same.
    """

    feeds: tuple[str, ...]
    broken_feeds: tuple[str, ...]
    opml_url: str
    opml: bytes
    expected: Expected
    articles: tuple[ArticlePage, ...]
    edited: tuple[Edited, ...]
    searches: tuple[tuple[str, str, str], ...]
    near_duplicates: tuple[tuple[str, str], ...]


def build_demo(web: NewsWeb, *, now: datetime) -> DemoPapers:
    """Serve every sample newspaper in ``web``, with dates that count back from ``now``.

    The same ``now`` and address give the same bytes.
    """
    papers = load_papers()
    served = [Press(web.site(paper.site), paper, now.replace(second=0, microsecond=0)) for paper in papers]
    listed = [feed for press in served for feed in press.publish()]
    body = opml("The sample newspapers of Wiredesk", listed)
    opml_url = web.site("demo").page(OPML_PATH, body, content_type="text/x-opml; charset=utf-8", modified=now)
    urls = {f"{press.paper.site}/{article.slug}": press.url(article) for press in served for article in press.articles}
    return DemoPapers(
        feeds=tuple(url for url, _, _ in listed),
        broken_feeds=tuple(press.site.url(feed.path) for press in served for feed in press.paper.broken_feeds),
        opml_url=opml_url,
        opml=body,
        expected=expect(papers),
        articles=tuple(press.page(article) for press in served for article in press.articles),
        edited=tuple(
            Edited(url=press.url(article), title_before=article.title, title_after=article.edit.title)
            for press in served
            for article in press.articles
            if article.edit
        ),
        searches=tuple(
            (press.paper.language, article.find, press.url(article))
            for press in served
            for article in press.articles
            if article.find
        ),
        near_duplicates=tuple(
            (urls[article.copy_of], press.url(article))
            for press in served
            for article in press.articles
            if article.copy_of
        ),
    )


def expect(papers: Sequence[Paper]) -> Expected:
    """What must come out. An article that two feeds list is one entry; one that has moved is two, of which one is a
    duplicate, whichever is read first.
    """
    articles = [(paper, article) for paper in papers for article in paper.articles]
    extras = Counter(extra.what for paper in papers for extra in paper.extras)
    return Expected(
        feeds_ok=sum(len(paper.feeds) for paper in papers),
        feeds_failed=sum(len(paper.broken_feeds) for paper in papers),
        discovered=len(articles) + extras.total(),
        indexed=len(articles),
        duplicate=extras["moved"],
        rejected=extras["pdf"] + extras["forbidden"],
        failed=extras["gone"],
        by_language=dict(Counter(paper.language for paper, _ in articles)),
    )
