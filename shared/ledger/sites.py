"""When a site next has something that may be issued.

The scheduler reads only this table to find work, so that a backlog of a million pages on one site costs nothing
while that site must wait. Whoever makes work due wakes its site in the same transaction; the row lock settles the
race with the scheduler, which locks the row before it looks for the site's work.
"""

from __future__ import annotations

from collections.abc import Iterable

from shared.database import Connection


def wake(connection: Connection, sites: Iterable[str], *, after_seconds: float = 0.0) -> None:
    """Have the scheduler look at ``sites`` at the latest in ``after_seconds``.

    Sorted, because two transactions that lock the same rows in different orders would deadlock.
    """
    names = sorted(set(sites))
    if not names:
        return
    connection.execute(
        """
        INSERT INTO sites (site, due_at)
        SELECT unnest(%(names)s::text[]), now() + make_interval(secs => %(after)s)
        ON CONFLICT (site) DO UPDATE SET due_at = LEAST(sites.due_at, excluded.due_at)
        """,
        {"names": names, "after": after_seconds},
    )


def wake_all(connection: Connection) -> int:
    """Rebuild every wake-up from the rows themselves; the scheduler's safety net. Returns the sites with work."""
    cursor = connection.execute(
        """
        INSERT INTO sites (site, due_at)
        SELECT site, min(due_at) FROM (
            SELECT site, min(due_at) AS due_at FROM entries WHERE stage = 'fetch' GROUP BY site
            UNION ALL
            SELECT site, min(due_at) FROM feeds WHERE status = 'active' GROUP BY site
        ) work GROUP BY site ORDER BY site
        ON CONFLICT (site) DO UPDATE SET due_at = LEAST(sites.due_at, excluded.due_at)
        """
    )
    return cursor.rowcount
