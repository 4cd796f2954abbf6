"""The parser's job, as RQ calls it: a stored page in, an article or a reasoned rejection out to the indexer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis

from services.parser import extract
from services.parser.quality import with_flag
from shared import queues
from shared.errors import EngineError
from shared.jobs import ArticleResult, IndexResult, PageMissing, ParsePage, ParseResult, RejectionResult
from shared.pagestore import PageMissingError, PageStore, StoredPage
from shared.records import Article, Rejection, RejectionReason
from shared.settings import Settings

INDEX_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class ParserContext:
    """The parser's means: no internet, no PostgreSQL."""

    settings: Settings
    valkey: redis.Redis
    store: PageStore


_context: ParserContext | None = None


def set_context(context: ParserContext) -> None:
    """Give the process its means; the worker does so before it takes its first job."""
    global _context  # noqa: PLW0603 - RQ calls jobs as plain functions: the process is their only scope
    _context = context


def parse_page(payload: dict[str, Any]) -> str:
    """Parse one stored page. Returns the outcome in a few words, which rq-dashboard shows."""
    if _context is None:
        raise EngineError("this job needs a parser: wiredesk worker parser")
    job = ParsePage.model_validate(payload)
    result, words = _parse(_context, job)
    index = IndexResult(entry_id=job.entry_id, lease=job.lease, site=job.site, title=job.title, result=result)
    queues.enqueue(_context.valkey, [index], _context.settings, timeout=INDEX_TIMEOUT_SECONDS)
    return words


def _parse(context: ParserContext, job: ParsePage) -> tuple[ParseResult, str]:
    try:
        page = context.store.get(job.page_key)
    except PageMissingError as error:
        return PageMissing(), str(error)
    began = time.perf_counter()
    found = parse_stored(page, key=job.page_key)
    ms = round((time.perf_counter() - began) * 1000, 1)
    now = datetime.now(UTC)
    if isinstance(found, Article) and found.access.ai_opt_out and context.settings.ai_opt_out == "honour":
        found = _objection(found)
    if isinstance(found, Rejection):
        return RejectionResult(rejection=found.model_copy(update={"parsed_at": now})), f"rejected: {found.reason}"
    extraction = found.extraction.model_copy(update={"ms": ms})
    article = found.model_copy(update={"extraction": extraction, "parsed_at": now})
    return ArticleResult(article=article), f"{article.word_count} words, {article.language or 'language unknown'}"


def _objection(article: Article) -> Rejection:
    """An article whose publisher objects to its use for AI, where the operator honours that."""
    return Rejection(
        reason=RejectionReason.AI_OPT_OUT,
        detail=article.access.ai_evidence,
        url=article.url,
        page=article.page,
        extraction=article.extraction,
    )


def parse_stored(page: StoredPage, *, key: str) -> Article | Rejection:
    """What the parser finds in a stored page, with what the store knows about it."""
    metadata = page.metadata
    found = extract(
        page.body,
        url=metadata.final_url,
        headers=page.header_map,
        entry=metadata.hints,
        now=metadata.fetched_at,
    )
    facts = found.page.model_copy(update={"key": key, "status": page.status})
    if isinstance(found, Rejection):
        return found.model_copy(update={"page": facts})
    return found.model_copy(
        update={
            "page": facts,
            "quality": with_flag(found.quality, "truncated") if metadata.truncated else found.quality,
            "access": found.access.model_copy(update={"robots": metadata.robots or found.access.robots}),
            "urls": found.urls.model_copy(update={"discovered": metadata.url}),
            "discovered_at": metadata.discovered_at,
            "fetched_at": metadata.fetched_at,
        }
    )
