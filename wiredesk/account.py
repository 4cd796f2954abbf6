"""The account of one run: what its feeds brought, what became of it, and whether anything is left to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.database import Connection, one
from shared.ledger.audit import COUNTS


@dataclass(frozen=True)
class FailedFeed:
    """A source that brought nothing, and why."""

    url: str
    why: str


@dataclass(frozen=True)
class Account:
    """One run in figures. ``discovered = indexed + duplicate + rejected + failed + pending``.

    ``open``: things that are being done or may be done soon; a run is over when there are none. ``pages``: entries of
    the run that need no download any more. ``earlier``: entries that an earlier run discovered and this one finished.
    """

    feeds: int
    feeds_ok: int
    feeds_failed: int
    discovered: int
    indexed: int
    duplicate: int
    rejected: int
    failed: int
    pending: int
    pages: int
    earlier: int
    open: int
    failed_feeds: tuple[FailedFeed, ...] = ()
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def feeds_done(self) -> int:
        """Feeds whose poll is over, well or badly."""
        return self.feeds_ok + self.feeds_failed

    @property
    def balanced(self) -> bool:
        """Whether everything discovered is accounted for."""
        return self.discovered == self.indexed + self.duplicate + self.rejected + self.failed + self.pending

    def as_dict(self) -> dict[str, Any]:
        """The figures under the names that ``run --once --json`` prints."""
        names = ("feeds_ok", "feeds_failed", "discovered", "indexed", "duplicate", "rejected", "failed", "pending")
        return {
            **{name: getattr(self, name) for name in names},
            "earlier": self.earlier,
            "reasons": self.reasons,
            "failed_feeds": [{"url": feed.url, "why": feed.why} for feed in self.failed_feeds],
        }


def read_account(
    connection: Connection, feed_ids: Sequence[int], *, since: datetime, patience_seconds: float
) -> Account:
    """The account of the run that began at ``since`` (the database's time) with ``feed_ids``.

    Work that is due later than ``patience_seconds`` from now is not waited for: it stays pending.
    """
    feeds = _feeds(connection, feed_ids, since, patience_seconds)
    entries = one(
        connection.execute(
            f"""
            SELECT {COUNTS}, count(*) FILTER (WHERE stage IS DISTINCT FROM 'fetch') AS pages
            FROM entries WHERE discovered_at >= %s
            """,  # noqa: S608 - a constant
            [since],
        ).fetchone()
    )
    work = one(
        connection.execute(
            """
            SELECT count(*) FILTER (WHERE stage IS NOT NULL
                                    AND (leased_at IS NOT NULL OR due_at <= now() + make_interval(secs => %(patience)s))
                                   ) AS open,
                   count(*) FILTER (WHERE discovered_at < %(since)s AND finished_at >= %(since)s) AS earlier
            FROM entries WHERE stage IS NOT NULL OR finished_at >= %(since)s
            """,
            {"since": since, "patience": patience_seconds},
        ).fetchone()
    )
    return Account(**entries, earlier=work["earlier"], **{**feeds, "open": feeds["open"] + work["open"]})


def _feeds(connection: Connection, feed_ids: Sequence[int], since: datetime, patience: float) -> dict[str, Any]:
    rows = connection.execute(
        """
        WITH wanted AS (SELECT COALESCE(same_as, id) AS id FROM feeds WHERE id = ANY(%(ids)s))
        SELECT url, last_outcome, last_error, last_polled_at IS NOT NULL AND last_polled_at >= %(since)s AS polled,
               status = 'active' AND (last_polled_at IS NULL OR last_polled_at < %(since)s)
               AND (leased_at IS NOT NULL OR due_at <= now() + make_interval(secs => %(patience)s)) AS open
        FROM feeds WHERE id IN (SELECT id FROM wanted)
        """,
        {"ids": list(feed_ids), "since": since, "patience": patience},
    ).fetchall()
    is_open = [row for row in rows if row["open"]]
    failed = [
        FailedFeed(row["url"], row["last_error"] or "its site may not be asked yet")
        for row in rows
        if not row["open"] and (not row["polled"] or row["last_outcome"] == "failed")
    ]
    return {
        "feeds": len(rows),
        "feeds_ok": len(rows) - len(is_open) - len(failed),
        "feeds_failed": len(failed),
        "open": len(is_open),
        "failed_feeds": tuple(failed),
    }


def read_reasons(connection: Connection, *, since: datetime) -> dict[str, int]:
    """Why entries that were discovered since then were rejected or failed, most frequent first."""
    rows = connection.execute(
        """
        SELECT state || ': ' || reason AS why, count(*) AS n FROM entries
        WHERE discovered_at >= %s AND state IN ('rejected', 'failed') GROUP BY 1 ORDER BY n DESC, 1
        """,
        [since],
    )
    return {row["why"]: row["n"] for row in rows}
