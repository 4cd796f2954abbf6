"""How the whole pipeline stands, in one look."""

from __future__ import annotations

from typing import Any

import redis

from shared import queues
from shared.database import Connection, one
from shared.ledger import audit
from shared.reading.events import head, published
from shared.records import rfc3339


def status(connection: Connection, valkey: redis.Redis) -> dict[str, Any]:
    """Counts of ledger, feeds, queues, workers and change feed."""
    feeds = one(
        connection.execute(
            """
            SELECT count(*) FILTER (WHERE status = 'active') AS active,
                   count(*) FILTER (WHERE status = 'paused') AS paused,
                   count(*) FILTER (WHERE status = 'active' AND last_outcome = 'failed') AS failing,
                   count(*) FILTER (WHERE status = 'active' AND due_at < now() AND leased_at IS NULL) AS due
            FROM feeds
            """
        ).fetchone()
    )
    leader = connection.execute("SELECT holder FROM leadership WHERE expires_at > now()").fetchone()
    # Through the feed's own order: articles have no index on the time of indexing and need none.
    latest = connection.execute(
        "SELECT at FROM events WHERE type = 'article.created' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    seq = head(connection)
    return {
        "entries": audit.totals(connection),
        "reasons": audit.reasons(connection),
        "feeds": feeds,
        "queues": {name.value: depth for name, depth in queues.depths(valkey).items()},
        "workers": queues.workers(valkey),
        "leader": leader["holder"] if leader else None,
        "last_indexed_at": rfc3339(latest["at"]) if latest else None,
        "seq": seq,
        "stream_behind": max(0, seq - published(valkey)),
    }
