"""The registry of feeds: adding, claiming for a poll, and recording what a poll brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.database import Connection, one
from shared.ledger import sites
from shared.text import storable, storable_json
from shared.urls import canonical_url, site_of


@dataclass(frozen=True)
class AddedFeed:
    """A feed in the registry; ``created`` is false where it was there already."""

    id: int
    url: str
    created: bool


@dataclass(frozen=True)
class FeedForPoll:
    """A feed whose poll this process has claimed."""

    id: int
    url: str
    title: str | None
    language: str | None
    site_url: str | None
    site: str
    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    poll_state: dict[str, Any]
    due_at: datetime
    ever_succeeded: bool
    now: datetime


@dataclass(frozen=True)
class PollRecord:
    """One poll as it is kept: outcome ``changed``, ``unchanged`` or ``failed`` with its reason in ``detail``."""

    outcome: str
    why: str
    due_at: datetime
    poll_state: dict[str, Any]
    status: int | None = None
    entries: int | None = None
    new_entries: int | None = None
    edited_entries: int | None = None
    gap: bool = False
    ms: int | None = None
    detail: str | None = None


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
    row = one(
        connection.execute(
            """
            INSERT INTO feeds (url, url_key, site, title, site_url, categories)
            VALUES (%(url)s, %(key)s, %(site)s, %(title)s, %(site_url)s, %(categories)s)
            ON CONFLICT (url_key) DO UPDATE SET
                status = CASE WHEN feeds.status = 'removed' THEN 'active' ELSE feeds.status END,
                due_at = CASE WHEN feeds.status = 'removed' THEN now() ELSE feeds.due_at END,
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
    """Stop polling a feed; its entries and articles stay, and so does the memory of what it has shown."""
    connection.execute("UPDATE feeds SET status = 'removed', leased_at = NULL WHERE id = %s", [feed_id])


def claim(connection: Connection, feed_id: int, lease: int, *, lease_seconds: int) -> FeedForPoll | None:
    """Take the poll that was dispatched under ``lease``; ``None`` when it was dispatched again since."""
    row = connection.execute(
        """
        UPDATE feeds SET leased_at = now(), due_at = now() + make_interval(secs => %(seconds)s)
        FROM (SELECT id, due_at FROM feeds WHERE id = %(id)s FOR UPDATE) before
        WHERE feeds.id = before.id AND lease = %(lease)s AND status = 'active'
        RETURNING feeds.*, now() AS now
        """,
        {"id": feed_id, "lease": lease, "seconds": lease_seconds},
    ).fetchone()
    if row is None:
        return None
    return FeedForPoll(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        language=row["language"],
        site_url=row["site_url"],
        site=row["site"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_sha256=row["body_sha256"],
        poll_state=row["poll_state"],
        due_at=row["due_at"],
        ever_succeeded=row["last_success_at"] is not None,
        now=row["now"],
    )


def step_aside(connection: Connection, feed: FeedForPoll, lease: int, *, seconds: float) -> None:
    """Give the poll back untouched, due again in ``seconds``."""
    connection.execute(
        """
        UPDATE feeds SET leased_at = NULL, due_at = now() + make_interval(secs => %s) WHERE id = %s AND lease = %s
        """,
        [seconds, feed.id, lease],
    )
    sites.wake(connection, [feed.site], after_seconds=seconds)


def lock_for_record(connection: Connection, feed_id: int, lease: int) -> bool:
    """Lock the feed's row until the end of the transaction; false when ``lease`` is no longer the current one."""
    row = connection.execute(
        "SELECT 1 AS mine FROM feeds WHERE id = %s AND lease = %s FOR UPDATE", [feed_id, lease]
    ).fetchone()
    return row is not None


def record_poll(
    connection: Connection,
    feed: FeedForPoll,
    poll: PollRecord,
    *,
    document: dict[str, str | None] | None = None,
) -> None:
    """Write a poll's outcome; ``document`` holds the validators and the feed's own description where it was read."""
    connection.execute(
        """
        UPDATE feeds SET
            leased_at = NULL, lost = 0, due_at = %(due_at)s, poll_state = %(poll_state)s,
            last_polled_at = now(), last_outcome = %(outcome)s,
            last_success_at = CASE WHEN %(ok)s THEN now() ELSE last_success_at END,
            last_error = CASE WHEN %(ok)s THEN NULL ELSE %(detail)s END
        WHERE id = %(id)s
        """,
        {
            "id": feed.id,
            "due_at": poll.due_at,
            "poll_state": storable_json(poll.poll_state),
            "outcome": poll.outcome,
            "ok": poll.outcome != "failed",
            "detail": storable(poll.detail),
        },
    )
    if document is not None:
        connection.execute(
            """
            UPDATE feeds SET
                etag = %(etag)s, last_modified = %(last_modified)s, body_sha256 = COALESCE(%(sha256)s, body_sha256),
                title = COALESCE(%(title)s, title), site_url = COALESCE(%(site_url)s, site_url),
                language = COALESCE(%(language)s, language)
            WHERE id = %(id)s
            """,
            {
                "id": feed.id,
                "title": None,
                "site_url": None,
                "language": None,
                "sha256": None,
                **{name: storable(value) for name, value in document.items()},
            },
        )
    connection.execute(
        """
        INSERT INTO feed_polls (feed_id, outcome, status, entries, new_entries, edited_entries, gap, ms, detail, why,
                                next_at)
        VALUES (%(feed_id)s, %(outcome)s, %(status)s, %(entries)s, %(new)s, %(edited)s, %(gap)s, %(ms)s, %(detail)s,
                %(why)s, %(next_at)s)
        """,
        {
            "feed_id": feed.id,
            "outcome": poll.outcome,
            "status": poll.status,
            "entries": poll.entries,
            "new": poll.new_entries,
            "edited": poll.edited_entries,
            "gap": poll.gap,
            "ms": poll.ms,
            "detail": storable(poll.detail),
            "why": poll.why,
            "next_at": poll.due_at,
        },
    )
    # Now, not at the next poll: other work of the site may have waited for this poll's token.
    sites.wake(connection, [feed.site])


def move(connection: Connection, feed: FeedForPoll, url: str) -> bool:
    """Point a feed that turned out to be a website at the feed it names, due at once.

    False where another row has that feed already; this one is then removed from polling.
    """
    key = canonical_url(url)
    taken = connection.execute("SELECT id FROM feeds WHERE url_key = %s AND id <> %s", [key, feed.id]).fetchone()
    if taken is not None:
        remove(connection, feed.id)
        connection.execute("UPDATE feeds SET last_error = %s WHERE id = %s", [f"same feed as {taken['id']}", feed.id])
        poll_now(connection, [taken["id"]])
        return False
    connection.execute(
        """
        UPDATE feeds SET url = %(url)s, url_key = %(key)s, site = %(site)s, due_at = now(), leased_at = NULL,
            site_url = COALESCE(site_url, %(old)s)
        WHERE id = %(id)s
        """,
        {"id": feed.id, "url": url, "key": key, "site": site_of(key), "old": feed.url},
    )
    sites.wake(connection, [site_of(key)])
    return True


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
