"""Writing a parse result: the ledger's outcome, the article with its version, and the event, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ulid import ULID

from services.indexer.versions import content_sha256, reason_for_version
from shared.database import Connection, one
from shared.jobs import ArticleResult, IndexResult, PageMissing, RejectionResult
from shared.ledger import entries
from shared.records import Article
from shared.search import SUMMARY_BYTES, TEXT_BYTES, TITLE_BYTES, configuration, indexable
from shared.text import storable, storable_json, storable_key
from shared.urls import canonical_url, site_of


@dataclass(frozen=True)
class Indexed:
    """What became of a result: ``created``, ``updated``, ``unchanged``, ``duplicate``, ``rejected``, ``refetch`` or
    ``superseded``.
    """

    what: str
    article_id: str | None = None
    seq: int | None = None


def index(connection: Connection, job: IndexResult) -> Indexed:
    """Write ``job``'s result. Running it twice, or beside another indexer, leaves the same rows."""
    entry = entries.lock_for_index(connection, job.entry_id)
    if entry is None or entry["stage"] != "parse":
        return Indexed("superseded")
    result = job.result
    if isinstance(result, PageMissing):
        if job.lease != entry["lease"]:
            # It names no page: only the current dispatch can say that the entry's present page is missing.
            return Indexed("superseded")
        entries.fetch_again(connection, job.entry_id)
        return Indexed("refetch")
    page = result.article.page if isinstance(result, ArticleResult) else result.rejection.page
    if page.key != entry["page_key"]:
        # The entry was downloaded again since: this is the result of a page that is no longer its page.
        return Indexed("superseded")
    if isinstance(result, RejectionResult):
        entries.finish(
            connection,
            job.entry_id,
            None,
            state="rejected",
            reason=result.rejection.reason,
            detail=result.rejection.detail,
        )
        return Indexed("rejected")
    return _index_article(connection, entry, result.article)


def _index_article(connection: Connection, entry: dict[str, Any], article: Article) -> Indexed:
    key = _identity(article, entry["url"])
    sha256 = content_sha256(article.title, article.text)
    if entry["article_id"] is None:
        created = _create(connection, key, sha256, article)
        if created is not None:
            entries.finish(connection, entry["id"], None, state="indexed", article_id=created.article_id)
            return _publish(connection, "article.created", created)
        there = one(connection.execute("SELECT id FROM articles WHERE url_key = %s", [key]).fetchone())
        entries.finish(connection, entry["id"], None, state="duplicate", reason="same_url", article_id=there["id"])
        return Indexed("duplicate", there["id"])
    if entry["state"] == "duplicate":
        # The article is another entry's: two pages that differ a little would otherwise make versions in turns.
        entries.finish(connection, entry["id"], None, state="duplicate")
        return Indexed("duplicate", entry["article_id"])
    other = _other_article(connection, entry["article_id"], key)
    if other is not None:
        # Its page now leads to another article's: that one's text is no version of this one.
        entries.finish(connection, entry["id"], None, state="indexed", detail=f"its page now leads to article {other}")
        return Indexed("unchanged", entry["article_id"])
    updated = _update(connection, entry["article_id"], sha256, article)
    entries.finish(
        connection, entry["id"], None, state="indexed", detail="new version" if updated else "no new version"
    )
    if updated is None:
        return Indexed("unchanged", entry["article_id"])
    return _publish(connection, "article.updated", updated)


@dataclass(frozen=True)
class _Written:
    article_id: str
    version: int
    at: datetime


def _identity(article: Article, fallback: str) -> str:
    for url in (article.urls.canonical, article.urls.final, fallback):
        if url:
            try:
                return canonical_url(url)
            except ValueError:
                continue
    return fallback


def _other_article(connection: Connection, article_id: str, key: str) -> str | None:
    row = connection.execute("SELECT id FROM articles WHERE url_key = %s AND id <> %s", [key, article_id]).fetchone()
    return row["id"] if row else None


