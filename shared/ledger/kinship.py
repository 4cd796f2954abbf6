"""What tells that two feeds are one: what each has shown, and the documents that they share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.database import Connection, one


@dataclass(frozen=True)
class OtherFeed:
    """A feed beside the one that is polled."""

    id: int
    url: str
    site: str
    status: str
    body_sha256: str | None
    last_success_at: datetime | None


_OTHER = "SELECT id, url, site, status, body_sha256, last_success_at FROM feeds WHERE"


def has_shown(
    connection: Connection, feed_id: int, *, before: datetime, identities: Collection[str], url_keys: Collection[str]
) -> bool | None:
    """Whether ``before`` then the feed has listed any of these entries; ``None`` where it had listed nothing at all."""
    row = connection.execute(
        """
        SELECT EXISTS (SELECT FROM sightings WHERE feed_id = %(id)s AND discovered_at < %(before)s) AS any,
            EXISTS (SELECT FROM sightings WHERE feed_id = %(id)s AND discovered_at < %(before)s
                    AND identity = ANY(%(identities)s)) OR
            EXISTS (SELECT FROM entries e JOIN sightings s ON s.entry_id = e.id WHERE e.url_key = ANY(%(keys)s)
                    AND s.feed_id = %(id)s AND s.discovered_at < %(before)s) AS shown
        """,
        {"id": feed_id, "before": before, "identities": list(identities), "keys": list(url_keys)},
    ).fetchone()
    found = one(row)
    return bool(found["shown"]) if found["any"] else None


def share_entries(connection: Connection, feed_id: int, other: int, *, before: datetime) -> bool:
    """Whether the feed had listed an entry ``before`` then that the other has listed at any time."""
    row = connection.execute(
        """
        SELECT EXISTS (SELECT FROM sightings a JOIN sightings b ON b.entry_id = a.entry_id
                       WHERE a.feed_id = %s AND a.discovered_at < %s AND b.feed_id = %s) AS shared
        """,
        [feed_id, before, other],
    ).fetchone()
    return bool(one(row)["shared"])


def with_document(
    connection: Connection,
    feed_id: int,
    sha256: str,
    *,
    on: Sequence[str],
    besides: int | None,
    never: Collection[int] = (),
) -> OtherFeed | None:
    """An active feed on one of the sites ``on`` whose last document was this one; ``besides`` before all others, and
    none of those in ``never``.
    """
    row = connection.execute(
        f"""
        {_OTHER} body_sha256 = %(sha256)s AND status = 'active' AND id <> %(id)s AND site = ANY(%(sites)s)
            AND id <> ALL(%(never)s::bigint[])
        ORDER BY id = %(besides)s DESC NULLS LAST, id LIMIT 1
        """,
        {"sha256": sha256, "id": feed_id, "sites": list(on), "besides": besides, "never": list(never)},
    ).fetchone()
    return OtherFeed(**row) if row is not None else None


def other_feed(connection: Connection, feed_id: int) -> OtherFeed | None:
    """The feed's row as far as it matters beside another."""
    row = connection.execute(f"{_OTHER} id = %s", [feed_id]).fetchone()
    return OtherFeed(**row) if row is not None else None
