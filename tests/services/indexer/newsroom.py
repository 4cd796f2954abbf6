"""Entries whose pages are stored and parsed, ready to be indexed."""

from __future__ import annotations

from itertools import count
from typing import Any

from services.indexer.index import Indexed, index
from shared.database import Database
from shared.jobs import ArticleResult, IndexResult, PageMissing, RejectionResult
from shared.records import Article, ContentSource, Extraction, Page, Rejection, RejectionReason, Urls
from tests.shared.ledger.rows import add_feed, discover, download, entry, seen

_numbers = count()


def new_entry(database: Database, path: str, *, site: str = "paper.example") -> int:
    discover(database, add_feed(database), seen(path, site=site))
    return int(entry(database, path, site=site)["id"])


def article(key: str | None, text: str, *, canonical: str | None = None, **facts: Any) -> Article:
    return Article(
        text=text,
        content_source=ContentSource.PAGE,
        word_count=len(text.split()),
        urls=Urls(canonical=canonical),
        page=Page(key=key),
        extraction=Extraction(extractor="tests", version="1"),
        **facts,
    )


def parsed(
    database: Database, entry_id: int, text: str = "Words of an article", *, canonical: str | None = None, **facts: Any
) -> IndexResult:
    """The job that a parser enqueues after this entry's page was downloaded once more."""
    with database.transaction() as connection:
        connection.execute("UPDATE entries SET stage = 'fetch' WHERE id = %s", [entry_id])
    key, lease = download(database, entry_id, sha256=str(next(_numbers)))
    found = article(key, text, canonical=canonical, **facts)
    return IndexResult(entry_id=entry_id, lease=lease, site="paper.example", result=ArticleResult(article=found))


def rejected(job: IndexResult, reason: RejectionReason = RejectionReason.NO_TEXT) -> IndexResult:
    assert isinstance(job.result, ArticleResult)
    rejection = Rejection(reason=reason, detail="nothing to read", page=job.result.article.page)
    return job.model_copy(update={"result": RejectionResult(rejection=rejection)})


def missing(job: IndexResult) -> IndexResult:
    return job.model_copy(update={"result": PageMissing()})


def run(database: Database, job: IndexResult) -> Indexed:
    with database.transaction() as connection:
        return index(connection, job)


def rows(database: Database, query: str) -> list[dict[str, Any]]:
    with database.transaction() as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload]
