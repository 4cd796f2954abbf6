"""What sitemap indexes have their parts do: come one after the other, and go, pause and return with their index.

``retired`` is ``index`` on a part that is not polled because its index was removed or paused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, LiteralString

from shared.database import Connection, one
from shared.ledger import alerts

# The newest parts hold the news and come a minute apart; the others are an archive, and come as news-crawl has them.
FIRST_PARTS = 10
FIRST_SECONDS = 60.0
LATER_SECONDS = 900.0
# An index may list indexes, whose parts are sitemaps.
MOST_LEVELS = 2

_PARTS: LiteralString = """
    id IN (SELECT id FROM feeds WHERE parent_id = ANY(%(index)s)
           UNION ALL
           SELECT below.id FROM feeds part JOIN feeds below ON below.parent_id = part.id
           WHERE part.parent_id = ANY(%(index)s))
"""


def level_of(connection: Connection, feed_id: int) -> int:
    """How many indexes stand above a feed, as far as it matters."""
    row = connection.execute(
        """
        SELECT (f.parent_id IS NOT NULL)::int + (p.parent_id IS NOT NULL)::int AS level
        FROM feeds f LEFT JOIN feeds p ON p.id = f.parent_id WHERE f.id = %s
        """,
        [feed_id],
    ).fetchone()
    return int(one(row)["level"])


def release_seconds(place: int) -> float:
    """In how many seconds the part at ``place`` in the row of those that wait is polled; the first one at once."""
    return FIRST_SECONDS * min(place, FIRST_PARTS) + LATER_SECONDS * max(0, place - FIRST_PARTS)


def follow_indexes(
    connection: Connection, index_ids: Sequence[int], status: Literal["active", "paused", "removed"]
) -> None:
    """Have the parts of indexes do what these do, those aside that an operator has told something else.

    Of parts that come back, those that were due meanwhile are polled one after the other. The caller holds
    :func:`shared.ledger.addresses.lock`.
    """
    # In the order of their ids, as everybody locks them.
    connection.execute(
        f"SELECT id FROM feeds WHERE {_PARTS} ORDER BY id FOR UPDATE",  # noqa: S608 - constants
        {"index": list(index_ids)},
    ).fetchall()
    if status == "active":
        connection.execute(
            f"""
            WITH back AS (
                SELECT id, due_at, row_number() OVER (PARTITION BY due_at <= now() ORDER BY due_at, id) - 1 AS place
                FROM feeds WHERE {_PARTS} AND retired = 'index' AND status <> 'active'
                    AND EXISTS (SELECT FROM feeds above WHERE above.id = ANY(%(index)s) AND above.status = 'active')
            )
            UPDATE feeds SET status = 'active', retired = NULL, last_error = NULL,
                due_at = CASE WHEN back.due_at > now() THEN back.due_at ELSE now() + make_interval(
                    secs => %(first)s * LEAST(place, %(parts)s) + %(later)s * GREATEST(0, place - %(parts)s)) END
            FROM back WHERE feeds.id = back.id
            """,  # noqa: S608 - constants
            {"index": list(index_ids), "first": FIRST_SECONDS, "later": LATER_SECONDS, "parts": FIRST_PARTS},
        )
        return
    rows = connection.execute(
        f"""
        UPDATE feeds SET status = %(status)s, retired = 'index', leased_at = NULL, lease = lease + 1
        WHERE {_PARTS} AND (status = 'active' OR (status = 'paused' AND retired = 'index')) RETURNING id
        """,  # noqa: S608 - constants
        {"index": list(index_ids), "status": status},
    ).fetchall()
    alerts.close_alerts(connection, [row["id"] for row in rows])
