"""Comparing many pages: with records in a file, or with what the database has indexed. Streams; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from services.parser.stored import parse_stored
from shared.errors import UsageError
from shared.pagestore import PageMissingError, PageStore
from shared.reading.pages import Made
from shared.records import Page, Rejection, RejectionReason
from shared.siterules import SiteRules
from wiredesk.comparing.changes import Found, compare
from wiredesk.comparing.report import Tally
from wiredesk.comparing.saved import Bad, SavedIndex, found_from

NOT_TRIED = frozenset({RejectionReason.PARSER_TIMEOUT, RejectionReason.PARSER_MEMORY})
"""Pages that ended a parser once are nothing for a process that has no watchdog over it."""

Seen = Callable[[int], None]
"""Told how many pages were dealt with so far."""


def compare_with_saved(index: SavedIndex, pages: Iterable[Found], tally: Tally, seen: Seen = lambda _: None) -> None:
    """Compare each page with its record in ``index``."""
    for count, found in enumerate(pages, 1):
        before = index.take(found)
        if before is None:
            tally.leave_out("only_new")
        else:
            tally.add(compare(before, found))
        seen(count)
    tally.leave_out("only_old", len(index))


def compare_with_indexed(
    made: Iterable[Made],
    store: PageStore,
    tally: Tally,
    *,
    bad: Bad,
    rules: SiteRules | None = None,
    seen: Seen = lambda _: None,
) -> None:
    """Parse the stored page of each entry anew and compare with what was made of it.

    :raises EngineError: when the page store does not answer.
    """
    for count, one in enumerate(made, 1):
        _compare_one(one, store, tally, bad, rules)
        seen(count)


def _compare_one(one: Made, store: PageStore, tally: Tally, bad: Bad, rules: SiteRules | None) -> None:
    if one.reason in NOT_TRIED:
        tally.leave_out("not_tried")
        return
    if one.page_key is None:
        tally.leave_out("page_missing")
        return
    try:
        before = _before(one, one.page_key)
    except UsageError as error:
        bad(f"entry {one.entry_id} {one.url}: {error}")
        return
    try:
        page = store.get(one.page_key)
    except PageMissingError:
        tally.leave_out("page_missing")
        return
    tally.add(compare(before, Found(one.page_key, parse_stored(page, key=one.page_key, rules=rules))))


def _before(one: Made, key: str) -> Found:
    if one.record is not None:
        return found_from(one.record)
    rejection = Rejection(reason=RejectionReason(one.reason or ""), detail=one.detail, url=one.url, page=Page(key=key))
    return Found(key, rejection)
