"""The parts of sitemap indexes: feeds of their own, which come and go with the index that lists them.

A part has ``parent_id``. Somebody who adds it by hand takes it from its index (``parent_id`` is null then), which from
then on leaves it alone. ``retired`` says why a part is not polled where no operator asked for that: ``delisted``,
``stale`` (no change in half a year), or ``index``, which was itself removed or paused. What an operator has removed or
paused, no index brings back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.database import Connection, one
from shared.ledger import alerts, sites
from shared.ledger.indexes import follow_indexes, release_seconds
from shared.text import storable
from shared.urls import site_of

# Of what waits for its first poll, so many are made. An index may list 50,000 parts of 50,000 addresses each.
MOST_WAITING = 500
# Parts that were polled and are listed no more keep their rows. An index whose parts have other addresses at every look
# would have the registry grow for ever.
MOST_DELISTED = 1000
DELISTED_DAYS = 7
# news-crawl PR#91: sitemaps that nothing is put into any more starve those that live.
STALE_DAYS = 180


@dataclass(frozen=True)
class Part:
    """A part as its index lists it. ``changed_at``: when it changed last, where that is an instant."""

    url: str
    key: str
    changed_at: datetime | None = None


@dataclass(frozen=True)
class PartsFound:
    """What an index brought: parts ``known`` before, ``created``, ``due`` again since they have changed, ``retired``
    since it lists them no more, and ``left`` for later, since enough are waiting, or were ``delisted`` of late.
    """

    known: int = 0
    created: int = 0
    due: int = 0
    retired: int = 0
    left: int = 0
    delisted: int = 0


def record_parts(connection: Connection, index_id: int, parts: Sequence[Part]) -> PartsFound:
    """Make feeds of the parts of an index, the most urgent first; what it does not list any more is retired.

    A new part takes the place in the row of those that wait that it has in ``parts``: today's is not polled after the
    archive. The caller holds the lock of addresses (:func:`shared.ledger.addresses.lock`) and the index's row.
    """
    rows = _rows(connection, [part.key for part in parts])
    delisted = _delisted(connection, index_id)
    most = MOST_WAITING if delisted <= MOST_DELISTED else 0
    released: list[tuple[int, float]] = []
    revived: list[tuple[int, float]] = []
    new: list[tuple[float, Part]] = []
    urgent: list[tuple[int, float]] = []
    known = left = place = 0
    for part in parts:
        row = rows.get(part.key)
        if row is None:
            if place >= most:
                left += 1
            else:
                new.append((release_seconds(place), part))
                place += 1
            continue
        known += 1
        if _waits(row, index_id):
            if part.changed_at is not None and part.changed_at > row["added_at"]:
                urgent.append((row["id"], release_seconds(place)))
            place += 1
            continue
        if row["status"] == "removed":
            if _may_return(row, part):
                revived.append((row["id"], release_seconds(len(released) + len(revived))))
        elif row["parent_id"] == index_id and _has_changed(row, part):
            released.append((row["id"], release_seconds(len(released) + len(revived))))
    # Before new ones are there, which no row of those known tells of.
    retired = _retire_unlisted(connection, index_id, [row["id"] for row in rows.values()])
    _make_due(connection, [*urgent, *released], revived, index_id)
    _create(connection, index_id, new)
    sites.wake(connection, {site_of(part.key) for part in parts})
    return PartsFound(
        known, len(new), len(released) + len(revived), retired, left, delisted if delisted > MOST_DELISTED else 0
    )


def retire_if_stale(connection: Connection, feed_id: int) -> bool:
    """Stop polling a part that has brought nothing for half a year, until its index says that it has changed."""
    retired = connection.execute(
        """
        UPDATE feeds SET status = 'removed', retired = 'stale', leased_at = NULL, lease = lease + 1,
            last_error = %(told)s
        WHERE id = %(id)s AND parent_id IS NOT NULL AND status = 'active' AND format <> 'sitemap-index'
            AND added_at < now() - make_interval(days => %(days)s)
            AND NOT EXISTS (SELECT FROM sightings WHERE feed_id = %(id)s
                            AND discovered_at > now() - make_interval(days => %(days)s))
        """,
        {"id": feed_id, "days": STALE_DAYS, "told": f"a part of a sitemap index, nothing new in {STALE_DAYS} days"},
    ).rowcount
    if retired:
        alerts.close_alerts(connection, feed_id)
    return retired > 0


def _rows(connection: Connection, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The feeds at these addresses, or that were there before they moved, by the address that is listed."""
    found = connection.execute(
        """
        SELECT url_key AS listed, id, status, parent_id, retired, same_as, last_success_at, last_polled_at, added_at
        FROM feeds WHERE url_key = ANY(%(keys)s)
        UNION ALL
        SELECT a.url_key, f.id, f.status, f.parent_id, f.retired, f.same_as, f.last_success_at, f.last_polled_at,
            f.added_at
        FROM feed_aliases a JOIN feeds f ON f.id = a.feed_id WHERE a.url_key = ANY(%(keys)s)
        """,
        {"keys": list(keys)},
    )
    rows: dict[str, dict[str, Any]] = {}
    for row in found:
        rows.setdefault(row["listed"], row)
    return rows


