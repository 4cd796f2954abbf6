"""The parsers that read pages in this process: ours, and trafilatura in three settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from trafilatura import bare_extraction
from trafilatura.settings import Document

from benchmarks.extraction_score import Answer
from services.parser import extract
from shared.records import Article

Parser = Callable[[bytes, str | None], Answer]

OURS = "wiredesk"
DEFAULTS = "trafilatura"
"""What the CPU of everything else is measured by, called as the bar is worded."""
BEST = "trafilatura, best"


def wiredesk(body: bytes, url: str | None) -> Answer:
    """What ours says, given nothing but the page."""
    found = extract(body, url=url)
    if not isinstance(found, Article):
        return Answer()
    return Answer(
        text=found.text,
        title=found.title,
        authors=tuple(author.name for author in found.authors),
        day=_local_day(found),
        utc_day=found.published_at.date().isoformat() if found.published_at else None,
        language=found.language,
    )


def _trafilatura(**options: Any) -> Parser:  # noqa: ANN401 - trafilatura's
    def parse(body: bytes, url: str | None) -> Answer:
        found = bare_extraction(body, url=url, with_metadata=True, **options)
        silent = frozenset({"language"})
        if not isinstance(found, Document):
            return Answer(silent=silent)
        return Answer(
            text=found.text or "",
            title=found.title,
            authors=tuple((found.author or "").split(";")),
            day=found.date,
            utc_day=found.date,
            silent=silent,
        )

    return parse


PARSERS: dict[str, Parser] = {
    DEFAULTS: _trafilatura(),
    BEST: _trafilatura(include_comments=False, favor_precision=True),
    "trafilatura, fast": _trafilatura(include_comments=False, fast=True),
    OURS: wiredesk,
}


def _local_day(article: Article) -> str | None:
    if article.published_at is None:
        return None
    provenance = article.provenance.get("published_at")
    if provenance is None or provenance.offset is None:
        return article.published_at.date().isoformat()
    zone = datetime.fromisoformat(f"2000-01-01T00:00:00{provenance.offset}").tzinfo
    return article.published_at.astimezone(zone).date().isoformat()
