"""Leases of entries and feeds alike: which are really held, and how they are all taken back."""

from __future__ import annotations

from dataclasses import dataclass

from shared.database import Connection, one
from shared.ledger import sites


@dataclass(frozen=True)
class UnderWay:
    """A download, poll or request to a hub that a worker has begun and may be at for ``seconds`` more at most."""

    site: str
    job_id: str
    seconds: float


def void_leases(connection: Connection) -> int:
    """Take every lease back, for a start at which no worker can be running. Returns how many there were."""
    return _void(connection, "true")


def void_unclaimed_leases(connection: Connection) -> int:
    """Take back the leases of jobs that nobody has begun, after the queues were lost. Returns how many there were.

    What a worker is at goes on under its lease: a second request for it would exceed its site's budget.
    """
    return _void(connection, "claimed IS DISTINCT FROM lease OR due_at <= now()")


def under_way(connection: Connection) -> list[UnderWay]:
    """What workers have begun and not ended."""
    rows = connection.execute(
        """
        SELECT site, format('page-%s-%s', id, lease) AS job_id, due_at FROM entries
        WHERE stage = 'fetch' AND leased_at IS NOT NULL AND claimed = lease AND due_at > now()
        UNION ALL
        SELECT site, format('feed-%s-%s', id, lease), due_at FROM feeds
        WHERE leased_at IS NOT NULL AND claimed = lease AND due_at > now()
        UNION ALL
        -- a claim writes both moments, a dispatch only the lease's
        SELECT site, format('hub-%s-%s', id, lease), due_at FROM subscriptions
        WHERE leased_at = asked_at AND due_at > now()
        """
    ).fetchall()
    now = one(connection.execute("SELECT now() AS now").fetchone())["now"]
    return [UnderWay(row["site"], row["job_id"], (row["due_at"] - now).total_seconds()) for row in rows]


def _void(connection: Connection, which: str) -> int:
    taken = 0
    for table in ("entries", "feeds"):
        # What somebody is writing at this moment is skipped: it is no lost work, and waiting for it could deadlock.
        taken += connection.execute(
            f"""
            UPDATE {table} SET leased_at = NULL, lease = lease + 1, due_at = now() WHERE id IN (
                SELECT id FROM {table} WHERE leased_at IS NOT NULL AND ({which})
                ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
            """  # noqa: S608 - constants
        ).rowcount
    sites.wake_all(connection)
    return taken
