"""The sample newspapers as they are written down: one TOML file a paper, under ``papers/``.

All of it is invented: places, people and events.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta, timezone
from importlib.resources import files
from typing import Any, Literal, get_args

from wiredesk.testweb.feeds import FeedKind

ContentKind = Literal["full", "summary", "title"]
ExtraKind = Literal["moved", "pdf", "gone", "forbidden"]


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What a paper changes after its article was read once: the headline, words of the text, a note at its end."""

    title: str
    replace: tuple[tuple[str, str], ...]
    append: str


@dataclass(frozen=True, kw_only=True)
class SampleArticle:
    """One article. ``hours``: its age when the demo starts. ``find``: words that a search for it may use.

    ``copy_of``: the article (``paper/slug``) of which this is another paper's reprint.
    """

    slug: str
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    author: str
    section: str
    tags: tuple[str, ...]
    hours: float
    caption: str
    credit: str
    find: str | None = None
    copy_of: str | None = None
    edit: Edit | None = None


@dataclass(frozen=True, kw_only=True)
class SampleFeed:
    """A feed of a paper, of all its articles or of one ``section``.

    ``tracking`` is a query that the feed adds to its links; ``listed_as``: an old address that redirects to it.
    """

    path: str
    kind: FeedKind
    title: str
    content: ContentKind
    section: str | None = None
    tracking: str | None = None
    listed_as: str | None = None


@dataclass(frozen=True, kw_only=True)
class BrokenFeed:
    """Something that is listed as a feed and is none."""

    path: str
    title: str
    status: int
    content_type: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Extra:
    """An entry that is no article of its own.

    ``moved``: redirects to the article ``slug``; ``pdf``: is a PDF; ``gone``: is a 404; ``forbidden``: by robots.txt.
    """

    what: ExtraKind
    path: str
    title: str
    slug: str | None = None


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A newspaper: ``site`` is its name in the web, ``zone`` the zone that its dates are written in."""

    site: str
    name: str
    language: str
    zone: timezone
    furniture: dict[str, Any]
    articles: tuple[SampleArticle, ...]
    feeds: tuple[SampleFeed, ...]
    broken_feeds: tuple[BrokenFeed, ...]
    extras: tuple[Extra, ...]
    disallowed: tuple[str, ...]


def load_papers() -> tuple[Paper, ...]:
    """All sample newspapers, by the names of their sites.

    :raises ValueError: where a file names something that does not exist.
    """
    folder = files("wiredesk.demo") / "papers"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(_paper(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8"))) for file in found)


def _paper(site: str, told: dict[str, Any]) -> Paper:
    paper = Paper(
        site=site,
        name=told["name"],
        language=told["language"],
        zone=_zone(told["offset"]),
        furniture=told.get("furniture", {}),
        articles=tuple(_article(article) for article in told.get("articles", ())),
        feeds=tuple(SampleFeed(**feed) for feed in told.get("feeds", ())),
        broken_feeds=tuple(BrokenFeed(**feed) for feed in told.get("broken_feeds", ())),
        extras=tuple(Extra(**extra) for extra in told.get("extras", ())),
        disallowed=tuple(told.get("robots", {}).get("disallow", ())),
    )
    slugs = {article.slug for article in paper.articles}
    sections = {article.section for article in paper.articles}
    for extra in paper.extras:
        if extra.what not in get_args(ExtraKind) or (extra.what == "moved" and extra.slug not in slugs):
            raise ValueError(f"{site}: {extra.path} is {extra.what} to {extra.slug}")
    for feed in paper.feeds:
        if feed.kind not in get_args(FeedKind) or feed.content not in get_args(ContentKind):
            raise ValueError(f"{site}: {feed.path} is a feed of kind {feed.kind} with content {feed.content}")
        if feed.section and feed.section not in sections:
            raise ValueError(f"{site}: {feed.path} has no articles in {feed.section}")
    return paper


def _article(told: dict[str, Any]) -> SampleArticle:
    edit = told.get("edit")
    text: str = told["text"]
    return SampleArticle(
        **{name: value for name, value in told.items() if name not in ("text", "edit", "tags")},
        tags=tuple(told["tags"]),
        paragraphs=tuple(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")),
        edit=edit
        and Edit(title=edit["title"], replace=tuple((old, new) for old, new in edit["replace"]), append=edit["append"]),
    )


def _zone(offset: str) -> timezone:
    match = re.fullmatch(r"([+-])(\d\d):(\d\d)", offset)
    if match is None:
        raise ValueError(f"{offset} is no offset like +01:00")
    sign = -1 if match[1] == "-" else 1
    return timezone(sign * timedelta(hours=int(match[2]), minutes=int(match[3])))
