"""Which witness is believed for which field: the fields that are chosen by an order and no more.

Titles, authors, dates, language and text weigh their witnesses against each other, each in a module of its own. For the
fields here ``ORDERS`` says who is asked first, and why; a function a field says what does not count as an answer. What
is said and not believed stays a candidate. Pure, but for the licence, which is looked for in the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from services.parser import licence, source, topics
from services.parser.linked.article import LinkedArticle
from services.parser.meta import MetaTags
from services.parser.text import plain, words
from services.parser.witness import FEED, Witness, provenance, refused
from shared.records import EntryHints, FieldProvenance

LINKED = "jsonld"
TRAIL = "breadcrumbs"

ORDERS: Mapping[str, tuple[str, ...]] = {
    # Only JSON-LD has a place for it; elsewhere it cannot be told from the summary.
    "subtitle": (LINKED, "alternativeheadline"),
    # The description is written for this article, and for search engines before social networks; JSON-LD's is often a
    # cut of the text, Twitter's and Sailthru's are copies of OpenGraph's, and the feed's may be all of the article.
    "summary": (
        "description", "og:description", LINKED, "dc.description", "dcterms.abstract", "twitter:description",
        "sailthru.description", FEED,
    ),
    # article:section and Parsely's have one value for this article; JSON-LD's are several, in any order; breadcrumbs
    # tell how to come to the page.
    "section": (
        "article:section", "og:article:section", "parsely-section", LINKED, "og:section", "articlesection",
        "cxenseparse:recs:category", "section", TRAIL,
    ),
    # All of them together: each knows some. The page's general keywords only where there are no others.
    "tags": ("article:tag", "og:article:tag", LINKED, "news_keywords", "parsely-tags", "sailthru.tags", FEED),
    # og:site_name is what readers know it by; a publisher may be the company, an application's name anything.
    "source.name": ("og:site_name", LINKED, "application-name", "dc.publisher", "apple-mobile-web-app-title", FEED),
    # The publisher's postal address says it; locales only beside the site's domain, see services.parser.source.
    "source.country": (LINKED, "html", "og:locale", "content-language", "language"),
    # The link is made for this; OpenGraph's and JSON-LD's addresses often are those of another rendition.
    "urls.canonical": ("canonical", "og:url", LINKED, "parsely-link"),
    # JSON-LD's is the article's, the link's the page's; then what the text says, see services.parser.licence.
    "access.license": (LINKED, "license", "dcterms.license", "dc.rights.license", "dc.license"),
}  # fmt: skip

_CUT = re.compile(r"\s*(?:\.{3,}|…|\[…\]|\[\.\.\.\])\s*$")
_NO_WORDS = re.compile(r"\{\{.*\}\}|\$\{.*\}|%%?\w+%%?|undefined|null|none|n/a|description|tbd", re.IGNORECASE)
_FEED_SUMMARY = 8_000
"""Characters beyond which a feed's summary is no summary but the article."""
_GENERAL_KEYWORDS = ("keywords", "dc.subject", "dcterms.subject")


@dataclass(frozen=True)
class Decided:
    """A field's value, and where it is from."""

    value: str | None = None
    provenance: FieldProvenance | None = None


@dataclass(frozen=True)
class Chosen:
    """All fields that are decided here."""

    subtitle: str | None = None
    summary: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    source_name: str | None = None
    source_country: str | None = None
    license: str | None = None
    provenance: Mapping[str, FieldProvenance] = field(default_factory=dict)


@dataclass(frozen=True)
class Statements:
    """Those who are asked: meta tags, linked data, the feed's entry."""

    tags: MetaTags
    linked: LinkedArticle
    entry: EntryHints

    def said(self, name: str, *, linked: Iterable[str | None] = (), feed: Iterable[str | None] = ()) -> list[Witness]:
        """What everybody says of the field ``name``, in its order."""
        tags = self.tags
        beside = {
            LINKED: linked,
            FEED: feed,
            "canonical": (tags.canonical,),
            "license": (tags.license,),
            "html": (tags.language,),
        }
        return [
            Witness(source, value)
            for source in ORDERS[name]
            for value in beside.get(source, tags.values.get(source, ()))
            if value
        ]


def choose(
    stated: Statements, tree: HtmlElement, *, titles: Iterable[str], sites: Iterable[str], url: str | None
) -> Chosen:
    """Decide them. ``titles``: every form of the headline; ``sites``: the names the publication goes by."""
    titles, sites = tuple(titles), tuple(sites)
    topics_of, tags_from = tags(stated, sites)
    licensed = license_of(tree, stated)
    decided = {
        "subtitle": subtitle(stated, titles),
        "summary": summary(stated, titles),
        "section": section(stated, titles, sites),
        "source.name": source_name(stated, url),
        "source.country": source_country(stated, url),
        "access.license": licensed,
    }
    told = {name: one.provenance for name, one in decided.items()} | {"tags": tags_from}
    return Chosen(
        subtitle=decided["subtitle"].value,
        summary=decided["summary"].value,
        section=decided["section"].value,
        tags=topics_of,
        source_name=decided["source.name"].value,
        source_country=decided["source.country"].value,
        license=licence.short(licensed.value) if licensed.value else None,
        provenance={name: one for name, one in told.items() if one is not None},
    )


