"""The page's own text: trafilatura's, checked by a cheap second opinion, and chosen among four where the two disagree.

On nine news pages in ten trafilatura's main stage and resiliparse find the same text, and nobody else is asked. On the
others trafilatura's whole sequence, the same in its precise mode and the readability algorithm are asked too, and the
candidate that is most like all others wins (the medoid), helped by what page, feed and JSON-LD say of the article: on
the labelled pages this keeps nearly all that asking everybody on every page gives, for a tenth of the cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from services.parser import engine, shapes
from services.parser.body import Line, as_text, letters
from services.parser.cleanup import Cleaned, Surroundings, clean
from services.parser.text import sequences, word_count

MAIN, WHOLE, PRECISE, READABILITY = "trafilatura", "trafilatura:whole", "trafilatura:precise", "readability"
_FOUND_TOO = 0.8
"""The share of the main stage's text that the second opinion must have, and..."""
_SHARE = 0.5
"""...the share of the second opinion's length that the main stage must reach, for the two to agree."""
_CLOSE = 0.9
"""The share of a whole article's length, as others give it, that settles that it was found."""
_ANCHOR = 0.3
"""What a description found whole is worth, in mean likeness to the other candidates."""
_ALIKE = 0.9
"""Likeness of three candidates beyond which a fourth would change nothing."""
_MOST_COMPARED = 500_000_000
"""Lines times characters to look for them in; an ordinary page has a hundredth of it."""
_LONGEST_COMPARED = 400_000
"""Characters of a candidate by which it is compared; of more, their sequences take hundreds of megabytes."""


@dataclass(frozen=True)
class Anchors:
    """What others than the page's body say of the article: it has ``short`` texts in it and is like ``whole`` ones."""

    short: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageText:
    """The page's text, cleaned; which candidate it is, how many words each had, and why more than one was asked."""

    cleaned: Cleaned = field(default_factory=lambda: Cleaned((), ()))
    name: str = MAIN
    lengths: Mapping[str, int] = field(default_factory=dict)
    doubt: str | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that are left."""
        return self.cleaned.lines


def find(tree: HtmlElement, around: Surroundings, anchors: Anchors) -> PageText:
    """The text of the page in ``tree``, which stays as it was."""
    bare = shapes.prepared(engine.without_comments(tree), own=tree)
    main = engine.main_stage(bare)
    cleaned = {MAIN: clean(main.lines, around)}
    found = _letters_of(cleaned[MAIN].lines)
    if any(_agree(found, letters(text)) for text in anchors.whole):
        return PageText(cleaned[MAIN])
    opinion = engine.second_opinion(bare)
    doubt = _doubt(found, letters(opinion))
    if doubt is None:
        return PageText(cleaned[MAIN])
    whole = engine.whole(bare, main)
    cleaned = {WHOLE: clean(whole.lines, around)} | cleaned
    cleaned[PRECISE] = clean(engine.precise(bare, enough=len(whole.text) // 2).lines, around)
    grams = {name: _grams(as_text(candidate.lines)) for name, candidate in cleaned.items()}
    if not _all_alike(grams.values()):
        cleaned[READABILITY] = clean(engine.readability(bare), around)
        grams[READABILITY] = _grams(as_text(cleaned[READABILITY].lines))
    name = medoid(grams, anchors, voters=(_grams(opinion),))
    lengths = {other: word_count(as_text(candidate.lines)) for other, candidate in cleaned.items()}
    return PageText(cleaned[name], name, lengths, doubt)


def medoid(
    grams: Mapping[str, frozenset[tuple[str, ...]]],
    anchors: Anchors,
    *,
    voters: tuple[frozenset[tuple[str, ...]], ...] = (),
) -> str:
    """The name of the candidate that is most like all others, by their sequences of words; the first of equals.

    ``voters`` are compared with as the others are, but cannot win.
    """
    given = {name: grams[name] for name in grams if grams[name]} or dict(grams)
    short = [said for text in anchors.short[:1] if (said := _grams(text))]
    whole = [said for text in anchors.whole if (said := _grams(text))]
    best, highest = next(iter(given)), -1.0
    for name, own in given.items():
        others = [other for other_name, other in given.items() if other_name != name]
        others += [voter for voter in voters if voter]
        score = sum(likeness(own, other) for other in others) / max(len(others), 1)
        score += _ANCHOR * sum(len(said & own) / len(said) for said in short)
        score += sum(likeness(said, own) for said in whole)
        if score > highest + 1e-9:
            best, highest = name, score
    return best


def likeness(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Dice's coefficient of two sets of word sequences: 0 for nothing in common, 1 for the same."""
    both = len(one) + len(other)
    return 2 * len(one & other) / both if both else 1.0


def _doubt(found: list[str], opinion: str) -> str | None:
    """Why the main stage's text may not be the article, or ``None`` where the second opinion has nothing against it."""
    length = sum(map(len, found))
    if not length:
        return "the main stage found no text"
    if (shared := _share(found, opinion)) < _FOUND_TOO:
        return f"the second opinion has {shared:.0%} of the main stage's text"
    if length < _SHARE * len(opinion):
        return f"the main stage has {length / len(opinion):.0%} of the second opinion's length"
    return None


def _agree(found: list[str], whole: str) -> bool:
    """Whether the main stage's text is what JSON-LD or the feed gives as the whole article."""
    return bool(found) and _CLOSE * len(whole) <= sum(map(len, found)) and _share(found, whole) >= _FOUND_TOO


def _share(found: list[str], text: str) -> float:
    # Of a page with thousands of lines every nth tells as much, and a search for all would be quadratic.
    asked = found[:: 1 + len(found) * len(text) // _MOST_COMPARED]
    return sum(len(line) for line in asked if line in text) / sum(map(len, asked))


def _letters_of(lines: tuple[Line, ...]) -> list[str]:
    return [said for line in lines if (said := letters(line.text))]


def _grams(text: str) -> frozenset[tuple[str, ...]]:
    return sequences(text[:_LONGEST_COMPARED])


def _all_alike(grams: Iterable[frozenset[tuple[str, ...]]]) -> bool:
    first, *others = grams
    return bool(first) and all(likeness(first, other) >= _ALIKE for other in others)
