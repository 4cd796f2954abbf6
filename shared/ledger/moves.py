"""Feeds that move: a website is pointed at the feed that it names, and what is the same feed is polled as one."""

from __future__ import annotations

from typing import Any

import psycopg

from shared.database import Connection, one
from shared.ledger import sites
from shared.ledger.feeds import MOVED, poll_now, remove
from shared.ledger.polls import FeedForPoll
from shared.text import storable
from shared.urls import canonical_url, site_of

# More rows than these do not follow each other as the same feed.
MOST_STEPS = 10


def move(connection: Connection, feed: FeedForPoll, url: str) -> int | None:
    """Point a feed that turned out to be a website at the feed it names, due at once.

    Where another row has that feed already, this one is removed from polling, and that one polled: also where it had
    been removed, though not where it is paused.

    :returns: the id of the row that is polled, ``None`` where the feed it names led back here: nothing has changed.
    """
    key = canonical_url(url)
    other = _polled_for(connection, key)
    if other is None:
        try:
            with connection.transaction():
                _point_at(connection, feed, url, key)
        except psycopg.errors.UniqueViolation:
            # Added, or found by another website's poll, between the two statements.
            other = one(_polled_for(connection, key))
        else:
            return feed.id
    if other["id"] == feed.id:
        return None
    remove(connection, feed.id)
    connection.execute(
        "UPDATE feeds SET same_as = %s, last_error = %s WHERE id = %s",
        [other["id"], f"same feed as {other['id']}", feed.id],
    )
    # Not by :func:`add`: it takes its lock before the rows', and here a row is locked already.
    connection.execute(
        """
        UPDATE feeds SET status = 'active', last_error = NULL, same_as = NULL, poll_state = poll_state - %s::text
        WHERE id = %s AND status = 'removed'
        """,
        [MOVED, other["id"]],
    )
    poll_now(connection, [other["id"]])
    return int(other["id"])


def _polled_for(connection: Connection, key: str) -> dict[str, Any] | None:
    """The row that is polled, or would be, for the feed with this key: what turned out to be the same is followed."""
    columns = "SELECT id, status, same_as FROM feeds WHERE"
    row = connection.execute(f"{columns} url_key = %s", [key]).fetchone()
    for _ in range(MOST_STEPS):
        if row is None or row["status"] != "removed" or row["same_as"] is None:
            break
        row = connection.execute(f"{columns} id = %s", [row["same_as"]]).fetchone()
    return row


def _point_at(connection: Connection, feed: FeedForPoll, url: str, key: str) -> None:
    connection.execute(
        """
        UPDATE feeds SET url = %(url)s, url_key = %(key)s, site = %(site)s, due_at = now(), leased_at = NULL,
            lease = lease + 1, site_url = COALESCE(site_url, %(old)s),
            poll_state = poll_state || jsonb_build_object(%(moved)s::text, true)
        WHERE id = %(id)s
        """,
        {"id": feed.id, "url": storable(url), "key": key, "site": site_of(key), "old": feed.url, "moved": MOVED},
    )
    sites.wake(connection, [site_of(key)])
