"""What the endpoints return, for the OpenAPI document. Answers go out as they were read; tests hold both together."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from shared.reading import health
from shared.records import Article, Instant, Record


class ArticleList(Record):
    """A page of articles, newest first."""

    articles: list[Article]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end.")


class ArticleVersion(Record):
    """An article as it was."""

    version: int
    reason: str = Field(description="`created`, `title` or `text`: what changed.")
    created_at: Instant
    record: Article = Field(description="The record; its `seq` is null here.")


class ArticleVersions(Record):
    """All versions of one article, oldest first."""

    versions: list[ArticleVersion]


class CloudEvent(Record):
    """One change of one article, in the CloudEvents 1.0 envelope."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str = Field(description="`article.created`, `article.updated`.")
    subject: str = Field(description="The article's id.")
    time: Instant
    datacontenttype: str
    dataschema: str
    seq: int = Field(description="The cursor.")
    data: Article | None = Field(description="The record at that version; null where it was taken down since.")


class EventPage(Record):
    """A page of the change feed."""

    events: list[CloudEvent]
    next_after: int = Field(description="Pass it as `after` for the next page.")
    head: int = Field(description="The last seq that was given out.")


class Feed(Record):
    """A feed of the registry with the account of the entries that it discovered."""

    id: int
    url: str
    title: str | None
    site_url: str | None
    language: str | None
    categories: list[str]
    status: Literal["active", "paused", "removed"]
    added_at: Instant
    last_polled_at: Instant | None
    last_success_at: Instant | None
    last_outcome: Literal["changed", "unchanged", "failed"] | None
    last_error: str | None
    next_poll_at: Instant | None
    interval_seconds: float | None
    polling: bool = Field(description="Whether a poll is under way.")
    format: str | None = Field(description="`rss20`, `atom10`, `json11`, `news-sitemap`...")
    parent_id: int | None = Field(description="The sitemap index that lists it.")
    health: health.State
    health_why: str = Field(description="What is behind it, in words.")
    alerts: list[str] = Field(description="Kinds of its open alerts.")
    week_polls: int = Field(description="Polls of the last 7 days.")
    week_failed_polls: int
    week_polls_with_news: int
    week_new_entries: int
    last_new_at: Instant | None = Field(description="The last poll of the 7 days that brought something new.")
    discovered: int
    indexed: int
    duplicate: int
    rejected: int
    failed: int
    pending: int


class Alert(Record):
    """What somebody should know about a feed, or about a site."""

    id: int
    feed_id: int | None = Field(description="Null where it is about a site.")
    feed_url: str | None
    feed_title: str | None
    site: str | None = Field(description="Null where it is about a feed.")
    kind: str = Field(description="`feed_failing`, `feed_gone`, `feed_gap`, `feed_quiet`, `feed_moved`; `site_drift`.")
    detail: str | None
    opened_at: Instant
    closed_at: Instant | None = Field(description="When it was over; null while it is not.")


class AlertList(Record):
    """A page of alerts, the newest first."""

    alerts: list[Alert]
    next_before: int | None = Field(description="Pass it as `before` for the next page; null at the end.")


class FeedList(Record):
    """A page of feeds, by id."""

    feeds: list[Feed]
    next_after: int | None = Field(description="Pass it as `after` for the next page; null at the end.")


class Poll(Record):
    """One poll of a feed."""

    at: Instant
    outcome: str
    status: int | None = Field(description="HTTP status.")
    entries: int | None
    new_entries: int | None
    edited_entries: int | None
    gap: bool = Field(description="Nothing of it was known: entries may have been missed since the poll before.")
    ms: int | None
    detail: str | None
    why: str = Field(description="Why the next poll is when it is.")
    next_at: Instant


class Push(Record):
    """A feed's subscription at its WebSub hub."""

    state: Literal["wanted", "asked", "active", "denied", "ending", "ended"]
    alive: bool = Field(description="Whether the hub delivers, so that polls are only for safety.")
    detail: str | None
    hub: str
    topic: str
    verified_at: Instant | None
    lease_ends_at: Instant | None
    last_push_at: Instant | None
    pushes: int
    bad_signatures: int = Field(description="Deliveries dropped because their signature was missing, weak or wrong.")
    next_request_at: Instant | None


class FeedWithPolls(Feed):
    """One feed with its last polls, newest first."""

    push: Push | None = Field(description="Its push subscription; null where it has none.")
    polls: list[Poll]


class SiteStanding(Record):
    """How a site stands now: how often it is asked, by how many at once, and whether it is left alone."""

    site: str = Field(description="Whose budget counts: the registered domain, or what the sites file makes of it.")
    interval_seconds: float = Field(description="Between two pages, as it is now.")
    places_taken: int
    places: int = Field(description="Requests at once.")
    held_seconds: float = Field(description="For how long it is still left alone, 0: it is not.")
    held_for: str | None = Field(description="The answer or error that has it left alone.")
    latency_seconds: float | None
    breaker: Literal["closed", "open", "half-open"] = Field(description="`half-open` lets one request through.")


class FeedExplanation(FeedWithPolls):
    """What is known about a feed."""

    kind: Literal["feed"]
    summary: str
    standing: SiteStanding | None = Field(description="How its site stands; null where Valkey does not answer.")


class NextStep(Record):
    """What will be done to an entry, and when."""

    stage: Literal["fetch", "parse"]
    at: Instant


class EntryExplanation(Record):
    """What is known about a URL that was discovered."""

    kind: Literal["entry"]
    summary: str
    id: int
    url: str
    canonical_url: str
    site: str
    title: str | None
    state: Literal["discovered", "fetched", "indexed", "duplicate", "rejected", "failed"]
    reason: str | None
    detail: str | None
    attempts: int
    article_id: str | None
    page_key: str | None
    next: NextStep | None
    seen_in: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    standing: SiteStanding | None = Field(
        description="How its site stands, while it waits for its download; null where Valkey does not answer."
    )


Explanation = FeedExplanation | EntryExplanation


class Stats(Record):
    """How the pipeline stands."""

    entries: dict[str, int] = Field(description="The ledger: discovered, and what became of it.")
    reasons: list[dict[str, Any]] = Field(description="Why entries were rejected or failed, most frequent first.")
    feeds: dict[str, int]
    queues: dict[str, int] = Field(description="Jobs waiting.")
    workers: list[dict[str, Any]]
    leader: str | None = Field(description="The scheduler that decides.")
    last_indexed_at: Instant | None
    seq: int = Field(description="The last event.")
    stream_behind: int = Field(description="Events that are not in the Valkey stream yet.")


class Readiness(Record):
    """Whether the service can serve, and for each engine `ok` or what is wrong with it."""

    status: Literal["ok", "not ready"]
    postgresql: str
    valkey: str
