"""Reading articles: by id, newest first, and by full-text search in each article's own language."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import sql

from shared.database import Connection
from shared.errors import UsageError
from shared.records import rfc3339
from shared.search import configuration, searchable

LIMIT = 200


@dataclass(frozen=True)
class ArticleQuery:
    """What to list. ``since``/``until`` bound the publication time (else the discovery time), ``until`` excluded."""

    q: str | None = None
    language: str | None = None
    source: str | None = None
    feed_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True)
class ArticlePage:
    """A page of records and the cursor of the next one, ``None`` at the end."""

    articles: list[dict[str, Any]]
    next_cursor: str | None


def get_article(connection: Connection, article_id: str) -> dict[str, Any] | None:
    """The current record of an article."""
    row = connection.execute(
        """
        SELECT v.record, a.seq FROM articles a
        JOIN article_versions v ON v.article_id = a.id AND v.version = a.version WHERE a.id = %s
        """,
        [article_id],
    ).fetchone()
    if row is None:
        return None
    return with_feeds(connection, [{**row["record"], "seq": row["seq"]}])[0]


def get_versions(connection: Connection, article_id: str) -> list[dict[str, Any]]:
    """All versions of an article, oldest first, each with its reason."""
    rows = connection.execute(
        """
        SELECT version, reason, created_at, record FROM article_versions WHERE article_id = %s ORDER BY version
        """,
        [article_id],
    ).fetchall()
    return [{**row, "created_at": rfc3339(row["created_at"])} for row in rows]


def find_articles(connection: Connection, query: ArticleQuery) -> ArticlePage:
    """A page of articles, newest first.

    :raises UsageError: for a cursor that was not given out, or a limit out of range.
    """
    if not 1 <= query.limit <= LIMIT:
        raise UsageError(f"limit must be between 1 and {LIMIT}")
    conditions, values = _conditions(connection, query)
    statement = sql.SQL(
        """
        SELECT a.id, a.sort_at, a.seq, v.record FROM articles a
        JOIN article_versions v ON v.article_id = a.id AND v.version = a.version
        WHERE {conditions} ORDER BY a.sort_at DESC, a.id DESC LIMIT {limit}
        """
    ).format(conditions=sql.SQL(" AND ").join(conditions), limit=sql.Literal(query.limit + 1))
    rows = connection.execute(statement, values).fetchall()
    page = rows[: query.limit]
    more = len(rows) > query.limit
    records = with_feeds(connection, [{**row["record"], "seq": row["seq"]} for row in page])
    return ArticlePage(records, _cursor(page[-1]["sort_at"], page[-1]["id"]) if more else None)


def iterate_articles(connection: Connection, query: ArticleQuery) -> Iterator[dict[str, Any]]:
    """Every article that matches, page by page, in bounded memory."""
    cursor: str | None = query.cursor
    while True:
        page = find_articles(connection, replace(query, cursor=cursor, limit=LIMIT))
        yield from page.articles
        cursor = page.next_cursor
        if cursor is None:
            return


def with_feeds(connection: Connection, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records with the feeds that list each article now, in the order in which they found it."""
    ids = [record["id"] for record in records]
    if not ids:
        return []
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(
        """
        SELECT e.article_id, s.feed_id, f.url AS feed_url, s.guid, s.discovered_at
        FROM entries e JOIN sightings s ON s.entry_id = e.id JOIN feeds f ON f.id = s.feed_id
        WHERE e.article_id = ANY(%s) ORDER BY s.discovered_at, s.feed_id
        """,
        [ids],
    ):
        found.setdefault(row["article_id"], []).append(
            {
                "feed_id": row["feed_id"],
                "feed_url": row["feed_url"],
                "entry_id": row["guid"],
                "discovered_at": rfc3339(row["discovered_at"]),
            }
        )
    return [{**record, "feeds": found.get(record["id"], [])} for record in records]


def _conditions(connection: Connection, query: ArticleQuery) -> tuple[list[sql.Composable], dict[str, Any]]:
    conditions: list[sql.Composable] = [sql.SQL("true")]
    values: dict[str, Any] = {}
    simple = {
        "language": ("a.language = %(language)s", query.language),
        "source": ("(a.domain = %(source)s OR a.domain LIKE '%%.' || %(source)s)", query.source),
        "feed_id": (
            "a.id IN (SELECT e.article_id FROM sightings s JOIN entries e ON e.id = s.entry_id"
            " WHERE s.feed_id = %(feed_id)s)",
            query.feed_id,
        ),
        "since": ("a.sort_at >= %(since)s", query.since),
        "until": ("a.sort_at < %(until)s", query.until),
    }
    for name, (condition, value) in simple.items():
        if value is not None:
            conditions.append(sql.SQL(condition))
            values[name] = value
    if query.q and query.q.strip():
        conditions.append(_matches(connection, query))
        values["q"] = searchable(query.q)
    if query.cursor:
        sort_at, article_id = _read_cursor(query.cursor)
        conditions.append(sql.SQL("(a.sort_at, a.id) < (%(cursor_at)s, %(cursor_id)s)"))
        values |= {"cursor_at": sort_at, "cursor_id": article_id}
    return conditions, values


def _matches(connection: Connection, query: ArticleQuery) -> sql.Composable:
    """The words of the query in each dictionary that is in use: one index scan per language, combined.

    A condition on the row's own dictionary (``websearch_to_tsquery(a.ts_config, ...)``) could not use the index.
    """
    if query.language:
        names = [configuration(query.language)]
    else:
        names = [row["name"] for row in connection.execute("SELECT DISTINCT ts_config::text AS name FROM articles")]
    parts = [
        sql.SQL("(a.ts_config = {name}::regconfig AND a.tsv @@ websearch_to_tsquery({name}::regconfig, %(q)s))").format(
            name=sql.Literal(name)
        )
        for name in names or ["simple"]
    ]
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts))


def _cursor(sort_at: datetime, article_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([rfc3339(sort_at), article_id]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        sort_at, article_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return datetime.fromisoformat(sort_at), str(article_id).replace("\x00", "")
    except (ValueError, TypeError, binascii.Error):
        raise UsageError("the cursor is not one that was given out: start again without it") from None
