"""What stands in an article's place: a check for robots, a plea for consent or for JavaScript, a notice that there is
nothing; and what cuts one off. By the words of ``walls.toml``. Pure.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_name("walls.toml").read_text(encoding="utf-8"))
SMALL = 250
"""A wall is short: a page with more words than this has an article beside it."""
LITTLE = 50
"""Words below which a page shows nothing but its frame."""
_NOTICE = 150
_CONSENT_SAMPLE = 10_000
_CONSENT_TERMS = 3
# No plea for consent is without one of them; looking for those first spares articles the long expression.
_CONSENT_CUES = ("cookie", "consen", "einwillig", "zustimm", "クッキー", "쿠키", "同意", "çerez", "zgod", "samtyck")
_SCRIPTS = 3
# A title ends where the name of the site begins.
_SITE = re.compile(r"\s+[|–—·•»-]\s+|\s*\|\s*")
_AFTER = 600
_ANCHOR = 40
_OFFER = 160
"""Characters of a line that offers a subscription; a paragraph that speaks of one is longer."""


def _any_of(name: str, *, before: str = "", after: str = "") -> re.Pattern[str]:
    either = "|".join(f"(?:{pattern})" for pattern in _WORDS[name])
    return re.compile(f"{before}(?:{either}){after}", re.IGNORECASE)


_BOT_TITLE = _any_of("bot_titles")
_BOT_TEXT = _any_of("bot_texts")
_CONSENT_TERM = _any_of("consent_terms")
_CONSENT_TITLE = _any_of("consent_titles")
_SCRIPT_NEEDED = _any_of("script_needed")
_PAYWALL = _any_of("paywalls")
_NOT_FOUND = _any_of("not_found")


def is_bot_wall(title: str | None, page_text: str) -> bool:
    """Whether the page is a check for robots in the article's place."""
    words = len(page_text.split())
    if words > SMALL:
        return False
    return (words <= _NOTICE and _is_titled(_BOT_TITLE, title)) or _BOT_TEXT.search(page_text) is not None


def is_not_found(title: str | None, headings: tuple[str, ...], word_count: int) -> bool:
    """Whether the page says, under whatever status it came, that what was asked for is not there."""
    return word_count <= _NOTICE and any(_is_titled(_NOT_FOUND, form) for form in (title, *headings[:2]))


def needs_script(page_text: str, scripts: int, word_count: int) -> bool:
    """Whether the page shows its article only to browsers: next to no text, and scripts or a plea for them."""
    if word_count >= LITTLE:
        return False
    return pleads_for_script(page_text) or (scripts >= _SCRIPTS and len(page_text.split()) < LITTLE)


def pleads_for_script(text: str) -> bool:
    """Whether ``text`` asks for JavaScript."""
    return _SCRIPT_NEEDED.search(text) is not None


def is_consent_wall(title: str | None, text: str, word_count: int) -> bool:
    """Whether the page's text is a plea for consent. A recipe says cookies often; only a consent wall speaks of
    cookies, partners and privacy at once.
    """
    sample = text[:_CONSENT_SAMPLE].casefold()
    if not any(cue in sample for cue in _CONSENT_CUES):
        return False
    named = _CONSENT_TITLE.match(title or "") is not None
    if word_count > 2 * SMALL and not named:
        return False
    spoken = _CONSENT_TERM.findall(sample)
    if len(set(spoken)) < _CONSENT_TERMS:
        return False
    share = len(spoken) / max(word_count, 1)
    return (len(spoken) >= 4 and share > 0.04) or (named and share > 0.02)


def is_cut_off(text: str, page_text: str) -> bool:
    """Whether the page offers a subscription where ``text`` ends, or in its last lines: menus and footers of whole
    articles do so elsewhere.
    """
    lines = text.rstrip()[-_AFTER:].split("\n")
    if any(_PAYWALL.search(line) for line in lines[-3:] if len(line) <= _OFFER):
        return True
    last = " ".join(lines[-1].split())[-_ANCHOR:]
    place = page_text.rfind(last) if last else -1
    if place >= 0:
        return _PAYWALL.search(page_text[place + len(last) :][:_AFTER]) is not None
    return len(page_text.split()) <= SMALL and _PAYWALL.search(page_text) is not None


def _is_titled(pattern: re.Pattern[str], title: str | None) -> bool:
    if not title:
        return False
    forms = [title.strip(), *(part.strip() for part in _SITE.split(title)[:2])]
    return any(pattern.fullmatch(form.rstrip(" .!…")) is not None for form in forms if form)
