"""How often a feed asks to be read: by what it says of itself, and by what its site says of its copy. They lengthen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from services.fetcher.schedule.state import DAY
from shared.records import FeedHints

MOST_CACHE_SECONDS = int(7 * DAY)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# A comma within quotes parts nothing (RFC 9111 5.2); quotes that are never closed hide all that follows.
_MEMBER = re.compile(r"""(?:[^",]|"(?:[^"\\]|\\.)*(?:"|\\?$))+""", re.DOTALL)
_DIRECTIVE = re.compile(r"""([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*"?([^\s"]*)"?)?""", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,30}", re.ASCII)


def asked_seconds(hints: FeedHints) -> int:
    """The longest of the waits that the feed asks for, 0 for none."""
    return max(hints.ttl_seconds or 0, hints.syndication_seconds or 0, hints.cache_seconds or 0)


def past_skipped(due: datetime, hints: FeedHints) -> datetime:
    """``due``, or the end of the hours and days (UTC) that the feed wants skipped, a week later at most."""
    if not hints.skip_hours and not hints.skip_days:
        return due
    hours, days = set(hints.skip_hours), {day.lower() for day in hints.skip_days}
    later = due
    for _ in range(7 * 24):
        if later.hour not in hours and _DAYS[later.weekday()] not in days:
            return later
        # The minute is kept: feeds that end their night at the same hour do not all come back on its stroke.
        later += timedelta(hours=1)
    return due


def cache_seconds(headers: Mapping[str, str], now: datetime) -> int | None:
    """For how many seconds the answer with these header fields is fresh (RFC 9111 4.2), a week at most.

    ``max-age`` before ``Expires``, less the time that a cache has kept it already (``Age``). ``None`` where it says
    nothing, nothing that can be read, or that it is not to be kept. ``s-maxage`` is for caches that others share.
    """
    directives = _directives(headers.get("cache-control", ""))
    if "no-store" in directives or "no-cache" in directives:
        return None
    if "max-age" in directives:
        seconds = _seconds(directives["max-age"])
        fresh = None if seconds is None else seconds - (_seconds(headers.get("age", "")) or 0)
    else:
        fresh = _until_expiry(headers, now)
    return min(fresh, MOST_CACHE_SECONDS) if fresh is not None and fresh > 0 else None


def _directives(field: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for member in _MEMBER.findall(field):
        if match := _DIRECTIVE.fullmatch(member.strip()):
            # Of a directive that is repeated the first counts (RFC 9111 4.2.1).
            found.setdefault(match[1].lower(), match[2] or "")
    return found


def _seconds(value: str) -> int | None:
    return int(value) if _SECONDS.fullmatch(value.strip()) else None


def _until_expiry(headers: Mapping[str, str], now: datetime) -> int | None:
    """Between ``Date`` and ``Expires``: a site whose clock is wrong is wrong in both."""
    expires = _date(headers.get("expires", ""))
    sent = _date(headers.get("date", "")) or now
    return None if expires is None else int((expires - sent).total_seconds())


def _date(value: str) -> datetime | None:
    """``Expires: 0`` and the like are no dates, and mean that the answer has expired (RFC 9111 5.3)."""
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
