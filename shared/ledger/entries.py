"""What happens to an entry between its discovery and its end: claims, outcomes, and the way on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.database import Connection
from shared.ledger import sites, timeline
from shared.records import EntryHints, RejectionReason
from shared.text import storable

TERMINAL = ("indexed", "duplicate", "rejected", "failed")


@dataclass(frozen=True)
class EntryForFetch:
    """An entry whose download this process has claimed."""

    id: int
    url: str
    site: str
    state: str
    title: str | None
    attempts: int
    page_key: str | None
    page_sha256: str | None
    discovered_at: datetime
    hints: EntryHints | None
    now: datetime

    @property
    def is_recheck(self) -> bool:
        """Whether the article is indexed already and only its page is looked at again."""
        return self.state in TERMINAL


def claim_fetch(connection: Connection, entry_id: int, lease: int, *, lease_seconds: int) -> EntryForFetch | None:
    """Take the download that was dispatched under ``lease``; ``None`` when it was dispatched again since."""
    row = connection.execute(
        """
        UPDATE entries SET leased_at = now(), due_at = now() + make_interval(secs => %(seconds)s)
        WHERE id = %(id)s AND lease = %(lease)s AND stage = 'fetch'
        RETURNING *, now() AS now
        """,
        {"id": entry_id, "lease": lease, "seconds": lease_seconds},
    ).fetchone()
    if row is None:
        return None
    return EntryForFetch(
        id=row["id"],
        url=row["url"],
        site=row["site"],
        state=row["state"],
        title=row["title"],
        attempts=row["attempts"],
        page_key=row["page_key"],
        page_sha256=row["page_sha256"],
        discovered_at=row["discovered_at"],
        hints=_hints(connection, entry_id),
        now=row["now"],
    )


def _hints(connection: Connection, entry_id: int) -> EntryHints | None:
    """The words of the feed that says most about the entry: full content counts, then who came first."""
    row = connection.execute(
        """
        SELECT s.hints, f.id AS feed_id, f.url AS feed_url, f.title AS feed_title, f.language AS feed_language, f.site_url
        FROM sightings s JOIN feeds f ON f.id = s.feed_id
        WHERE s.entry_id = %s
        ORDER BY length(COALESCE(s.hints->>'content', '')) DESC, s.discovered_at LIMIT 1
        """,
        [entry_id],
    ).fetchone()
    if row is None:
        return None
    return EntryHints.model_validate({**row.pop("hints"), **row})


def fetched(
    connection: Connection,
    entry_id: int,
    lease: int,
    *,
    page_key: str,
    page_sha256: str,
    lease_seconds: int,
    detail: str | None = None,
) -> int | None:
    """The page is stored: hand the entry on to parsing.

    Returns the lease under which its parse is to be enqueued, ``None`` when another dispatch was faster.
    """
    row = connection.execute(
        f"""
        UPDATE entries SET
            state = CASE WHEN state = 'discovered' THEN 'fetched' ELSE state END,
            stage = 'parse', lease = lease + 1, leased_at = now(), attempts = 0,
            due_at = now() + make_interval(secs => %(seconds)s),
            page_key = %(key)s, page_sha256 = %(sha256)s, timeline = {timeline.SQL}
        WHERE id = %(id)s AND lease = %(lease)s AND stage = 'fetch'
        RETURNING lease, site
        """,  # noqa: S608 - a constant
        {
            "id": entry_id,
            "lease": lease,
            "seconds": lease_seconds,
            "key": page_key,
            "sha256": page_sha256,
            "step": timeline.step("fetched", page=page_key, detail=detail),
        },
    ).fetchone()
    if row is None:
        return None
    sites.wake(connection, [row["site"]])
    return int(row["lease"])


def try_later(
    connection: Connection, entry_id: int, lease: int, *, reason: str, seconds: float, counts: bool, detail: str | None
) -> None:
    """The outside world did not answer well: try again in ``seconds``. ``counts``: whether it used up an attempt."""
    row = connection.execute(
        f"""
        UPDATE entries SET leased_at = NULL, due_at = now() + make_interval(secs => %(seconds)s),
            attempts = attempts + %(counted)s, reason = %(reason)s, detail = %(detail)s,
            timeline = CASE WHEN %(counted)s > 0 THEN {timeline.SQL} ELSE timeline END
        WHERE id = %(id)s AND lease = %(lease)s AND stage = 'fetch'
        RETURNING site
        """,  # noqa: S608 - a constant
        {
            "id": entry_id,
            "lease": lease,
            "seconds": seconds,
            "counted": int(counts),
            "reason": reason,
            "detail": storable(detail),
            "step": timeline.step("try later", reason=reason, seconds=round(seconds, 1), detail=storable(detail)),
        },
    ).fetchone()
    if row is not None:
        sites.wake(connection, [row["site"]], after_seconds=seconds)


def finish(
    connection: Connection,
    entry_id: int,
    lease: int | None,
    *,
    state: str,
    reason: str | None = None,
    detail: str | None = None,
    article_id: str | None = None,
) -> bool:
    """Bring an entry to its end; one that is indexed stays indexed whatever a later look at its page brought.

    :param lease: only the dispatch with this lease may do it; ``None``: whoever comes.
    :returns: whether the row changed.
    """
    row = connection.execute(
        f"""
        UPDATE entries SET
            state = CASE WHEN state IN ('indexed', 'duplicate') THEN state ELSE %(state)s END,
            reason = CASE WHEN state IN ('indexed', 'duplicate') THEN reason ELSE %(reason)s END,
            detail = CASE WHEN state IN ('indexed', 'duplicate') THEN detail ELSE %(detail)s END,
            stage = CASE WHEN stale THEN 'fetch' END, due_at = CASE WHEN stale THEN now() ELSE due_at END, stale = false,
            leased_at = NULL, lease = lease + 1, attempts = 0,
            article_id = COALESCE(article_id, %(article_id)s),
            finished_at = COALESCE(finished_at, now()), timeline = {timeline.SQL}
        WHERE id = %(id)s AND (%(lease)s::bigint IS NULL OR lease = %(lease)s) AND stage IS NOT NULL
        RETURNING site
        """,  # noqa: S608 - a constant
        {
            "id": entry_id,
            "lease": lease,
            "state": state,
            "reason": reason,
            "detail": storable(detail),
            "article_id": article_id,
            "step": timeline.step(state, reason=reason, detail=storable(detail), article=article_id),
        },
    ).fetchone()
    if row is None:
        return False
    sites.wake(connection, [row["site"]])
    return True


def lock_for_index(connection: Connection, entry_id: int) -> dict[str, Any] | None:
    """The entry's row, locked until the end of the transaction."""
    return connection.execute("SELECT * FROM entries WHERE id = %s FOR UPDATE", [entry_id]).fetchone()


