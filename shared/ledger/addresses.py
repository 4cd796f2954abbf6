"""Which feed an address means: where it is, where it was (``feed_aliases``), and what turned out to be the same.

Whoever changes the address of a feed, or makes one, holds :func:`lock` first, before any row: else an import that has
just taken an address and a poll that moves to it would wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from shared.database import Connection

# Only has to be ours and unlike the migrations' lock.
ADDRESS_LOCK = 7_233_870_002
# More rows than these do not follow each other as the same feed.
MOST_STEPS = 10


@dataclass(frozen=True)
class Located:
    """The row that is polled, or would be, for an address. ``holder``: the row whose own address it is, if any."""

    id: int
    url: str
    status: str
    holder: int | None

    @property
    def is_own(self) -> bool:
        """Whether the feed is at this very address now."""
        return self.holder == self.id


def lock(connection: Connection) -> None:
    """Nobody else adds, moves or merges feeds until the end of the transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [ADDRESS_LOCK])


def lock_all(connection: Connection, feed_ids: Collection[int]) -> None:
    """Lock addresses and these feeds' rows, and those that lean on them, until the end of the transaction.

    In the order of their ids, and before anything else of the ledger.
    """
    lock(connection)
    # Each by its own index. Parts of parts go with their index too.
    connection.execute(
        """
        SELECT id FROM feeds WHERE id IN (
            SELECT unnest(%(ids)s::bigint[])
            UNION SELECT id FROM feeds WHERE parent_id = ANY(%(ids)s)
            UNION SELECT below.id FROM feeds part JOIN feeds below ON below.parent_id = part.id
                  WHERE part.parent_id = ANY(%(ids)s)
            UNION SELECT id FROM feeds WHERE same_as = ANY(%(ids)s))
        ORDER BY id FOR UPDATE
        """,
        {"ids": list(feed_ids)},
    ).fetchall()


def present(connection: Connection, key: str) -> tuple[str, str] | None:
    """URL and key of the feed that was at the canonical URL ``key`` before, ``None`` where none was."""
    row = connection.execute(
        """
        SELECT f.url, f.url_key FROM feed_aliases a JOIN feeds f ON f.id = a.feed_id
        WHERE a.url_key = %(key)s AND NOT EXISTS (SELECT FROM feeds WHERE url_key = %(key)s)
        """,
        {"key": key},
    ).fetchone()
    return (row["url"], row["url_key"]) if row is not None else None


def find(connection: Connection, key: str) -> Located | None:
    """The feed that the canonical URL ``key`` means."""
    row = connection.execute(
        """
        SELECT id, url, status, same_as, url_key = %(key)s AS holds FROM feeds
        WHERE url_key = %(key)s OR id = (SELECT feed_id FROM feed_aliases WHERE url_key = %(key)s)
        ORDER BY holds DESC LIMIT 1
        """,
        {"key": key},
    ).fetchone()
    holder = int(row["id"]) if row is not None and row["holds"] else None
    for _ in range(MOST_STEPS):
        if row is None or row["status"] != "removed" or row["same_as"] is None:
            break
        row = connection.execute(
            "SELECT id, url, status, same_as FROM feeds WHERE id = %s", [row["same_as"]]
        ).fetchone()
    return Located(row["id"], row["url"], row["status"], holder) if row is not None else None
