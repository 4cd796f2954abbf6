"""What parsers cost, page by page and one after the other, so that a ratio stands although the milliseconds do not.

Process time, the median of several rounds for each page; in each round the order of the parsers is another. What
trafilatura remembers of a page's lines is forgotten before each parse: a page is met once in life, not once a parser.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import mean, median

from courlan.meta import clear_caches as forget_addresses
from htmldate.meta import reset_caches as forget_dates
from trafilatura.deduplication import is_similar_domain
from trafilatura.utils import line_processing, trim

from benchmarks.extraction_pages import Labelled
from benchmarks.extraction_parsers import Parser


def milliseconds(
    chosen: Sequence[Labelled], parsers: Mapping[str, Parser], *, rounds: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Milliseconds of each parser for each page."""
    took: dict[str, list[list[float]]] = {name: [[] for _ in chosen] for name in parsers}
    names = list(parsers)
    warm_up(chosen, parsers)
    for number in range(rounds):
        for place, page in enumerate(chosen):
            body = page.body()
            turn = (number + place) % len(names)
            order = [*names[turn:], *names[:turn]]
            for name in order if (number + place) % 2 else reversed(order):
                _forget()
                began = clock()
                parsers[name](body, page.url)
                took[name][place].append((clock() - began) * 1000)
    return {name: [median(several) for several in by_page] for name, by_page in took.items()}


def _forget() -> None:
    """What trafilatura's own ``reset_caches`` does, but for jusText's lists of words, which stay as they are."""
    for remembered in (line_processing, trim, is_similar_domain):
        remembered.cache_clear()
    forget_addresses()
    forget_dates()
    gc.collect()


def warm_up(chosen: Sequence[Labelled], parsers: Mapping[str, Parser]) -> None:
    """Have models and tables loaded, which happens once a process and not once a page."""
    for page in chosen[:3]:
        for parse in parsers.values():
            parse(page.body(), page.url)


def compared(took: Mapping[str, Sequence[float]], *, by: str) -> dict[str, dict[str, float]]:
    """Each parser's mean a page, its median, and its sum relative to the sum of the parser ``by``."""
    return {
        name: {"ms": mean(pages), "median_ms": median(pages), "ratio": sum(pages) / sum(took[by])}
        for name, pages in took.items()
        if pages
    }


def cpu_clock() -> float:
    """Seconds of CPU that this process has had."""
    return time.process_time()
