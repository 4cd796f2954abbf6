"""The registry of feeds: adding, removing, pausing, and what is polled at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.credentials import split_userinfo, without_userinfo
from shared.database import Connection, one
from shared.ledger import addresses, alerts, requests, sites, subscriptions
from shared.ledger.indexes import follow_indexes
from shared.text import storable
from shared.urls import canonical_url, site_of

# In ``poll_state``, until a poll succeeds: the feed was pointed elsewhere already.
MOVED = "moved"
# In ``poll_state``: the hubs of the feed's last whole document were looked at.
HUBS_LOOKED_AT = "hubs_looked_at"


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

    So does one that was at this address before, or was merged with the one that was: it is that one. A name and
    password in the address are taken out of it, to be sent with the feed's requests.

    :raises ValueError: when ``url`` is no http(s) URL.
    """
    url, user = split_userinfo(url.strip())
    given, key = url, canonical_url(url)
    # Also so that two imports of the same feeds in different orders do not wait for each other.
    addresses.lock(connection)
    url, key = addresses.present(connection, key) or (url, key)
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
                parent_id = NULL, retired = NULL,
                title = COALESCE(feeds.title, excluded.title),
                categories = (SELECT COALESCE(array_agg(DISTINCT c ORDER BY c), '{}')
                              FROM unnest(feeds.categories || excluded.categories) c)
            RETURNING id, url, site, xmax = 0 AS created
            """,
            {
                "url": url,
                "key": key,
                "site": site_of(key),
                "title": storable(title),
                "site_url": storable(without_userinfo(site_url)),
                "categories": [storable(name) for name in categories],
                "moved": MOVED,
            },
        ).fetchone()
    )
    requests.keep_userinfo(connection, row["id"], given, user, now_at=row["url"])
    if not row["created"]:
        follow_indexes(connection, [row["id"]], "active")
    sites.wake(connection, [row["site"]])
    return AddedFeed(row["id"], row["url"], row["created"])


def poll_now(connection: Connection, feed_ids: Sequence[int]) -> None:
    """Make feeds due at once, unless a poll of them is running."""
    # Locked in the order of their ids: a merge holds several feeds too.
    rows = connection.execute(
        """
        SELECT id, site FROM feeds WHERE id = ANY(%s) AND status = 'active' AND leased_at IS NULL
        ORDER BY id FOR NO KEY UPDATE
        """,
        [list(feed_ids)],
    ).fetchall()
    connection.execute("UPDATE feeds SET due_at = now() WHERE id = ANY(%s)", [[row["id"] for row in rows]])
    sites.wake(connection, [row["site"] for row in rows])


def remove(connection: Connection, feed_id: int) -> None:
    """Stop polling a feed; its entries and articles stay, and so does the memory of what it has shown.

    The outcome of a poll that is under way is no longer wanted.
    """
    addresses.lock_all(connection, [feed_id])
    connection.execute(
        "UPDATE feeds SET status = 'removed', retired = NULL, leased_at = NULL, lease = lease + 1 WHERE id = %s",
        [feed_id],
    )
    alerts.close_alerts(connection, feed_id)
    subscriptions.end(connection, feed_id, subscriptions.NOT_POLLED)
    follow_indexes(connection, [feed_id], "removed")


def set_paused(connection: Connection, feed_id: int, *, paused: bool) -> None:
    """Stop polling a feed for now, or poll it again, at once.

    The outcome of a poll that is under way is no longer wanted: an index would have its parts polled. The alerts of a
    feed that is paused are closed: what is still wrong when it is resumed is told anew.
    """
    addresses.lock_all(connection, [feed_id])
    row = connection.execute(
        """
        UPDATE feeds SET status = %s, retired = NULL, leased_at = NULL, lease = lease + 1, due_at = now(),
            -- its hub was left meanwhile, and is looked for again
            poll_state = poll_state - %s::text
        WHERE id = %s AND status <> 'removed'
        RETURNING site
        """,
        ["paused" if paused else "active", HUBS_LOOKED_AT, feed_id],
    ).fetchone()
    if row is not None:
        if paused:
            alerts.close_alerts(connection, feed_id)
            subscriptions.end(connection, feed_id, subscriptions.NOT_POLLED)
        follow_indexes(connection, [feed_id], "paused" if paused else "active")
        sites.wake(connection, [row["site"]])