def fetch_again(connection: Connection, entry_id: int) -> None:
    """The page store has lost the page: back to the download."""
    row = connection.execute(
        f"""
        UPDATE entries SET
            state = CASE WHEN state = 'fetched' THEN 'discovered' ELSE state END,
            stage = 'fetch', lease = lease + 1, leased_at = NULL, due_at = now(), page_key = NULL, timeline = {timeline.SQL}
        WHERE id = %(id)s AND stage = 'parse' RETURNING site
        """,  # noqa: S608 - a constant
        {"id": entry_id, "step": timeline.step("page missing")},
    ).fetchone()
    if row is not None:
        sites.wake(connection, [row["site"]])


def parser_gave_up(connection: Connection, entry_id: int, *, attempts: int) -> None:
    """A page whose parse was lost again and again is rejected, so that it cannot kill workers for ever."""
    finish(
        connection,
        entry_id,
        None,
        state="rejected",
        reason=RejectionReason.PARSER_TIMEOUT,
        detail=f"the parser did not come back {attempts} times",
    )


def void_leases(connection: Connection) -> int:
    """Take every lease back, for a start at which no worker can be running. Returns how many there were."""
    taken = connection.execute(
        "UPDATE entries SET leased_at = NULL, lease = lease + 1, due_at = now() WHERE leased_at IS NOT NULL"
    ).rowcount
    taken += connection.execute(
        "UPDATE feeds SET leased_at = NULL, lease = lease + 1, due_at = now() WHERE leased_at IS NOT NULL"
    ).rowcount
    sites.wake_all(connection)
    return taken