def summaries(stated: Statements) -> list[Witness]:
    """What page and feed say in a few sentences; one that is cut short stands behind the same one that is whole."""
    summary = stated.entry.summary
    feed = plain(summary) if summary and len(summary) < _FEED_SUMMARY else None
    said = [
        witness
        for witness in stated.said("summary", linked=(stated.linked.description,), feed=(feed,))
        if not _NO_WORDS.fullmatch(witness.value)
    ]
    if len(said) < 2 or not _CUT.search(said[0].value):
        return said
    begun = words(_CUT.sub("", said[0].value))
    whole = [one for one in said[1:] if not _CUT.search(one.value) and words(one.value)[: len(begun)] == begun]
    return [*whole[:1], *(one for one in said if one not in whole[:1])]


def summary(stated: Statements, titles: Iterable[str]) -> Decided:
    """The first description that is not the headline again."""
    return _first(_unlike(summaries(stated), titles, "the headline again"))


def subtitle(stated: Statements, titles: Iterable[str]) -> Decided:
    """The second headline, where it is none of the forms of the first."""
    said = stated.said("subtitle", linked=(stated.linked.alternative_headline,))
    return _first(_unlike(said, titles, "the headline again"))


def section(stated: Statements, titles: Iterable[str], sites: Iterable[str]) -> Decided:
    """The first section that says more than "News" and is not the site."""
    named = tuple(sites)
    said = stated.said("section", linked=stated.linked.sections)
    steps = topics.trail(stated.linked.breadcrumbs, titles=titles)
    if steps:
        said.append(Witness(TRAIL, " > ".join(steps)))
    judged: list[Witness] = []
    chosen: tuple[str, Witness] | None = None
    for witness in _unlike(said, (title for title in titles if len(words(title)) > 1), "the headline again"):
        if witness.reason:
            judged.append(witness)
            continue
        value = topics.section((witness.value,), sites=named)
        judged.append(witness if value else refused(witness, "no section"))
        if value and chosen is None:
            chosen = value, witness
    return Decided(chosen[0] if chosen else None, provenance(chosen[1] if chosen else None, judged))


def tags(stated: Statements, sites: Iterable[str]) -> tuple[tuple[str, ...], FieldProvenance | None]:
    """All topics that anybody names, each once. The provenance names who gave the first and counts those left out."""
    named = tuple(sites)
    kept: dict[str, str] = {}
    lists: list[Witness] = []
    orders = (ORDERS["tags"], _GENERAL_KEYWORDS)
    for order in orders:
        for name in order:
            given = _keywords(stated, name)
            if given:
                lists.append(Witness(name, ", ".join(given)))
                for tag in topics.tags(given, sites=named):
                    kept.setdefault(tag.casefold(), tag)
        if kept:
            break
    chosen = tuple(kept.values())
    if (rest := len(chosen) - topics.MAX_TAGS) > 0:
        lists.insert(1, Witness("limit", f"{rest} more tags", reason=f"more than {topics.MAX_TAGS} tags"))
    winner = next((one for one in lists if chosen and chosen[0] in one.value), None)
    return chosen[: topics.MAX_TAGS], provenance(winner, lists)


def _keywords(stated: Statements, name: str) -> list[str]:
    if name == LINKED:
        return list(stated.linked.keywords)
    values = stated.entry.tags if name == FEED else stated.tags.values.get(name, ())
    return list(values) if name == FEED else topics.listed(values)


def source_name(stated: Statements, url: str | None) -> Decided:
    """The publication's name, cleaned of slogans."""
    said = stated.said("source.name", linked=(stated.linked.publisher,), feed=(stated.entry.feed_title,))
    winner = source.name(said, title=stated.tags.title, url=url)
    if winner is None:
        return Decided(None, provenance(None, said))
    raw = next((one for one in said if one.source == winner.source), Witness(winner.source, stated.tags.title or ""))
    return Decided(winner.value, provenance(raw, said))


def source_country(stated: Statements, url: str | None) -> Decided:
    """The publication's country as an ISO 3166-1 code."""
    winner, said = source.country(stated.linked.country, stated.said("source.country"), url=url)
    return Decided(winner.value if winner else None, provenance(winner, said))


def claims(stated: Statements) -> tuple[Witness, ...]:
    """What the page gives as its own address; what of it is believed, :mod:`services.parser.identity` says."""
    return tuple(stated.said("urls.canonical", linked=(stated.linked.url,)))


def license_of(tree: HtmlElement, stated: Statements) -> Decided:
    """The licence that the article is under, as the page gives it."""
    said = [*stated.said("access.license", linked=(stated.linked.license,)), *licence.linked_in(tree)]
    return _first(said)


def _unlike(said: Iterable[Witness], others: Iterable[str], reason: str) -> list[Witness]:
    known = {" ".join(words(other)) for other in others}
    return [one if one.reason or " ".join(words(one.value)) not in known else refused(one, reason) for one in said]


def _first(judged: list[Witness]) -> Decided:
    winner = next((witness for witness in judged if witness.reason is None), None)
    return Decided(winner.value if winner else None, provenance(winner, judged))
