"""Doubts about an article, as fixed flags: why what was extracted may not be what it seems. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.parser.phrases import BOT_TEXT, BOT_TITLE, CONSENT_TERM, CONSENT_TITLE, PAYWALL, SCRIPT_NEEDED
from services.parser.text import ends_sentence
from shared.records import ContentSource, Quality

TOO_SHORT = 50
"""Words below which a text is hardly an article."""
_CONSENT_SAMPLE = 10_000
_CONSENT_TERMS = 3
_WALL_WORDS = 250
"""A wall is short: a page with more words than this has an article beside it."""

FLAGS = {
    "paywall": 0.2,
    "consent_wall": 0.7,
    "javascript_shell": 0.5,
    "listing_page": 0.5,
    "too_short": 0.3,
    "truncated": 0.3,
    "language_mismatch": 0.1,
    "date_suspect": 0.1,
    "bot_wall": 0.8,
}
"""Every flag, and what it takes off a score of 1."""

_CUT = re.compile(r"(?:…|\.\.\.|\[\s*(?:…|\.\.\.)\s*\])\s*$")


@dataclass(frozen=True)
class Evidence:
    """What the flags are judged by. ``cleaned`` is the text; ``page_text`` what the page shows beside it."""

    title: str | None
    cleaned: str
    page_text: str
    word_count: int
    content_source: ContentSource
    from_summary: bool = False
    free: bool | None = None
    scripts: int = 0
    is_article: bool = False
    page_type: str | None = None
    is_home: bool = False
    lines: tuple[str, ...] = ()
    linked_words: int = 0
    language_mismatch: bool = False
    date_suspect: bool = False


def judge(evidence: Evidence) -> Quality:
    """The flags that hold, in a fixed order, and the score that they leave."""
    tests = {
        "paywall": _is_paywall(evidence),
        "consent_wall": _is_consent_wall(evidence),
        "javascript_shell": _is_shell(evidence),
        "listing_page": _is_listing(evidence),
        "too_short": evidence.word_count < TOO_SHORT,
        "truncated": _is_truncated(evidence),
        "language_mismatch": evidence.language_mismatch,
        "date_suspect": evidence.date_suspect,
        "bot_wall": is_bot_wall(evidence.title, evidence.page_text),
    }
    flags = tuple(flag for flag in FLAGS if tests[flag])
    score = 1.0
    for flag in flags:
        score -= FLAGS[flag]
    return Quality(score=round(max(score, 0.0), 2), flags=flags)


def with_flag(quality: Quality, flag: str) -> Quality:
    """``quality`` with ``flag`` as well, which may be known only outside of the page."""
    if flag in quality.flags:
        return quality
    score = None if quality.score is None else round(max(quality.score - FLAGS[flag], 0.0), 2)
    return Quality(score=score, flags=(*quality.flags, flag))


def is_bot_wall(title: str | None, page_text: str) -> bool:
    """Whether the page is a check for robots in the article's place."""
    if len(page_text.split()) > _WALL_WORDS:
        return False
    return bool(BOT_TITLE.search(title or "")) or bool(BOT_TEXT.search(page_text))


def needs_script(page_text: str, scripts: int, word_count: int) -> bool:
    """Whether the page shows its article only to browsers: next to no text, and scripts or a plea for them."""
    if word_count >= TOO_SHORT:
        return False
    return bool(SCRIPT_NEEDED.search(page_text)) or (scripts >= 3 and len(page_text.split()) < TOO_SHORT)


def _is_shell(evidence: Evidence) -> bool:
    if evidence.content_source is ContentSource.PAGE:
        return needs_script(evidence.page_text, evidence.scripts, evidence.word_count)
    return needs_script(evidence.page_text, evidence.scripts, min(evidence.word_count, len(evidence.page_text.split())))


def _is_paywall(evidence: Evidence) -> bool:
    if evidence.free is False:
        return True
    return evidence.free is None and evidence.word_count < _WALL_WORDS and bool(PAYWALL.search(evidence.page_text))


def _is_consent_wall(evidence: Evidence) -> bool:
    if evidence.content_source is not ContentSource.PAGE:
        return False
    named = bool(CONSENT_TITLE.search(evidence.title or ""))
    if evidence.word_count > 2 * _WALL_WORDS and not named:
        return False
    spoken = [hit.casefold() for hit in CONSENT_TERM.findall(evidence.cleaned[:_CONSENT_SAMPLE])]
    # A recipe says cookies often; only a consent wall speaks of cookies, partners and privacy at once.
    if len(set(spoken)) < _CONSENT_TERMS:
        return False
    share = len(spoken) / max(evidence.word_count, 1)
    return (len(spoken) >= 4 and share > 0.04) or (named and share > 0.02)


def _is_listing(evidence: Evidence) -> bool:
    if evidence.is_article or evidence.content_source is not ContentSource.PAGE:
        return False
    if evidence.is_home:
        return True
    lines = [line for line in evidence.lines if line]
    if len(lines) < 15:
        return False
    unfinished = sum(not ends_sentence(line) for line in lines)
    return unfinished / len(lines) > 0.8 or (evidence.page_type == "website" and unfinished / len(lines) > 0.6)


def _is_truncated(evidence: Evidence) -> bool:
    if evidence.from_summary:
        return True
    if evidence.linked_words > 2 * evidence.word_count and evidence.linked_words > 200:
        return True
    return bool(_CUT.search(evidence.cleaned)) and evidence.word_count < 3 * TOO_SHORT
