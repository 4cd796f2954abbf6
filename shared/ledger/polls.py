"""Polls of feeds: claimed, recorded, and put off where they break down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.database import Connection
from shared.ledger import alerts, sites
from shared.ledger.alerts import AlertKind
from shared.ledger.feeds import MOVED
from shared.text import storable, storable_detail, storable_json

# A feed whose polls break down, rather than bring a bad answer, may be what kills fetchers: it waits ever longer.
LOSSES_TO_PUT_OFF = 3
PUT_OFF_SECONDS = 600.0
LONGEST_PUT_OFF_SECONDS = 86_400.0


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
    last_success_at: datetime | None = None
    redirect: dict[str, Any] | None = None
    twin: dict[str, Any] | None = None
    format: str | None = None

    @property
    def may_move(self) -> bool:
        """Whether it may turn out to be a website and be pointed at the feed that it names.

        Once: two pages may name each other, and one page another feed at each look.
        """
        return not self.ever_succeeded and not self.poll_state.get(MOVED)


@dataclass(frozen=True)
class PollRecord:
    """One poll as it is kept: outcome ``changed``, ``unchanged``, ``failed`` with its reason in ``detail``, or
    ``pushed`` where a hub had delivered and the site was not asked.

    ``opens``, ``closes``: what it means for the feed's alerts.
    """

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
    opens: Mapping[AlertKind, str] = field(default_factory=dict)
    closes: tuple[AlertKind, ...] = ()


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
    return None if row is None else _for_poll(row)


def look(connection: Connection, feed_id: int) -> FeedForPoll | None:
    """The feed as a poll would find it now, without taking the poll; ``None`` where it is not in the registry."""
    row = connection.execute("SELECT *, now() AS now FROM feeds WHERE id = %s", [feed_id]).fetchone()
    return None if row is None else _for_poll(row)


def _for_poll(row: dict[str, Any]) -> FeedForPoll:
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
        last_success_at=row["last_success_at"],
        redirect=row["redirect"],
        twin=row["twin"],
        format=row["format"],
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
                language = COALESCE(%(language)s, language), format = COALESCE(%(format)s, format)
            WHERE id = %(id)s
            """,
            {
                "id": feed.id,
                "title": None,
                "site_url": None,
                "language": None,
                "format": None,
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
    alerts.apply(connection, feed.id, opens=poll.opens, closes=poll.closes)
    # Now, not at the next poll: other work of the site may have waited for this poll's token.
    sites.wake(connection, [feed.site])


def record_pointed(connection: Connection, feed_id: int, detail: str) -> None:
    """Keep with a feed's polls that it turned out to be a website, and how its feed was found."""
    connection.execute(
        """
        INSERT INTO feed_polls (feed_id, outcome, detail, why, next_at)
        VALUES (%s, 'moved', %s, 'a website: its feed is polled in its place', now())
        """,
        [feed_id, storable_detail(detail)],
    )


def put_off(connection: Connection, feed_id: int, *, lost: int, detail: str | None) -> None:
    """A feed whose poll broke down ``lost`` times in a row without an outcome is polled less and less often.

    One that has worked is an alert, which its next success closes.
    """
    seconds = min(PUT_OFF_SECONDS * 4.0 ** (lost - LOSSES_TO_PUT_OFF), LONGEST_PUT_OFF_SECONDS)
    what = storable_detail(f"lost: its poll broke down {lost} times in a row: {detail or 'it did not come back'}")
    row = connection.execute(
        """
        WITH feed AS (
            UPDATE feeds SET leased_at = NULL, lease = lease + 1, lost = %(lost)s, last_outcome = 'failed',
                due_at = now() + make_interval(secs => %(seconds)s), last_polled_at = now(), last_error = %(detail)s
            WHERE id = %(id)s RETURNING id, due_at, last_success_at
        ), poll AS (
            INSERT INTO feed_polls (feed_id, outcome, detail, why, next_at)
            SELECT id, 'failed', %(detail)s, 'put off, because it may be what ends the fetcher', due_at FROM feed
        )
        SELECT last_success_at IS NOT NULL AS has_worked FROM feed
        """,
        {"id": feed_id, "lost": lost, "seconds": seconds, "detail": what},
    ).fetchone()
    if row is not None and row["has_worked"]:
        alerts.open_alert(connection, feed_id, AlertKind.FEED_FAILING, what)
