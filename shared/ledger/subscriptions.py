r"""WebSub subscriptions (W3C Recommendation of 2018): what is wanted of a feed's hub, asked, and confirmed.

```
wanted -> asked -> active -> (asked again at half its lease) -> active -> ...
              \-> denied     each of them -> ending -> ended
```

The rows are the queue of record, as entries and feeds are: the scheduler issues a job under a lease for a row that is
due, and whatever happens to the job, the row is due again. A fetcher asks the hub, the hub answers by calling back, and
the API writes down what it confirmed.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from shared.database import Connection
from shared.text import storable, storable_detail
from shared.urls import site_of

HOUR = 3600.0
DAY = 86_400.0
LEASE_ASKED = 10 * DAY
LONGEST_LEASE = 30 * DAY
# Hubs of the protocol's drafts do not say how long, or 0 for "for ever".
UNSAID_LEASE = DAY
# A hub may call back long after it was asked, and again where our answer did not reach it.
ANSWER_DAYS = 1
DENIED_DAYS = 7
QUIET_DAYS = 30
# Between two changes of hub.
CHANGE_DAYS = 1
ENDED_DAYS = 30
# Requests without an answer after which a hub does not count as alive, and after which no more are made to end.
DOUBTFUL_ATTEMPTS = 2
TOKEN_LENGTH = 43
_LOOKED_UP = 16

OPEN: LiteralString = "state NOT IN ('ending', 'ended')"
# Trust begins with a delivery: many feeds name a hub that confirms everything and never delivers anything.
ALIVE: LiteralString = f"""(
    state = 'active' AND lease_ends_at > now() AND attempts < {DOUBTFUL_ATTEMPTS}
    AND COALESCE(last_push_at > COALESCE(missed_at, '-infinity'), false))"""
NOT_POLLED = "the feed is not polled any more"


@dataclass(frozen=True)
class Subscription:
    """One feed's subscription. ``errand``: what its hub is to be asked for."""

    id: int
    feed_id: int
    hub: str
    site: str
    topic: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: str
    attempts: int
    verified_at: datetime | None
    lease_ends_at: datetime | None
    now: datetime

    @property
    def is_ending(self) -> bool:
        """Whether the hub is to be asked to end it."""
        return self.state == "ending"

    @property
    def takes_deliveries(self) -> bool:
        """Whether documents that the hub delivers are wanted."""
        return self.state in ("wanted", "asked", "active")


def believed_lease(said: str | None) -> float:
    """The lease in seconds that ``hub.lease_seconds`` stands for: as granted, 30 days at most."""
    text = (said or "").strip()
    seconds = float(text[:12]) if text.isascii() and text.isdigit() else 0.0
    return min(seconds, LONGEST_LEASE) or UNSAID_LEASE


def renewal_after(lease: float, *, floor: float, jitter: float) -> float:
    """When to ask again, in seconds: at half the lease, a little earlier by ``jitter`` in [0, 1) so that what was
    subscribed at once is not renewed at once, and never sooner than ``floor``.
    """
    return max(lease * (0.5 - 0.1 * jitter), floor)


def current(connection: Connection, feed_id: int) -> Subscription | None:
    """The subscription that the feed has, ended and ending ones aside."""
    row = connection.execute(
        f"SELECT *, now() AS now FROM subscriptions WHERE feed_id = %s AND {OPEN}",  # noqa: S608 - a constant
        [feed_id],
    ).fetchone()
    return _subscription(row) if row is not None else None


def want(connection: Connection, feed_id: int, *, hub: str, topic: str) -> None:
    """Have the scheduler subscribe to ``topic`` at ``hub``; nothing where the feed has a subscription."""
    connection.execute(
        """
        INSERT INTO subscriptions (feed_id, hub, site, topic, token, secret)
        VALUES (%(feed)s, %(hub)s, %(site)s, %(topic)s, %(token)s, %(secret)s) ON CONFLICT DO NOTHING
        """,
        {
            "feed": feed_id,
            "hub": storable(hub),
            "site": site_of(hub),
            "topic": storable(topic),
            "token": secrets.token_urlsafe(32),
            "secret": secrets.token_urlsafe(48),
        },
    )


def end(connection: Connection, feed_id: int, detail: str) -> None:
    """Have the scheduler unsubscribe; what was never asked for is forgotten. A request on its way counts no more."""
    connection.execute(f"DELETE FROM subscriptions WHERE feed_id = %s AND {OPEN} AND asked_at IS NULL", [feed_id])  # noqa: S608 - a constant
    connection.execute(
        f"""
        UPDATE subscriptions SET state = 'ending', detail = %s, attempts = 0, due_at = now(), leased_at = NULL,
            lease = lease + 1
        WHERE feed_id = %s AND {OPEN}
        """,  # noqa: S608 - a constant
        [storable_detail(detail), feed_id],
    )


def has_left_one(connection: Connection, feed_id: int) -> bool:
    """Whether the feed's subscription before this one is still being ended, or its hub was asked for that lately."""
    row = connection.execute(
        """
        SELECT FROM subscriptions WHERE feed_id = %s
            AND (state = 'ending' OR (state = 'ended' AND asked_at > now() - make_interval(days => %s))) LIMIT 1
        """,
        [feed_id, CHANGE_DAYS],
    ).fetchone()
    return row is not None


