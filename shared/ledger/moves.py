"""Feeds that move: a website becomes the feed that it names, a feed follows its redirect, and two become one.

A feed that is merged into another keeps its row, removed and ``same_as`` the other: its entries are in its account, and
articles were found through it. Its address is an alias of the other then, like every address where that one was. No
``same_as`` leads to a row that has one itself.
"""

from __future__ import annotations

from typing import Any

from shared.credentials import split_userinfo
from shared.database import Connection
from shared.ledger import addresses, alerts, sites, subscriptions
from shared.ledger.feeds import MOVED, AddedFeed, add, poll_now, remove
from shared.ledger.polls import FeedForPoll
from shared.text import storable, storable_json
from shared.urls import canonical_url, site_of

# In ``twin``: ids of the feeds with which an operator does not want this one merged.
SEPARATE = "separate"


def move(connection: Connection, feed: FeedForPoll, url: str) -> int | None:
    """Point a feed that turned out to be a website at the feed it names, due at once.

    Where another row has that feed already, or had it at this address, this one is removed from polling, and that one
    polled: also where it had been removed, though not where it is paused. The caller holds :func:`addresses.lock`.

    :returns: the id of the row that is polled, ``None`` where the feed it names led back here: nothing has changed.
    """
    key = canonical_url(url)
    other = addresses.find(connection, key)
    if other is None:
        _point_at(connection, feed, url, key)
        return feed.id
    if other.id == feed.id:
        return None
    remove(connection, feed.id)
    connection.execute(
        "UPDATE feeds SET same_as = %s, last_error = %s WHERE id = %s",
        [other.id, f"same feed as {other.id}", feed.id],
    )
    # Not by feeds.add: that would take it for wanted by itself.
    connection.execute(
        """
        UPDATE feeds SET status = 'active', last_error = NULL, same_as = NULL, poll_state = poll_state - %s::text
        WHERE id = %s AND status = 'removed'
        """,
        [MOVED, other.id],
    )
    poll_now(connection, [other.id])
    return other.id


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


def remember(
    connection: Connection, feed_id: int, *, redirect: dict[str, Any] | None, twin: dict[str, Any] | None
) -> None:
    """Keep what polls have seen so far of a move and of a twin."""
    connection.execute(
        "UPDATE feeds SET redirect = %s::jsonb, twin = %s::jsonb WHERE id = %s",
        [storable_json(redirect) if redirect else None, storable_json(twin) if twin else None, feed_id],
    )


def promote(connection: Connection, feed_id: int, url: str) -> None:
    """Give the feed the address to which it has moved; the old one becomes its alias. When it is due stays.

    The caller holds :func:`addresses.lock_all`, and no row has the address.
    """
    key = canonical_url(url)
    connection.execute("DELETE FROM feed_aliases WHERE url_key = %s", [key])
    _keep_alias(connection, feed_id, feed_id, reason="redirect")
    connection.execute(
        "UPDATE feeds SET url = %s, url_key = %s, site = %s, redirect = NULL WHERE id = %s",
        [storable(url), key, site_of(key), feed_id],
    )
    sites.wake(connection, [site_of(key)])


