"""The change feed: one gap-free sequence in commit order, as CloudEvents 1.0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis

from shared.database import Connection, one
from shared.reading.articles import with_feeds
from shared.records import rfc3339

STREAM = "wiredesk:articles"
SOURCE = "urn:wiredesk"
# CloudEvents 1.0 wants an absolute URI here; the schema itself is served at /v1/schema/article.
DATA_SCHEMA = "urn:wiredesk:schema:article:1"


@dataclass(frozen=True)
class Event:
    """One change of one article; ``data`` is the record as it was at that version."""

    seq: int
    type: str
    subject: str
    version: int
    time: datetime
    data: dict[str, Any] | None

    def envelope(self) -> dict[str, Any]:
        """The CloudEvents 1.0 envelope (JSON format); ``seq`` is an extension attribute: the cursor."""
        return {
            "specversion": "1.0",
            "id": str(self.seq),
            "source": SOURCE,
            "type": self.type,
            "subject": self.subject,
            "time": rfc3339(self.time),
            "datacontenttype": "application/json",
            "dataschema": DATA_SCHEMA,
            "seq": self.seq,
            "data": self.data,
        }


def read_events(connection: Connection, *, after: int, limit: int) -> list[Event]:
    """The next ``limit`` events above ``after``. A reader that saw ``n`` never finds a new one below ``n`` later:
    every writer takes its number under a lock that it holds until it has committed.
    """
    rows = connection.execute(
        """
        SELECT e.seq, e.type, e.article_id, e.version, e.at, v.record
        FROM events e LEFT JOIN article_versions v ON v.article_id = e.article_id AND v.version = e.version
        WHERE e.seq > %s ORDER BY e.seq LIMIT %s
        """,
        [after, limit],
    ).fetchall()
    records = with_feeds(connection, [{**row["record"], "seq": row["seq"]} for row in rows if row["record"]])
    by_seq = {record["seq"]: record for record in records}
    return [
        Event(row["seq"], row["type"], row["article_id"], row["version"], row["at"], by_seq.get(row["seq"]))
        for row in rows
    ]


def head(connection: Connection) -> int:
    """The last seq that was given out; 0 before the first event."""
    return int(one(connection.execute("SELECT seq FROM event_head").fetchone())["seq"])


def published(valkey: redis.Redis) -> int:
    """The last seq that the stream has had, whether or not it is still kept; 0 before the first event."""
    try:
        return int(valkey.xinfo_stream(STREAM)["last-generated-id"].partition(b"-")[0])
    except redis.ResponseError as error:
        if "no such key" in str(error):
            return 0
        raise
