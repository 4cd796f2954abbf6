"""The parser put together: the bytes of a page in, an article or a reasoned rejection out.

The page becomes one tree; JSON-LD, meta tags, the visible page and the feed's entry are read as witnesses; each field is
decided in its own module, and this one says in which order and fills the record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement
from trafilatura import __version__ as trafilatura_version

from services.parser import (
    access,
    authors,
    charset,
    content,
    dom,
    identity,
    images,
    jsonld,
    language,
    lead,
    meta,
    pagedates,
    published,
    quality,
    sniff,
    titles,
)
from services.parser.body import CONFIG, as_markdown, as_text, page_lines
from services.parser.cleanup import LONGEST_LINK, SHORTEST_LINK, Surroundings, link_key
from services.parser.content import Content
from services.parser.jsonld import LinkedArticle
from services.parser.meta import MetaTags
from services.parser.published import Dated
from services.parser.text import lines, plain, same_words
from services.parser.witness import Witness, provenance
from shared.records import (
    Article,
    Candidate,
    ContentSource,
    EntryHints,
    Extraction,
    FieldProvenance,
    Page,
    Rejection,
    RejectionReason,
    Source,
    Urls,
)
from shared.urls import follow, site_of, web_address

PARSER_VERSION = 1
"""Counts changes of what the parser makes of the same page."""

MAX_BYTES = 25 * 1024 * 1024
MAX_ELEMENTS = 20_000
MAX_TEXT = 3_000_000
"""Characters of text outside of scripts. Beyond these two bounds trafilatura takes more than some five seconds."""

EXTRACTION = Extraction(
    extractor="trafilatura", version=f"{trafilatura_version}+wiredesk.{PARSER_VERSION}", config=CONFIG
)

_MAX_TAGS = 50
_MAX_HEADINGS = 8
_FEED_TEXT = 1_000_000
_PAGE_TEXT = 8_000


@dataclass(frozen=True)
class _Reading:
    """What the witnesses say, before anything is decided."""

    tree: HtmlElement
    url: str | None
    base: str | None
    headers: Mapping[str, str]
    entry: EntryHints
    now: datetime | None
    linked: LinkedArticle | None
    tags: MetaTags
    headings: tuple[str, ...]
    scripts: int
    page_text: str
    too_large: str | None

    @property
    def sites(self) -> tuple[str, ...]:
        """The names the publication goes by."""
        named = (
            self.tags.value("og:site_name"),
            self.linked.publisher if self.linked else None,
            self.tags.value("application-name"),
            self.entry.feed_title,
            site_of(self.url) if self.url else None,
        )
        return tuple(name for name in named if name)


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
    content_type = known.get("content-type")
    page = Page(sha256=hashlib.sha256(body).hexdigest(), content_type=content_type, bytes=len(body))
    if not body.strip(b" \t\r\n\x0b\x0c\x00"):
        return _reject(RejectionReason.EMPTY_PAGE, "the page has no content", url, page)
    if (what := sniff.not_html(body, content_type)) is not None:
        return _reject(RejectionReason.NOT_HTML, f"the page is {what}", url, page)
    if len(body) > MAX_BYTES:
        detail = f"the page has {len(body):,} bytes, more than {MAX_BYTES:,}"
        return _reject(RejectionReason.TOO_LARGE, detail, url, page)
    decoded = charset.decode(body, content_type)
    page = page.model_copy(update={"charset": decoded.charset})
    tree = dom.parse(decoded.utf8)
    if tree is None:
        return _reject(RejectionReason.MALFORMED, "the page could not be read as HTML", url, page)
    return _decide(_read(tree, url, known, entry or EntryHints(), now), page)


def _reject(reason: RejectionReason, detail: str, url: str | None, page: Page) -> Rejection:
    return Rejection(reason=reason, detail=detail, url=url, page=page, extraction=EXTRACTION)


def _read(
    tree: HtmlElement, url: str | None, headers: Mapping[str, str], entry: EntryHints, now: datetime | None
) -> _Reading:
    scripts = sum(1 for _ in tree.iter("script"))
    linked = jsonld.read(tree, url=url)
    dom.strip_code(tree)
    size = dom.measure(tree)
    too_large = None
    if size.elements > MAX_ELEMENTS:
        too_large = f"the page has {size.elements:,} elements, more than {MAX_ELEMENTS:,}"
    elif size.text > MAX_TEXT:
        too_large = f"the page has {size.text:,} characters of text, more than {MAX_TEXT:,}"
    dom.split_crowds(tree)
    tags = meta.read(tree)
    headings = (text for element in tree.iter("h1") if (text := dom.text_of(element)))
    return _Reading(
        tree=tree,
        url=url,
        base=(follow(url, tags.base) or url) if url and tags.base else url,
        headers=headers,
        entry=entry,
        now=now,
        linked=linked,
        tags=tags,
        headings=tuple(text for text, _ in zip(headings, range(_MAX_HEADINGS), strict=False)),
        scripts=scripts,
        page_text=dom.text_of(tree, limit=_PAGE_TEXT),
        too_large=too_large,
    )


def _decide(read: _Reading, page: Page) -> Article | Rejection:
    linked = read.linked or LinkedArticle()
    title = titles.choose(
        read.headings,
        linked=linked.headline,
        graph=read.tags.value("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title"),
        tag=read.tags.title,
        feed=plain(read.entry.title) if read.entry.title else None,
        sites=read.sites,
    )
    byline = authors.choose(linked.authors, read.tags, read.entry.authors, read.tree, sites=read.sites)
    summary = _summary(read, title)
    text = _content(read, title, tuple(author.name for author in byline.authors), summary)
    if text is None:
        reason = RejectionReason.TOO_LARGE if read.too_large else RejectionReason.NO_TEXT
        return _reject(reason, read.too_large or _why_no_text(read, title), read.url, page)
    # The search for a date takes meta tags out of the tree: it comes after everything else that reads it.
    pictures = images.collect(read.tree, read.tags, linked.images, read.entry.images, base=read.base)
    date = _published(read)
    changed = published.modified(_modified_witnesses(read), published=date, latest=read.now)
    plain_text = as_text(text.lines)
    spoken = language.choose(plain_text, _declared_languages(read))
    known_as = identity.identify(read.url, _claims(read))
    rights = access.read(read.tags, read.linked, read.headers)
    doubts = quality.judge(
        quality.Evidence(
            title=read.tags.title or (title.value if title else None),
            cleaned=plain_text,
            page_text=read.page_text,
            word_count=text.words,
            content_source=text.source,
            from_summary=text.from_summary,
            free=rights.free,
            scripts=read.scripts,
            is_article=read.linked is not None or read.tags.value("og:type") == "article",
            page_type=read.tags.value("og:type"),
            is_home=_is_home(read.url),
            lines=tuple(line.text for line in text.lines),
            linked_words=text.lengths.get(ContentSource.JSONLD, 0),
            language_mismatch=spoken.mismatch,
            date_suspect=date.suspect,
        )
    )
    fields: dict[str, FieldProvenance | None] = {
        "title": provenance(title, _title_witnesses(read)),
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
        subtitle=_subtitle(linked.alternative_headline, title),
        summary=summary,
        text=plain_text,
        markdown=as_markdown(text.lines),
        content_source=text.source,
        word_count=text.words,
        authors=byline.authors,
        section=read.tags.value("article:section", "parsely-section", "og:section") or linked.section,
        tags=_tags(read, linked),
        language=spoken.code,
        language_confidence=spoken.confidence,
        published_at=date.at,
        published_precision=date.precision,
        modified_at=changed.at,
        images=pictures,
        quality=doubts,
        access=rights,
        provenance={name: field for name, field in fields.items() if field is not None},
        page=page,
        extraction=EXTRACTION,
    )


def _content(read: _Reading, title: Witness | None, names: tuple[str, ...], summary: str | None) -> Content | None:
    linked = read.linked or LinkedArticle()
    entry = read.entry
    around = Surroundings(
        titles=tuple(witness.value for witness in ((title,) if title else ()) + _title_witnesses(read)),
        authors=names,
        links=_links(read.tree),
    )
    found = () if read.too_large else page_lines(read.tree)
    chosen = content.choose(
        found,
        linked=linked.body,
        feed_content=lines(entry.content, limit=_FEED_TEXT) if entry.content else None,
        feed_summary=lines(entry.summary, limit=_FEED_TEXT) if entry.summary else None,
        around=around,
    )
    if chosen is None or chosen.source is not ContentSource.PAGE:
        return chosen
    standfirst = lead.find(read.tree, chosen.lines, _descriptions(read, summary))
    return content.with_lead(chosen, standfirst)


def _links(tree: HtmlElement) -> frozenset[str]:
    """The words of every link that leads to another page, in the form that :func:`cleanup.is_link_only` looks up."""
    found: set[str] = set()
    for element in tree.iter("a"):
        target = element.get("href")
        if target and not target.startswith("#"):
            text = element.text_content()
            if SHORTEST_LINK <= len(text) <= 2 * LONGEST_LINK:
                found.add(link_key(text))
    return frozenset(found)


def _title_witnesses(read: _Reading) -> tuple[Witness, ...]:
    linked = read.linked or LinkedArticle()
    said = [
        *(("h1", heading) for heading in read.headings[:3]),
        ("jsonld", linked.headline),
        ("og", read.tags.value("og:title")),
        ("twitter", read.tags.value("twitter:title")),
        ("title", read.tags.title),
        ("feed", plain(read.entry.title) if read.entry.title else None),
    ]
    return tuple(Witness(source, value) for source, value in said if value)


def _summary(read: _Reading, title: Witness | None) -> str | None:
    """What page or feed say in a few sentences; an echo of the headline is no summary."""
    for said in _descriptions(read, None):
        if title is None or not same_words(said, title.value):
            return said
    return None


def _descriptions(read: _Reading, first: str | None) -> tuple[str, ...]:
    tags = read.tags
    summary = read.entry.summary
    said = (
        first,
        tags.value("description"),
        tags.value("og:description"),
        read.linked.description if read.linked else None,
        tags.value("dc.description", "twitter:description"),
        plain(summary, limit=2_000) if summary and len(summary) < 8_000 else None,
    )
    return tuple(dict.fromkeys(text for text in said if text))


def _subtitle(said: str | None, title: Witness | None) -> str | None:
    return said if said and (title is None or not same_words(said, title.value)) else None


def _published(read: _Reading) -> Dated:
    linked = read.linked or LinkedArticle()
    in_page, clocks = pagedates.marked(read.tree)
    witnesses = (
        *((Witness("jsonld", linked.published),) if linked.published else ()),
        *pagedates.tagged(read.tags, pagedates.PUBLISHED_TAGS),
        *in_page,
    )
    feed = _feed_date(read.entry)
    date = published.choose(witnesses, clocks=clocks, feed=feed, latest=read.now)
    if date.at is not None or read.too_large:
        return date
    found = pagedates.search(read.tree, url=read.url, latest=read.now)
    if found is None:
        return date
    searched = published.choose((found,), clocks=clocks, latest=read.now)
    return published.with_candidates(searched, date)


def _feed_date(entry: EntryHints) -> Witness | None:
    if entry.published_raw and published.is_readable(entry.published_raw):
        return Witness("feed", entry.published_raw)
    return Witness("feed", entry.published_at.isoformat()) if entry.published_at else None


def _modified_witnesses(read: _Reading) -> tuple[Witness, ...]:
    linked = read.linked or LinkedArticle()
    entry = read.entry
    return (
        *((Witness("jsonld", linked.modified),) if linked.modified else ()),
        *pagedates.tagged(read.tags, pagedates.MODIFIED_TAGS),
        *((Witness("feed", entry.updated_at.isoformat()),) if entry.updated_at else ()),
    )


def _declared_languages(read: _Reading) -> tuple[Witness, ...]:
    linked = read.linked or LinkedArticle()
    said = (
        ("html", read.tags.language),
        ("jsonld", linked.language),
        ("og", read.tags.value("og:locale")),
        ("meta", read.tags.value("content-language", "language", "dc.language", "dcterms.language")),
        ("http", read.headers.get("content-language")),
        ("feed", read.entry.language or read.entry.feed_language),
    )
    return tuple(Witness(source, value[:50]) for source, value in said if value)


def _claims(read: _Reading) -> tuple[Witness, ...]:
    said = (
        ("canonical", read.tags.canonical),
        ("og", read.tags.value("og:url")),
        ("jsonld", read.linked.url if read.linked else None),
    )
    return tuple(Witness(source, value) for source, value in said if value)


def _source(read: _Reading, canonical: str | None) -> Source:
    name = read.tags.value("og:site_name") or (read.linked.publisher if read.linked else None)
    name = name or read.tags.value("application-name") or read.entry.feed_title
    address = canonical or read.url
    return Source(name=plain(name, limit=200) if name else None, domain=(site_of(address) or None) if address else None)


def _tags(read: _Reading, linked: LinkedArticle) -> tuple[str, ...]:
    said = [
        *read.tags.all("article:tag"),
        *linked.keywords,
        *(
            part
            for value in read.tags.all("news_keywords", "parsely-tags", "sailthru.tags")
            for part in value.split(",")
        ),
        *read.entry.tags,
    ] or [part for value in read.tags.all("keywords") for part in value.split(",")]
    unique: dict[str, str] = {}
    for tag in said:
        text = plain(tag, limit=100)
        if text:
            unique.setdefault(text.casefold(), text)
    return tuple(unique.values())[:_MAX_TAGS]


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


def _why_no_text(read: _Reading, title: Witness | None) -> str:
    if quality.is_bot_wall(read.tags.title or (title.value if title else None), read.page_text):
        return "the page is a check for robots, and neither JSON-LD nor the feed has the text"
    if quality.needs_script(read.page_text, read.scripts, 0):
        return "the page shows its text only to browsers, and neither JSON-LD nor the feed has it"
    return "no article text in the page, in JSON-LD or in the feed"
