"""Which text is the article: the page's, JSON-LD's or the feed's, by one rule. Pure.

The page's own text is taken as long as there is one. JSON-LD's ``articleBody`` takes its place where the page's text
is nearly three times as long (it swallowed other articles) or shares hardly a word sequence with it (it is something
else); whatever else the two differ in, the page is right more often. Where the page has too little, the fuller of
JSON-LD and feed takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.parser.body import Line, as_text, plain_lines
from services.parser.cleanup import Surroundings, clean
from services.parser.text import word_count, words
from shared.records import ContentSource

TOO_LITTLE = 40
"""Words of page text below which another witness with twice as many is preferred."""
_LINKED_ENOUGH = 100
_SWOLLEN = 2.8
_UNRELATED = 0.1
_TELLING = 80


@dataclass(frozen=True)
class Content:
    """The chosen text as lines, where it is from, and how long each witness's was in words."""

    lines: tuple[Line, ...]
    source: ContentSource
    words: int
    lengths: dict[str, int]
    from_summary: bool = False
    dropped: int = 0


def choose(
    page: tuple[Line, ...],
    *,
    linked: str | None,
    feed_content: str | None,
    feed_summary: str | None,
    around: Surroundings,
) -> Content | None:
    """The article's text, or ``None`` where no witness has any. Lines are cleaned whichever they come from."""
    cleaned = clean(page, around)
    shown = as_text(cleaned.lines)
    texts = {ContentSource.PAGE: shown}
    texts |= {
        source: text for source, text in ((ContentSource.JSONLD, linked), (ContentSource.FEED, feed_content)) if text
    }
    lengths = {source: word_count(text) for source, text in texts.items()}
    told = {str(source): length for source, length in lengths.items()}
    preferred = _preferred(texts, lengths)
    if preferred is ContentSource.PAGE and lengths[preferred]:
        return Content(cleaned.lines, preferred, lengths[preferred], told, dropped=sum(cleaned.dropped.values()))
    for source, text in ((preferred, texts[preferred]), (ContentSource.FEED, feed_summary)):
        if text and source is not ContentSource.PAGE and (lines := clean(plain_lines(text), around).lines):
            return Content(lines, source, word_count(as_text(lines)), told, from_summary=text is feed_summary)
    return None


def with_lead(content: Content, standfirst: Line | None) -> Content:
    """The same text with its standfirst before it."""
    if standfirst is None:
        return content
    return replace(content, lines=(standfirst, *content.lines), words=content.words + word_count(standfirst.text))


def _preferred(texts: dict[ContentSource, str], lengths: dict[ContentSource, int]) -> ContentSource:
    page = lengths[ContentSource.PAGE]
    linked = lengths.get(ContentSource.JSONLD, 0)
    if page < TOO_LITTLE:
        fullest = max(lengths, key=lambda source: (lengths[source], source is ContentSource.PAGE))
        return fullest if lengths[fullest] >= 2 * page else ContentSource.PAGE
    if linked >= _LINKED_ENOUGH:
        if page > _SWOLLEN * linked:
            return ContentSource.JSONLD
        if not _is_related(texts[ContentSource.JSONLD], texts[ContentSource.PAGE]):
            return ContentSource.JSONLD
    return ContentSource.PAGE


def _is_related(linked: str, page: str) -> bool:
    """Whether two texts are of one article. One paragraph found whole settles it, cheaply, on nearly every page."""
    if any(len(line) >= _TELLING and line in linked for line in page.split("\n")):
        return True
    return _shared(linked, page) >= _UNRELATED


def _shared(one: str, other: str) -> float:
    """The share of the shorter text's sequences of four words, or characters without spaces, that both have."""
    first, second = _sequences(one), _sequences(other)
    if not first or not second:
        return 0.0
    return len(first & second) / min(len(first), len(second))


def _sequences(text: str) -> set[tuple[str, ...]]:
    spoken = words(text)
    if sum(map(len, spoken)) > 12 * max(len(spoken), 1):
        spoken = list("".join(spoken))
    return set(zip(spoken, spoken[1:], spoken[2:], spoken[3:], strict=False))
