"""Push: which hubs may be asked now, and what follows when one is no longer to be relied on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from itertools import groupby
from typing import Any, Literal, LiteralString

import redis

from shared import queues
from shared.database import Connection, Database
from shared.jobs import AskHub
from shared.ledger import push, sites, subscriptions
from shared.ledger.subscriptions import ALIVE, ENDED_DAYS, OPEN, QUIET_DAYS
from shared.politeness import Politeness
from shared.settings import Settings

LOOK_SECONDS = 1.0
# Each looks at all subscriptions. Feeds whose hub has died are polled again soon; for the rest nobody waits.
REVIEW_SECONDS = 5.0
SWEEP_SECONDS = 60.0
SITES_PER_LOOK = 200
ENDED_PER_SWEEP = 500

# No poll has brought anything new for a month: nobody waits for what the hub might deliver.
_QUIET: LiteralString = f"""
    NOT EXISTS (SELECT 1 FROM feed_polls p WHERE p.feed_id = s.feed_id AND p.new_entries > 0
                AND p.at > now() - interval '{QUIET_DAYS} days')
"""  # noqa: S608 - a number
# By the hubs' sites, so that a hub of ten thousand feeds that is held or slow does not hide the others.
_DUE: LiteralString = f"""
    SELECT s.id, s.site, s.lease, s.leased_at IS NOT NULL AS leased, s.state, s.verified_at IS NOT NULL AS verified,
        COALESCE(f.title, f.url) AS title, {_QUIET} AS quiet
    FROM (
        SELECT DISTINCT d.site FROM subscriptions d LEFT JOIN sites h ON h.site = d.site
        WHERE d.due_at <= now() AND (h.held_until IS NULL OR h.held_until <= now()) LIMIT %(sites)s
    ) asked CROSS JOIN LATERAL (
        SELECT * FROM subscriptions WHERE subscriptions.site = asked.site AND due_at <= now()
        ORDER BY due_at LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
    ) s JOIN feeds f ON f.id = s.feed_id
    ORDER BY s.site, s.id
