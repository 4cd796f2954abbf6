"""Which text is the article: the page's, JSON-LD's or the feed's, by one rule. Pure.

The page's own text is taken as long as there is one. JSON-LD's ``articleBody`` takes its place where the page's text
is nearly three times as long (it swallowed other articles), shares hardly a word sequence with it (it is something
else), or is wholly in it and less than half of it (it breaks off); whatever else the two differ in, the page is right
more often. It is trusted in one more thing: what the page has after the last line that both have is not the article's.
Where the page has too little, the fuller of JSON-LD and feed takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.parser.body import Line, as_text, letters, plain_lines
from services.parser.candidates import PageText
from services.parser.cleanup import Dropped, Surroundings, clean
from services.parser.text import ends_sentence, sequences, word_count
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
_MOST = 0.6
"""The share of the page's text that JSON-LD must have for what follows it to be cut: a body that is given in part ends
as whole ones do.
"""
_TELLING = 80
_MOST_COMPARED = 500_000_000
"""Lines times characters to look for them in."""
_MOST_AFTER = 100
"""Short lines after the last sequence of words that JSON-LD has too which are looked up in it."""
# What a body ends with that was cut on purpose.
_CUT = re.compile(r"(?:\.{3,}|…|\[…\]|\[\.\.\.\])\s*$")
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
    others = sorted((one for one in texts if one is not ContentSource.PAGE), key=lambda one: one is not preferred)
    for source in others:
        given = feed_content if source is ContentSource.FEED else plain_lines(texts[source])
        if lines := clean(given, around).lines:
            return Content(lines, source, word_count(as_text(lines)), told)
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
        if page > _SWOLLEN * linked and not _CUT.search(texts[ContentSource.JSONLD]):
            return ContentSource.JSONLD
        if not _is_related(texts[ContentSource.JSONLD], texts[ContentSource.PAGE]):
            return ContentSource.JSONLD
        if linked > _BROKEN_OFF * page and _is_part(texts[ContentSource.PAGE], texts[ContentSource.JSONLD]):
            return ContentSource.JSONLD
    return ContentSource.PAGE


def _is_related(linked: str, page: str) -> bool:
    """Whether two texts are of one article. One paragraph found whole settles it, cheaply, on nearly every page."""
    telling = [line for line in page.split("\n") if len(line) >= _TELLING]
    # Looking for all of the longest pages' would be quadratic.
    if any(line in linked for line in telling[:: 1 + len(telling) * len(linked) // _MOST_COMPARED]):
        return True
    first, second = sequences(linked), sequences(page)
    shorter = min(len(first), len(second))
    return shorter > 0 and len(first & second) / shorter >= _UNRELATED


def _is_finished(linked: str) -> bool:
    return ends_sentence(linked.rstrip()) and not _CUT.search(linked)


def _is_part(page: str, linked: str) -> bool:
    own = sequences(page)
    return bool(own) and len(own & sequences(linked)) >= _WHOLLY * len(own)


def _parted(lines: tuple[Line, ...], linked: str) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The lines up to the last one that JSON-LD's body has too, and those after it; all where it is another text, or
    does not end.
    """
    whole = letters(linked)
    if not lines or letters(lines[-1].text) in whole or not _is_finished(linked):
        return lines, ()
    said = sequences(linked)
    own = [sequences(line.text) for line in lines]
    every = sequences(as_text(lines))
    shared = len(said & every)
    if shared < max(_NEARLY_ALL * len(said), _MOST * len(every)):
        return lines, ()
    end = max((at for at, spoken in enumerate(own) if spoken & said), default=len(lines) - 1) + 1
    spare = _MOST_AFTER
    while end < len(lines):
        if lines[end].block != lines[end - 1].block:
            spare -= 1
            if spare < 0 or letters(lines[end].text) not in whole:
                break
        end += 1
    return lines[:end], lines[end:]
