"""Taking the entries of a feed into the ledger: each URL once, each feed's sighting of it once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from shared.database import Connection
from shared.ledger import entries, sites, timeline
from shared.records import DocumentFacts, EntryHints, FeedEntry, RejectionReason
from shared.text import storable, storable_detail, storable_json, storable_key

# Some feeds put something new into the query of each link at each poll (a time, a session): beyond so many addresses
# that differ in nothing else, and with the same words, a change of an entry's address is no news.
ADDRESSES_OF_A_PATH = 5
# What one poll finds at once: news. Beyond that it is somebody's archive, which must not stand before the next news.
NEWS_AT_ONCE = 200


@dataclass(frozen=True)
class SeenEntry:
    """A feed entry with the identities that the feed reader gave it.

    ``url_key`` is the canonical URL, or for an entry without a link a key that no URL can have; ``rejection`` says
    why such an entry can not be fetched; ``document`` what there is to know of the whole that it stood in.
    """

    identity: str
    fingerprint: str
    entry: FeedEntry
    url: str
    url_key: str
    site: str
    rejection: RejectionReason | None = None
    rejection_detail: str | None = None
    document: DocumentFacts | None = None

    @property
    def hints(self) -> FeedEntry:
        """The entry as it is kept: with what its document tells."""
        if self.document is None:
            return self.entry
        # Constructed: both were validated, when the document was read.
        return EntryHints.model_construct(**dict(self.entry), **dict(self.document))


@dataclass(frozen=True)
class Discovery:
    """What a poll brought: entries listed, never seen in this feed, and edited: in their words or their address.

    ``identities``: under which the feed's sightings of what is new were written.
    """

    listed: int
    new_in_feed: int
    edited: int
    identities: tuple[str, ...] = field(default=(), compare=False, repr=False)


def compare(connection: Connection, feed_id: int, seen: Sequence[SeenEntry]) -> Discovery:
    """What :func:`record_entries` would find, without writing anything."""
    seen = [_keepable(item) for item in seen]
    known = _sightings(connection, feed_id, [item.identity for item in seen])
    edited = [item for item in seen if item.identity in known and known[item.identity].fingerprint != item.fingerprint]
    return Discovery(len(seen), sum(item.identity not in known for item in seen), len(edited))


def record_entries(
    connection: Connection, feed_id: int, seen: Sequence[SeenEntry], *, spacing_seconds: float = 0.0
) -> Discovery:
    """Write what a feed lists. Running it twice, or for two feeds at once, leaves the same rows.

    All but the newest :data:`NEWS_AT_ONCE` new entries become due one after the other, ``spacing_seconds`` apart, so
    that what is published meanwhile does not wait behind them.

    An entry that the feed has shown before, and now under another address, or for the first time under one, is taken
    in once more under that address; what became of it under the one before stays as it is.
    """
    seen = [_keepable(item) for item in seen]
    known = _sightings(connection, feed_id, [item.identity for item in seen])
    astray = [item for item in seen if item.identity in known and not _same_page(known[item.identity], item)]
    further = _sightings(connection, feed_id, [name for item in astray for name in _further_names(item)])
    new, moved, edited = [], [], []
    for item in seen:
        if item.identity not in known:
            new.append(item)
            continue
        found = [known[item.identity], *(further[name] for name in _further_names(item) if name in further)]
        place = _place(item, found)
        if isinstance(place, str):
            moved.append(replace(item, identity=place))
        elif place.fingerprint != item.fingerprint:
            edited.append((replace(item, identity=place.identity), place.entry_id))
    _insert_entries(connection, feed_id, [*new, *moved], spacing_seconds)
    _insert_sightings(connection, feed_id, [*new, *moved])
    _update_sightings(connection, feed_id, [item for item, _ in edited])
    _note_words(connection, feed_id, astray)
    entries.look_again(connection, [entry_id for _, entry_id in edited], feed_id=feed_id)
    sites.wake(connection, [item.site for item in (*new, *moved) if not item.rejection])
    identities = tuple(item.identity for item in (*new, *moved))
    return Discovery(len(seen), len(new), len(moved) + len(edited), identities)


@dataclass(frozen=True)
class _Sighting:
    """An entry as the feed has shown it; ``url_key``: under which address."""

    identity: str
    fingerprint: str
    entry_id: int
    url_key: str


def _sightings(connection: Connection, feed_id: int, identities: Sequence[str]) -> dict[str, _Sighting]:
    """The feed's sightings by identity."""
    if not identities:
        return {}
    rows = connection.execute(
        """
        SELECT s.identity, s.fingerprint, s.entry_id, e.url_key FROM sightings s JOIN entries e ON e.id = s.entry_id
        WHERE s.feed_id = %s AND s.identity = ANY(%s)
        """,
        [feed_id, list(identities)],
    )
    return {row["identity"]: _Sighting(**row) for row in rows}


