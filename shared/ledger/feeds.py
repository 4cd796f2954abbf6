"""The registry of feeds: adding, removing, pausing, and what is polled at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.database import Connection, one
from shared.ledger import sites
from shared.text import storable
from shared.urls import canonical_url, site_of

# Only has to be ours and unlike the migrations' lock.
ADD_LOCK = 7_233_870_002
# In ``poll_state``, until a poll succeeds: the feed was pointed elsewhere already.
MOVED = "moved"


@dataclass(frozen=True)
class AddedFeed:
    """A feed in the registry; ``created`` is false where it was there already."""

    id: int
    url: str
    created: bool


def add(
    connection: Connection,
    url: str,
    *,
    title: str | None = None,
    site_url: str | None = None,
    categories: Sequence[str] = (),
) -> AddedFeed:
    """Put a feed into the registry, due at once; one that is there already, or was removed, becomes active again.

    :raises ValueError: when ``url`` is no http(s) URL.
    """
    key = canonical_url(url)
    # Two imports of the same feeds in different orders would otherwise wait for each other.
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [ADD_LOCK])
    row = one(
        connection.execute(
            """
            INSERT INTO feeds (url, url_key, site, title, site_url, categories)
            VALUES (%(url)s, %(key)s, %(site)s, %(title)s, %(site_url)s, %(categories)s)
            ON CONFLICT (url_key) DO UPDATE SET
                status = CASE WHEN feeds.status = 'removed' THEN 'active' ELSE feeds.status END,
                due_at = CASE WHEN feeds.status = 'removed' THEN now() ELSE feeds.due_at END,
                last_error = CASE WHEN feeds.status = 'removed' THEN NULL ELSE feeds.last_error END,
                same_as = CASE WHEN feeds.status = 'removed' THEN NULL ELSE feeds.same_as END,
                poll_state = CASE WHEN feeds.status = 'removed' THEN feeds.poll_state - %(moved)s::text
                                  ELSE feeds.poll_state END,
                title = COALESCE(feeds.title, excluded.title),
                categories = (SELECT COALESCE(array_agg(DISTINCT c ORDER BY c), '{}')
                              FROM unnest(feeds.categories || excluded.categories) c)
            RETURNING id, url, site, xmax = 0 AS created
            """,
            {
                "url": url.strip(),
                "key": key,
                "site": site_of(key),
                "title": storable(title),
                "site_url": storable(site_url),
                "categories": [storable(name) for name in categories],
                "moved": MOVED,
            },
        ).fetchone()
    )
    sites.wake(connection, [row["site"]])
    return AddedFeed(row["id"], row["url"], row["created"])


def poll_now(connection: Connection, feed_ids: Sequence[int]) -> None:
    """Make feeds due at once, unless a poll of them is running."""
    rows = connection.execute(
        """
        UPDATE feeds SET due_at = now() WHERE id = ANY(%s) AND status = 'active' AND leased_at IS NULL RETURNING site
        """,
        [list(feed_ids)],
    ).fetchall()
    sites.wake(connection, [row["site"] for row in rows])


def remove(connection: Connection, feed_id: int) -> None:
    """Stop polling a feed; its entries and articles stay, and so does the memory of what it has shown.

    The outcome of a poll that is under way is no longer wanted.
    """
    connection.execute(
        "UPDATE feeds SET status = 'removed', leased_at = NULL, lease = lease + 1 WHERE id = %s", [feed_id]
    )


def set_paused(connection: Connection, feed_id: int, *, paused: bool) -> None:
    """Stop polling a feed for now, or poll it again, at once."""
    row = connection.execute(
        """
        UPDATE feeds SET status = %s, leased_at = NULL, due_at = now() WHERE id = %s AND status <> 'removed'
        RETURNING site
        """,
        ["paused" if paused else "active", feed_id],
    ).fetchone()
    if row is not None:
        sites.wake(connection, [row["site"]])
