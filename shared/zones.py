"""What the abbreviations of time zones mean: those that mean one place, and those that only RFC 822 gives a meaning.

IST is the time of India, Israel and Ireland, BST that of Britain, Bangladesh and Bougainville, CST that of Chicago,
Havana and Shanghai: such names say nothing, unless the date has the form of RFC 822, which defines the North American
ones (EST is used in Sydney too, PST in Manila). Pure.
"""

from __future__ import annotations

import re
from datetime import timedelta

# Hours east of Greenwich, of names that no two places share today.
_HOURS = {
    name: hours
    for hours, names in (
        (0, "z ut utc uct gmt wet zulu"),
        (1, "west cet met mez"),
        (2, "cest mest mesz eet sast cat"),
        (3, "eest msk trt eat"),
        (4, "msd"),
        (5, "pkt"),
        (5.75, "npt"),
        (7, "wib ict"),
        (8, "sgt hkt awst"),
        (9, "jst kst"),
        (9.5, "acst"),
        (10, "aest"),
        (10.5, "acdt"),
        (11, "aedt"),
        (12, "nzst"),
        (13, "nzdt"),
        (-2.5, "ndt"),
        (-3, "brt art"),
        (-6, "mdt"),
        (-7, "pdt"),
        (-8, "akdt"),
        (-9, "akst"),
        (-10, "hst"),
    )
    for name in names.split()
}
# RFC 822 5.1, kept by RFC 5322 4.3.
_RFC822_HOURS = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "pst": -8}
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
# The day may be one digit and the weekday stand without its comma or in full, as feeds write them; the hyphens are
# those of RFC 850.
_RFC822 = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s*)?"
    rf"\d{{1,2}}[ -](?:{_MONTH})[a-z]{{0,6}}[ -](?:\d{{4}}|\d{{2}})\s+"
    r"\d{1,2}:\d{2}(?::\d{2})?\s*[a-z]{1,5}(?:\s*\([^)]*\))?",
    re.IGNORECASE,
)


def offset_of(name: str, *, date: str = "") -> timedelta | None:
    """How far east of Greenwich the clocks of zone ``name`` are; ``None`` where nobody knows, or several places could
    be meant.

    ``date`` is the whole date that the name stands in, with single spaces: where it has the form of RFC 822 the North
    American names mean what that says.
    """
    known = name.lower()
    hours = _HOURS.get(known)
    if hours is None and known in _RFC822_HOURS and _RFC822.fullmatch(date):
        hours = _RFC822_HOURS[known]
    return timedelta(hours=hours) if hours is not None else None
