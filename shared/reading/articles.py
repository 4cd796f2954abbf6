"""Reading articles: by id, newest first, and by full-text search in each article's own language."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import sql

from shared.database import Connection
from shared.errors import UsageError
from shared.records import Article, rfc3339
from shared.search import configuration, searchable
from shared.text import storable

LIMIT = 200
QUERY_LENGTH = 500
_ID = re.compile("[0-9A-Z]{26}")


@dataclass(frozen=True)
class ArticleQuery:
    """What to list.

    ``since``/``until`` bound the time that articles are sorted by, ``until`` excluded: their publication or, where it
    is unknown or lies in the future, their discovery. ``source`` is a domain and means its subdomains too.
    """

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
        [storable(article_id)],
    ).fetchone()
    if row is None:
        return None
    return with_feeds(connection, [{**row["record"], "seq": row["seq"]}])[0]


def get_versions(connection: Connection, article_id: str) -> list[dict[str, Any]]:
    """All versions of an article, oldest first, each with its reason and its record."""
    rows = connection.execute(
        """
        SELECT version, reason, created_at, record FROM article_versions WHERE article_id = %s ORDER BY version
        """,
        [storable(article_id)],
    ).fetchall()
    records = with_feeds(connection, [row["record"] for row in rows])
    return [
        {**row, "created_at": rfc3339(row["created_at"]), "record": record}
        for row, record in zip(rows, records, strict=True)
    ]


def list_versions(connection: Connection, article_id: str) -> list[dict[str, Any]]:
    """Number, reason and time of each version of an article, oldest first, without the records."""
    rows = connection.execute(
        "SELECT version, reason, created_at FROM article_versions WHERE article_id = %s ORDER BY version",
        [storable(article_id)],
    ).fetchall()
    return [{**row, "created_at": rfc3339(row["created_at"])} for row in rows]


def languages_in_use(connection: Connection) -> list[str]:
    """The languages of the articles, in alphabetical order.

    One step in the index for each language; ``SELECT DISTINCT`` would read every article.
    """
    rows = connection.execute(
        """
        WITH RECURSIVE found(language) AS (
            (SELECT language FROM articles WHERE language IS NOT NULL ORDER BY language LIMIT 1)
            UNION ALL
            SELECT (SELECT a.language FROM articles a WHERE a.language > found.language ORDER BY a.language LIMIT 1)
            FROM found WHERE found.language IS NOT NULL
        )
        SELECT language FROM found WHERE language IS NOT NULL
        """
    ).fetchall()
    return [row["language"] for row in rows]


def find_articles(connection: Connection, query: ArticleQuery) -> ArticlePage:
    """A page of articles, newest first.

    The order is that of a time which never changes once an article is indexed, so that a reader who follows the
    cursor sees every article that was there when it began, once.

    :raises UsageError: for a cursor that was not given out, a limit out of range, or a search that is too long.
    """
    if not 1 <= query.limit <= LIMIT:
        raise UsageError(f"limit must be between 1 and {LIMIT}")
    if query.q and len(query.q) > QUERY_LENGTH:
        raise UsageError(f"a search has at most {QUERY_LENGTH} characters")
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
    """The records with the feeds that list each article now, in the order in which they found it.

    A feed that was merged into another is told as that one.
    """
    ids = [record["id"] for record in records]
    if not ids:
        return []
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(
        """
        SELECT e.article_id, s.feed_id, f.url AS feed_url, s.guid, s.discovered_at
        FROM entries e JOIN sightings s ON s.entry_id = e.id JOIN feeds f ON f.id = s.feed_id
        WHERE e.article_id = ANY(%s) AND NOT EXISTS (
            SELECT FROM sightings o WHERE o.feed_id = f.same_as AND o.entry_id = s.entry_id
        ) ORDER BY s.discovered_at, s.feed_id
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
    return [_in_order({**record, "feeds": found.get(record["id"], [])}) for record in records]


def _in_order(record: dict[str, Any]) -> dict[str, Any]:
    """The fields in the order of the published record; ``jsonb`` keeps them by the length of their names."""
    return {name: record[name] for name in Article.model_fields if name in record} | record


def _conditions(connection: Connection, query: ArticleQuery) -> tuple[list[sql.Composable], dict[str, Any]]:
    conditions: list[sql.Composable] = [sql.SQL("true")]
    values: dict[str, Any] = {}
    simple = {
        "language": ("a.language = %(language)s", _plain(query.language)),
        "source": ("(a.domain = %(source)s OR reverse(a.domain) LIKE %(below)s)", _plain(query.source)),
        "feed_id": (
            """a.id IN (SELECT e.article_id FROM sightings s JOIN entries e ON e.id = s.entry_id
                        WHERE s.feed_id = %(feed_id)s)""",
            query.feed_id,
        ),
        "since": ("a.sort_at >= %(since)s", query.since),
        "until": ("a.sort_at < %(until)s", query.until),
    }
    for name, (condition, value) in simple.items():
        if value is not None:
            conditions.append(sql.SQL(condition))
            values[name] = value
    if "source" in values:
        # Domains below the one named, as the beginning of the domain read backwards, which an index can serve.
        values["below"] = re.sub(r"([\\%_])", r"\\\1", f".{values['source']}"[::-1]) + "%"
    if query.q and query.q.strip():
        conditions.append(_matches(connection, query))
        values["q"] = searchable(query.q)
    if query.cursor:
        sort_at, article_id = _read_cursor(query.cursor)
        conditions.append(sql.SQL("(a.sort_at, a.id) < (%(cursor_at)s, %(cursor_id)s)"))
        values |= {"cursor_at": sort_at, "cursor_id": article_id}
    return conditions, values


def _matches(connection: Connection, query: ArticleQuery) -> sql.Composable:
    """The words of the query in each dictionary that is in use: one index scan per dictionary, combined.

    A condition on the row's own dictionary (``websearch_to_tsquery(a.ts_config, ...)``) could not use the index.
    """
    languages = [query.language] if query.language else [None, *languages_in_use(connection)]
    names = sorted({configuration(_plain(language)) for language in languages})
    parts = [
        sql.SQL("(a.ts_config = {name}::regconfig AND a.tsv @@ websearch_to_tsquery({name}::regconfig, %(q)s))").format(
            name=sql.Literal(name)
        )
        for name in names
    ]
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts))


def _plain(text: str | None) -> str | None:
    return (storable(text) or "").strip().lower() or None


def _cursor(sort_at: datetime, article_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([rfc3339(sort_at), article_id]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        sort_at, article_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(sort_at)
        if moment.tzinfo is None or not _ID.fullmatch(article_id):
            raise ValueError(cursor)  # noqa: TRY301 - one answer to everything that is wrong with it
    except (ValueError, TypeError, RecursionError):
        raise UsageError("the cursor is not one that was given out: start again without it") from None
    return moment, article_id
