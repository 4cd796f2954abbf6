"""The element with the headline, and what stands around it: there a page says when it was published."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from services.parser.dom import text_of
from services.parser.text import words

AFTER, BEFORE = 100, 30
"""Elements after and before the headline that are looked at; before it there is a menu."""

_ALIKE = 0.5
"""The share of words that a heading has in common with the page's title, which has the site's name as well."""
_CERTAIN = 0.8
_LONGEST = 300
_MAX_HEADINGS = 40


def find(tree: HtmlElement, titles: tuple[str, ...]) -> HtmlElement | None:
    """The heading that is most like one of ``titles``, which the page's head or feed gives; else the longest ``h1``."""
    wanted = [said for title in dict.fromkeys(titles) if (said := frozenset(words(title)))]
    best: HtmlElement | None = None
    score = (0.0, 0)
    for element in islice(tree.iter("h1", "h2", "h3", "h4"), _MAX_HEADINGS):
        if element.tag != "h1" and score[0] > _ALIKE:
            continue
        text = text_of(element, limit=_LONGEST)
        said = frozenset(words(text))
        shared = max((len(said & title) / len(said | title) for title in wanted), default=0.0) if said else 0.0
        if shared > _CERTAIN:
            return element
        likely = (shared if shared > _ALIKE else 0.0, len(text) if element.tag == "h1" else 0)
        if likely > score:
            best, score = element, likely
    return best


def around(headline: HtmlElement, *, after: int = AFTER, before: int = BEFORE) -> Iterator[tuple[int, HtmlElement]]:
    """What follows the headline and what precedes it, each with its distance in elements, negative before it."""
    yield from enumerate(islice(_following(headline), after), start=1)
    yield from ((-number, element) for number, element in enumerate(islice(_preceding(headline), before), start=1))


def _following(element: HtmlElement | None) -> Iterator[HtmlElement]:
    while element is not None:
        for sibling in element.itersiblings():
            yield from sibling.iter()
        element = element.getparent()


def _preceding(element: HtmlElement) -> Iterator[HtmlElement]:
    current: HtmlElement | None = element
    while current is not None:
        previous = current.getprevious()
        if previous is None:
            current = current.getparent()
        else:
            while len(previous):
                previous = previous[-1]
            current = previous
        if current is not None:
            yield current
