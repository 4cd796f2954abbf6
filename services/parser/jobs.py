"""The parser's job, as RQ calls it: a stored page in, an article or a reasoned rejection out to the indexer."""

from __future__ import annotations

import os
import re
import signal
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import redis

from services.parser.assemble import MAX_BYTES
from services.parser.attempts import MEMORY_CODE
from services.parser.recording import EXTRACTION
from services.parser.slip import Slip
from services.parser.stored import parse_stored
from services.parser.upkeep import Upkeep
from shared import queues
from shared.errors import EngineError
from shared.jobs import ArticleResult, IndexResult, PageMissing, ParsePage, ParseResult, RejectionResult
from shared.pagestore import PageMissingError, PageStore, decode
from shared.records import Article, Page, Rejection, RejectionReason
from shared.settings import Settings
from shared.sitesfile import SitesFile

INDEX_TIMEOUT_SECONDS = 60

_WARC_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,20})\r?$", re.MULTILINE | re.IGNORECASE)
_WARC_HEADER = 64 * 1024
# A page's HTTP header stands in the same record.
_WARC_MOST = MAX_BYTES + 1024 * 1024

Parse = Callable[..., Article | Rejection]
"""What reads a stored page: :func:`services.parser.stored.parse_stored`."""


@dataclass(frozen=True)
class ParserContext:
    """The parser's means: no internet, no PostgreSQL.

    ``slip`` and ``upkeep`` are a long-lived worker's: where it notes what it is at, and what keeps it from growing.
    """

    settings: Settings
    valkey: redis.Redis
    store: PageStore
    sites: SitesFile = field(default_factory=lambda: SitesFile(None))
    parse: Parse = parse_stored
    slip: Slip | None = None
    upkeep: Upkeep | None = None


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
    try:
        words = _carry_out(_context, job)
    except MemoryError:
        if _context.slip is None:
            raise
        # It is the page that was too much, wherever it was: the process beside this one sees to it.
        _context.slip.write(job)
        os._exit(MEMORY_CODE)
    if _context.upkeep is not None and _context.upkeep.after_page():
        # The worker's own handler: it takes no further job once this one is written down.
        signal.raise_signal(signal.SIGTERM)
    return words


def hand_on(valkey: redis.Redis, settings: Settings, job: ParsePage, result: ParseResult) -> None:
    """Give what became of ``job`` to the indexer."""
    index = IndexResult(entry_id=job.entry_id, lease=job.lease, site=job.site, title=job.title, result=result)
    queues.enqueue(valkey, [index], settings, timeout=INDEX_TIMEOUT_SECONDS)


def _carry_out(context: ParserContext, job: ParsePage) -> str:
    result, words = _parse(context, job)
    hand_on(context.valkey, context.settings, job, result)
    return words


def _parse(context: ParserContext, job: ParsePage) -> tuple[ParseResult, str]:
    try:
        data = context.store.read(job.page_key)
    except PageMissingError as error:
        return PageMissing(), str(error)
    with _noted(context.slip, job):
        return _parse_data(context, job, data)


@contextmanager
def _noted(slip: Slip | None, job: ParsePage) -> Iterator[None]:
    """Have ``job`` on the slip as long as its page may be to blame: not for a store or a Valkey that is silent."""
    if slip is None:
        yield
        return
    slip.write(job)
    try:
        yield
    finally:
        slip.clear()


def _parse_data(context: ParserContext, job: ParsePage, data: bytes) -> tuple[ParseResult, str]:
    try:
        if (size := _declared(data)) > _WARC_MOST:
            return RejectionResult(rejection=_too_large(size, job)), f"rejected: {size:,} bytes"
        page = decode(data)
    except PageMissingError as error:
        return PageMissing(), str(error)
    began = time.perf_counter()
    found = context.parse(page, key=job.page_key, rules=context.sites.rules())
    ms = round((time.perf_counter() - began) * 1000, 1)
    now = datetime.now(UTC)
    if isinstance(found, Article) and found.access.ai_opt_out and context.settings.ai_opt_out == "honour":
        found = _objection(found)
    if isinstance(found, Rejection):
        return RejectionResult(rejection=found.model_copy(update={"parsed_at": now})), f"rejected: {found.reason}"
    extraction = found.extraction.model_copy(update={"ms": ms})
    article = found.model_copy(update={"extraction": extraction, "parsed_at": now})
    return ArticleResult(article=article), f"{article.word_count} words, {article.language or 'language unknown'}"


def _declared(warc: bytes) -> int:
    """The length that the page's record claims: what claims more than it may is not unpacked to see."""
    try:
        header = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(warc, _WARC_HEADER)
    except zlib.error:
        return 0
    length = _WARC_LENGTH.search(header.partition(b"\r\n\r\n")[0])
    return int(length[1]) if length else 0


def _too_large(size: int, job: ParsePage) -> Rejection:
    return Rejection(
        reason=RejectionReason.TOO_LARGE,
        detail=f"the page has {size:,} bytes, more than {MAX_BYTES:,}",
        page=Page(key=job.page_key),
        extraction=EXTRACTION,
        parsed_at=datetime.now(UTC),
    )


def _objection(article: Article) -> Rejection:
    """An article whose publisher objects to its use for AI, where the operator honours that."""
    return Rejection(
        reason=RejectionReason.AI_OPT_OUT,
        detail=article.access.ai_evidence,
        url=article.url,
        page=article.page,
        extraction=article.extraction,
    )
