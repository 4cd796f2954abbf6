"""Reading how the pages of sites are read, as the scheduler's last look at each found it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.database import Connection
from shared.drift import State
from shared.records import rfc3339

STATES: tuple[State, ...] = tuple(State)


def list_sites(
    connection: Connection, *, after: str = "", limit: int = 1000, states: Sequence[State] | None = None
) -> list[dict[str, Any]]:
    """Sites by name above ``after``, on request of these states, each with the shares of its pages that were judged."""
    rows = connection.execute(
        """
        SELECT site, state, told AS why, alarm, changed_since, pages_now, pages_before, measures, looked_at
        FROM site_looks
        WHERE site > %(after)s COLLATE "C" AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
        ORDER BY site COLLATE "C" LIMIT %(limit)s
        """,
        {"after": after, "limit": limit, "states": None if states is None else [state.value for state in states]},
    ).fetchall()
    return [
        {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in row.items()} for row in rows
    ]
