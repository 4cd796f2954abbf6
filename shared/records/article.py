"""The article record, schema version 1: what consumers read, filter and keep."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from shared.records.base import Instant, Record

SCHEMA_VERSION = 1


class ContentSource(StrEnum):
    """Where the body text was taken from."""

    PAGE = "page"
    JSONLD = "jsonld"
    FEED = "feed"


class Urls(Record):
    """``discovered``: as the feed linked it; ``final``: after redirects; ``canonical``: the identity."""

    discovered: str | None = None
    final: str | None = None
    canonical: str | None = None


class Source(Record):
    """The publication."""

    name: str | None = None
    domain: str | None = None
    country: str | None = None


class FeedRef(Record):
    """A feed that lists the article."""

    feed_id: int
    feed_url: str
    entry_id: str | None = None
    discovered_at: Instant


class Author(Record):
    """One name of the by-line."""

    name: str
    url: str | None = None


class Image(Record):
    """An image of the article with what the page says about it; sizes in pixels."""

    url: str
    caption: str | None = None
    credit: str | None = None
    width: int | None = None
    height: int | None = None


class Quality(Record):
    """``score`` from 0 (doubtful) to 1; ``flags`` are fixed short codes."""

    score: float | None = None
    flags: tuple[str, ...] = ()


class Access(Record):
    """What the publisher says about access; ``None`` where nothing was said. ``ai_evidence``: the statement, with where
    it stands, that ``ai_opt_out`` follows from.
    """

    free: bool | None = None
    robots: str | None = None
    ai_opt_out: bool | None = None
    ai_evidence: str | None = None
    license: str | None = None


class Candidate(Record):
    """A value that a witness gave and that did not win; ``reason``: why it could not, where a rule refused it."""

    source: str
    value: str
    reason: str | None = None


class FieldProvenance(Record):
    """Which witness won a field, in its own words, and what the others said.

    ``offset`` is the UTC offset that a date carried (``+03:00``), ``None`` where it carried none; ``precision`` how
    exact a date is, ``None`` for other fields.
    """

    source: str
    raw: str | None = None
    offset: str | None = None
    precision: Literal["second", "minute", "day"] | None = None
    candidates: tuple[Candidate, ...] = ()


class Page(Record):
    """The stored page that the article was read from; ``bytes`` counts the decoded body.

    ``charset`` is the encoding that it was read in, ``charset_declared`` what HTTP, or else the page, calls it;
    ``charset_mended`` the encoding that its UTF-8 had been taken for and encoded once more, which was undone.
    """

    key: str | None = None
    sha256: str | None = None
    status: int | None = None
    content_type: str | None = None
    charset: str | None = None
    charset_declared: str | None = None
    charset_mended: str | None = None
    bytes: int | None = None


class Extraction(Record):
    """By what and how the text was extracted; ``ms`` is filled by the job, so that extraction stays deterministic."""

    extractor: str
    version: str
    config: str | None = None
    ms: float | None = None


class Article(Record):
    """A normalised article. ``id``, ``version``, ``seq``, ``feeds`` and ``indexed_at`` are the indexer's to fill."""

    schema_version: Literal[1] = 1
    id: str | None = None
    version: int | None = None
    seq: int | None = None
    url: str | None = None
    urls: Urls = Field(default_factory=Urls)
    source: Source = Field(default_factory=Source)
    feeds: tuple[FeedRef, ...] = ()
    title: str | None = None
    subtitle: str | None = None
    summary: str | None = None
    text: str
    markdown: str | None = None
    content_source: ContentSource
    word_count: int
    authors: tuple[Author, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    language_confidence: float | None = None
    published_at: Instant | None = None
    published_precision: Literal["second", "minute", "day"] | None = None
    modified_at: Instant | None = None
    images: tuple[Image, ...] = ()
    cluster_id: str | None = None
    duplicate_of: str | None = None
    quality: Quality = Field(default_factory=Quality)
    access: Access = Field(default_factory=Access)
    provenance: dict[str, FieldProvenance] = Field(default_factory=dict)
    page: Page = Field(default_factory=Page)
    extraction: Extraction
    discovered_at: Instant | None = None
    fetched_at: Instant | None = None
    parsed_at: Instant | None = None
    indexed_at: Instant | None = None


class RejectionReason(StrEnum):
    """Why an entry cannot become an article; each is also a metric label."""

    NOT_HTML = "not_html"
    EMPTY_PAGE = "empty_page"
    NO_TEXT = "no_text"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    NO_LINK = "no_link"
    UNRESOLVABLE_AGGREGATOR = "unresolvable_aggregator"
    ROBOTS = "robots"
    AI_OPT_OUT = "ai_opt_out"
    PARSER_TIMEOUT = "parser_timeout"
    PARSER_MEMORY = "parser_memory"
    PARSER_ERROR = "parser_error"


class Rejection(Record):
    """A page that is no article, and why. ``detail`` is for a person: what was found instead."""

    reason: RejectionReason
    detail: str | None = None
    url: str | None = None
    page: Page = Field(default_factory=Page)
    extraction: Extraction | None = None
    parsed_at: Instant | None = None
