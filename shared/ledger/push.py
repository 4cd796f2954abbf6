"""What hubs deliver: documents waiting for a poll, and whether a feed's hub can be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.database import Connection, one
from shared.ledger import sites
from shared.ledger.polls import FeedForPoll, PollRecord
from shared.ledger.subscriptions import ALIVE, OPEN
from shared.text import storable, storable_detail

# A hub that delivers faster than the feed's site may be visited: the oldest give way, and the feed itself is asked.
MOST_WAITING = 20
# A document that ends fetchers is not read a third time.
MOST_TRIES = 2
# What was published this recently may still be on its way through the hub.
GRACE_MINUTES = 15


@dataclass(frozen=True)
class Waiting:
    """A document that a hub has delivered."""

    id: int
    content_type: str | None
    body: bytes


@dataclass(frozen=True)
class Standing:
    """A feed's subscription as its polls see it. ``alive``: the hub delivers, so that polls are only for safety.

    ``poll_due_at``: when the feed's next poll was due, where a delivery has made it due at once.
    """

    hub: str | None = None
    topic: str | None = None
    alive: bool = False
    overflowed: bool = False
    poll_due_at: datetime | None = None


def deliver(
    connection: Connection,
    subscription_id: int,
    feed_id: int,
    *,
    content_type: str | None,
    body: bytes,
    most_bytes: int,
) -> None:
    """Keep a document for the feed's next poll, which is due at once: see :func:`make_due`.

    Of what waits the newest are kept: 20, and ``most_bytes`` of them beside this one.
    """
    # Before the subscription's row, since it may have to wait for the feed's.
    connection.execute(
        "INSERT INTO pushes (feed_id, content_type, body) VALUES (%s, %s, %s)",
        [feed_id, storable_detail(content_type), body],
    )
    dropped = connection.execute(
        """
        DELETE FROM pushes WHERE id IN (
            SELECT id FROM (
                SELECT id, row_number() OVER newest AS place, sum(octet_length(body)) OVER newest AS size
                FROM pushes WHERE feed_id = %s WINDOW newest AS (ORDER BY id DESC)
            ) waiting WHERE place > %s OR (place > 1 AND size > %s + %s))
        """,
        [feed_id, MOST_WAITING, most_bytes, len(body)],
    ).rowcount
    connection.execute(
        """
        UPDATE subscriptions SET last_push_at = now(), pushes = pushes + 1, overflowed = overflowed OR %s WHERE id = %s
        """,
        [dropped > 0, subscription_id],
    )


def refuse(connection: Connection, subscription_id: int) -> None:
    """Count a delivery without a valid signature."""
    connection.execute("UPDATE subscriptions SET bad_signatures = bad_signatures + 1 WHERE id = %s", [subscription_id])


def make_due(connection: Connection) -> int:
    """Make feeds for which documents wait due at once, unless a poll of them is running. Returns how many.

    The scheduler's part, so that the callback waits for no feed's lock, and a poll that records while a document comes
    in cannot miss it.
    """
    rows = connection.execute(
        """
        SELECT id, site, due_at FROM feeds
        WHERE id IN (SELECT feed_id FROM pushes) AND status = 'active' AND leased_at IS NULL AND due_at > now()
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
        """
    ).fetchall()
    if not rows:
        return 0
    ids = [row["id"] for row in rows]
    connection.execute(
        f"""
        UPDATE subscriptions s SET poll_due_at = f.due_at FROM feeds f
        WHERE f.id = s.feed_id AND s.feed_id = ANY(%s) AND s.{OPEN}
        """,  # noqa: S608 - a constant
        [ids],
    )
    connection.execute("UPDATE feeds SET due_at = now() WHERE id = ANY(%s)", [ids])
    sites.wake(connection, [row["site"] for row in rows])
    return len(ids)


def take(connection: Connection, feed_id: int) -> list[Waiting]:
    """What waits for the feed, oldest first. Each is handed out twice at most."""
    connection.execute("DELETE FROM pushes WHERE feed_id = %s AND tries >= %s", [feed_id, MOST_TRIES])
    rows = connection.execute(
        "UPDATE pushes SET tries = tries + 1 WHERE feed_id = %s RETURNING id, content_type, body", [feed_id]
    ).fetchall()
    return sorted((Waiting(**row) for row in rows), key=lambda waiting: waiting.id)


def drop(connection: Connection, ids: Sequence[int]) -> None:
    """Forget documents that were read."""
    connection.execute("DELETE FROM pushes WHERE id = ANY(%s)", [list(ids)])


def standing(connection: Connection, feed_id: int) -> Standing:
    """How the feed's subscription stands."""
    row = connection.execute(
        f"""
        SELECT hub, topic, {ALIVE} AS alive, overflowed, poll_due_at FROM subscriptions WHERE feed_id = %s AND {OPEN}
        """,  # noqa: S608 - constants
        [feed_id],
    ).fetchone()
    return Standing(**row) if row is not None else Standing()


