"""The registry of feeds: adding, claiming for a poll, and recording what a poll brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from shared.database import Connection, one
from shared.ledger import sites
from shared.text import storable, storable_detail, storable_json
from shared.urls import canonical_url, site_of

# Only has to be ours and unlike the migrations' lock.
ADD_LOCK = 7_233_870_002
# A feed whose polls break down, rather than bring a bad answer, may be what kills fetchers: it waits ever longer.
LOSSES_TO_PUT_OFF = 3
PUT_OFF_SECONDS = 600.0
LONGEST_PUT_OFF_SECONDS = 86_400.0
# In ``poll_state``, until a poll succeeds: the feed was pointed elsewhere already.
MOVED = "moved"
# More rows than these do not follow each other as the same feed.
MOST_STEPS = 10


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
    site: str
    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    poll_state: dict[str, Any]
    ever_succeeded: bool
    now: datetime

    @property
    def may_move(self) -> bool:
        """Whether it may turn out to be a website and be pointed at the feed that it names.

        Once: two pages may name each other, and one page another feed at each look.
        """
        return not self.ever_succeeded and not self.poll_state.get(MOVED)


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
    # Two imports of the same feeds in different orders would otherwise wait for each other.
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [ADD_LOCK])
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
                "moved": MOVED,
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
    """Stop polling a feed; its entries and articles stay, and so does the memory of what it has shown.

    The outcome of a poll that is under way is no longer wanted.
    """
    connection.execute(
        "UPDATE feeds SET status = 'removed', leased_at = NULL, lease = lease + 1 WHERE id = %s", [feed_id]
    )


def claim(connection: Connection, feed_id: int, lease: int, *, lease_seconds: int) -> FeedForPoll | None:
    """Take the poll that was dispatched under ``lease``; ``None`` when it was dispatched again since."""
    row = connection.execute(
        """
        UPDATE feeds SET leased_at = now(), claimed = lease, due_at = now() + make_interval(secs => %(seconds)s)
        WHERE id = %(id)s AND lease = %(lease)s AND status = 'active'
        RETURNING *, now() AS now
        """,
        {"id": feed_id, "lease": lease, "seconds": lease_seconds},
    ).fetchone()
    if row is None:
        return None
    return FeedForPoll(
        id=row["id"],
        url=row["url"],
        site=row["site"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_sha256=row["body_sha256"],
        poll_state=row["poll_state"],
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
        "SELECT 1 AS mine FROM feeds WHERE id = %s AND lease = %s FOR NO KEY UPDATE", [feed_id, lease]
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
            leased_at = NULL, lost = 0, due_at = %(due_at)s,
            poll_state = %(poll_state)s::jsonb || CASE WHEN %(ok)s THEN '{}' ELSE
                jsonb_strip_nulls(jsonb_build_object(%(moved)s::text, poll_state -> %(moved)s)) END,
            last_polled_at = now(), last_outcome = %(outcome)s,
            last_success_at = CASE WHEN %(ok)s THEN now() ELSE last_success_at END,
            last_error = CASE WHEN %(ok)s THEN NULL ELSE %(detail)s END
        WHERE id = %(id)s
        """,
        {
            "id": feed.id,
            "due_at": poll.due_at,
            "poll_state": storable_json(poll.poll_state),
            "moved": MOVED,
            "outcome": poll.outcome,
            "ok": poll.outcome != "failed",
            "detail": storable_detail(poll.detail),
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
            "detail": storable_detail(poll.detail),
            "why": poll.why,
            "next_at": poll.due_at,
        },
    )
    # Now, not at the next poll: other work of the site may have waited for this poll's token.
    sites.wake(connection, [feed.site])


def put_off(connection: Connection, feed_id: int, *, lost: int, detail: str | None) -> None:
    """A feed whose poll broke down ``lost`` times in a row without an outcome is polled less and less often."""
    seconds = min(PUT_OFF_SECONDS * 4.0 ** (lost - LOSSES_TO_PUT_OFF), LONGEST_PUT_OFF_SECONDS)
    what = storable_detail(f"lost: its poll broke down {lost} times in a row: {detail or 'it did not come back'}")
    connection.execute(
        """
        WITH feed AS (
            UPDATE feeds SET leased_at = NULL, lease = lease + 1, lost = %(lost)s, last_outcome = 'failed',
                due_at = now() + make_interval(secs => %(seconds)s), last_polled_at = now(), last_error = %(detail)s
            WHERE id = %(id)s RETURNING id, due_at
        )
        INSERT INTO feed_polls (feed_id, outcome, detail, why, next_at)
        SELECT id, 'failed', %(detail)s, 'put off, because it may be what ends the fetcher', due_at FROM feed
        """,
        {"id": feed_id, "lost": lost, "seconds": seconds, "detail": what},
    )


def move(connection: Connection, feed: FeedForPoll, url: str) -> int | None:
    """Point a feed that turned out to be a website at the feed it names, due at once.

    Where another row has that feed already, this one is removed from polling, and that one polled: also where it had
    been removed, though not where it is paused.

    :returns: the id of the row that is polled, ``None`` where the feed it names led back here: nothing has changed.
    """
    key = canonical_url(url)
    other = _polled_for(connection, key)
    if other is None:
        try:
            with connection.transaction():
                _point_at(connection, feed, url, key)
        except psycopg.errors.UniqueViolation:
            # Added, or found by another website's poll, between the two statements.
            other = one(_polled_for(connection, key))
        else:
            return feed.id
    if other["id"] == feed.id:
        return None
    remove(connection, feed.id)
    connection.execute(
        "UPDATE feeds SET same_as = %s, last_error = %s WHERE id = %s",
        [other["id"], f"same feed as {other['id']}", feed.id],
    )
    # Not by :func:`add`: it takes its lock before the rows', and here a row is locked already.
    connection.execute(
        """
        UPDATE feeds SET status = 'active', last_error = NULL, same_as = NULL, poll_state = poll_state - %s::text
        WHERE id = %s AND status = 'removed'
        """,
        [MOVED, other["id"]],
    )
    poll_now(connection, [other["id"]])
    return int(other["id"])


def _polled_for(connection: Connection, key: str) -> dict[str, Any] | None:
    """The row that is polled, or would be, for the feed with this key: what turned out to be the same is followed."""
    columns = "SELECT id, status, same_as FROM feeds WHERE"
    row = connection.execute(f"{columns} url_key = %s", [key]).fetchone()
    for _ in range(MOST_STEPS):
        if row is None or row["status"] != "removed" or row["same_as"] is None:
            break
        row = connection.execute(f"{columns} id = %s", [row["same_as"]]).fetchone()
    return row


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