def _place(item: SeenEntry, found: Sequence[_Sighting]) -> _Sighting | str:
    """The one of its sightings, the first before all others, that ``item`` repeats, or the name of a new one."""
    first = found[0]
    for sighting in found:
        if _same_page(sighting, item):
            return sighting
    if item.rejection is not None:
        # It has lost its address: it is where it was.
        return first
    *numbered, own = _further_names(item)
    if _path(first.url_key) != _path(item.url_key) or first.fingerprint != item.fingerprint:
        return own
    taken = {sighting.identity for sighting in found}
    return next((name for name in numbered if name not in taken), first)


def _further_names(item: SeenEntry) -> list[str]:
    """The identities under which an entry may be kept at further addresses: by number where only the query changed,
    and by the address.
    """
    digest = hashlib.sha256(_without_scheme(item.url_key).encode()).hexdigest()[:32]
    names = [*range(2, ADDRESSES_OF_A_PATH + 1), digest]
    return [storable_key(f"{item.identity}\n@{name}") for name in names]


def _same_page(sighting: _Sighting, item: SeenEntry) -> bool:
    """Whether the address is the same; a site that went from http to https has not moved its articles."""
    return _without_scheme(sighting.url_key) == _without_scheme(item.url_key)


def _without_scheme(key: str) -> str:
    return key.partition("://")[2] or key


def _path(key: str) -> str:
    return _without_scheme(key).partition("?")[0]


def _keepable(item: SeenEntry) -> SeenEntry:
    return replace(
        item, identity=storable_key(item.identity), url=storable(item.url) or "", url_key=storable_key(item.url_key)
    )


def _waits(new: Sequence[SeenEntry], spacing_seconds: float) -> dict[str, float]:
    """In how many seconds each new entry is due, by its key, where that is not at once."""
    if len(new) <= NEWS_AT_ONCE or not spacing_seconds:
        return {}

    def age(item: SeenEntry) -> float:
        date = item.entry.published_at or item.entry.updated_at
        return -date.timestamp() if date is not None else 0.0

    archive = sorted(new, key=age)[NEWS_AT_ONCE:]
    return {item.url_key: place * spacing_seconds for place, item in enumerate(archive, 1)}


def _insert_entries(connection: Connection, feed_id: int, new: Sequence[SeenEntry], spacing_seconds: float) -> None:
    # Sorted: two feeds that list the same URLs in different orders would otherwise wait for each other for ever.
    unique = sorted({item.url_key: item for item in reversed(new)}.values(), key=lambda item: item.url_key)
    waits = _waits(new, spacing_seconds)
    with connection.cursor() as cursor:
        if not unique:
            return
        cursor.executemany(
            """
            INSERT INTO entries
                (url, url_key, site, feed_id, title, state, stage, reason, detail, due_at, finished_at, timeline)
            VALUES (%(url)s, %(key)s, %(site)s, %(feed)s, %(title)s, %(state)s, %(stage)s, %(reason)s, %(detail)s,
                    now() + make_interval(secs => %(wait)s),
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
                    "wait": waits.get(item.url_key, 0.0),
                    "step": timeline.step("discovered", feed=feed_id, rejected=item.rejection),
                }
                for item in unique
            ],
        )


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
                    "hints": storable_json(item.hints),
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
            [(item.fingerprint, storable_json(item.hints), feed_id, item.identity) for item in edited],
        )


def _note_words(connection: Connection, feed_id: int, astray: Sequence[SeenEntry]) -> None:
    """Keep the words of entries under further addresses with their first sighting too, to tell the next change by."""
    rows = [(item.fingerprint, feed_id, item.identity, item.fingerprint) for item in astray if not item.rejection]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE sightings SET fingerprint = %s WHERE feed_id = %s AND identity = %s AND fingerprint <> %s", rows
            )