def _delisted(connection: Connection, index_id: int) -> int:
    """How many parts the index lists no more that were polled not long ago."""
    row = connection.execute(
        """
        SELECT count(*) AS n FROM feeds
        WHERE parent_id = %s AND retired = 'delisted' AND last_polled_at > now() - make_interval(days => %s)
        """,
        [index_id, DELISTED_DAYS],
    ).fetchone()
    return int(one(row)["n"])


def _waits(row: dict[str, Any], index_id: int) -> bool:
    return row["parent_id"] == index_id and row["status"] == "active" and row["last_polled_at"] is None


def _may_return(row: dict[str, Any], part: Part) -> bool:
    if row["retired"] == "stale":
        return part.changed_at is not None and part.changed_at > row["last_polled_at"]
    return row["retired"] is not None


def _has_changed(row: dict[str, Any], part: Part) -> bool:
    """Whether the part has changed since it was last read; one that was never read waits for its turn as it is."""
    return (
        part.changed_at is not None and row["last_success_at"] is not None and part.changed_at > row["last_success_at"]
    )


def _create(connection: Connection, index_id: int, new: Sequence[tuple[float, Part]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO feeds (url, url_key, site, parent_id, categories, due_at)
            SELECT %(url)s, %(key)s, %(site)s, id, categories, now() + make_interval(secs => %(seconds)s)
            FROM feeds WHERE id = %(index)s
            ON CONFLICT (url_key) DO NOTHING
            """,
            [
                {
                    "url": storable(part.url),
                    "key": part.key,
                    "site": site_of(part.key),
                    "seconds": seconds,
                    "index": index_id,
                }
                for seconds, part in new
            ],
        )


def _make_due(
    connection: Connection, released: Sequence[tuple[int, float]], revived: Sequence[tuple[int, float]], index_id: int
) -> None:
    """In the order of their ids, as everybody locks them."""
    changed = [{"id": feed_id, "seconds": seconds} for feed_id, seconds in sorted(released)]
    back = [{"id": feed_id, "seconds": seconds, "index": index_id} for feed_id, seconds in sorted(revived)]
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            UPDATE feeds SET due_at = LEAST(due_at, now() + make_interval(secs => %(seconds)s))
            WHERE id = %(id)s AND status = 'active' AND leased_at IS NULL
            """,
            changed,
        )
        cursor.executemany(
            """
            UPDATE feeds SET status = 'active', retired = NULL, last_error = NULL, parent_id = %(index)s,
                due_at = now() + make_interval(secs => %(seconds)s)
            WHERE id = %(id)s AND status = 'removed'
            """,
            back,
        )
    follow_indexes(connection, [feed_id for feed_id, _ in revived], "active")


def _retire_unlisted(connection: Connection, index_id: int, listed: Sequence[int]) -> int:
    values = {"index": index_id, "listed": list(listed)}
    rows = connection.execute(
        """
        SELECT id FROM feeds WHERE parent_id = %(index)s AND status = 'active' AND id <> ALL(%(listed)s)
        ORDER BY id FOR UPDATE
        """,
        values,
    ).fetchall()
    gone = [row["id"] for row in rows]
    connection.execute(
        """
        UPDATE feeds SET status = 'removed', retired = 'delisted', leased_at = NULL, lease = lease + 1,
            last_error = 'its sitemap index does not list it any more'
        WHERE id = ANY(%s)
        """,
        [gone],
    )
    alerts.close_alerts(connection, gone)
    follow_indexes(connection, gone, "removed")
    # One that was never polled has nothing to remember, unless somebody has set something for it.
    connection.execute(
        """
        DELETE FROM feeds f WHERE id = ANY(%s) AND last_polled_at IS NULL
            AND NOT EXISTS (SELECT FROM feed_polls WHERE feed_id = f.id)
            AND NOT EXISTS (SELECT FROM feed_requests WHERE feed_id = f.id)
            AND NOT EXISTS (SELECT FROM feed_aliases WHERE feed_id = f.id)
            AND NOT EXISTS (SELECT FROM sightings WHERE feed_id = f.id)
            AND NOT EXISTS (SELECT FROM entries WHERE feed_id = f.id)
            AND NOT EXISTS (SELECT FROM feeds WHERE parent_id = f.id OR same_as = f.id)
        """,
        [gone],
    )
    return len(gone)
