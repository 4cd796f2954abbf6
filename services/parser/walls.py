"""What stands in an article's place: a check for robots, a plea for consent or for JavaScript, a notice that there is
nothing; and what cuts one off. By the words of ``walls.toml``. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

from services.parser.text import word_count

_WORDS = tomllib.loads(Path(__file__).with_name("walls.toml").read_text(encoding="utf-8"))
SMALL = 250
"""A wall is short: a page with more words than this has an article beside it."""
LITTLE = 50
"""Words below which a page shows nothing but its frame."""
LEFT = 40
"""Words beside a wall's own sentences from which a text is believed to be an article."""
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
_BEFORE = 3
"""Words of a sentence before those that make it an offer: "Readers who are asked to subscribe" are told of."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n")
# A quotation of several paragraphs is closed in the last alone.
_QUOTED = re.compile(
    r"„[^“”\n]*[“”]?|“[^”\n]*”?|”[^”\n]{2,400}”|«[^»\n]*»?|»[^«\n]{2,400}«|「[^」\n]*」?|"
    r'"[^"\n]{2,400}"|(?<!\w)‘[^’\n]{2,400}’(?!\w)'
)


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
_READER = _any_of("reader")
_BOT_TERM = _any_of("bot_terms")
_MISSED = _any_of("missed")
_MISSING_TERM = _any_of("missing_terms")
_SCRIPT_FOR = _any_of("script_for")


def is_bot_wall(title: str | None, page_text: str, text: str | None = None) -> bool:
    """Whether the page is a check for robots in the article's place. ``text``: what was taken from the page for its
    article; without it the page's own words are all that there is.
    """
    words = len(page_text.split())
    if words > SMALL:
        return False
    titled = words <= _NOTICE and _is_titled(_BOT_TITLE, title)
    said = _any_says(_BOT_TEXT, page_text)
    if text is None:
        return titled or said
    return (titled or said) and others(text, _is_bots) < (2 * LEFT if titled and said else LEFT)


def is_not_found(title: str | None, headings: tuple[str, ...], text: str, word_count: int) -> bool:
    """Whether the page says, under whatever status it came, that what was asked for is not there."""
    if word_count > _NOTICE or not any(_is_titled(_NOT_FOUND, form) for form in (title, *headings[:2])):
        return False
    return others(text, _is_not_founds) < (2 * LEFT if _any_says(_MISSED, text) else LEFT)


def needs_script(page_text: str, scripts: int, word_count: int) -> bool:
    """Whether the page shows its article only to browsers: next to no text, and scripts or a plea for them."""
    if word_count >= LITTLE:
        return False
    return pleads_for_script(page_text) or (scripts >= _SCRIPTS and len(page_text.split()) < LITTLE)


def pleads_for_script(text: str) -> bool:
    """Whether ``text`` asks for JavaScript, and not only for its comments' or its player's sake."""
    return _SCRIPT_NEEDED.search(text) is not None and any(map(_is_scripts, _sentences(text)))


def is_only_plea_for_script(text: str, word_count: int) -> bool:
    """Whether hardly anything but a plea for JavaScript is left of a page: it is at least half of the words."""
    return word_count < LITTLE and pleads_for_script(text) and 2 * others(text, _is_scripts) <= word_count


def is_consent_wall(title: str | None, text: str, word_count: int) -> bool:
    """Whether the page's text is a plea for consent. A recipe says cookies often, news of the law speaks of consent
    and partners; only a consent wall says so to its reader: "we", "you".
    """
    sample = text[:_CONSENT_SAMPLE]
    folded = sample.casefold()
    if not any(cue in folded for cue in _CONSENT_CUES):
        return False
    named = _CONSENT_TITLE.match(title or "") is not None
    if word_count > 2 * SMALL and not named:
        return False
    spoken = _CONSENT_TERM.findall(folded)
    if len(set(spoken)) < _CONSENT_TERMS:
        return False
    share = len(spoken) / max(word_count, 1)
    if not ((len(spoken) >= 4 and share > 0.04) or (named and share > 0.02)):
        return False
    left = others(sample, _is_consents)
    return left < min(LEFT, word_count) or 2 * left <= word_count


def is_cut_off(text: str, page_text: str) -> bool:
    """Whether the page offers a subscription where ``text`` ends, or in its last lines: menus and footers of whole
    articles do so elsewhere, and whole articles speak of it.
    """
    lines = text.rstrip()[-_AFTER:].split("\n")
    if any(_offers(line) for line in lines[-3:] if len(line) <= _OFFER):
        return True
    last = " ".join(lines[-1].split())[-_ANCHOR:]
    place = page_text.rfind(last) if last else -1
    if place >= 0:
        return _offers(page_text[place + len(last) :][:_AFTER])
    return len(page_text.split()) <= SMALL and _offers(page_text)


def others(text: str, is_walls: Callable[[str], bool]) -> int:
    """Words of ``text`` that do not stand in a wall's sentences; what is quoted is never a wall's."""
    wall = sum(word_count(sentence) for sentence in _sentences(text) if is_walls(sentence))
    return max(word_count(text) - wall, 0)


def _sentences(text: str) -> list[str]:
    """The sentences of ``text`` without what is quoted in them."""
    return [part for part in _SENTENCE.split(_QUOTED.sub(" ", text)) if part.strip()]


def _any_says(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is not None and pattern.search(_QUOTED.sub(" ", text)) is not None


def _is_bots(sentence: str) -> bool:
    return _BOT_TEXT.search(sentence) is not None or _addresses(sentence, _BOT_TERM)


def _is_not_founds(sentence: str) -> bool:
    return _MISSED.search(sentence) is not None or _addresses(sentence, _MISSING_TERM)


def _is_scripts(sentence: str) -> bool:
    return _SCRIPT_NEEDED.search(sentence) is not None and _SCRIPT_FOR.search(sentence) is None


def _is_consents(sentence: str) -> bool:
    return _addresses(sentence, _CONSENT_TERM)


def _addresses(sentence: str, about: re.Pattern[str]) -> bool:
    """Whether somebody speaks of something to the reader."""
    return about.search(sentence) is not None and _READER.search(sentence) is not None


def _offers(text: str) -> bool:
    """Whether one of the sentences is an offer, and does not only tell of one: it begins as an offer does."""
    if _PAYWALL.search(text) is None:
        return False
    for sentence in _sentences(text):
        found = _PAYWALL.search(sentence)
        if found is not None and len(sentence) <= _OFFER and len(sentence[: found.start()].split()) <= _BEFORE:
            return True
    return False


def _is_titled(pattern: re.Pattern[str], title: str | None) -> bool:
    if not title:
        return False
    forms = [title.strip(), *(part.strip() for part in _SITE.split(title)[:2])]
    return any(pattern.fullmatch(form.rstrip(" .!…")) is not None for form in forms if form)
