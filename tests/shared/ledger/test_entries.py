"""An entry between its discovery and its end: who holds the lease decides, and what has ended stays ended."""

from __future__ import annotations

import pytest

from shared.database import Database
from shared.ledger import entries, giving_up, leases
from shared.records import RejectionReason
from tests.shared.ledger import rows
from tests.shared.ledger.rows import add_feed, discover, download, entry, lease, seen


@pytest.fixture
def feed_id(database: Database) -> int:
    return add_feed(database)


@pytest.fixture
def entry_id(database: Database, feed_id: int) -> int:
    discover(database, feed_id, seen("a"))
    return int(entry(database)["id"])


def end(database: Database, entry_id: int, state: str, **facts: str) -> None:
    with database.transaction() as connection:
        number = lease(connection, entry_id)
        assert entries.finish(connection, entry_id, number, state=state, **facts)


def test_only_the_current_dispatch_may_claim(database: Database, entry_id: int) -> None:
    with database.transaction() as connection:
        old = lease(connection, entry_id)
        new = lease(connection, entry_id)
        assert entries.claim_fetch(connection, entry_id, old, lease_seconds=60) is None
        claimed = entries.claim_fetch(connection, entry_id, new, lease_seconds=60)
    assert claimed is not None
    assert claimed.hints is not None
    assert claimed.hints.title == "About a"
    assert not claimed.is_recheck


def test_a_download_that_was_overtaken_changes_nothing(database: Database, entry_id: int) -> None:
    with database.transaction() as connection:
        old = lease(connection, entry_id)
        lease(connection, entry_id)
        before = connection.execute("SELECT * FROM entries").fetchone()
        assert entries.fetched(connection, entry_id, old, page_key="k", page_sha256="s", lease_seconds=9) is None
        assert not entries.finish(connection, entry_id, old, state="failed", reason="http_404")
        entries.try_later(connection, entry_id, old, reason="timeout", seconds=9, counts=True, detail=None)
        assert connection.execute("SELECT * FROM entries").fetchone() == before


def test_a_stored_page_goes_on_to_parsing_with_no_breakdowns_counted(database: Database, entry_id: int) -> None:
    with database.transaction() as connection:
        connection.execute("UPDATE entries SET attempts = 3")
    key, parse = download(database, entry_id)
    row = entry(database)
    assert (row["state"], row["stage"], row["page_key"], row["lease"]) == ("fetched", "parse", key, parse)
    assert row["attempts"] == 0
    assert row["leased_at"] is not None


def test_a_bad_answer_is_tried_later_and_says_why(database: Database, entry_id: int) -> None:
    with database.transaction() as connection:
        number = lease(connection, entry_id)
        entries.try_later(connection, entry_id, number, reason="http_503", seconds=60, counts=True, detail="busy")
        in_time = connection.execute("SELECT due_at - now() AS wait FROM entries").fetchone()
    row = entry(database)
    assert (row["state"], row["reason"], row["attempts"], row["leased_at"]) == ("discovered", "http_503", 1, None)
    assert in_time is not None
    assert 59 < in_time["wait"].total_seconds() <= 60


def test_waiting_for_a_busy_site_uses_up_no_attempt_and_fills_no_timeline(database: Database, entry_id: int) -> None:
    with database.transaction() as connection:
        number = lease(connection, entry_id)
        entries.try_later(connection, entry_id, number, reason="site_busy", seconds=2, counts=False, detail=None)
    row = entry(database)
    assert row["attempts"] == 0
    assert rows.steps(row) == ["discovered"]


def test_what_is_indexed_stays_indexed(database: Database, entry_id: int) -> None:
    end(database, entry_id, "indexed")
    with database.transaction() as connection:
        entries.look_again(connection, [entry_id], feed_id=1)
        number = lease(connection, entry_id)
        entries.try_later(connection, entry_id, number, reason="http_503", seconds=0, counts=True, detail="busy")
        number = lease(connection, entry_id)
        assert entries.finish(connection, entry_id, number, state="failed", reason="http_404", detail="gone")
    row = entry(database)
    assert (row["state"], row["reason"], row["detail"], row["stage"]) == ("indexed", None, None, None)
    assert rows.steps(row)[-1] == "failed"


def test_a_rejected_page_that_is_unchanged_keeps_its_reason(database: Database, entry_id: int) -> None:
    end(database, entry_id, "rejected", reason="no_text", detail="a photo")
    with database.transaction() as connection:
        entries.look_again(connection, [entry_id], feed_id=1)
        number = lease(connection, entry_id)
        entries.try_later(connection, entry_id, number, reason="http_503", seconds=0, counts=True, detail="busy")
        number = lease(connection, entry_id)
        assert entries.finish(connection, entry_id, number, state="rejected", detail="page unchanged")
    row = entry(database)
    assert (row["state"], row["reason"], row["detail"]) == ("rejected", "no_text", "a photo")


def test_a_failed_page_that_comes_back_is_indexed_without_a_reason(database: Database, entry_id: int) -> None:
    end(database, entry_id, "failed", reason="http_500")
    with database.transaction() as connection:
        entries.look_again(connection, [entry_id], feed_id=1)
    download(database, entry_id)
    with database.transaction() as connection:
        entries.finish(connection, entry_id, None, state="indexed")
    row = entry(database)
    assert (row["state"], row["reason"]) == ("indexed", None)