def merge(connection: Connection, loser: int, survivor: int) -> None:
    """Have ``survivor`` stand for ``loser`` too, due at once; what either has shown comes back as new in neither.

    Entries keep the feed through which they were discovered. The caller holds :func:`addresses.lock_all`.
    """
    values = {"loser": loser, "survivor": survivor}
    # In the order of the key, as everybody writes them.
    connection.execute(
        """
        INSERT INTO sightings (feed_id, identity, entry_id, guid, fingerprint, hints, discovered_at)
        SELECT %(survivor)s, identity, entry_id, guid, fingerprint, hints, discovered_at
        FROM sightings WHERE feed_id = %(loser)s ORDER BY identity
        ON CONFLICT (feed_id, identity) DO NOTHING
        """,
        values,
    )
    connection.execute("UPDATE feed_aliases SET feed_id = %(survivor)s WHERE feed_id = %(loser)s", values)
    _keep_alias(connection, loser, survivor, reason="merged")
    connection.execute(
        """
        UPDATE feeds s SET
            categories = (SELECT COALESCE(array_agg(DISTINCT c ORDER BY c), '{}')
                          FROM unnest(s.categories || l.categories) c),
            title = COALESCE(s.title, l.title), site_url = COALESCE(s.site_url, l.site_url),
            language = COALESCE(s.language, l.language),
            -- one that somebody has added is wanted whether or not a sitemap index lists it
            parent_id = CASE WHEN l.parent_id IS NULL THEN NULL WHEN s.parent_id = l.id THEN l.parent_id
                             ELSE s.parent_id END
        FROM feeds l WHERE s.id = %(survivor)s AND l.id = %(loser)s
        """,
        values,
    )
    connection.execute(
        "UPDATE feeds SET parent_id = %(survivor)s WHERE parent_id = %(loser)s AND id <> %(survivor)s", values
    )
    connection.execute("UPDATE feeds SET same_as = %(survivor)s WHERE same_as = %(loser)s", values)
    remove(connection, loser)
    connection.execute(
        """
        UPDATE feeds SET url_key = %(key)s, same_as = %(survivor)s, last_error = %(told)s, redirect = NULL, twin = NULL
        WHERE id = %(loser)s
        """,
        # A key that no URL can have: the address leads to the survivor now.
        {**values, "key": f"merged:{loser}", "told": f"same feed as {survivor}"},
    )
    _hand_over(connection, loser, survivor)
    poll_now(connection, [survivor])


def separate(connection: Connection, url: str) -> AddedFeed:
    """Undo a move or a merge that was none: have a feed of its own at the address ``url`` that another one has left.

    The row that was merged, where there is one, becomes it again; neither is merged with the other from now on. What
    the other one has taken over stays there. An address that no other feed had is added as any.

    :raises ValueError: when ``url`` is no http(s) URL.
    """
    key = canonical_url(split_userinfo(url.strip())[0])
    addresses.lock(connection)
    alias = connection.execute("SELECT url, feed_id FROM feed_aliases WHERE url_key = %s", [key]).fetchone()
    if alias is None:
        return add(connection, url)
    other = int(alias["feed_id"])
    addresses.lock_all(connection, [other])
    connection.execute("DELETE FROM feed_aliases WHERE url_key = %s", [key])
    connection.execute(
        """
        UPDATE feeds SET url_key = %(key)s, same_as = NULL
        WHERE id = (SELECT id FROM feeds WHERE same_as = %(other)s AND url = %(url)s AND url_key = 'merged:' || id
                    ORDER BY id DESC LIMIT 1)
            AND NOT EXISTS (SELECT FROM feeds WHERE url_key = %(key)s)
        """,
        {"key": key, "other": other, "url": alias["url"]},
    )
    added = add(connection, url)
    for feed_id, apart in sorted([(other, added.id), (added.id, other)]):
        connection.execute(
            """
            UPDATE feeds SET redirect = NULL, twin = jsonb_build_object(%(name)s::text,
                COALESCE(twin -> %(name)s, '[]') || to_jsonb(%(apart)s::bigint))
            WHERE id = %(id)s
            """,
            {"name": SEPARATE, "apart": apart, "id": feed_id},
        )
    return added


def _keep_alias(connection: Connection, was_at: int, feed_id: int, *, reason: str) -> None:
    """Have the present address of the row ``was_at`` lead to ``feed_id`` for good."""
    connection.execute(
        """
        INSERT INTO feed_aliases (url_key, url, feed_id, reason) SELECT url_key, url, %s, %s FROM feeds WHERE id = %s
        ON CONFLICT (url_key) DO UPDATE SET
            url = excluded.url, feed_id = excluded.feed_id, reason = excluded.reason, since = now()
        """,
        [feed_id, reason, was_at],
    )


def _hand_over(connection: Connection, loser: int, survivor: int) -> None:
    values = {"loser": loser, "survivor": survivor}
    # The secrets among them are still sent only where they were.
    connection.execute(
        """
        UPDATE feed_requests SET feed_id = %(survivor)s WHERE feed_id = %(loser)s
            AND NOT EXISTS (SELECT FROM feed_requests WHERE feed_id = %(survivor)s)
        """,
        values,
    )
    connection.execute("UPDATE pushes SET feed_id = %(survivor)s WHERE feed_id = %(loser)s", values)
    subscriptions.end(connection, loser, f"the same feed as {survivor}")
    alerts.close_alerts(connection, loser)
