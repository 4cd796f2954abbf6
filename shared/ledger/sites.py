"""When a site next has something that may be issued.

The scheduler reads only the table ``sites`` to find work, so that a backlog of a million pages on one site costs
nothing while that site must wait. Whoever makes work due leaves a wake-up in the same transaction. Wake-ups are rows of
their own that nobody but the scheduler reads: a fetcher never waits for the scheduler's locks, nor can the two
deadlock, and a wake-up that is committed while the scheduler puts the site to sleep is there at its next look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.database import Connection

WAKE_UPS_AT_ONCE = 20_000


def wake(connection: Connection, sites: Iterable[str], *, after_seconds: float = 0.0) -> None:
    """Have the scheduler look at ``sites`` at the latest in ``after_seconds``."""
    names = sorted(set(sites))
    if names:
        connection.execute(
            "INSERT INTO wakeups (site, due_at) SELECT unnest(%s::text[]), now() + make_interval(secs => %s)",
            [names, after_seconds],
        )


def hold(connection: Connection, site: str, seconds: float) -> None:
    """Issue nothing for ``site`` for ``seconds``: it asked for that. A longer hold that is there already stays."""
    connection.execute(
        """
        INSERT INTO sites (site, held_until) VALUES (%(site)s, now() + make_interval(secs => %(seconds)s))
        ON CONFLICT (site) DO UPDATE SET held_until = GREATEST(sites.held_until, excluded.held_until)
        """,
        {"site": site, "seconds": seconds},
    )


def put_off_members(connection: Connection, budgets: Mapping[str, str]) -> set[str]:
    """Let the sites that share the budget of another one, as ``budgets`` says, sleep while that one is held.

    Returns those that do.
    """
    if not budgets:
        return set()
    rows = connection.execute(
        """
        UPDATE sites SET due_at = budget.held_until
        FROM unnest(%s::text[], %s::text[]) AS member(site, budget) JOIN sites budget ON budget.site = member.budget
        WHERE sites.site = member.site AND budget.held_until > now()
        RETURNING sites.site
        """,
        [list(budgets), list(budgets.values())],
    ).fetchall()
    return {row["site"] for row in rows}


def take_wake_ups(connection: Connection) -> int:
    """Move the wake-ups that have come in to the sites they are for. Returns how many sites were woken."""
    # Sorted by code point, so that two schedulers lock sites in the same order.
    return connection.execute(
        """
        WITH taken AS (
            DELETE FROM wakeups WHERE ctid IN (SELECT ctid FROM wakeups LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING site, due_at
        )
        INSERT INTO sites (site, due_at)
        SELECT site, min(due_at) FROM taken GROUP BY site ORDER BY site COLLATE "C"
        ON CONFLICT (site) DO UPDATE SET due_at = LEAST(sites.due_at, excluded.due_at)
        """,
        [WAKE_UPS_AT_ONCE],
    ).rowcount


def wake_all(connection: Connection) -> int:
    """Rebuild every wake-up from the rows themselves; the scheduler's safety net. Returns the sites with work."""
    return connection.execute(
        """
        INSERT INTO sites (site, due_at)
        SELECT site, min(due_at) FROM (
            SELECT site, min(due_at) AS due_at FROM entries WHERE stage = 'fetch' GROUP BY site
            UNION ALL
            SELECT site, min(due_at) FROM feeds WHERE status = 'active' GROUP BY site
        ) work GROUP BY site ORDER BY site COLLATE "C"
        ON CONFLICT (site) DO UPDATE SET due_at = LEAST(sites.due_at, excluded.due_at)
        """
    ).rowcount
