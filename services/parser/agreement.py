"""Whether what the feed says of an article, and what stands on the page, are of one article. Pure.

They are compared by their words: feeds shorten, re-word and correct their titles, so that nothing in common in title
and text means another article (a link that leads to a login, a later page under the same address), and little in common
means nothing.
"""

from __future__ import annotations

from services.parser.text import words

_TELLING = 4
"""Letters of a word that is not of every text."""
_STEM = 5
_ENOUGH = 4
_COMMON = 0.25
_SAMPLE = 6_000


def disagrees(title: str | None, text: str, *, feed_title: str | None, feed_summary: str | None) -> bool:
    """Whether feed and page are of different things: hardly a word of the feed's title and summary, of which there
    must be enough, is found in the page's title and text.
    """
    told = _terms(f"{feed_title or ''} {feed_summary or ''}"[:2_000])
    headline = _terms(feed_title or "")
    if len(told) < _ENOUGH or len(headline) < 2:
        return False
    shown = _terms(f"{title or ''} {text[:_SAMPLE]}")
    if len(shown) < 3 * _ENOUGH:
        return False
    return _found(headline, shown) < _COMMON and _found(told, shown) < _COMMON


def _found(said: frozenset[str], shown: frozenset[str]) -> float:
    """The share of ``said`` that is found in ``shown``, whole or, in inflected languages, by its beginning."""
    stems = {term[:_STEM] for term in shown}
    return sum(term in shown or (len(term) > _STEM and term[:_STEM] in stems) for term in said) / len(said)


def _terms(value: str) -> frozenset[str]:
    """The words that tell what a text is about; pairs of characters where words are not set apart."""
    found: set[str] = set()
    for word in words(value):
        if word[0] >= "\u0e00" and not "\u1e00" <= word[0] <= "\u1fff" and not "\uac00" <= word[0] <= "\ud7a3":
            found.update(word[start : start + 2] for start in range(len(word) - 1))
        elif len(word) >= _TELLING or word.isdigit():
            found.add(word)
    return frozenset(found)
