"""Records to compare."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from shared.records import (
    Access,
    Article,
    Author,
    ContentSource,
    Extraction,
    FieldProvenance,
    Page,
    Quality,
    Rejection,
    RejectionReason,
    Urls,
)
from wiredesk.comparing import Found

URL = "https://gazette.example/harbour/crane"
TEXT = "The crane at the old harbour moved on Tuesday.\n\nNobody had asked for it until the council voted."


def article(**fields: Any) -> Article:
    facts: dict[str, Any] = {
        "url": URL,
        "urls": Urls(final=URL, canonical=URL),
        "title": "The crane moves",
        "text": TEXT,
        "markdown": TEXT,
        "content_source": ContentSource.PAGE,
        "word_count": 18,
        "authors": (Author(name="Ada Quill"),),
        "language": "en",
        "quality": Quality(score=1.0),
        "page": Page(sha256="a" * 64),
        "extraction": Extraction(extractor="trafilatura", version="1"),
    }
    return Article(**(facts | fields))


def rejection(reason: RejectionReason = RejectionReason.NO_TEXT, **fields: Any) -> Rejection:
    return Rejection(reason=reason, url=URL, page=Page(sha256="a" * 64), **fields)


def found(record: Article | Rejection, name: str = "page.html") -> Found:
    return Found(name, record)


_WORDS = st.text(alphabet="abc d.\né東", max_size=30)
_MAYBE = st.none() | _WORDS
ARTICLES = st.builds(
    article,
    title=_MAYBE,
    summary=_MAYBE,
    text=_WORDS,
    markdown=_MAYBE,
    authors=st.lists(st.builds(Author, name=_WORDS), max_size=2).map(tuple),
    language_confidence=st.none() | st.floats(0, 1),
    quality=st.builds(Quality, score=st.none() | st.floats(0, 1), flags=st.just(()) | st.just(("paywall",))),
    access=st.builds(Access, free=st.none() | st.booleans(), license=_MAYBE),
    provenance=st.dictionaries(st.sampled_from(["title", "text"]), st.builds(FieldProvenance, source=_WORDS)),
)
REJECTIONS = st.builds(rejection, st.sampled_from(RejectionReason), detail=_MAYBE)
RECORDS = ARTICLES | REJECTIONS
