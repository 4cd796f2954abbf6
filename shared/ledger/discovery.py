"""Taking the entries of a feed into the ledger: each URL once, each feed's sighting of it once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.database import Connection
from shared.ledger import sites, timeline
from shared.records import FeedEntry, RejectionReason
from shared.text import storable, storable_json

# A page that changes at every look (a counter, an advertisement) must not be fetched for ever: lemon24/reader
# caps hash-only updates at 24.
RECHECK_LIMIT = 24


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
    for item in edited:
        _record_edit(connection, feed_id, known[item.identity]["entry_id"], item)
    return Discovery(len(seen), len(new), created, len(edited))


def _insert_entries(connection: Connection, feed_id: int, new: Sequence[SeenEntry]) -> int:
    # Sorted: two feeds that list the same URLs in different orders would otherwise wait for each other for ever.
    unique = sorted({item.url_key: item for item in reversed(new)}.values(), key=lambda item: item.url_key)
    with connection.cursor() as cursor:
        if not unique:
            return 0
        cursor.executemany(
            """
            INSERT INTO entries (url, url_key, site, feed_id, title, state, stage, reason, detail, finished_at, timeline)
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
                    "detail": storable(item.rejection_detail),
                    "step": timeline.step("discovered", feed=feed_id, rejected=item.rejection),
                }
                for item in unique
            ],
        )
        created = cursor.rowcount
    sites.wake(connection, [item.site for item in unique if not item.rejection])
    return created


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


def _record_edit(connection: Connection, feed_id: int, entry_id: int, item: SeenEntry) -> None:
    connection.execute(
        "UPDATE sightings SET fingerprint = %s, hints = %s WHERE feed_id = %s AND identity = %s",
        [item.fingerprint, storable_json(item.entry), feed_id, item.identity],
    )
    row = connection.execute(
        f"""
        UPDATE entries SET
            stage = COALESCE(stage, 'fetch'), rechecks = rechecks + 1, timeline = {timeline.SQL},
            due_at = CASE WHEN stage IS NULL THEN now() ELSE due_at END,
            attempts = CASE WHEN stage IS NULL THEN 0 ELSE attempts END,
            stale = COALESCE(stage = 'parse', false) OR leased_at IS NOT NULL
        WHERE id = %(id)s AND state <> 'duplicate' AND COALESCE(reason, '') NOT IN ('no_link', 'unresolvable_aggregator')
            AND rechecks < %(limit)s AND (stage IS NULL OR stage = 'parse' OR leased_at IS NOT NULL)
        RETURNING site
        """,  # noqa: S608 - a constant
        {"id": entry_id, "limit": RECHECK_LIMIT, "step": timeline.step("edited in feed", feed=feed_id)},
    ).fetchone()
    if row is not None:
        sites.wake(connection, [row["site"]])
