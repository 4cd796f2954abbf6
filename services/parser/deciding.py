"""The decisions on a page, one after another: each field in its own module, and here in which order."""

from __future__ import annotations

from dataclasses import replace

from services.parser import (
    access,
    agreement,
    authors,
    candidates,
    content,
    fields,
    identity,
    images,
    language,
    lead,
    linking,
    listing,
    pagedates,
    quality,
    siterule,
    titles,
)
from services.parser.blocks import fragment_lines
from services.parser.body import as_text
from services.parser.candidates import Anchors, PageText
from services.parser.cleanup import Surroundings
from services.parser.content import Content
from services.parser.decisions import Decisions, Watch
from services.parser.language import Spoken
from services.parser.reading import Reading
from services.parser.text import lines
from services.parser.witness import FEED, Witness
from shared.records import Access, ContentSource
from shared.webaddress import web_address

_FEED_TEXT = 1_000_000
_TELLING = 400
"""Characters from which a body given by JSON-LD or the feed helps to choose among candidates."""


def decide(read: Reading, watch: Watch) -> Decisions:
    """Decide every field of the page; of one without a text, no more than that. ``watch`` is told each step."""
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


def _evidence(
    read: Reading, title: Witness | None, text: Content, rights: Access, *, spoken: Spoken, suspect: bool
) -> quality.Evidence:
    cleaned = as_text(text.lines)
    shown = tuple(line.text for line in text.lines)
    page_type = read.tags.value("og:type")
    is_article = read.has_linked or page_type == "article"
    return quality.Evidence(
        title=read.tags.title or (title.value if title else None),
        cleaned=cleaned,
        page_text=read.page_text,
        word_count=text.words,
        content_source=text.source,
        from_summary=text.from_summary,
        free=rights.free,
        scripts=read.scripts,
        is_article=is_article,
        page_type=page_type,
        is_home=_is_home(read.url),
        lines=shown,
        linked_words=text.lengths.get(ContentSource.JSONLD, 0),
        language_mismatch=spoken.mismatch,
        filler=spoken.filler,
        headings=read.headings,
        teased=None if is_article else listing.teased(read.tree, shown),
        feed_disagrees=text.source is not ContentSource.FEED
        and agreement.disagrees(
            " ".join(form.value for form in read.titles if form.source != FEED),
            cleaned,
            feed_title=read.feed_title,
            feed_summary=read.entry.summary,
        ),
        date_suspect=suspect,
    )


def _is_home(url: str | None) -> bool:
    try:
        return url is not None and web_address(url).target == "/"
    except ValueError:
        return False


def _is_wall(read: Reading, text: Content) -> bool:
    """Whether what was taken from the page is something that stands in the article's place."""
    if text.source is not ContentSource.PAGE:
        return False
    shown = as_text(text.lines)
    return quality.wall(read.tags.title, read.headings, shown, read.page_text, words=text.words) is not None
