"""Articles in the database as the pipeline puts them there: through the ledger and the indexer."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from services.indexer.index import Indexed, index
from shared.database import Connection, Database, one
from shared.jobs import ArticleResult, IndexResult, RejectionResult
from shared.ledger import entries, feeds
from shared.ledger.discovery import SeenEntry, record_entries
from shared.records import (
    Article,
    ContentSource,
    Extraction,
    FeedEntry,
    Page,
    Rejection,
    RejectionReason,
    Source,
    Urls,
)
from shared.urls import canonical_url, site_of

BEGAN = datetime(2024, 3, 1, 8, 0, tzinfo=UTC)
_numbers = count(1)


def make_article(url: str = "", **fields: Any) -> Article:
    """An article; what is not given is plausible, and each is published an hour after the one before."""
    number = next(_numbers)
    url = url or f"https://www.gazette.example/news/{number}"
    facts: dict[str, Any] = {
        "url": url,
        "urls": Urls(discovered=url, final=url, canonical=canonical_url(url)),
        "source": Source(name="The Gazette", domain=site_of(canonical_url(url))),
        "title": f"Harbour crane number {number} moves again",
        "text": f"The crane {number} stood still for years.\nOn Tuesday it moved.",
        "content_source": ContentSource.PAGE,
        "word_count": 12,
        "language": "en",
        "language_confidence": 0.98,
        "published_at": BEGAN + timedelta(hours=number),
        "published_precision": "minute",
        "discovered_at": BEGAN + timedelta(hours=number, minutes=5),
        "extraction": Extraction(extractor="trafilatura", version="2.3"),
    }
    return Article(**(facts | fields))


class Newsroom:
    """Feeds and articles of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def feed(self, url: str = "https://www.gazette.example/feed.xml", *, title: str | None = "The Gazette") -> int:
        """A feed in the registry."""
        with self.database.transaction() as connection:
            return feeds.add(connection, url, title=title).id

    def publish(self, article: Article, *, feed_id: int | None = None) -> Indexed:
        """Index ``article``; one whose address is known already becomes its next version, if it is one."""
        with self.database.transaction() as connection:
            return self.write(connection, article, feed_id=feed_id)

    def write(self, connection: Connection, article: Article, *, feed_id: int | None = None) -> Indexed:
        """The same within a transaction of the caller's."""
        entry_id, page = self._fetched(connection, article.url or "", article.title, feed_id)
        result = ArticleResult(article=article.model_copy(update={"page": page}))
        return index(
            connection, IndexResult(lease=0, site=site_of(article.url or ""), entry_id=entry_id, result=result)
        )

    def reject(self, url: str, reason: RejectionReason, detail: str | None, *, feed_id: int | None = None) -> None:
        """A page that is no article."""
        with self.database.transaction() as connection:
            entry_id, page = self._fetched(connection, url, None, feed_id)
            result = RejectionResult(rejection=Rejection(reason=reason, detail=detail, url=url, page=page))
            index(connection, IndexResult(lease=0, site=site_of(url), entry_id=entry_id, result=result))

    def list_in(self, feed_id: int, url: str, *, title: str | None = None, guid: str | None = None) -> None:
        """Have a feed list ``url``."""
        with self.database.transaction() as connection:
            self._list(connection, feed_id, url, title, guid)

    def _list(self, connection: Connection, feed_id: int, url: str, title: str | None, guid: str | None = None) -> int:
        key = canonical_url(url)
        entry = FeedEntry(entry_id=guid or url, link=url, title=title)
        seen = SeenEntry(
            identity=guid or url,
            fingerprint=str(next(_numbers)),
            entry=entry,
            url=url,
            url_key=key,
            site=site_of(key),
        )
        record_entries(connection, feed_id, [seen])
        return int(one(connection.execute("SELECT id FROM entries WHERE url_key = %s", [key]).fetchone())["id"])

    def _fetched(self, connection: Connection, url: str, title: str | None, feed_id: int | None) -> tuple[int, Page]:
        if feed_id is None:
            feed_id = feeds.add(connection, "https://www.gazette.example/feed.xml", title="The Gazette").id
        entry_id = self._list(connection, feed_id, url, title)
        key = f"test/{next(_numbers)}.warc.gz"
        sha256 = hashlib.sha256(key.encode()).hexdigest()
        lease = one(connection.execute("SELECT lease FROM entries WHERE id = %s", [entry_id]).fetchone())["lease"]
        assert entries.claim_fetch(connection, entry_id, lease, lease_seconds=60) is not None
        entries.fetched(connection, entry_id, lease, page_key=key, page_sha256=sha256, lease_seconds=60)
        return entry_id, Page(key=key, sha256=sha256, status=200, content_type="text/html", charset="utf-8", bytes=9000)
