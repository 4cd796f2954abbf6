"""The dates of a feed's entry as witnesses: in the feed's own words, and no more exact than these. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from services.parser import dates
from services.parser.witness import FEED, Witness, refused
from shared.records.feed import FeedPrecision, FeedStamp

PLACEHOLDER = "no date that a page can have been published on"
STAMPS: dict[FeedStamp, str] = {
    "one_instant": "every entry of the feed has this date",
    "poll_time": "every entry of the feed has the time at which the feed was asked for",
}
"""Why a date is refused that the program behind the feed put on all of its entries."""

_ZONED = re.compile(r"(?:\d\s*z|\b(?:gmt|utc?)|[\d:]\s*(?:gmt|utc)?\s*[+-]\d{1,2}(?::?\d{2})?)$", re.IGNORECASE)
_CLOCK = re.compile(r"\d[:.h]\d{2}")


def witness(
    raw: str | None,
    at: datetime | None,
    precision: FeedPrecision | None,
    *,
    latest: datetime | None,
    stamp: FeedStamp | None = None,
) -> Witness | None:
    """What the feed says, in words that the parser reads or, beside words that it does not, as the feed reader read it.

    ``precision`` is ``None`` in what was read before there was one: what is more exact than a day is then only
    believed where ``raw`` shows a clock and a zone. What neither reader takes for a date (1970, year 1, "soon") is kept
    and refused; so is what the feed's document has on all of its entries, see :data:`STAMPS`.
    """
    said = _said(raw, at, precision, latest=latest)
    return refused(said, STAMPS[stamp]) if said is not None and said.reason is None and stamp is not None else said


def _said(
    raw: str | None, at: datetime | None, precision: FeedPrecision | None, *, latest: datetime | None
) -> Witness | None:
    if not raw:
        return Witness(FEED, _iso(at, precision or "second")) if at else None
    moment = dates.parse(raw, latest=latest)
    if moment is not None and (precision is None or (precision == "day") == (moment.instant is None)):
        return Witness(FEED, raw)
    if at is None:
        return refused(Witness(FEED, raw), PLACEHOLDER)
    return Witness(FEED, raw, iso=_iso(at, precision or _shown_precision(raw)))


def _shown_precision(raw: str) -> FeedPrecision:
    return "second" if _CLOCK.search(raw) and _ZONED.search(raw) else "day"


def _iso(at: datetime, precision: FeedPrecision) -> str:
    utc = at.astimezone(UTC)
    if precision == "day":
        return utc.date().isoformat()
    return utc.isoformat(timespec="minutes" if precision == "minute" else "seconds")
