"""The parser put together: the bytes of a page in, an article or a reasoned rejection out.

The page becomes one tree; JSON-LD, meta tags, the visible page and the feed's entry are read as witnesses; each field
is decided in its own module, and this one says in which order and fills the record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from trafilatura import __version__ as trafilatura_version

from services.parser import (
    access,
    agreement,
    authors,
    candidates,
    charset,
    content,
    dom,
    engine,
    fields,
    identity,
    images,
    language,
    lead,
    linking,
    listing,
    pagedates,
    quality,
    reading,
    siterule,
    sniff,
    titles,
)
from services.parser.blocks import fragment_lines
from services.parser.body import as_markdown, as_text
from services.parser.candidates import Anchors, PageText
from services.parser.cleanup import Surroundings
from services.parser.content import Content
from services.parser.decisions import Decisions, Examined, Watch, unwatched
from services.parser.fields import Chosen
from services.parser.language import Spoken
from services.parser.reading import Reading
from services.parser.text import lines, plain
from services.parser.witness import FEED, Witness, provenance
from shared.records import (
    Access,
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
from shared.siterules import SiteRules
from shared.urls import site_of
from shared.webaddress import web_address

PARSER_VERSION = 2
"""Counts changes of what the parser makes of the same page."""

MAX_BYTES = 25 * 1024 * 1024

EXTRACTION = Extraction(
    extractor="trafilatura", version=f"{trafilatura_version}+wiredesk.{PARSER_VERSION}", config=engine.CONFIG
)

_FEED_TEXT = 1_000_000
_TELLING = 400
"""Characters from which a body given by JSON-LD or the feed helps to choose among candidates."""


def extract(
    body: bytes,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    entry: EntryHints | None = None,
    now: datetime | None = None,
    rules: SiteRules | None = None,
) -> Article | Rejection:
    """The article in a page, or why there is none. Deterministic for given arguments; no bytes make it raise.

    :param body: the page as it came, decompressed.
    :param url: where the page was, after redirects; links are resolved against it, and what the page calls itself is
        checked by it.
    :param headers: the HTTP response's headers, names in any case.
    :param entry: what the feed said: one more witness, and the last resort for the text.
    :param now: when the page was fetched: no date may lie more than a day beyond it. Without it no date is too late.
    :param rules: what the operator says about single sites; the one for the page's site and day is applied.
    """
    return examine(body, url=url, headers=headers, entry=entry, now=now, rules=rules).record


def examine(
    body: bytes,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    entry: EntryHints | None = None,
    now: datetime | None = None,
    rules: SiteRules | None = None,
    watch: Watch = unwatched,
) -> Examined:
    """What :func:`extract` gives, with everything that it was decided by."""
    known = {name.lower(): value for name, value in (headers or {}).items()}
    content_type = plain(known.get("content-type", ""), limit=200) or None
    page = Page(sha256=hashlib.sha256(body).hexdigest(), content_type=content_type, bytes=len(body))
    if not body.strip(b" \t\r\n\x0b\x0c\x00\xef\xbb\xbf\xfe\xff"):
        return Examined(_reject(RejectionReason.EMPTY_PAGE, "the page has no content", url, page))
    if (what := sniff.not_html(body, content_type)) is not None:
        return Examined(_reject(RejectionReason.NOT_HTML, f"the page is {what}", url, page))
    if len(body) > MAX_BYTES:
        detail = f"the page has {len(body):,} bytes, more than {MAX_BYTES:,}"
        return Examined(_reject(RejectionReason.TOO_LARGE, detail, url, page))
    decoded = charset.decode(body, content_type)
    label = charset.declared(body, content_type)
    encoding = {"charset": decoded.charset, "charset_declared": label, "charset_mended": decoded.mended}
    page = page.model_copy(update=encoding)
    tree = dom.parse(decoded.utf8)
    if tree is None:
        return Examined(_reject(RejectionReason.MALFORMED, "the page could not be read as HTML", url, page))
    watch("bytes to tree")
    ruled = siterule.apply(tree, rules.parse_rule(url, now) if rules is not None else None, latest=now)
    read = replace(reading.read(tree, url=url, headers=known, entry=entry, now=now), ruled=ruled)
    watch("witnesses")
    found = _decide(read, watch)
    if ruled.may_have_taken(found.text) and (whole := dom.parse(decoded.utf8)) is not None:
        read = reading.read(whole, url=url, headers=known, entry=entry, now=now)
        other = _decide(replace(read, ruled=ruled.gave_up("hardly any text was left")), watch)
        found = other if siterule.is_more(other.text, found.text) else found
    return Examined(_record(found, page), found)


def _reject(reason: RejectionReason, detail: str, url: str | None, page: Page) -> Rejection:
    return Rejection(reason=reason, detail=detail, url=url, page=page, extraction=EXTRACTION)


def _decide(read: Reading, watch: Watch) -> Decisions:
    tags, linked = read.tags, read.linked
    title = titles.choose(read.headings, read.titles, sites=read.sites)
    title = read.ruled.title or title
    byline = read.ruled.sign(
        authors.choose(linked.authors, tags, read.entry.authors, read.tree, sites=read.sites, base=read.base)
    )
    watch("title and authors")
    names = tuple(author.name for author in byline.authors)
    text, ruled = siterule.choose(
        read.ruled, inside=lambda: _content(read.inside, title, names), general=lambda: _content(read, title, names)
    )
    read = replace(read, ruled=ruled)
    if text is not None and _is_wall(read, text):
        text = _content(read, title, names, walled=True)
    watch("text")
    if text is None:
        return Decisions(read, title, byline, text)
    pictures = images.collect(read.tree, tags, linked.images, read.entry.images, base=read.base)
    known_as = identity.identify(read.url, read.claims)
    # The search for a date takes meta tags out of the tree: it comes after everything else that reads it.
    dated = pagedates.decide(read)
    watch("dates and images")
    spoken = language.choose(as_text(text.lines), read.languages)
    chosen = fields.choose(
        read.stated,
        read.tree,
        titles=(*((title.value,) if title else ()), *(form.value for form in read.titles)),
        sites=read.sites,
        url=known_as.canonical or read.url,
    )
    rights = access.read(tags, linked, read.headers, read.tree, words=text.words, license=chosen.license)
    watch("language and access")
    return Decisions(
        read=read,
        title=title,
        byline=byline,
        text=text,
        images=pictures,
        address=known_as,
        published=dated.published,
        modified=dated.modified,
        spoken=spoken,
        rights=rights,
        chosen=chosen,
        evidence=_evidence(read, title, text, rights, spoken=spoken, suspect=dated.suspect),
    )


def _record(found: Decisions, page: Page) -> Article | Rejection:
    read, title, text, byline, date = found.read, found.title, found.text, found.byline, found.published
    chosen = found.chosen
    if text is None or found.evidence is None or found.address is None:
        reason = RejectionReason.TOO_LARGE if read.too_large else RejectionReason.NO_TEXT
        rejection = _reject(reason, read.too_large or _why_no_text(read, title), read.url, page)
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


def _content(read: Reading, title: Witness | None, names: tuple[str, ...], *, walled: bool = False) -> Content | None:
    entry, linked = read.entry, read.linked.body
    forms = dict.fromkeys(witness.value for witness in (*((title,) if title else ()), *read.titles))
    around = Surroundings(titles=tuple(forms), authors=names, links=read.links)
    fed = fragment_lines(entry.content, limit=_FEED_TEXT) if entry.content else ()
    page = PageText()
    if not (read.too_large or walled):
        whole = (linked or "", as_text(fed))
        anchors = Anchors(read.descriptions, tuple(text for text in whole if len(text) >= _TELLING))
        page = candidates.find(read.tree, around, anchors)
    chosen = content.choose(
        page,
        linked=linked,
        feed_content=fed,
        feed_summary=lines(entry.summary, limit=_FEED_TEXT) if entry.summary else None,
        around=around,
    )
    if chosen is None or chosen.source is not ContentSource.PAGE:
        return chosen
    chosen = content.with_lead(chosen, lead.find(read.tree, chosen.lines, read.descriptions))
    return replace(chosen, lines=linking.with_links(chosen.lines, read.anchors, base=read.base))


def _source(chosen: Chosen, address: str | None) -> Source:
    domain = (site_of(address) or None) if address else None
    return Source(name=chosen.source_name, domain=domain, country=chosen.source_country)


def _evidence(
    read: Reading, title: Witness | None, text: Content, rights: Access, *, spoken: Spoken, suspect: bool
) -> quality.Evidence:
    page_type = read.tags.value("og:type")
    is_article = read.has_linked or page_type == "article"
    return quality.Evidence(
        title=read.tags.title or (title.value if title else None),
        cleaned=as_text(text.lines),
        page_text=read.page_text,
        word_count=text.words,
        content_source=text.source,
        from_summary=text.from_summary,
        free=rights.free,
        scripts=read.scripts,
        is_article=is_article,
        page_type=page_type,
        is_home=_is_home(read.url),
        lines=tuple(line.text for line in text.lines),
        linked_words=text.lengths.get(ContentSource.JSONLD, 0),
        language_mismatch=spoken.mismatch,
        filler=spoken.filler,
        headings=read.headings,
        teased=None if is_article else listing.teased(read.tree, tuple(line.text for line in text.lines)),
        feed_disagrees=text.source is not ContentSource.FEED
        and agreement.disagrees(
            " ".join(form.value for form in read.titles if form.source != FEED),
            as_text(text.lines),
            feed_title=read.feed_title,
            feed_summary=read.entry.summary,
        ),
        date_suspect=suspect,
    )


def _text_provenance(text: Content) -> FieldProvenance:
    """Which text won; the others are told by their length: the texts themselves would double the record."""
    source = (text.chosen or "page") if text.source is ContentSource.PAGE else str(text.source)
    others = (Candidate(source=name, value=f"{length} words") for name, length in text.lengths.items())
    return FieldProvenance(source=source, candidates=tuple(one for one in others if one.source != str(text.source)))


def _is_home(url: str | None) -> bool:
    try:
        return url is not None and web_address(url).target == "/"
    except ValueError:
        return False


def _is_wall(read: Reading, text: Content) -> bool:
    """Whether what was taken from the page is something that stands in the article's place."""
    if text.source is not ContentSource.PAGE or text.words > quality.LONGEST_WALL:
        return False
    shown = as_text(text.lines)
    return quality.wall(read.tags.title, read.headings, shown, read.page_text, words=text.words) is not None


def _why_no_text(read: Reading, title: Witness | None) -> str:
    named = read.tags.title or (title.value if title else None)
    shown = read.page_text
    if (what := quality.wall(named, read.headings, shown, shown, words=len(shown.split()))) is not None:
        return f"the page is {what}, and neither JSON-LD nor the feed has the text"
    if quality.needs_script(read.page_text, read.scripts, 0):
        return "the page shows its text only to browsers, and neither JSON-LD nor the feed has it"
    return "no article text in the page, in JSON-LD or in the feed"
