"""Doubts about an article, as fixed flags: why what was extracted may not be what it seems. Pure.

A flag says that the text may not be the article that was asked for. What only the publisher says (that an article is
not free, for instance) is no flag as long as the text is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.parser.garbled import is_garbled, is_noise
from services.parser.text import ends_sentence
from services.parser.walls import (
    LITTLE,
    SMALL,
    is_bot_wall,
    is_consent_wall,
    is_cut_off,
    is_not_found,
    is_only_plea_for_script,
    needs_script,
)
from shared.records import ContentSource, Quality

__all__ = [
    "FLAGS",
    "LONGEST_WALL",
    "TOO_SHORT",
    "Evidence",
    "is_bot_wall",
    "judge",
    "needs_script",
    "wall",
    "with_flag",
]

TOO_SHORT = LITTLE
"""Words below which a text is hardly an article."""
LONGEST_WALL = 2 * SMALL
"""Words beyond which a text is something, whatever stands before it."""
BINARY = "binary data"
"""What a page is whose text is noise."""
TEASER = 300
"""Words below which the text of an article that is not free may be no more than its beginning."""

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
    "not_found": 0.8,
    "feed_disagrees": 0.5,
    "garbled": 0.3,
}
"""Every flag, and what it takes off a score of 1; no score is below 0."""

_CUT = re.compile(r"(?:…|\.\.\.|\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\))\s*$")
_BRACKETED_CUT = re.compile(r"[\[(]\s*(?:…|\.\.\.)\s*[\])]\s*$")
_LONG_LINE = 12
_LAST_LINE = 16
_TEASED = 0.6
_WHOLE = 0.9


@dataclass(frozen=True)
class Evidence:
    """What the flags are judged by. ``cleaned`` is the text, ``lines`` its lines; ``page_text`` what the page shows
    beside it; ``linked_words`` the length of JSON-LD's text; ``teased`` the share of the text that stands under links
    to other articles, ``None`` where nobody looked; ``filler`` whether it ends in scrambled words.
    """

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
    headings: tuple[str, ...] = ()
    teased: float | None = None
    filler: bool = False
    feed_disagrees: bool = False


def judge(evidence: Evidence) -> Quality:
    """The flags that hold, in a fixed order, and the score that they leave."""
    on_page = evidence.content_source is ContentSource.PAGE
    tests = {
        "paywall": _is_paywall(evidence),
        "consent_wall": on_page and is_consent_wall(evidence.title, evidence.cleaned, evidence.word_count),
        "javascript_shell": _is_shell(evidence),
        "listing_page": on_page and _is_listing(evidence),
        "too_short": evidence.word_count < TOO_SHORT,
        "truncated": _is_truncated(evidence),
        "language_mismatch": evidence.language_mismatch,
        "date_suspect": evidence.date_suspect,
        "bot_wall": is_bot_wall(evidence.title, evidence.page_text, evidence.cleaned if on_page else None),
        "not_found": on_page and is_not_found(evidence.title, evidence.headings, evidence.cleaned, evidence.word_count),
        "feed_disagrees": evidence.feed_disagrees,
        "garbled": is_garbled(evidence.cleaned),
    }
    flags = tuple(flag for flag in FLAGS if tests[flag])
    return Quality(score=round(max(1.0 - sum(FLAGS[flag] for flag in flags), 0.0), 2), flags=flags)


def with_flag(quality: Quality, flag: str) -> Quality:
    """``quality`` with ``flag`` as well, which may be known only outside of the page."""
    if flag in quality.flags:
        return quality
    score = None if quality.score is None else round(max(quality.score - FLAGS[flag], 0.0), 2)
    return Quality(score=score, flags=(*quality.flags, flag))


def wall(title: str | None, headings: tuple[str, ...], text: str, page_text: str, *, words: int) -> str | None:
    """What ``text``, taken from the page, is instead of an article, in words for a person; ``None`` where it may be
    one. Such a text is believed less than JSON-LD's and the feed's, and where they have none the page is rejected;
    all other doubts are flags. ``words``: the length of ``text``.
    """
    if is_noise(text):
        return BINARY
    if words > LONGEST_WALL:
        return None
    if is_bot_wall(title, page_text, text):
        return "a check for robots"
    if is_consent_wall(title, text, words):
        return "a plea for consent"
    if is_only_plea_for_script(text, words):
        return "a plea for JavaScript"
    if is_not_found(title, headings, text, words):
        return "a notice that there is no such page"
    return None


def _is_shell(evidence: Evidence) -> bool:
    shown = evidence.word_count
    if evidence.content_source is not ContentSource.PAGE:
        shown = min(shown, len(evidence.page_text.split()))
    return needs_script(evidence.page_text, evidence.scripts, shown)


def _is_paywall(evidence: Evidence) -> bool:
    """Whether a wall holds back a part of the text: scrambled words in its place, the offer of a subscription where it
    ends, or so little of an article that is not free.
    """
    if evidence.filler and evidence.free is not True:
        return True
    if evidence.word_count >= TEASER or evidence.free is True or _has_all(evidence):
        return False
    return evidence.free is False or is_cut_off(evidence.cleaned, evidence.page_text)


def _has_all(evidence: Evidence) -> bool:
    """Whether JSON-LD tells that there is no more text than this."""
    return evidence.linked_words > 2 * TOO_SHORT and evidence.word_count >= _WHOLE * evidence.linked_words


def _is_listing(evidence: Evidence) -> bool:
    if evidence.is_article:
        return False
    if evidence.is_home:
        return True
    if evidence.teased is not None:
        return evidence.teased > _TEASED
    lines = [line for line in evidence.lines if line]
    if len(lines) < 15:
        return False
    unfinished = sum(not ends_sentence(line) for line in lines)
    return unfinished / len(lines) > 0.8 or (evidence.page_type == "website" and unfinished / len(lines) > 0.6)


def _is_truncated(evidence: Evidence) -> bool:
    if evidence.from_summary or evidence.filler:
        return True
    if evidence.linked_words > 2 * evidence.word_count and evidence.linked_words > 200:
        return True
    if _CUT.search(evidence.cleaned) and evidence.word_count < 3 * TOO_SHORT:
        return True
    return (bool(_BRACKETED_CUT.search(evidence.cleaned)) and evidence.word_count < TEASER) or _breaks_off(evidence)


def _breaks_off(evidence: Evidence) -> bool:
    """Whether the last paragraph ends amid a sentence while the others, such as are long, do not. Names, addresses and
    sources stand at the end of whole articles: only a word in small letters, or a comma, is amid a sentence.
    """
    lines = [line for line in evidence.lines if line]
    last = lines[-1].split() if lines else []
    if len(last) < _LAST_LINE or not (last[-1].endswith(",") or (last[-1].isalpha() and last[-1].islower())):
        return False
    others = [line for line in lines[:-1] if len(line.split()) >= _LONG_LINE]
    return len(others) > 1 and all(map(ends_sentence, others))
