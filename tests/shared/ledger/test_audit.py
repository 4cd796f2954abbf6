"""The audit: silent when the books are in order, and each of its checks can fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.indexer.index import index
from shared.database import Database
from shared.jobs import ArticleResult, IndexResult
from shared.ledger import audit, sites
from shared.records import Article, ContentSource, Extraction, Page, Urls
from tests.shared.ledger.rows import add_feed, discover, download, entry, seen

# For each check what an intruder would have to do to the rows.
CORRUPTIONS = {
    "indexed entries have their article": "UPDATE entries SET article_id = NULL WHERE url LIKE '%/indexed'",
    "articles have exactly one indexed entry": "UPDATE entries SET state = 'duplicate' WHERE url LIKE '%/indexed'",
    "entries that ended say why": "UPDATE entries SET state = 'failed', stage = NULL WHERE url LIKE '%/new'",
    "pending entries have work to come": "UPDATE entries SET stage = NULL WHERE url LIKE '%/new'",
    "work is not overdue by an hour": (
        "UPDATE entries SET stage = 'parse', due_at = now() - interval '61 minutes' WHERE url LIKE '%/new'"
    ),
    "sites with work are watched": "UPDATE sites SET due_at = NULL",
    "every entry was seen in a feed": "DELETE FROM sightings WHERE identity = 'new'",
    "the change feed has no gap": "DELETE FROM events WHERE seq = 1",
    "articles and events agree": "UPDATE articles SET version = 1, seq = 7",
    "articles have all their versions": "DELETE FROM article_versions",
    "articles were created once": "UPDATE events SET type = 'article.created'",
}


@pytest.fixture
def books(database: Database) -> Iterator[Database]:
    """An article in its second version, and an entry that still waits."""
    discover(database, add_feed(database), seen("indexed"), seen("new"))
    entry_id = entry(database, "indexed")["id"]
    for text in ("First words", "Other words"):
        with database.transaction() as connection:
            connection.execute("UPDATE entries SET stage = 'fetch' WHERE id = %s", [entry_id])
        key, parse = download(database, entry_id)
        article = Article(
            text=text,
            content_source=ContentSource.PAGE,
            word_count=2,
            urls=Urls(canonical="https://paper.example/indexed"),
            page=Page(key=key),
            extraction=Extraction(extractor="t", version="1"),
        )
        job = IndexResult(entry_id=entry_id, lease=parse, site="paper.example", result=ArticleResult(article=article))
        with database.transaction() as connection:
            index(connection, job)
    with database.transaction() as connection:
        sites.take_wake_ups(connection)
    return database


def problems(database: Database) -> set[str]:
    with database.transaction() as connection:
        return {problem.check for problem in audit.problems(connection)}


def test_books_in_order_have_no_problems(books: Database) -> None:
    assert problems(books) == set()
    with books.transaction() as connection:
        assert audit.totals(connection) == {
            "discovered": 2,
            "indexed": 1,
            "duplicate": 0,
            "rejected": 0,
            "failed": 0,
            "pending": 1,
        }
        (day,) = audit.accounts(connection)
    assert day.balanced


def test_every_check_has_its_corruption() -> None:
    assert set(CORRUPTIONS) == set(audit.CHECKS)


@pytest.mark.parametrize("check", CORRUPTIONS)
def test_a_corruption_is_found(books: Database, check: str) -> None:
    with books.transaction() as connection:
        connection.execute(CORRUPTIONS[check])
    assert check in problems(books)


@pytest.mark.parametrize("table", ["entries", "feeds"])
def test_a_site_that_sleeps_past_its_work_is_found(books: Database, table: str) -> None:
    with books.transaction() as connection:
        connection.execute("UPDATE sites SET due_at = now() + interval '1 day'")
        connection.execute("UPDATE feeds SET due_at = now() + interval '1 day'")
        connection.execute("UPDATE entries SET due_at = now() + interval '1 day'")
    assert problems(books) == set()
    with books.transaction() as connection:
        connection.execute(f"UPDATE {table} SET due_at = now() - interval '1 hour'")
    assert "sites with work are watched" in problems(books)
    with books.transaction() as connection:
        sites.wake(connection, ["paper.example"])
    assert problems(books) == set()


def test_reasons_are_counted_most_frequent_first(database: Database) -> None:
    discover(database, add_feed(database), *(seen(str(number)) for number in range(3)))
    with database.transaction() as connection:
        connection.execute("UPDATE entries SET state = 'failed', reason = 'http_404', stage = NULL")
        connection.execute("UPDATE entries SET state = 'rejected', reason = 'no_text' WHERE url LIKE '%/1'")
        assert audit.reasons(connection) == [
            {"state": "failed", "reason": "http_404", "entries": 2},
            {"state": "rejected", "reason": "no_text", "entries": 1},
        ]