"""  # noqa: S608 - constants


class Subscriptions:
    """Issues requests to hubs within the budget of the hubs' sites, and has feeds polled for which documents wait."""

    def __init__(
        self,
        database: Database,
        valkey: redis.Redis,
        settings: Settings,
        politeness: Politeness,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._valkey = valkey
        self._settings = settings
        self._politeness = politeness
        self._clock = clock
        self._look_at = -math.inf
        self._sweep_at = -math.inf
        self._review_at = -math.inf

    def tick(self) -> int:
        """One look at everything that is due. Returns how many requests were issued."""
        now = self._clock()
        with self._database.transaction() as connection:
            push.make_due(connection)
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_SECONDS
            self.sweep()
        if now >= self._review_at:
            self._review_at = now + REVIEW_SECONDS
            self.review()
        # Without an address to call back at, what hubs have promised lapses.
        if now < self._look_at or not self._settings.public_url:
            return 0
        self._look_at = now + LOOK_SECONDS
        return self._issue()

    def sweep(self) -> None:
        """Follow up what no single row is due for: feeds that are polled no more, and leases that ended."""
        with self._database.transaction() as connection:
            _end_with_feeds(connection)
            _end_leases(connection)

    def review(self) -> None:
        """Have feeds polled as without push whose hub has died, or its lease ended."""
        with self._database.transaction() as connection:
            _poll_as_without_push(connection)

    def _issue(self) -> int:
        jobs: list[AskHub] = []
        with self._database.transaction() as connection:
            rows = connection.execute(
                _DUE, {"sites": SITES_PER_LOOK, "most": self._politeness.concurrency + 1}
            ).fetchall()
            for site, group in groupby(rows, key=lambda row: str(row["site"])):
                jobs += self._issue_for_site(connection, site, list(group))
        # After the commit: a job that is lost between the two is taken up when its lease has run out.
        longest = int(self._settings.deadline_seconds) + queues.JOB_TIMEOUT_MARGIN
        return queues.enqueue(
            self._valkey, jobs, self._settings, timeout=min(longest, self._settings.fetch_lease_seconds)
        )

    def _issue_for_site(self, connection: Connection, site: str, rows: list[dict[str, Any]]) -> list[AskHub]:
        wanted = []
        for row in rows:
            if row["leased"]:
                # Its lease ran out: whoever had it can not be at it any more.
                self._politeness.release(site, _job(row, row["lease"]).job_id)
            if row["quiet"] and row["state"] != "ending":
                _let_lapse(connection, row["id"])
            else:
                wanted.append(_job(row, row["lease"] + 1))
        if not wanted:
            return []
        lease_seconds = self._settings.fetch_lease_seconds
        reserved = self._politeness.reserve(
            site, [job.job_id for job in wanted], ttl_seconds=lease_seconds + queues.JOB_TIMEOUT_MARGIN
        )
        issued = wanted[: reserved.granted]
        connection.execute(
            """
            UPDATE subscriptions SET lease = lease + 1, leased_at = now(), due_at = now() + make_interval(secs => %s)
            WHERE id = ANY(%s)
            """,
            [lease_seconds, [job.subscription_id for job in issued]],
        )
        return issued


def _job(row: dict[str, Any], lease: int) -> AskHub:
    errand: Literal["subscribe", "renew", "unsubscribe"] = "renew" if row["verified"] else "subscribe"
    if row["state"] == "ending":
        errand = "unsubscribe"
    return AskHub(subscription_id=row["id"], errand=errand, lease=lease, site=row["site"], title=row["title"])


def _let_lapse(connection: Connection, subscription_id: int) -> None:
    """Nothing is asked any more; what the hub still delivers until its lease ends is taken."""
    connection.execute(
        """
        UPDATE subscriptions SET leased_at = NULL, detail = %s,
            state = CASE WHEN lease_ends_at > now() THEN state ELSE 'ended' END,
            due_at = CASE WHEN lease_ends_at > now() THEN lease_ends_at END
        WHERE id = %s
        """,
        [f"nothing new for {QUIET_DAYS} days: not renewed", subscription_id],
    )


def _end_with_feeds(connection: Connection) -> None:
    """Feeds that are removed, paused, or merged into others want no deliveries."""
    rows = connection.execute(
        f"""
        SELECT s.feed_id FROM subscriptions s JOIN feeds f ON f.id = s.feed_id
        WHERE s.{OPEN} AND f.status <> 'active' ORDER BY s.id LIMIT %s FOR NO KEY UPDATE OF s SKIP LOCKED
        """,  # noqa: S608 - constants
        [ENDED_PER_SWEEP],
    ).fetchall()
    for row in rows:
        subscriptions.end(connection, row["feed_id"], subscriptions.NOT_POLLED)
    connection.execute("DELETE FROM pushes USING feeds WHERE feeds.id = pushes.feed_id AND feeds.status <> 'active'")


def _end_leases(connection: Connection) -> None:
    connection.execute(
        """
        UPDATE subscriptions SET state = CASE WHEN state = 'ending' THEN 'ended' ELSE 'asked' END,
            due_at = CASE WHEN state = 'ending' THEN NULL ELSE due_at END,
            detail = COALESCE(detail, 'its lease has ended')
        WHERE id IN (
            SELECT id FROM subscriptions WHERE state IN ('active', 'ending') AND lease_ends_at <= now()
            ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
        """
    )
    # For a while hubs that still deliver hear that nobody is there any more.
    connection.execute(
        """
        DELETE FROM subscriptions WHERE state = 'ended' AND (asked_at IS NULL OR
            asked_at < now() - make_interval(days => %s))
        """,
        [ENDED_DAYS],
    )


def _poll_as_without_push(connection: Connection) -> None:
    """Feeds whose polls come later because of a hub that is not alive any more: at their own interval, from now on."""
    rows = connection.execute(
        f"""
        SELECT f.id, f.site, s.id AS subscription_id FROM subscriptions s JOIN feeds f ON f.id = s.feed_id
        WHERE s.slows AND NOT {ALIVE} AND f.leased_at IS NULL ORDER BY f.id FOR NO KEY UPDATE OF f, s SKIP LOCKED
        """  # noqa: S608 - a constant
    ).fetchall()
    if not rows:
        return
    connection.execute(
        """
        UPDATE feeds SET due_at = LEAST(due_at, GREATEST(now(), last_polled_at + make_interval(secs =>
            CASE jsonb_typeof(poll_state -> 'interval_seconds')
                WHEN 'number' THEN (poll_state ->> 'interval_seconds')::float ELSE 0 END)))
        WHERE id = ANY(%s)
        """,
        [[row["id"] for row in rows]],
    )
    connection.execute(
        "UPDATE subscriptions SET slows = false WHERE id = ANY(%s)", [[row["subscription_id"] for row in rows]]
    )
    sites.wake(connection, [row["site"] for row in rows])
