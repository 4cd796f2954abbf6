"""Alerts: what somebody should know about a feed or a site, opened once and closed when it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog

from shared.database import Connection
from shared.records import rfc3339
from shared.text import storable_detail

LOG = structlog.get_logger(__name__)


class AlertKind(StrEnum):
    """Each is a metric label and a word on a row: never renamed, only added to."""

    FEED_FAILING = "feed_failing"
    """It has worked, and has failed for some time."""
    FEED_GONE = "feed_gone"
    """It says that it is gone for good (410)."""
    FEED_GAP = "feed_gap"
    """Nothing of it was known at a poll: entries may have been missed."""
    FEED_QUIET = "feed_quiet"
    """It used to publish, and has stopped."""
    FEED_MOVED = "feed_moved"
    """It leads for good to what it never was."""
    SITE_DRIFT = "site_drift"
    """A site's pages are read worse than they were."""


def open_alert(connection: Connection, feed_id: int, kind: AlertKind, detail: str | None) -> bool:
    """Open an alert, unless one of its kind is open for the feed, or nobody polls it, so that nothing would close it.

    Returns whether it was opened.
    """
    opened = connection.execute(
        """
        INSERT INTO alerts (feed_id, kind, detail) SELECT %(feed)s, %(kind)s, %(detail)s
        WHERE NOT EXISTS (SELECT FROM feeds WHERE id = %(feed)s AND status <> 'active')
        ON CONFLICT (feed_id, kind) WHERE closed_at IS NULL DO NOTHING
        """,
        {"feed": feed_id, "kind": kind.value, "detail": storable_detail(detail)},
    ).rowcount
    if opened:
        LOG.warning("alert opened", action="alert_opened", feed=feed_id, kind=kind.value)
    return opened > 0


def close_alerts(
    connection: Connection, feed_ids: int | Sequence[int], kinds: Sequence[AlertKind] | None = None
) -> int:
    """Close the open alerts of a feed, or of several, all or those of ``kinds``; returns how many there were."""
    closed = connection.execute(
        """
        UPDATE alerts SET closed_at = now()
        WHERE feed_id = ANY(%(feeds)s) AND closed_at IS NULL AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))
        RETURNING feed_id, kind
        """,
        {
            "feeds": [feed_ids] if isinstance(feed_ids, int) else list(feed_ids),
            "kinds": None if kinds is None else [kind.value for kind in kinds],
        },
    ).fetchall()
    for row in closed:
        LOG.info("alert closed", action="alert_closed", feed=row["feed_id"], kind=row["kind"])
    return len(closed)


def open_site_alert(connection: Connection, site: str, kind: AlertKind, detail: str | None) -> bool:
    """Open an alert about a site, unless one of its kind is open for it. Returns whether it was opened."""
    opened = connection.execute(
        """
        INSERT INTO alerts (site, kind, detail) VALUES (%s, %s, %s)
        ON CONFLICT (site, kind) WHERE closed_at IS NULL AND site IS NOT NULL DO NOTHING
        """,
        [site, kind.value, storable_detail(detail)],
    ).rowcount
    if opened:
        LOG.warning("alert opened", action="alert_opened", site=site, kind=kind.value)
    return opened > 0


def close_site_alerts(connection: Connection, site: str, kinds: Sequence[AlertKind]) -> int:
    """Close the open alerts of ``kinds`` about a site; returns how many there were."""
    closed = connection.execute(
        """
        UPDATE alerts SET closed_at = now() WHERE site = %s AND closed_at IS NULL AND kind = ANY(%s) RETURNING kind
        """,
        [site, [kind.value for kind in kinds]],
    ).fetchall()
    for row in closed:
        LOG.info("alert closed", action="alert_closed", site=site, kind=row["kind"])
    return len(closed)


def apply(connection: Connection, feed_id: int, *, opens: Mapping[AlertKind, str], closes: Sequence[AlertKind]) -> None:
    """Do what a poll means for its feed's alerts."""
    if closes:
        close_alerts(connection, feed_id, closes)
    for kind, detail in opens.items():
        open_alert(connection, feed_id, kind, detail)


def list_alerts(
    connection: Connection, *, open_only: bool = True, limit: int = 100, before: int | None = None
) -> list[dict[str, Any]]:
    """Alerts with their feed's URL and title, or with their site, the newest first.

    ``before``: the id of the last one that is known.
    """
    rows = connection.execute(
        """
        SELECT a.id, a.feed_id, f.url AS feed_url, f.title AS feed_title, a.site, a.kind, a.detail, a.opened_at,
            a.closed_at
        FROM alerts a LEFT JOIN feeds f ON f.id = a.feed_id
        WHERE (%(before)s::bigint IS NULL OR a.id < %(before)s) AND (NOT %(open_only)s OR a.closed_at IS NULL)
        ORDER BY a.id DESC LIMIT %(limit)s
        """,
        {"before": before, "open_only": open_only, "limit": limit},
    ).fetchall()
    return [
        {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in row.items()} for row in rows
    ]
