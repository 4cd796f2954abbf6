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

    Counted are the entries that the run's own feeds discovered. ``open``: things that are being done or may be done
    soon; a run is over when there are none. ``pages``: entries that need no download any more.
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
            "reasons": self.reasons,
            "failed_feeds": [{"url": feed.url, "why": feed.why} for feed in self.failed_feeds],
        }


def read_account(
    connection: Connection, feed_ids: Sequence[int], *, since: datetime, patience_seconds: float
) -> Account:
    """The account of the run that began at ``since`` (the database's time) with ``feed_ids``.

    Work that is due later than ``patience_seconds`` from now is not waited for: it stays pending.
    """
    polled = polled_feeds(connection, feed_ids)
    feeds = _feeds(connection, polled, since, patience_seconds)
    entries = one(
        connection.execute(
            f"""
            SELECT {COUNTS}, count(*) FILTER (WHERE stage IS DISTINCT FROM 'fetch') AS pages
            FROM entries WHERE feed_id = ANY(%s) AND discovered_at >= %s
            """,  # noqa: S608 - a constant
            [polled, since],
        ).fetchone()
    )
    work = one(
        connection.execute(
            """
            SELECT count(*) AS open FROM entries e LEFT JOIN sites s ON s.site = e.site AND e.stage = 'fetch'
            WHERE e.feed_id = ANY(%(feeds)s) AND e.stage IS NOT NULL AND (
                e.leased_at IS NOT NULL
                OR GREATEST(e.due_at, s.held_until) <= now() + make_interval(secs => %(patience)s))
            """,
            {"feeds": polled, "patience": patience_seconds},
        ).fetchone()
    )
    return Account(**entries, **{**feeds, "open": feeds["open"] + work["open"]})


def polled_feeds(connection: Connection, feed_ids: Sequence[int]) -> list[int]:
    """The feeds that are really polled for ``feed_ids``: for a website that names a feed which is there, that one, and
    with a sitemap index its parts.
    """
    rows = connection.execute(
        """
        WITH RECURSIVE polled AS (
            SELECT COALESCE(same_as, id) AS id FROM feeds WHERE id = ANY(%s)
            UNION
            SELECT part.id FROM feeds part JOIN polled ON part.parent_id = polled.id WHERE part.status = 'active'
        ) SELECT id FROM polled ORDER BY id
        """,
        [list(feed_ids)],
    )
    return [row["id"] for row in rows]


def _feeds(connection: Connection, feed_ids: Sequence[int], since: datetime, patience: float) -> dict[str, Any]:
    rows = connection.execute(
        """
        SELECT url, status, last_outcome, last_error, s.held_until > now() AS held, parent_id IS NOT NULL AS is_part,
               last_polled_at IS NOT NULL AND last_polled_at >= %(since)s AS polled,
               status = 'active' AND (last_polled_at IS NULL OR last_polled_at < %(since)s)
               AND (leased_at IS NOT NULL
                    OR GREATEST(f.due_at, s.held_until) <= now() + make_interval(secs => %(patience)s)) AS open
        FROM feeds f LEFT JOIN sites s ON s.site = f.site WHERE f.id = ANY(%(ids)s)
        """,
        {"ids": list(feed_ids), "since": since, "patience": patience},
    ).fetchall()
    # The parts of an index are released one by one; what this run does not wait for is nobody's failure.
    rows = [row for row in rows if row["open"] or row["polled"] or not row["is_part"]]
    is_open = [row for row in rows if row["open"]]
    failed = [
        FailedFeed(row["url"], _why(row))
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


def _why(row: dict[str, Any]) -> str:
    if row["polled"] or not (row["held"] or row["status"] != "active"):
        return str(row["last_error"] or "it is not due within the patience of this run")
    if row["status"] != "active":
        return f"it is {row['status']}: wiredesk feeds resume"
    return "its site asked to be left alone for now"


def read_reasons(connection: Connection, feed_ids: Sequence[int], *, since: datetime) -> dict[str, int]:
    """Why entries that ``feed_ids`` discovered since then were rejected or failed, most frequent first."""
    rows = connection.execute(
        """
        SELECT state || ': ' || reason AS why, count(*) AS n FROM entries
        WHERE feed_id = ANY(%s) AND discovered_at >= %s AND state IN ('rejected', 'failed')
        GROUP BY 1 ORDER BY n DESC, 1
        """,
        [list(feed_ids), since],
    )
    return {row["why"]: row["n"] for row in rows}


def read_earlier(connection: Connection, feed_ids: Sequence[int], *, since: datetime) -> int:
    """How many entries that ``feed_ids`` had discovered before then came to their end since."""
    row = connection.execute(
        "SELECT count(*) AS n FROM entries WHERE feed_id = ANY(%(ids)s) AND discovered_at < %(since)s"
        " AND finished_at >= %(since)s",
        {"ids": list(feed_ids), "since": since},
    ).fetchone()
    return int(one(row)["n"])
