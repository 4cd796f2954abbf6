"""What happens to an entry between its discovery and its end: claims, outcomes, and the way on.

Transactions lock in one order, so that none waits for another in a circle: feeds, entries, articles, and the head of
the change feed last. The scheduler, which begins at the sites, never waits for a row of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.database import Connection
from shared.ledger import sites, timeline
from shared.records import EntryHints
from shared.text import storable_detail

# A page that changes at every look (a counter, an advertisement) must not be fetched for ever: lemon24/reader
# caps hash-only updates at 24.
RECHECK_LIMIT = 24
TERMINAL = ("indexed", "duplicate", "rejected", "failed")


@dataclass(frozen=True)
class EntryForFetch:
    """An entry whose download this process has claimed."""

    id: int
    url: str
    state: str
    title: str | None
    attempts: int
    page_sha256: str | None
    discovered_at: datetime
    hints: EntryHints | None
    has_requests: bool
    """Whether a feed that lists it has something to send along with the requests for its pages."""

    @property
    def is_recheck(self) -> bool:
        """Whether the article is indexed already and only its page is looked at again."""
        return self.state in TERMINAL


def claim_fetch(connection: Connection, entry_id: int, lease: int, *, lease_seconds: int) -> EntryForFetch | None:
    """Take the download that was dispatched under ``lease``; ``None`` when it was dispatched again since.

    One statement. With the entry come the words of the feed that says most about it: full content counts, then who
    came first.
    """
    row = connection.execute(
        """
        WITH claimed AS (
            UPDATE entries
            SET leased_at = now(), claimed = lease, due_at = now() + make_interval(secs => %(seconds)s)
            WHERE id = %(id)s AND lease = %(lease)s AND stage = 'fetch'
            RETURNING id, url, state, title, attempts, page_sha256, discovered_at
        )
        SELECT claimed.*, words.hints, EXISTS (
            SELECT FROM sightings s JOIN feeds f ON f.id = s.feed_id LEFT JOIN feeds above ON above.id = f.parent_id
            JOIN feed_requests r ON r.feed_id IN (f.id, f.parent_id, above.parent_id)
            WHERE s.entry_id = claimed.id AND r.for_pages
        ) AS has_requests
        FROM claimed LEFT JOIN LATERAL (
            SELECT s.hints || jsonb_build_object('feed_id', f.id, 'feed_url', f.url, 'feed_title', f.title,
                'feed_language', f.language, 'site_url', f.site_url) AS hints
            FROM sightings s JOIN feeds f ON f.id = s.feed_id
            WHERE s.entry_id = claimed.id
            ORDER BY length(COALESCE(s.hints->>'content', '')) DESC, s.discovered_at LIMIT 1
        ) words ON true
        """,
        {"id": entry_id, "lease": lease, "seconds": lease_seconds},
    ).fetchone()
    if row is None:
        return None
    hints = row.pop("hints")
    return EntryForFetch(**row, hints=None if hints is None else EntryHints.model_validate(hints))


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
    """The page is stored: hand the entry on to parsing, and have its site looked at. One statement.

    Returns the lease under which its parse is to be enqueued, ``None`` when another dispatch was faster.
    """
    row = connection.execute(
        f"""
        WITH fetched AS (
            UPDATE entries SET
                state = CASE WHEN state = 'discovered' THEN 'fetched' ELSE state END,
                stage = 'parse', lease = lease + 1, leased_at = now(), attempts = 0,
                due_at = now() + make_interval(secs => %(seconds)s),
                page_key = %(key)s, page_sha256 = %(sha256)s, timeline = {timeline.SQL}
            WHERE id = %(id)s AND lease = %(lease)s AND stage = 'fetch'
            RETURNING lease, site
        ), woken AS (INSERT INTO wakeups (site, due_at) SELECT site, now() FROM fetched)
        SELECT lease FROM fetched
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
    return None if row is None else int(row["lease"])


