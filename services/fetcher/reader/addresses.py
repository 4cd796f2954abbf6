"""What is kept of a sitemap's addresses: the newest, none that are too old, and of ``lastmod`` what can be believed."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.records import FeedEntry

MIB = 1024 * 1024
# sitemaps.org: "no more than 50,000 URLs and must be no larger than 50MB (52,428,800 bytes)", decoded.
PROTOCOL_ENTRIES = 50_000
PROTOCOL_BYTES = 50 * MIB
# Of a file that lists many times what it may, these are looked at and the others only counted: a second's worth.
MOST_LOOKED_AT = 75_000
# Many sites write the time at which the file was made beside every address. Twenty in five minutes is no newsroom.
FEW = 20
ONE_MOMENT = timedelta(minutes=5)
# One in twenty may stand apart on either side: the front page, a forgotten page.
APART = 20


@dataclass(frozen=True)
class SitemapLimits:
    """What is read of a sitemap: the newest ``max_entries``, none that changed last before ``since``, of at most
    ``max_bytes`` decoded bytes.
    """

    max_entries: int = PROTOCOL_ENTRIES
    since: datetime | None = None
    max_bytes: int = PROTOCOL_BYTES


class Addresses:
    """Takes addresses as they come and keeps what the limits allow. ``nameless``: those that were none."""

    def __init__(self, limits: SitemapLimits) -> None:
        self.nameless = 0
        self._limits = limits
        self._since = limits.since.timestamp() if limits.since else float("-inf")
        self._came = 0
        self._old = 0
        self._dropped = 0
        self._unseen = 0
        self._is_full = False
        # By age, then by place: of two as old, the one that comes first in the document is kept.
        self._kept: list[tuple[float, int, FeedEntry]] = []

    @property
    def wants_more(self) -> bool:
        """Whether the next address is worth reading; else :meth:`pass_over` it."""
        return self._came < MOST_LOOKED_AT

    def pass_over(self) -> None:
        """Count an address that was not read."""
        self._unseen += 1

    def take(self, entry: FeedEntry | None) -> None:
        """Keep ``entry`` if it belongs to the newest; ``None``: there was no address."""
        if not self.wants_more:
            self._unseen += 1
            return
        self._came += 1
        if entry is None or entry.link is None:
            self.nameless += 1
            return
        age = _newest(entry)
        if age is not None and age < self._since:
            self._old += 1
            return
        item = (float("-inf") if age is None else age, -self._came, entry)
        if len(self._kept) < self._limits.max_entries:
            self._kept.append(item)
            return
        if not self._is_full:
            heapq.heapify(self._kept)
            self._is_full = True
        heapq.heappushpop(self._kept, item)
        self._dropped += 1

    def result(self) -> tuple[tuple[FeedEntry, ...], int, tuple[str, ...]]:
        """What is kept in the document's order, how many were skipped, and why in words."""
        entries = [entry for _, _, entry in sorted(self._kept, key=lambda item: -item[1])]
        problems = []
        if _is_one_moment(entries):
            entries = [_without_lastmod(entry) for entry in entries]
            problems.append("lastmod is when the file was made: not believed")
        if self._old and self._limits.since is not None:
            problems.append(f"{self._old} older than {self._limits.since:%Y-%m-%d} skipped")
        if self._dropped:
            problems.append(f"only the newest {len(entries)} read, {self._dropped} skipped")
        if self._unseen:
            problems.append(f"{self._unseen} beyond the first {MOST_LOOKED_AT} not read")
        if self.nameless:
            problems.append(f"{self.nameless} without a web address")
        return tuple(entries), self._old + self._dropped + self._unseen + self.nameless, tuple(problems)


def _newest(entry: FeedEntry) -> float | None:
    """When the page was published or changed last; of a day its end."""
    dates = [
        at.timestamp() + (86_400.0 if precision == "day" else 0.0)
        for at, precision in (
            (entry.published_at, entry.published_precision),
            (entry.updated_at, entry.updated_precision),
        )
        if at is not None
    ]
    return max(dates, default=None)


def _is_one_moment(entries: Sequence[FeedEntry]) -> bool:
    """Whether nearly all dates of change lie within minutes, and so say nothing of any one page.

    Were they believed, each page would be downloaded again whenever the file is made anew. Days are no moments: a
    news sitemap holds two of them.
    """
    dated = [entry for entry in entries if entry.updated_at is not None and entry.updated_precision != "day"]
    times = sorted(entry.updated_at for entry in dated if entry.updated_at is not None)
    if len(times) < FEW or len(times) * 2 < len(entries):
        return False
    apart = len(times) // APART
    return times[-1 - apart] - times[apart] <= ONE_MOMENT


def _without_lastmod(entry: FeedEntry) -> FeedEntry:
    return entry.model_copy(update={"updated_at": None, "updated_precision": None, "updated_raw": None})