def test_an_edit_during_the_download_is_looked_at_afterwards(database: Database, entry_id: int) -> None:
    with database.transaction() as connection:
        number = lease(connection, entry_id)
        entries.look_again(connection, [entry_id], feed_id=1)
        key = "k"
        assert entries.fetched(connection, entry_id, number, page_key=key, page_sha256="s", lease_seconds=60)
        entries.finish(connection, entry_id, None, state="indexed")
    row = entry(database)
    assert (row["state"], row["stage"], row["stale"]) == ("indexed", "fetch", False)


def test_an_edit_of_a_page_that_has_not_been_fetched_yet_needs_no_second_look(
    database: Database, entry_id: int
) -> None:
    with database.transaction() as connection:
        entries.look_again(connection, [entry_id], feed_id=1)
    assert entry(database)["rechecks"] == 0


def test_a_page_that_is_edited_for_ever_is_not_looked_at_for_ever(database: Database, entry_id: int) -> None:
    end(database, entry_id, "indexed")
    for _ in range(entries.RECHECK_LIMIT + 3):
        with database.transaction() as connection:
            entries.look_again(connection, [entry_id], feed_id=1)
            if entry(database)["stage"] is None:
                number = lease(connection, entry_id)
                entries.finish(connection, entry_id, number, state="indexed")
    with database.transaction() as connection:
        number = lease(connection, entry_id)
        entries.finish(connection, entry_id, number, state="indexed")
        entries.look_again(connection, [entry_id], feed_id=1)
    row = entry(database)
    assert row["rechecks"] <= entries.RECHECK_LIMIT


def test_an_edit_of_a_duplicate_is_looked_at_where_its_article_came_from(database: Database, feed_id: int) -> None:
    discover(database, feed_id, seen("a"), seen("b"))
    with database.transaction() as connection:
        connection.execute(
            """
            INSERT INTO articles (id, url, url_key, domain, indexed_at, updated_at, sort_at, version, seq,
                                  content_sha256, ts_config, tsv)
            VALUES ('X', 'u', 'u', 'd', now(), now(), now(), 1, 1, 's', 'simple', '')
            """
        )
        connection.execute("UPDATE entries SET state = 'indexed', stage = NULL, article_id = 'X' WHERE url LIKE '%/a'")
        connection.execute(
            "UPDATE entries SET state = 'duplicate', stage = NULL, article_id = 'X' WHERE url LIKE '%/b'"
        )
    discover(database, feed_id, seen("b", fingerprint="2"))
    assert entry(database, "a")["stage"] == "fetch"
    assert entry(database, "b")["stage"] is None


def test_a_duplicate_is_not_looked_at_again_itself(database: Database, entry_id: int) -> None:
    with database.transaction() as connection:
        number = lease(connection, entry_id)
        entries.look_again(connection, [entry_id], feed_id=1)
        assert entries.finish(connection, entry_id, number, state="duplicate", reason="same_url")
    assert entry(database)["stage"] is None


def test_a_lost_page_is_downloaded_again_but_not_for_ever(database: Database, entry_id: int) -> None:
    for _ in range(entries.RECHECK_LIMIT):
        download(database, entry_id)
        with database.transaction() as connection:
            entries.fetch_again(connection, entry_id)
        row = entry(database)
        assert (row["state"], row["stage"], row["page_key"], row["page_sha256"]) == ("discovered", "fetch", None, None)
    download(database, entry_id)
    with database.transaction() as connection:
        entries.fetch_again(connection, entry_id)
    row = entry(database)
    assert (row["state"], row["reason"], row["stage"]) == ("failed", "page_missing", None)


def test_giving_up_says_whose_fault_it_was(database: Database, entry_id: int) -> None:
    download(database, entry_id)
    with database.transaction() as connection:
        giving_up.parser_gave_up(
            connection, entry_id, attempts=3, reason=RejectionReason.PARSER_MEMORY, detail="MemoryError"
        )
    row = entry(database)
    assert (row["state"], row["reason"]) == ("rejected", "parser_memory")
    assert row["detail"] == "the parser broke down 3 times: MemoryError"


def test_leases_that_nobody_has_begun_are_taken_back_and_others_left(database: Database, feed_id: int) -> None:
    discover(database, feed_id, seen("waits"), seen("runs"), seen("overdue"))
    with database.transaction() as connection:
        for path in ("waits", "runs", "overdue"):
            number = lease(connection, entry(database, path)["id"])
            if path != "waits":
                assert entries.claim_fetch(connection, entry(database, path)["id"], number, lease_seconds=60)
        connection.execute("UPDATE entries SET due_at = now() - interval '1 second' WHERE url LIKE '%/overdue'")
    with database.transaction() as connection:
        assert leases.void_unclaimed_leases(connection) == 2
        running = leases.under_way(connection)
    (work,) = running
    assert work.job_id == f"page-{entry(database, 'runs')['id']}-1"
    assert 0 < work.seconds <= 60
    assert entry(database, "waits")["leased_at"] is None
    assert entry(database, "runs")["leased_at"] is not None


def test_at_a_start_every_lease_is_void(database: Database, entry_id: int) -> None:
    with database.transaction() as connection:
        number = lease(connection, entry_id)
        entries.claim_fetch(connection, entry_id, number, lease_seconds=60)
    with database.transaction() as connection:
        assert leases.void_leases(connection) == 1
        assert entries.claim_fetch(connection, entry_id, number, lease_seconds=60) is None
    assert entry(database)["attempts"] == 0


def test_hostile_words_are_kept_short_and_storable(database: Database, entry_id: int) -> None:
    end(database, entry_id, "failed", reason="bad_url", detail="x\x00\ud800" * 5000)
    row = entry(database)
    assert len(row["detail"]) == 1000
    assert row["timeline"][-1]["detail"] == row["detail"]
