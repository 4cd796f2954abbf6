"""How a feed's push subscription stands, for whoever may read: nothing of it that is secret."""

from __future__ import annotations

from typing import Any

from shared.database import Connection
from shared.ledger.subscriptions import ALIVE


def push_of(connection: Connection, feed_id: int) -> dict[str, Any] | None:
    """The feed's newest subscription; ``None`` where there never was one."""
    return connection.execute(
        f"""
        SELECT state, {ALIVE} AS alive, detail, hub, topic, verified_at, lease_ends_at, last_push_at, pushes,
            bad_signatures, due_at AS next_request_at
        FROM subscriptions WHERE feed_id = %s ORDER BY id DESC LIMIT 1
        """,  # noqa: S608 - a constant
        [feed_id],
    ).fetchone()
