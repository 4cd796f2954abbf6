"""Reading the registry of feeds with their counts and last polls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, LiteralString, NoReturn

from shared.credentials import shown, without_userinfo
from shared.database import Connection
from shared.errors import UsageError
from shared.ledger import addresses
from shared.ledger.audit import COUNTS
from shared.reading import health
from shared.reading.push import push_of
from shared.records import rfc3339
from shared.urls import canonical_url

_COLUMNS: LiteralString = """
    f.id, f.url, f.title, f.site_url, f.language, f.categories, f.status, f.added_at, f.last_polled_at,
    f.last_success_at, f.last_outcome, f.last_error, CASE WHEN f.status = 'active' THEN f.due_at END AS next_poll_at,
    (f.poll_state->>'interval_seconds')::float AS interval_seconds, f.leased_at IS NOT NULL AS polling, f.format,
    f.parent_id, alerts.kinds AS alerts, alerts.details AS alert_details, week.*
"""
_FROM: LiteralString = f"""
    feeds f {health.ALERTS_SQL} {health.WEEK_SQL}
    LEFT JOIN LATERAL (SELECT {COUNTS} FROM entries e WHERE e.feed_id = f.id) counts ON true
"""  # noqa: S608 - constants


def list_feeds(
    connection: Connection,
    *,
    after: int = 0,
    limit: int = 1000,
    removed: bool = False,
    states: Sequence[health.State] | None = None,
) -> list[dict[str, Any]]:
    """Feeds by id above ``after``, each with its health and the account of its entries; on request of these states."""
    rows = connection.execute(
        f"""
        SELECT {_COLUMNS}, {health.STATE_SQL} AS health, counts.* FROM {_FROM}
        WHERE f.id > %(after)s AND (%(removed)s OR f.status <> 'removed')
            AND (%(states)s::text[] IS NULL OR {health.STATE_SQL} = ANY(%(states)s))
        ORDER BY f.id LIMIT %(limit)s
        """,  # noqa: S608 - constants
        {
            "after": after,
            "limit": limit,
            "removed": removed or "removed" in (states or ()),
            "states": None if states is None else list(states),
        },
    ).fetchall()
    return [_told(row) for row in rows]


def get_feed(connection: Connection, feed_id: int, *, polls: int = 20) -> dict[str, Any] | None:
    """A feed with the account of its entries, its push subscription, and its last polls, newest first."""
    row = connection.execute(
        f"SELECT {_COLUMNS}, {health.STATE_SQL} AS health, counts.* FROM {_FROM} WHERE f.id = %s",  # noqa: S608 - constants
        [feed_id],
    ).fetchone()
    if row is None:
        return None
    last = connection.execute(
        """
        SELECT at, outcome, status, entries, new_entries, edited_entries, gap, ms, detail, why, next_at
        FROM feed_polls WHERE feed_id = %s ORDER BY at DESC, id DESC LIMIT %s
        """,
        [feed_id, polls],
    ).fetchall()
    push = push_of(connection, feed_id)
    return {**_told(row), "push": push and _plain(push), "polls": [_plain(poll) for poll in last]}


def resolve_feed(connection: Connection, name: str) -> int:
    """The id of the feed that ``name`` (an id or a URL) means.

    :raises UsageError: when there is none.
    """
    number = feed_number(name)
    if number is not None:
        row = connection.execute("SELECT id FROM feeds WHERE id = %s", [number]).fetchone()
    else:
        try:
            # Under the address with which it was added, name and password included, it is found as well.
            key = canonical_url(without_userinfo(name) or "")
        except ValueError as error:
            raise UsageError(f"{shown(name)}: {error}") from None
        return feed_at(connection, key) or _none(name)
    return int(row["id"]) if row is not None else _none(name)


def feed_at(connection: Connection, key: str) -> int | None:
    """The id of the feed at a canonical URL, or that was there, or that the website there turned out to name."""
    located = addresses.find(connection, key)
    if located is not None:
        return located.id
    row = connection.execute(
        "SELECT id FROM feeds WHERE site_url = %s AND status <> 'removed' ORDER BY id LIMIT 1", [key]
    ).fetchone()
    return int(row["id"]) if row is not None else None


def _none(name: str) -> NoReturn:
    raise UsageError(f"no feed {shown(name)} here: wiredesk feeds list shows all")


def feed_number(name: str) -> int | None:
    """``name`` as the id of a feed, ``None`` where it cannot be one."""
    return int(name) if re.fullmatch("[0-9]{1,18}", name) else None


def _told(row: dict[str, Any]) -> dict[str, Any]:
    feed = _plain(row)
    details = feed.pop("alert_details")
    return {**feed, "health_why": health.why(feed, details)}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: rfc3339(value) if hasattr(value, "isoformat") else value for name, value in row.items()}
