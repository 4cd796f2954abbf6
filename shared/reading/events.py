"""The change feed: one gap-free sequence in commit order, as CloudEvents 1.0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.database import Connection, one
from shared.reading.articles import with_feeds
from shared.records import rfc3339

STREAM = "wiredesk:articles"
SOURCE = "urn:wiredesk"


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
            "dataschema": "/v1/schema/article",
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