def _create(connection: Connection, key: str, sha256: str, article: Article) -> _Written | None:
    row = connection.execute(
        """
        INSERT INTO articles (id, url, url_key, domain, language, title, published_at, indexed_at, updated_at, sort_at,
                              version, seq, content_sha256, ts_config, tsv)
        VALUES (%(id)s, %(url)s, %(key)s, %(domain)s, %(language)s, %(title)s, %(published_at)s, now(), now(),
                LEAST(COALESCE(%(published_at)s::timestamptz, %(discovered_at)s::timestamptz, now()), now()),
                1, 0, %(sha256)s, %(config)s::regconfig,
                setweight(to_tsvector(%(config)s::regconfig, %(title_words)s), 'A')
                || setweight(to_tsvector(%(config)s::regconfig, %(summary_words)s), 'B')
                || to_tsvector(%(config)s::regconfig, %(text_words)s))
        ON CONFLICT (url_key) DO NOTHING
        RETURNING id, version, indexed_at AS at
        """,
        {"id": str(ULID()), "key": key, "sha256": sha256, **_columns(article, key)},
    ).fetchone()
    if row is None:
        return None
    written = _Written(row["id"], row["version"], row["at"])
    _append_version(connection, written, article, key, reason="created", indexed_at=row["at"])
    return written


def _update(connection: Connection, article_id: str, sha256: str, article: Article) -> _Written | None:
    old = one(connection.execute("SELECT * FROM articles WHERE id = %s FOR NO KEY UPDATE", [article_id]).fetchone())
    if old["content_sha256"] == sha256:
        return None
    row = one(
        connection.execute(
            """
            UPDATE articles SET
                language = %(language)s, title = %(title)s, published_at = %(published_at)s, updated_at = now(),
                version = version + 1, content_sha256 = %(sha256)s, ts_config = %(config)s::regconfig,
                tsv = setweight(to_tsvector(%(config)s::regconfig, %(title_words)s), 'A')
                    || setweight(to_tsvector(%(config)s::regconfig, %(summary_words)s), 'B')
                    || to_tsvector(%(config)s::regconfig, %(text_words)s)
            WHERE id = %(id)s
            RETURNING id, version, updated_at AS at, indexed_at
            """,
            {"id": article_id, "sha256": sha256, **_columns(article, old["url_key"])},
        ).fetchone()
    )
    written = _Written(row["id"], row["version"], row["at"])
    reason = reason_for_version(old["title"], article.title)
    _append_version(connection, written, article, old["url_key"], reason=reason, indexed_at=row["indexed_at"])
    return written


def _columns(article: Article, key: str) -> dict[str, Any]:
    return {
        "url": storable(article.url or key),
        "domain": storable_key(article.source.domain or site_of(key)),
        "language": article.language,
        "title": storable(article.title),
        "published_at": article.published_at,
        "discovered_at": article.discovered_at,
        "config": configuration(article.language),
        "title_words": storable(indexable(article.title, most=TITLE_BYTES)),
        "summary_words": storable(indexable(article.summary, most=SUMMARY_BYTES)),
        "text_words": storable(indexable(article.text, most=TEXT_BYTES)),
    }


def _append_version(
    connection: Connection, written: _Written, article: Article, key: str, *, reason: str, indexed_at: datetime
) -> None:
    # seq and feeds change without the article changing: they are added when the record is read.
    record = article.model_copy(
        update={
            "id": written.article_id,
            "version": written.version,
            "url": article.url or key,
            "urls": article.urls.model_copy(update={"canonical": article.urls.canonical or key}),
            "indexed_at": indexed_at,
        }
    )
    connection.execute(
        "INSERT INTO article_versions (article_id, version, reason, record) VALUES (%s, %s, %s, %s)",
        [written.article_id, written.version, reason, storable_json(record)],
    )


def _publish(connection: Connection, event: str, written: _Written) -> Indexed:
    """Append the event. Last in the transaction: the row lock on the head makes indexers commit one after another."""
    seq = one(connection.execute("UPDATE event_head SET seq = seq + 1 RETURNING seq").fetchone())["seq"]
    connection.execute(
        "INSERT INTO events (seq, type, article_id, version, at) VALUES (%s, %s, %s, %s, %s)",
        [seq, event, written.article_id, written.version, written.at],
    )
    connection.execute("UPDATE articles SET seq = %s WHERE id = %s", [seq, written.article_id])
    return Indexed(event.removeprefix("article."), written.article_id, seq)
