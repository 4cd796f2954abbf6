"""The parser put together: the bytes of a page in, an article or a reasoned rejection out.

The page becomes one tree; JSON-LD, meta tags, the visible page and the feed's entry are read as witnesses; each field
is decided in its own module, and this one says in which order and fills the record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from trafilatura import __version__ as trafilatura_version

from services.parser import (
    access,
    authors,
    charset,
    content,
    dom,
    identity,
    images,
    language,
    lead,
    pagedates,
    published,
    quality,
    reading,
    sniff,
    titles,
)
from services.parser.body import CONFIG, as_markdown, as_text, page_lines
from services.parser.cleanup import Surroundings
from services.parser.content import Content
from services.parser.published import Dated
from services.parser.reading import Reading
from services.parser.text import lines, plain, same_words
from services.parser.witness import Witness, provenance
from shared.records import (
    Access,
    Article,
    Candidate,
    ContentSource,
    EntryHints,
    Extraction,
    FieldProvenance,
    Page,
    Quality,
    Rejection,
    RejectionReason,
    Source,
    Urls,
)
from shared.urls import site_of
from shared.webaddress import web_address

PARSER_VERSION = 1
"""Counts changes of what the parser makes of the same page."""

MAX_BYTES = 25 * 1024 * 1024

EXTRACTION = Extraction(
    extractor="trafilatura", version=f"{trafilatura_version}+wiredesk.{PARSER_VERSION}", config=CONFIG
)

_FEED_TEXT = 1_000_000


def extract(
    body: bytes,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    entry: EntryHints | None = None,
    now: datetime | None = None,
) -> Article | Rejection:
    """The article in a page, or why there is none. Deterministic for given arguments; no bytes make it raise.

    :param body: the page as it came, decompressed.
    :param url: where the page was, after redirects; links are resolved against it, and what the page calls itself is
        checked by it.
    :param headers: the HTTP response's headers, names in any case.
    :param entry: what the feed said: one more witness, and the last resort for the text.
    :param now: when the page was fetched: no date may lie more than a day beyond it. Without it no date is too late.
    """
    known = {name.lower(): value for name, value in (headers or {}).items()}
    content_type = plain(known.get("content-type", ""), limit=200) or None
    page = Page(sha256=hashlib.sha256(body).hexdigest(), content_type=content_type, bytes=len(body))
    if not body.strip(b" \t\r\n\x0b\x0c\x00"):
        return _reject(RejectionReason.EMPTY_PAGE, "the page has no content", url, page)
    if (what := sniff.not_html(body, content_type)) is not None:
        return _reject(RejectionReason.NOT_HTML, f"the page is {what}", url, page)
    if len(body) > MAX_BYTES:
        detail = f"the page has {len(body):,} bytes, more than {MAX_BYTES:,}"
        return _reject(RejectionReason.TOO_LARGE, detail, url, page)
    decoded = charset.decode(body, content_type)
    label = charset.declared(body, content_type)
    page = page.model_copy(update={"charset": decoded.charset, "charset_declared": label})
    tree = dom.parse(decoded.utf8)
    if tree is None:
        return _reject(RejectionReason.MALFORMED, "the page could not be read as HTML", url, page)
    return _decide(reading.read(tree, url=url, headers=known, entry=entry, now=now), page)


def _reject(reason: RejectionReason, detail: str, url: str | None, page: Page) -> Rejection:
    return Rejection(reason=reason, detail=detail, url=url, page=page, extraction=EXTRACTION)


def _decide(read: Reading, page: Page) -> Article | Rejection:
    tags, linked = read.tags, read.linked
    title = titles.choose(
        read.headings,
        linked=linked.headline,
        graph=tags.value("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title"),
        tag=tags.title,
        feed=read.feed_title,
        sites=read.sites,
    )
    byline = authors.choose(linked.authors, tags, read.entry.authors, read.tree, sites=read.sites)
    text = _content(read, title, tuple(author.name for author in byline.authors))
    if text is None:
        reason = RejectionReason.TOO_LARGE if read.too_large else RejectionReason.NO_TEXT
        return _reject(reason, read.too_large or _why_no_text(read, title), read.url, page)
    pictures = images.collect(read.tree, tags, linked.images, read.entry.images, base=read.base)
    known_as = identity.identify(read.url, read.claims)
    # The search for a date takes meta tags out of the tree: it comes after everything else that reads it.
    date = _published(read)
    changed = published.modified(read.modified, published=date, latest=read.now)
    words = as_text(text.lines)
    spoken = language.choose(words, read.languages)
    rights = access.read(tags, linked, read.headers)
    fields = {
        "title": provenance(title, read.titles),
        "text": _text_provenance(text),
        "authors": provenance(byline.winner, byline.said),
        "published_at": date.provenance,
        "modified_at": changed.provenance,
        "language": spoken.provenance,
        "urls.canonical": known_as.provenance,
    }
    return Article(
        url=known_as.canonical or read.url,
        urls=Urls(final=read.url, canonical=known_as.canonical),
        source=_source(read, known_as.canonical),
        title=title.value if title else None,
        subtitle=_unlike_title((linked.alternative_headline,), title),
        summary=_unlike_title(read.descriptions, title),
        text=words,
        markdown=as_markdown(text.lines),
        content_source=text.source,
        word_count=text.words,
        authors=byline.authors,
        section=tags.value("article:section", "parsely-section", "og:section") or linked.section,
        tags=read.keywords,
        language=spoken.code,
        language_confidence=spoken.confidence,
        published_at=date.at,
        published_precision=date.precision,
        modified_at=changed.at,
        images=pictures,
        quality=_quality(read, title, text, words, rights, mismatch=spoken.mismatch, suspect=date.suspect),
        access=rights,
        provenance={name: field for name, field in fields.items() if field is not None},
        page=page,
        extraction=EXTRACTION,
    )


def _content(read: Reading, title: Witness | None, names: tuple[str, ...]) -> Content | None:
    entry = read.entry
    forms = dict.fromkeys(witness.value for witness in (*((title,) if title else ()), *read.titles))
    chosen = content.choose(
        () if read.too_large else page_lines(read.tree),
        linked=read.linked.body,
        feed_content=lines(entry.content, limit=_FEED_TEXT) if entry.content else None,
        feed_summary=lines(entry.summary, limit=_FEED_TEXT) if entry.summary else None,
        around=Surroundings(titles=tuple(forms), authors=names, links=read.links),
    )
    if chosen is None or chosen.source is not ContentSource.PAGE:
        return chosen
    return content.with_lead(chosen, lead.find(read.tree, chosen.lines, read.descriptions))


def _published(read: Reading) -> Dated:
    marked, clocks = pagedates.marked(read.tree)
    witnesses = (*read.published, *marked)
    date = published.choose(witnesses, clocks=clocks, feed=read.feed_published, latest=read.now)
    if date.at is not None or read.too_large:
        return date
    found = pagedates.search(read.tree, url=read.url, latest=read.now)
    if found is None:
        return date
    return published.with_candidates(published.choose((found,), clocks=clocks, latest=read.now), date)


def _unlike_title(said: tuple[str | None, ...], title: Witness | None) -> str | None:
    """The first of several texts; an echo of the headline says nothing."""
    return next((text for text in said if text and (title is None or not same_words(text, title.value))), None)


def _source(read: Reading, canonical: str | None) -> Source:
    name = read.tags.value("og:site_name") or read.linked.publisher or read.tags.value("application-name")
    name = name or read.entry.feed_title
    address = canonical or read.url
    return Source(name=plain(name, limit=200) if name else None, domain=(site_of(address) or None) if address else None)


def _quality(
    read: Reading,
    title: Witness | None,
    text: Content,
    words: str,
    rights: Access,
    *,
    mismatch: bool,
    suspect: bool,
) -> Quality:
    page_type = read.tags.value("og:type")
    return quality.judge(
        quality.Evidence(
            title=read.tags.title or (title.value if title else None),
            cleaned=words,
            page_text=read.page_text,
            word_count=text.words,
            content_source=text.source,
            from_summary=text.from_summary,
            free=rights.free,
            scripts=read.scripts,
            is_article=read.has_linked or page_type == "article",
            page_type=page_type,
            is_home=_is_home(read.url),
            lines=tuple(line.text for line in text.lines),
            linked_words=text.lengths.get(ContentSource.JSONLD, 0),
            language_mismatch=mismatch,
            date_suspect=suspect,
        )
    )


def _text_provenance(text: Content) -> FieldProvenance:
    """Which text won; the others are told by their length: the texts themselves would double the record."""
    source = "trafilatura" if text.source is ContentSource.PAGE else str(text.source)
    others = (Candidate(source=name, value=f"{length} words") for name, length in text.lengths.items())
    return FieldProvenance(source=source, candidates=tuple(one for one in others if one.source != str(text.source)))


def _is_home(url: str | None) -> bool:
    try:
        return url is not None and web_address(url).target == "/"
    except ValueError:
        return False


def _why_no_text(read: Reading, title: Witness | None) -> str:
    if quality.is_bot_wall(read.tags.title or (title.value if title else None), read.page_text):
        return "the page is a check for robots, and neither JSON-LD nor the feed has the text"
    if quality.needs_script(read.page_text, read.scripts, 0):
        return "the page shows its text only to browsers, and neither JSON-LD nor the feed has it"
    return "no article text in the page, in JSON-LD or in the feed"
