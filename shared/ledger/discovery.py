"""Taking the entries of a feed into the ledger: each URL once, each feed's sighting of it once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.database import Connection
from shared.ledger import entries, sites, timeline
from shared.records import FeedEntry, RejectionReason
from shared.text import storable, storable_detail, storable_json, storable_key


@dataclass(frozen=True)
class SeenEntry:
    """A feed entry with the identities that the feed reader gave it.

    ``url_key`` is the canonical URL, or for an entry without a link a key that no URL can have; ``rejection`` says
    why such an entry can not be fetched.
    """

    identity: str
    fingerprint: str
    entry: FeedEntry
    url: str
    url_key: str
    site: str
    rejection: RejectionReason | None = None
    rejection_detail: str | None = None


@dataclass(frozen=True)
class Discovery:
    """What a poll brought: entries listed, never seen in this feed, among those never seen at all, and edited."""

    listed: int
    new_in_feed: int
    new_in_ledger: int
    edited: int


def record_entries(connection: Connection, feed_id: int, seen: Sequence[SeenEntry]) -> Discovery:
    """Write what a feed lists. Running it twice, or for two feeds at once, leaves the same rows."""
    seen = [_keepable(item) for item in seen]
    known = {
        row["identity"]: row
        for row in connection.execute(
            "SELECT identity, fingerprint, entry_id FROM sightings WHERE feed_id = %s AND identity = ANY(%s)",
            [feed_id, [item.identity for item in seen]],
        )
    }
    new = [item for item in seen if item.identity not in known]
    edited = [
        item for item in seen if item.identity in known and known[item.identity]["fingerprint"] != item.fingerprint
    ]
    created = _insert_entries(connection, feed_id, new)
    _insert_sightings(connection, feed_id, new)
    _update_sightings(connection, feed_id, edited)
    entries.look_again(connection, [known[item.identity]["entry_id"] for item in edited], feed_id=feed_id)
    sites.wake(connection, [item.site for item in new if not item.rejection])
    return Discovery(len(seen), len(new), created, len(edited))


def _keepable(item: SeenEntry) -> SeenEntry:
    return replace(
        item, identity=storable_key(item.identity), url=storable(item.url) or "", url_key=storable_key(item.url_key)
    )


def _insert_entries(connection: Connection, feed_id: int, new: Sequence[SeenEntry]) -> int:
    # Sorted: two feeds that list the same URLs in different orders would otherwise wait for each other for ever.
    unique = sorted({item.url_key: item for item in reversed(new)}.values(), key=lambda item: item.url_key)
    with connection.cursor() as cursor:
        if not unique:
            return 0
        cursor.executemany(
            """
            INSERT INTO entries
                (url, url_key, site, feed_id, title, state, stage, reason, detail, finished_at, timeline)
            VALUES (%(url)s, %(key)s, %(site)s, %(feed)s, %(title)s, %(state)s, %(stage)s, %(reason)s, %(detail)s,
                    CASE WHEN %(stage)s::text IS NULL THEN now() END,
                    jsonb_build_array(jsonb_build_object('at', now()) || %(step)s::jsonb))
            ON CONFLICT (url_key) DO NOTHING
            """,
            [
                {
                    "url": item.url,
                    "key": item.url_key,
                    "site": item.site,
                    "feed": feed_id,
                    "title": storable(item.entry.title),
                    "state": "rejected" if item.rejection else "discovered",
                    "stage": None if item.rejection else "fetch",
                    "reason": item.rejection,
                    "detail": storable_detail(item.rejection_detail),
                    "step": timeline.step("discovered", feed=feed_id, rejected=item.rejection),
                }
                for item in unique
            ],
        )
        return cursor.rowcount


def _insert_sightings(connection: Connection, feed_id: int, new: Sequence[SeenEntry]) -> None:
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO sightings (feed_id, identity, entry_id, guid, fingerprint, hints)
            SELECT %(feed)s, %(identity)s, id, %(guid)s, %(fingerprint)s, %(hints)s FROM entries WHERE url_key = %(key)s
            ON CONFLICT (feed_id, identity) DO NOTHING
            """,
            [
                {
                    "feed": feed_id,
                    "identity": item.identity,
                    "guid": storable(item.entry.entry_id),
                    "fingerprint": item.fingerprint,
                    "hints": storable_json(item.entry),
                    "key": item.url_key,
                }
                for item in new
            ],
        )


def _update_sightings(connection: Connection, feed_id: int, edited: Sequence[SeenEntry]) -> None:
    if not edited:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE sightings SET fingerprint = %s, hints = %s WHERE feed_id = %s AND identity = %s",
            [(item.fingerprint, storable_json(item.entry), feed_id, item.identity) for item in edited],
        )
