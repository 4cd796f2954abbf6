"""The job contracts: what each queue carries. Both sides validate; a service names another's job by its path only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from shared.records import Article, Record, Rejection

TITLE_IN_DESCRIPTION = 90


class QueueName(StrEnum):
    """The queues, in the pipeline's order."""

    FEEDS = "feeds"
    PAGES = "pages"
    PARSE = "parse"
    INDEX = "index"


class JobRecord(Record):
    """What a job is about. ``lease`` numbers the dispatch: a job whose lease was given away again does nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queue: ClassVar[QueueName]
    function: ClassVar[str]
    verb: ClassVar[str]

    lease: int
    site: str
    title: str | None = None

    @property
    def job_id(self) -> str:
        """Unique to the dispatch, so that a lost job's leftovers never meet its successor."""
        raise NotImplementedError

    @property
    def description(self) -> str:
        """What rq-dashboard shows: ``parse  Erstes Telefonat ... (rt.de)``."""
        return self._described(self.verb)

    def _described(self, verb: str) -> str:
        title = " ".join((self.title or "").split()) or "untitled"
        if len(title) > TITLE_IN_DESCRIPTION:
            title = title[: TITLE_IN_DESCRIPTION - 1].rstrip() + "…"
        return f"{verb}  {title} ({self.site})"


class PollFeed(JobRecord):
    """Poll one feed."""

    queue: ClassVar[QueueName] = QueueName.FEEDS
    function: ClassVar[str] = "services.fetcher.jobs.poll_feed"
    verb: ClassVar[str] = "poll"

    feed_id: int

    @property
    def job_id(self) -> str:
        """See :class:`JobRecord`."""
        return f"feed-{self.feed_id}-{self.lease}"


class AskHub(JobRecord):
    """Ask a feed's WebSub hub for its pushes, or to end them. ``site`` is the hub's, ``title`` the feed's.

    What is secret about a subscription stands in the ledger only.
    """

    queue: ClassVar[QueueName] = QueueName.FEEDS
    function: ClassVar[str] = "services.fetcher.jobs.ask_hub"
    verb: ClassVar[str] = "subscribe"

    subscription_id: int
    errand: Literal["subscribe", "renew", "unsubscribe"]

    @property
    def job_id(self) -> str:
        """See :class:`JobRecord`."""
        return f"hub-{self.subscription_id}-{self.lease}"

    @property
    def description(self) -> str:
        """See :class:`JobRecord`: ``renew  Paper (hub.example)``."""
        return self._described(self.errand)


class FetchPage(JobRecord):
    """Download one page into the page store."""

    queue: ClassVar[QueueName] = QueueName.PAGES
    function: ClassVar[str] = "services.fetcher.jobs.fetch_page"
    verb: ClassVar[str] = "fetch"

    entry_id: int

    @property
    def job_id(self) -> str:
        """See :class:`JobRecord`."""
        return f"page-{self.entry_id}-{self.lease}"


class ParsePage(JobRecord):
    """Extract the article from a stored page."""

    queue: ClassVar[QueueName] = QueueName.PARSE
    function: ClassVar[str] = "services.parser.jobs.parse_page"
    verb: ClassVar[str] = "parse"

    entry_id: int
    page_key: str

    @property
    def job_id(self) -> str:
        """See :class:`JobRecord`."""
        return f"parse-{self.entry_id}-{self.lease}"


class ArticleResult(Record):
    """The page is an article."""

    kind: Literal["article"] = "article"
    article: Article


class RejectionResult(Record):
    """The page is none."""

    kind: Literal["rejection"] = "rejection"
    rejection: Rejection


class PageMissing(Record):
    """The page store has lost the page: it must be fetched again."""

    kind: Literal["page_missing"] = "page_missing"


ParseResult = Annotated[ArticleResult | RejectionResult | PageMissing, Field(discriminator="kind")]


class IndexResult(JobRecord):
    """Write what the parser found into the ledger and, where it is an article, publish it."""

    queue: ClassVar[QueueName] = QueueName.INDEX
    function: ClassVar[str] = "services.indexer.jobs.index_result"
    verb: ClassVar[str] = "index"

    entry_id: int
    result: ParseResult

    @property
    def job_id(self) -> str:
        """See :class:`JobRecord`."""
        return f"index-{self.entry_id}-{self.lease}"


class JobState(StrEnum):
    """What RQ knows of a job that the ledger waits for."""

    WAITING = "waiting"
    """In its queue."""
    RUNNING = "running"
    """Taken by a worker, and within its time."""
    LOST = "lost"
    """Nothing is known of it, it was never begun, or a broken engine ended it: nobody's fault."""
    DONE = "done"
    """It returned; what it was to bring about is missing all the same."""
    BROKEN = "broken"
    """It began and did not end: it raised an error, or its worker ended with it."""


@dataclass(frozen=True)
class JobFate:
    """What became of a job. ``failure`` is the error that it raised, in one line, where one was noted."""

    state: JobState
    failure: str | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the job is still to be waited for."""
        return self.state in (JobState.WAITING, JobState.RUNNING)
