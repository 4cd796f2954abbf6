"""Stored pages by what the ledger calls them, and with what was made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.database import Connection
from shared.errors import UsageError
from shared.reading.explain import explain
from shared.records import RejectionReason
from shared.urls import site_of

BATCH = 50
PARSER_REASONS = (
    RejectionReason.NOT_HTML,
    RejectionReason.EMPTY_PAGE,
    RejectionReason.NO_TEXT,
    RejectionReason.TOO_LARGE,
    RejectionReason.MALFORMED,
    RejectionReason.PARSER_TIMEOUT,
    RejectionReason.PARSER_MEMORY,
    RejectionReason.PARSER_ERROR,
)
"""Reasons that a parser gave; what robots.txt or a publisher's objection ended, no parser changes."""


@dataclass(frozen=True)
class Made:
    """What is known of an entry that was parsed: its page, and its article's record or why it was rejected.

    ``page_key`` of an article is the page that its present version was read from.
    """

    entry_id: int
    url: str
    page_key: str | None
    record: dict[str, Any] | None
    reason: str | None
    detail: str | None


def page_key_of(connection: Connection, name: str) -> str:
    """The key of the page of an entry (its id or URL) or an article (its id or URL).

    :raises UsageError: where there is none.
    """
    if name.isdecimal() and len(name) < 19:
        row = connection.execute("SELECT page_key FROM entries WHERE id = %s", [int(name)]).fetchone()
        if row is None:
            raise UsageError(f"no entry {name} here")
        key = row["page_key"]
    else:
        found = explain(connection, name)
        if found["kind"] == "feed":
            raise UsageError("that is a feed, no page: wiredesk feeds parse reads feeds")
        key = found["page_key"]
    if key is None:
        raise UsageError("its page was never stored: wiredesk explain says why")
    return str(key)


def iterate_made(
    connection: Connection, *, site: str | None = None, since: datetime | None = None, batch: int = BATCH
) -> Iterator[Made]:
    """Every entry with an article of its own or a rejection by the parser, the last discovered first.

    In batches with a transaction each: parsing what lies between may take hours.

    :param site: a domain; its registered domain is meant.
    :param since: discovered then or later.
    :param batch: so many are read at once.
    """
    below: int | None = None
    while True:
        rows = connection.execute(
            """
            SELECT e.id, e.url, e.page_key, e.state, e.reason, e.detail, v.record
            FROM entries e
            LEFT JOIN articles a ON a.id = e.article_id AND e.state = 'indexed'
            LEFT JOIN article_versions v ON v.article_id = a.id AND v.version = a.version
            WHERE (%(below)s::bigint IS NULL OR e.id < %(below)s)
              AND (v.record IS NOT NULL OR (e.state = 'rejected' AND e.reason = ANY(%(reasons)s)))
              -- All of these have ended: so said, a site's are found by its index.
              AND e.finished_at IS NOT NULL
              AND (%(site)s::text IS NULL OR e.site = %(site)s)
              AND (%(since)s::timestamptz IS NULL OR e.discovered_at >= %(since)s)
            ORDER BY e.id DESC LIMIT %(batch)s
            """,
            {
                "below": below,
                "reasons": [str(reason) for reason in PARSER_REASONS],
                "site": _site(site) if site else None,
                "since": since,
                "batch": batch,
            },
        ).fetchall()
        connection.commit()
        if not rows:
            return
        yield from map(_made, rows)
        below = rows[-1]["id"]


def _made(row: dict[str, Any]) -> Made:
    record = row["record"]
    return Made(
        entry_id=row["id"],
        url=row["url"],
        page_key=row["page_key"] if record is None else (record.get("page") or {}).get("key"),
        record=record,
        reason=None if record is not None else row["reason"],
        detail=row["detail"],
    )


def _site(name: str) -> str:
    return site_of(name if "://" in name else f"http://{name}/")
