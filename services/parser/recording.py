"""The record that decisions make: an article, or why there is none."""

from __future__ import annotations

from trafilatura import __version__ as trafilatura_version

from services.parser import (
    engine,
    quality,
    siterule,
)
from services.parser.body import as_markdown
from services.parser.content import Content
from services.parser.decisions import Decisions
from services.parser.fields import Chosen
from services.parser.reading import Reading
from services.parser.witness import Witness, provenance
from shared.records import (
    Article,
    Candidate,
    ContentSource,
    Extraction,
    FieldProvenance,
    Page,
    Rejection,
    RejectionReason,
    Source,
    Urls,
)
from shared.urls import site_of

PARSER_VERSION = 2
"""Counts changes of what the parser makes of the same page."""

EXTRACTION = Extraction(
    extractor="trafilatura", version=f"{trafilatura_version}+wiredesk.{PARSER_VERSION}", config=engine.CONFIG
)


def reject(reason: RejectionReason, detail: str, url: str | None, page: Page) -> Rejection:
    """The record of a page that is no article."""
    return Rejection(reason=reason, detail=detail, url=url, page=page, extraction=EXTRACTION)


def record(found: Decisions, page: Page) -> Article | Rejection:
    """What was decided, as a record; a rejection where no text was found."""
    read, title, text, byline, date = found.read, found.title, found.text, found.byline, found.published
    chosen = found.chosen
    if text is None or found.evidence is None or found.address is None:
        reason, detail = _why_no_text(read, title)
        rejection = reject(reason, detail, read.url, page)
        return rejection.model_copy(update={"extraction": read.ruled.named(EXTRACTION)})
    told = {
        "title": provenance(title, read.titles),
        "text": _text_provenance(text),
        "authors": provenance(byline.winner, byline.said),
        "published_at": date.provenance,
        "modified_at": found.modified.provenance,
        "language": found.spoken.provenance,
        "urls.canonical": found.address.provenance,
        siterule.SOURCE: read.ruled.provenance,
        **chosen.provenance,
    }
    return Article(
        url=found.address.canonical or read.url,
        urls=Urls(final=read.url, canonical=found.address.canonical),
        source=_source(chosen, found.address.canonical or read.url),
        title=title.value if title else None,
        subtitle=chosen.subtitle,
        summary=chosen.summary,
        text=found.evidence.cleaned,
        markdown=as_markdown(text.lines),
        content_source=text.source,
        word_count=text.words,
        authors=byline.authors,
        section=chosen.section,
        tags=chosen.tags,
        language=found.spoken.code,
        language_confidence=found.spoken.confidence,
        published_at=date.at,
        published_precision=date.precision,
        modified_at=found.modified.at,
        images=found.images,
        quality=quality.judge(found.evidence),
        access=found.rights,
        provenance={name: field for name, field in told.items() if field is not None},
        page=page,
        extraction=read.ruled.named(EXTRACTION),
    )


def _source(chosen: Chosen, address: str | None) -> Source:
    domain = (site_of(address) or None) if address else None
    return Source(name=chosen.source_name, domain=domain, country=chosen.source_country)


def _text_provenance(text: Content) -> FieldProvenance:
    """Which text won; the others are told by their length: the texts themselves would double the record."""
    source = (text.chosen or "page") if text.source is ContentSource.PAGE else str(text.source)
    others = (Candidate(source=name, value=f"{length} words") for name, length in text.lengths.items())
    return FieldProvenance(source=source, candidates=tuple(one for one in others if one.source != str(text.source)))


def _why_no_text(read: Reading, title: Witness | None) -> tuple[RejectionReason, str]:
    if read.too_large:
        return RejectionReason.TOO_LARGE, read.too_large
    named = read.tags.title or (title.value if title else None)
    shown = read.page_text
    if (what := quality.wall(named, read.headings, shown, shown, words=len(shown.split()))) is not None:
        reason = RejectionReason.MALFORMED if what == quality.BINARY else RejectionReason.NO_TEXT
        return reason, f"the page is {what}, and neither JSON-LD nor the feed has the text"
    if quality.needs_script(shown, read.scripts, 0):
        why = "the page shows its text only to browsers, and neither JSON-LD nor the feed has it"
        return RejectionReason.NO_TEXT, why
    return RejectionReason.NO_TEXT, "no article text in the page, in JSON-LD or in the feed"
