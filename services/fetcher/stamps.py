"""Whether the dates of a feed's document are those of its entries, or of the program that wrote it. Pure.

Programs that know no dates write the time of the request, or of the last build, on every entry. Nobody publishes three
articles within five seconds and nothing else; but what shares a day only (a daily edition, at midnight as often as
without a clock) may well have come out on it, and of one entry or two nothing can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.records.feed import FeedPrecision, FeedStamp

FEWEST = 3
"""Dated entries below which a document is believed."""
ONE_INSTANT = timedelta(seconds=5)
"""A program takes so long at most to write a document, looking at the clock for each entry."""
AT_POLL = timedelta(seconds=30)
"""Between a site's clock and ours, and between the question and the answer."""

_MIDNIGHT = re.compile(r"[T ](?:00|24):00(?::00)?(?:\.0+)?(?:\D|$)|\b12:00(?::00)?\s*a\.?m", re.IGNORECASE)

Said = tuple[datetime | None, FeedPrecision | None, str | None]
"""A date of an entry as the reader understood it, how exactly, and in the feed's own words."""


def stamp(dates: Iterable[Said], *, polled_at: datetime) -> FeedStamp | None:
    """As what the ``dates`` of a document's entries turn out to be none of their own; ``None`` where they may be."""
    earliest: datetime | None = None
    latest: datetime | None = None
    words: str | None = None
    dated = 0
    for at, precision, raw in dates:
        if at is None:
            continue
        if precision == "day":
            return None
        dated += 1
        if earliest is None or latest is None:
            earliest = latest = at
            words = raw
        elif at < earliest:
            earliest = at
        elif at > latest:
            latest = at
        if latest - earliest > 2 * AT_POLL:
            # Nearly every feed there is, after its second entry.
            return None
    if earliest is None or latest is None or dated < FEWEST or _is_midnight(earliest, words):
        return None
    if polled_at - AT_POLL <= earliest and latest <= polled_at + AT_POLL:
        return "poll_time"
    return "one_instant" if latest - earliest <= ONE_INSTANT else None


def _is_midnight(at: datetime, raw: str | None) -> bool:
    return (at.hour, at.minute, at.second) == (0, 0, 0) or (raw is not None and _MIDNIGHT.search(raw) is not None)