def claim(connection: Connection, subscription_id: int, lease: int, *, lease_seconds: int) -> Subscription | None:
    """Take the request that was dispatched under ``lease``; ``None`` when it was dispatched again since.

    Written before the hub is asked: some call back before they answer.
    """
    row = connection.execute(
        """
        UPDATE subscriptions SET leased_at = now(), asked_at = now(), attempts = LEAST(attempts + 1, 1000),
            due_at = now() + make_interval(secs => %s),
            state = CASE WHEN state IN ('wanted', 'denied') THEN 'asked' ELSE state END
        WHERE id = %s AND lease = %s AND state <> 'ended' RETURNING *, now() AS now
        """,
        [lease_seconds, subscription_id, lease],
    ).fetchone()
    return _subscription(row) if row is not None else None


def step_aside(connection: Connection, subscription_id: int, lease: int, *, seconds: float) -> None:
    """Give the request back: it was not made, and is due again in ``seconds``."""
    connection.execute(
        """
        UPDATE subscriptions SET leased_at = NULL, attempts = GREATEST(attempts - 1, 0),
            due_at = now() + make_interval(secs => %s) WHERE id = %s AND lease = %s
        """,
        [seconds, subscription_id, lease],
    )


def asked(
    connection: Connection, subscription_id: int, lease: int, *, seconds: float | None, detail: str | None
) -> None:
    """Write down how a request went: unless the hub calls back, it is asked again in ``seconds``, never where ``None``.

    Where it has called back already, that stands.
    """
    connection.execute(
        """
        UPDATE subscriptions SET leased_at = NULL,
            due_at = CASE WHEN attempts = 0 THEN due_at ELSE now() + make_interval(secs => %(seconds)s) END,
            detail = CASE WHEN attempts = 0 THEN detail ELSE %(detail)s END,
            state = CASE WHEN attempts > 0 AND %(seconds)s IS NULL THEN 'ended' ELSE state END
        WHERE id = %(id)s AND lease = %(lease)s
        """,
        {"id": subscription_id, "lease": lease, "seconds": seconds, "detail": storable_detail(detail)},
    )


def at_callback(connection: Connection, token: str) -> Subscription | None:
    """The subscription whose callback has ``token`` in its address.

    Found by the token's first part, which is no secret; compared as a whole in a time that does not tell how much of
    it was right.
    """
    if len(token) != TOKEN_LENGTH or not token.isascii() or "\x00" in token:
        return None
    row = connection.execute(
        f"SELECT *, now() AS now FROM subscriptions WHERE left(token, {_LOOKED_UP}) = %s",  # noqa: S608 - a constant
        [token[:_LOOKED_UP]],
    ).fetchone()
    if row is None or not hmac.compare_digest(row["token"].encode(), token.encode()):
        return None
    return _subscription(row)


def confirm(connection: Connection, subscription_id: int, *, lease: float, renew_after: float) -> bool:
    """The hub asks whether we meant it: true where it was asked for this less than a day ago, and is active now."""
    return _changed(
        connection,
        """
        UPDATE subscriptions SET state = 'active', detail = NULL, attempts = 0, verified_at = now(),
            lease_ends_at = now() + make_interval(secs => %(lease)s),
            due_at = now() + make_interval(secs => %(renew)s)
        WHERE id = %(id)s AND state IN ('asked', 'active') AND asked_at > now() - make_interval(days => %(days)s)
        """,
        {"id": subscription_id, "lease": lease, "renew": renew_after, "days": ANSWER_DAYS},
    )


def confirm_end(connection: Connection, subscription_id: int) -> bool:
    """The hub asks whether the end was meant: true where it was asked for that less than a day ago."""
    return _changed(
        connection,
        """
        UPDATE subscriptions SET state = 'ended', attempts = 0, due_at = NULL, lease_ends_at = now()
        WHERE id = %(id)s AND state IN ('ending', 'ended') AND asked_at > now() - make_interval(days => %(days)s)
        """,
        {"id": subscription_id, "days": ANSWER_DAYS},
    )


def deny(connection: Connection, subscription_id: int, reason: str | None) -> None:
    """The hub will not deliver, or not any more; it is asked again in a week."""
    connection.execute(
        """
        UPDATE subscriptions SET attempts = 0, lease_ends_at = now(),
            state = CASE WHEN state = 'ending' THEN 'ended' ELSE 'denied' END,
            due_at = CASE WHEN state = 'ending' THEN NULL ELSE now() + make_interval(days => %(days)s) END,
            detail = %(detail)s
        WHERE id = %(id)s AND state IN ('asked', 'active', 'ending')
        """,
        {
            "id": subscription_id,
            "days": DENIED_DAYS,
            "detail": storable_detail(
                f"denied by the hub: {' '.join((reason or 'it does not say why').split())[:300]}"
            ),
        },
    )


def _changed(connection: Connection, query: LiteralString, values: dict[str, Any]) -> bool:
    return connection.execute(query, values).rowcount > 0


def _subscription(row: dict[str, Any]) -> Subscription:
    return Subscription(**{name: row[name] for name in Subscription.__dataclass_fields__})
