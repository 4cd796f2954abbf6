"""Which text is the article: the page's, JSON-LD's or the feed's, by one rule. Pure.

The page's own text is taken as long as there is one. JSON-LD's ``articleBody`` takes its place where the page's text
is nearly three times as long (it swallowed other articles), shares hardly a word sequence with it (it is something
else), or is wholly in it and less than half of it (it breaks off); whatever else the two differ in, the page is right
more often. It is trusted in one more thing: what the page has after the last line that both have is not the article's.
Where the page has too little, the fuller of JSON-LD and feed takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.parser.body import Line, as_text, plain_lines
from services.parser.candidates import PageText
from services.parser.cleanup import Dropped, Surroundings, clean
from services.parser.text import sequences, word_count
from shared.records import ContentSource

TOO_LITTLE = 40
"""Words of page text below which another witness with twice as many is preferred."""
_LINKED_ENOUGH = 100
_LINKED_TAIL = 60
_SWOLLEN = 2.8
_BROKEN_OFF = 2.0
_WHOLLY = 0.95
_UNRELATED = 0.1
_NEARLY_ALL = 0.85
_SOME = 0.3
_TELLING = 80
AFTER_THE_END = "after_the_end"
"""The rule that drops what follows the last line which JSON-LD's body has too."""


@dataclass(frozen=True)
class Content:
    """The chosen text as lines, where it is from, and how long each witness's was in words.

    ``chosen`` names the extraction that won on the page, ``candidates`` tells the words that each one found where there
    were several, and ``doubt`` why they were asked.
    """

    lines: tuple[Line, ...]
    source: ContentSource
    words: int
    lengths: dict[str, int]
    from_summary: bool = False
    dropped: tuple[Dropped, ...] = ()
    chosen: str | None = None
    candidates: Mapping[str, int] = field(default_factory=dict)
    doubt: str | None = None


def choose(
    page: PageText,
    *,
    linked: str | None,
    feed_content: tuple[Line, ...],
    feed_summary: str | None,
    around: Surroundings,
) -> Content | None:
    """The article's text, or ``None`` where no witness has any. Lines are cleaned whichever they come from."""
    texts = {ContentSource.PAGE: as_text(page.lines)}
    if linked:
        texts[ContentSource.JSONLD] = linked
    if feed_content:
        texts[ContentSource.FEED] = as_text(feed_content)
    lengths = {source: word_count(text) for source, text in texts.items()}
    told = {str(source): length for source, length in lengths.items()}
    preferred = _preferred(texts, lengths)
    if preferred is ContentSource.PAGE and lengths[preferred]:
        lines, tail = page.lines, page.lines[:0]
        if lengths.get(ContentSource.JSONLD, 0) >= _LINKED_TAIL:
            lines, tail = _parted(page.lines, texts[ContentSource.JSONLD])
        return Content(
            lines=lines,
            source=preferred,
            words=word_count(as_text(lines)) if tail else lengths[preferred],
            lengths=told,
            dropped=(*page.cleaned.dropped, *(Dropped(AFTER_THE_END, line) for line in tail)),
            chosen=page.name,
            candidates=page.lengths,
            doubt=page.doubt,
        )
    given = feed_content if preferred is ContentSource.FEED else plain_lines(texts[preferred])
    if preferred is not ContentSource.PAGE and (lines := clean(given, around).lines):
        return Content(lines, preferred, word_count(as_text(lines)), told)
    if lines := clean(plain_lines(feed_summary or ""), around).lines:
        return Content(lines, ContentSource.FEED, word_count(as_text(lines)), told, from_summary=True)
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
        if linked > _BROKEN_OFF * page and _is_part(texts[ContentSource.PAGE], texts[ContentSource.JSONLD]):
            return ContentSource.JSONLD
    return ContentSource.PAGE


def _is_related(linked: str, page: str) -> bool:
    """Whether two texts are of one article. One paragraph found whole settles it, cheaply, on nearly every page."""
    if any(len(line) >= _TELLING and line in linked for line in page.split("\n")):
        return True
    first, second = sequences(linked), sequences(page)
    shorter = min(len(first), len(second))
    return shorter > 0 and len(first & second) / shorter >= _UNRELATED


def _is_part(page: str, linked: str) -> bool:
    own = sequences(page)
    return bool(own) and len(own & sequences(linked)) >= _WHOLLY * len(own)


def _parted(lines: tuple[Line, ...], linked: str) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The lines up to the last one that JSON-LD's body has too, and those after it; all where it is another text."""
    letters = _compact(linked)
    if not lines or _compact(lines[-1].text) in letters:
        return lines, ()
    said = sequences(linked)
    own = [sequences(line.text) for line in lines]
    every = frozenset[tuple[str, ...]]().union(*own)
    shared = len(said & every)
    if shared < max(_NEARLY_ALL * len(said), _SOME * len(every)):
        return lines, ()
    end = max((at for at, spoken in enumerate(own) if spoken & said), default=len(lines) - 1) + 1
    while end < len(lines) and (_compact(lines[end].text) in letters or lines[end].block == lines[end - 1].block):
        end += 1
    return lines[:end], lines[end:]


def _compact(text: str) -> str:
    return "".join(text.split())
