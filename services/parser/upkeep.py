"""What keeps a long-lived parser from growing: caches are emptied now and then, and a process that has grown ends."""

from __future__ import annotations

from courlan.meta import clear_caches as clear_addresses
from htmldate.meta import reset_caches as clear_dates
from trafilatura.deduplication import LRU_TEST, is_similar_domain
from trafilatura.utils import line_processing, trim

from shared import memory

PAGES_BETWEEN = 500
"""Pages after which the caches are emptied: 0.1 ms, and a few milliseconds to fill them again."""


class Upkeep:
    """Counts pages. ``most``: bytes of memory beyond those at its making with which the process has grown too large."""

    def __init__(self, most: int) -> None:
        self._most = (memory.resident() or 0) + most
        self._pages = 0

    def after_page(self) -> bool:
        """Look after the process; whether it shall end, for a fresh one to go on."""
        self._pages += 1
        if self._pages % PAGES_BETWEEN == 0:
            clear_caches()
        return (memory.resident() or 0) > self._most


def clear_caches() -> None:
    """Forget the lines, dates and addresses of earlier pages. What is the same for all pages stays: jusText's word
    lists, which trafilatura's own ``reset_caches`` drops as well, take 50 ms to be made again.
    """
    for remembered in (line_processing, trim, is_similar_domain):
        remembered.cache_clear()
    LRU_TEST.clear()
    clear_addresses()
    clear_dates()