def try_later(
    connection: Connection, entry_id: int, lease: int, *, reason: str, seconds: float, counts: bool, detail: str | None
) -> None:
    """The outside world did not answer well: try again in ``seconds``. ``counts``: whether it used up an attempt."""
    row = connection.execute(
        f"""
        UPDATE entries SET leased_at = NULL, due_at = now() + make_interval(secs => %(seconds)s),
            attempts = attempts + %(counted)s,
            -- what has ended already stays as it ended, whatever a later look at its page meets
            reason = CASE WHEN state IN ('discovered', 'fetched') THEN %(reason)s ELSE reason END,
            detail = CASE WHEN state IN ('discovered', 'fetched') THEN %(detail)s ELSE detail END,
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
            "detail": storable_detail(detail),
            "step": timeline.step(
                "try later", reason=reason, seconds=round(seconds, 1), detail=storable_detail(detail)
            ),
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

    An edit that a feed announced in the meantime is looked at next, except in a duplicate: there it is the article's
    own entry that is looked at again.

    :param lease: only the dispatch with this lease may do it; ``None``: whoever comes.
    :param reason: ``None`` keeps the reason of an entry that ended in the same way before.
    :returns: whether the row changed.
    """
    row = connection.execute(
        f"""
        UPDATE entries SET
            state = CASE WHEN state IN ('indexed', 'duplicate') THEN state ELSE %(state)s END,
            reason = CASE WHEN state IN ('indexed', 'duplicate') THEN reason
                          WHEN state = %(state)s THEN COALESCE(%(reason)s, reason) ELSE %(reason)s END,
            detail = CASE WHEN state IN ('indexed', 'duplicate') THEN detail
                          WHEN state = %(state)s AND %(reason)s::text IS NULL THEN detail ELSE %(detail)s END,
            stage = CASE WHEN stale AND %(state)s <> 'duplicate' THEN 'fetch' END,
            due_at = CASE WHEN stale THEN now() ELSE due_at END, stale = false,
            leased_at = NULL, lease = lease + 1, attempts = 0,
            article_id = COALESCE(article_id, %(article_id)s),
            finished_at = COALESCE(finished_at, now()), timeline = {timeline.SQL}
        WHERE id = %(id)s AND (%(lease)s::bigint IS NULL OR lease = %(lease)s) AND stage IS NOT NULL
        RETURNING site, stage
        """,  # noqa: S608 - a constant
        {
            "id": entry_id,
            "lease": lease,
            "state": state,
            "reason": reason,
            "detail": storable_detail(detail),
            "article_id": article_id,
            "step": timeline.step(state, reason=reason, detail=detail, article=article_id),
        },
    ).fetchone()
    if row is None:
        return False
    # A download that ended has given its token back. The end of a parse frees nothing that a site waits for.
    if lease is not None or row["stage"] is not None:
        sites.wake(connection, [row["site"]])
    return True


def lock_for_index(connection: Connection, entry_id: int) -> dict[str, Any] | None:
    """The entry's row, locked until the end of the transaction.

    Not ``FOR UPDATE``: that would hold up a poll which only refers to the entry, and so deadlock with it.
    """
    return connection.execute("SELECT * FROM entries WHERE id = %s FOR NO KEY UPDATE", [entry_id]).fetchone()


def fetch_again(connection: Connection, entry_id: int) -> None:
    """The page store has lost the page: back to the download, but not for ever.

    A page that the store cannot give back whole however often it is written ends as failed.
    """
    row = connection.execute(
        f"""
        UPDATE entries SET
            state = CASE WHEN state = 'fetched' THEN 'discovered' ELSE state END, rechecks = rechecks + 1,
            stage = 'fetch', lease = lease + 1, leased_at = NULL, due_at = now(), page_key = NULL, page_sha256 = NULL,
            timeline = {timeline.SQL}
        WHERE id = %(id)s AND stage = 'parse' AND rechecks < %(limit)s RETURNING site
        """,  # noqa: S608 - a constant
        {"id": entry_id, "limit": RECHECK_LIMIT, "step": timeline.step("page missing")},
    ).fetchone()
    if row is not None:
        sites.wake(connection, [row["site"]])
        return
    finish(
        connection,
        entry_id,
        None,
        state="failed",
        reason="page_missing",
        detail=f"the page store lost the page again after {RECHECK_LIMIT} downloads",
    )


def look_again(connection: Connection, entry_ids: Sequence[int], *, feed_id: int) -> None:
    """A feed has edited these entries: have their pages looked at again, now or when the look under way is over.

    An edit of a duplicate is an edit of its article: the entry that the article came from is looked at.
    """
    # Locked in the order of their ids: two feeds that edit the same entries would otherwise wait for each other.
    targets = connection.execute(
        """
        SELECT id FROM entries WHERE id IN (
            SELECT COALESCE(first.id, e.id) FROM entries e
            LEFT JOIN entries first
                ON e.state = 'duplicate' AND first.article_id = e.article_id AND first.state = 'indexed'
            WHERE e.id = ANY(%s)
        ) ORDER BY id FOR NO KEY UPDATE
        """,
        [list(entry_ids)],
    ).fetchall()
    rows = connection.execute(
        f"""
        UPDATE entries SET
            stage = COALESCE(stage, 'fetch'), rechecks = rechecks + 1, timeline = {timeline.SQL},
            due_at = CASE WHEN stage IS NULL THEN now() ELSE due_at END,
            attempts = CASE WHEN stage IS NULL THEN 0 ELSE attempts END,
            stale = COALESCE(stage = 'parse', false) OR leased_at IS NOT NULL
        WHERE id = ANY(%(ids)s) AND state <> 'duplicate'
            AND COALESCE(reason, '') NOT IN ('no_link', 'unresolvable_aggregator')
            AND rechecks < %(limit)s AND (stage IS NULL OR stage = 'parse' OR leased_at IS NOT NULL)
        RETURNING site
        """,  # noqa: S608 - a constant
        {
            "ids": [row["id"] for row in targets],
            "limit": RECHECK_LIMIT,
            "step": timeline.step("edited in feed", feed=feed_id),
        },
    ).fetchall()
    sites.wake(connection, [row["site"] for row in rows])
