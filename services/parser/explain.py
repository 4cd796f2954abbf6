"""Why a page became the record it became: the decisions told for a person or a machine. Pure.

Nothing is decided here and nothing parsed again: everything is read off :class:`Examined`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.parser.content import TOO_LITTLE, Content
from services.parser.decisions import Decisions, Examined
from services.parser.quality import FLAGS, TOO_SHORT, Evidence, judge
from services.parser.reading import Reading
from services.parser.rules import FIELD_RULES
from services.parser.story import BodyStory, Dropped, Explanation, FieldStory, FlagStory, Said, SiteRuleStory
from services.parser.text import plain
from shared.records import Article, ContentSource
from shared.wording import counted

STANDFIRST = -1
"""The block that a standfirst is in: before all others."""


def explain(examined: Examined, *, spent: Mapping[str, float] | None = None) -> Explanation:
    """The story of a page. ``spent``: milliseconds by step, where somebody looked at a clock."""
    record, found = examined.record, examined.decisions
    facts: dict[str, Any] = {
        "page": record.page.model_dump(mode="json", exclude_none=True),
        "extraction": record.extraction.model_dump(mode="json", exclude_none=True) if record.extraction else {},
        "site_rule": _site_rule(found.read) if found else None,
        "seen": _seen(found.read) if found else {},
        "spent": dict(spent or {}),
    }
    if not isinstance(record, Article) or found is None or found.text is None:
        reason = "article" if isinstance(record, Article) else str(record.reason)
        return Explanation(reason, getattr(record, "detail", None), record.url, **facts)
    return Explanation(
        outcome="article",
        detail=None,
        url=record.urls.final,
        fields=tuple(_fields(record)),
        body=_body(found.text, record.provenance["text"].source),
        score=record.quality.score,
        flags=tuple(FlagStory(flag, FLAGS[flag], _because(flag, found)) for flag in record.quality.flags),
        **facts,
    )


def _fields(article: Article) -> Iterator[FieldStory]:
    values = article.model_dump(mode="json")
    for name, rule in FIELD_RULES.items():
        value: Any = values
        for part in name.split("."):
            value = value[part]
        said = article.provenance.get(name)
        if said is None:
            yield FieldStory(name, value, rule=rule)
        else:
            others = tuple(Said(one.source, one.value, one.reason) for one in said.candidates)
            yield FieldStory(name, value, said.source, said.raw, rule, others)


def _body(text: Content, chosen: str) -> BodyStory:
    return BodyStory(
        source=str(text.source),
        chosen=chosen,
        because=_why_text(text),
        words=text.words,
        kept=len(text.lines),
        lengths=dict(text.lengths),
        dropped=tuple(Dropped(one.rule, one.line.text) for one in text.dropped),
        standfirst=next((line.text for line in text.lines if line.block == STANDFIRST), None),
        doubt=text.doubt,
        candidates=dict(text.candidates),
    )


def _site_rule(read: Reading) -> SiteRuleStory | None:
    ruled = read.ruled
    if ruled.rule is None:
        return None
    return SiteRuleStory(ruled.rule.name, ruled.used, tuple(Said(key, why) for key, why in ruled.missed))


def _why_text(text: Content) -> str:
    page = text.lengths.get(ContentSource.PAGE, 0)
    if text.from_summary:
        return "neither the page nor JSON-LD has a text: the feed's summary is all there is"
    if text.source is ContentSource.FEED:
        return f"the page shows {counted(page, 'word')} only: the feed's content has more"
    if text.source is ContentSource.PAGE:
        return "the page's own text is taken as long as there is one"
    linked = text.lengths.get(ContentSource.JSONLD, 0)
    if page > linked:
        return "the page's text is several times as long as JSON-LD's: it swallowed something else"
    if page >= TOO_LITTLE:
        return "the page's text is a part of JSON-LD's that breaks off, or has nothing to do with it"
    return "the page's text is too short"


def _because(flag: str, found: Decisions) -> str:
    reason = _REASONS.get(flag)
    if reason is None or found.evidence is None:
        return ""
    return reason(found.evidence, found)


def _paywall(evidence: Evidence, _: Decisions) -> str:
    if evidence.filler:
        return "scrambled words stand in the text's place"
    if evidence.free is False:
        return f"the publisher says that it is not free, and there are only {counted(evidence.word_count, 'word')}"
    return f"the offer of a subscription stands where the text ends, after {counted(evidence.word_count, 'word')}"


def _shell(evidence: Evidence, _: Decisions) -> str:
    shown = counted(len(evidence.page_text.split()), "word")
    return f"the page shows {shown} and has {counted(evidence.scripts, 'script')}, or asks for JavaScript"


def _listing(evidence: Evidence, _: Decisions) -> str:
    if evidence.is_home:
        return "it is the site's home page"
    if evidence.teased is not None:
        return f"{evidence.teased:.0%} of the text stand under links to other articles"
    return f"most of its {counted(len(evidence.lines), 'line')} are no sentences, and nobody calls it an article"


def _truncated(evidence: Evidence, _: Decisions) -> str:
    if evidence.from_summary:
        return "the feed's summary is all the text there is"
    if evidence.filler:
        return "scrambled words stand in the text's place"
    if evidence.linked_words > 2 * evidence.word_count and evidence.linked_words > 200:
        return f"JSON-LD has {counted(evidence.linked_words, 'word')}, the text {evidence.word_count:,}"
    if "truncated" in judge(evidence).flags:
        return f"the text breaks off: {evidence.cleaned[-60:]}"
    return "the page itself was cut when it was downloaded"


def _mismatch(_: Evidence, found: Decisions) -> str:
    declared = ", ".join(f"{one.source}: {one.value}" for one in found.read.languages)
    return f"the text is in {found.spoken.code}, the page says {declared}"


def _date(_: Evidence, found: Decisions) -> str:
    return "; ".join(dict.fromkeys((*found.published.doubts, *found.modified.doubts)))


_REASONS: dict[str, Callable[[Evidence, Decisions], str]] = {
    "paywall": _paywall,
    "consent_wall": lambda evidence, _: (
        f"the text speaks of cookies, consent and partners: {plain(evidence.cleaned, limit=80)}"
    ),
    "javascript_shell": _shell,
    "listing_page": _listing,
    "too_short": lambda evidence, _: f"{counted(evidence.word_count, 'word')}, fewer than {TOO_SHORT}",
    "truncated": _truncated,
    "language_mismatch": _mismatch,
    "date_suspect": _date,
    "not_found": lambda evidence, _: f"title or headings say that there is no such page: {evidence.title}",
    "feed_disagrees": lambda _, found: f"the feed speaks of something else: {found.read.feed_title}",
    "garbled": lambda evidence, _: f"the text holds characters that no text has: {plain(evidence.cleaned, limit=80)}",
    "bot_wall": lambda evidence, _: f"the page is a check for robots: {plain(evidence.page_text, limit=80)}",
}


def _seen(read: Reading) -> dict[str, Any]:
    return {
        "title": read.tags.title,
        "headings": list(read.headings),
        "page_words": len(read.page_text.split()),
        "scripts": read.scripts,
        "jsonld_article": read.has_linked,
        "meta_tags": sum(map(len, read.tags.values.values())),
        "feed_entry": bool(read.entry.title or read.entry.summary or read.entry.content),
    }