def missed(connection: Connection, feed_id: int, identities: Sequence[str]) -> int:
    """How many of the entries that this transaction found in the feed, under ``identities``, its hub should have
    delivered before.
    """
    if not identities:
        return 0
    row = connection.execute(
        """
        SELECT count(*) AS entries FROM sightings s
        WHERE s.feed_id = %(feed)s AND s.identity = ANY(%(identities)s) AND s.discovered_at = now()
            AND COALESCE(s.hints->>'published_at', s.hints->>'updated_at', '-infinity')::timestamptz
                < now() - make_interval(mins => %(grace)s)
            AND NOT EXISTS (SELECT 1 FROM sightings before WHERE before.feed_id = s.feed_id
                            AND before.entry_id = s.entry_id AND before.discovered_at < now())
            AND NOT EXISTS (SELECT 1 FROM pushes WHERE feed_id = %(feed)s)
        """,
        {"feed": feed_id, "identities": list(identities), "grace": GRACE_MINUTES},
    ).fetchone()
    return int(one(row)["entries"])


def polled(connection: Connection, feed_id: int, *, slows: bool, missed: bool = False) -> None:
    """The feed itself was asked. ``slows``: its next poll comes later because of push; ``missed``: distrust the hub."""
    connection.execute(
        f"""
        UPDATE subscriptions SET slows = %s, poll_due_at = NULL, overflowed = false,
            missed_at = CASE WHEN %s THEN now() ELSE missed_at END
        WHERE feed_id = %s AND {OPEN}
        """,  # noqa: S608 - a constant
        [slows, missed, feed_id],
    )


def record_delivery(connection: Connection, feed: FeedForPoll, poll: PollRecord, *, slows: bool) -> None:
    """Write what delivered documents brought. Nothing of it is evidence about the feed's own answers: validators,
    outcomes and the interval stay.
    """
    connection.execute("UPDATE feeds SET leased_at = NULL, lost = 0, due_at = %s WHERE id = %s", [poll.due_at, feed.id])
    connection.execute(
        f"UPDATE subscriptions SET slows = %s, poll_due_at = NULL WHERE feed_id = %s AND {OPEN}",  # noqa: S608 - a constant
        [slows, feed.id],
    )
    connection.execute(
        """
        INSERT INTO feed_polls (feed_id, outcome, entries, new_entries, edited_entries, ms, detail, why, next_at)
        VALUES (%(feed)s, %(outcome)s, %(entries)s, %(new)s, %(edited)s, %(ms)s, %(detail)s, %(why)s, %(next)s)
        """,
        {
            "feed": feed.id,
            "outcome": poll.outcome,
            "entries": poll.entries,
            "new": poll.new_entries,
            "edited": poll.edited_entries,
            "ms": poll.ms,
            "detail": storable_detail(poll.detail),
            "why": storable(poll.why),
            "next": poll.due_at,
        },
    )
    sites.wake(connection, [feed.site])
