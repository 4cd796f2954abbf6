"""Writing results: each article once, a version only for a change, and a change feed without gaps."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.indexer import jobs
from shared.database import Database
from shared.errors import EngineError
from shared.ledger import audit, entries
from shared.reading.events import read_events
from tests.services.indexer.newsroom import article, missing, new_entry, parsed, rejected, rows, run
from tests.shared.ledger.rows import add_feed, discover, entry, seen


def in_order(database: Database) -> bool:
    with database.transaction() as connection:
        return audit.problems(connection) == []


def test_an_article_is_created_with_its_event(database: Database) -> None:
    done = run(database, parsed(database, new_entry(database, "a"), title="Köln", language="de"))
    assert (done.what, done.seq) == ("created", 1)
    row = entry(database)
    assert (row["state"], row["stage"], row["article_id"]) == ("indexed", None, done.article_id)
    (kept,) = rows(database, "SELECT * FROM articles")
    assert (kept["id"], kept["version"], kept["seq"], kept["ts_config"]) == (done.article_id, 1, 1, "german")
    assert in_order(database)


def test_a_result_that_arrives_twice_is_written_once(database: Database) -> None:
    job = parsed(database, new_entry(database, "a"))
    assert [run(database, job).what for _ in range(3)] == ["created", "superseded", "superseded"]
    assert len(rows(database, "SELECT * FROM events")) == 1


def test_a_result_that_arrives_twice_at_once_is_written_once(database_url: str) -> None:
    with Database(database_url) as database, ThreadPoolExecutor(4) as pool:
        for number in range(10):
            job = parsed(database, new_entry(database, str(number)), str(number))
            done = sorted(pool.map(lambda job: run(database, job).what, [job] * 4))
            assert done == ["created", "superseded", "superseded", "superseded"]
        assert in_order(database)


def test_a_result_of_a_page_that_was_downloaded_again_since_is_not_written(database: Database) -> None:
    entry_id = new_entry(database, "a")
    old = parsed(database, entry_id, "Old words")
    new = parsed(database, entry_id, "New words")
    assert run(database, old).what == "superseded"
    assert run(database, rejected(old)).what == "superseded"
    assert run(database, missing(old)).what == "superseded"
    assert run(database, new).what == "created"
    assert run(database, old).what == "superseded"


def test_a_parse_that_was_issued_twice_is_written_once_whichever_comes_first(database: Database) -> None:
    entry_id = new_entry(database, "a")
    first = parsed(database, entry_id)
    with database.transaction() as connection:
        connection.execute("UPDATE entries SET lease = lease + 1")
    second = first.model_copy(update={"lease": first.lease + 1})
    assert [run(database, first).what, run(database, second).what] == ["created", "superseded"]


def test_a_rejection_ends_the_entry_with_its_reason(database: Database) -> None:
    assert run(database, rejected(parsed(database, new_entry(database, "a")))).what == "rejected"
    row = entry(database)
    assert (row["state"], row["reason"], row["detail"]) == ("rejected", "no_text", "nothing to read")


def test_a_page_that_the_store_has_lost_is_downloaded_again(database: Database) -> None:
    job = parsed(database, new_entry(database, "a"))
    assert run(database, missing(job)).what == "refetch"
    assert (entry(database)["state"], entry(database)["stage"]) == ("discovered", "fetch")


def test_two_addresses_of_one_article_are_one_article(database: Database) -> None:
    first, second = new_entry(database, "a"), new_entry(database, "a?print")
    canonical = "https://paper.example/a"
    created = run(database, parsed(database, first, canonical=canonical))
    duplicate = run(database, parsed(database, second, "Printed words", canonical=canonical))
    assert (created.what, duplicate.what) == ("created", "duplicate")
    assert duplicate.article_id == created.article_id
    assert len(rows(database, "SELECT * FROM events")) == 1
    assert in_order(database)


def test_two_addresses_of_one_article_at_once_are_one_article(database_url: str) -> None:
    with Database(database_url) as database, ThreadPoolExecutor(4) as pool:
        for number in range(8):
            canonical = f"https://paper.example/canonical-{number}"
            pages = [
                parsed(database, new_entry(database, f"{number}-{i}"), str(i), canonical=canonical) for i in range(4)
            ]
            done = sorted(pool.map(lambda job: run(database, job).what, pages))
            assert done == ["created", "duplicate", "duplicate", "duplicate"]
        assert in_order(database)


def test_a_change_makes_a_version_and_noise_does_not(database: Database) -> None:
    entry_id = new_entry(database, "a")
    run(database, parsed(database, entry_id, "Three people were hurt.", title="Fire"))
    noise = run(database, parsed(database, entry_id, "“Three   people were hurt”", title="FIRE!"))
    change = run(database, parsed(database, entry_id, "Four people were hurt.", title="Fire"))
    title = run(database, parsed(database, entry_id, "Four people were hurt.", title="Great fire"))
    assert [noise.what, change.what, title.what] == ["unchanged", "updated", "updated"]
    versions = rows(database, "SELECT version, reason FROM article_versions ORDER BY version")
    assert versions == [
        {"version": 1, "reason": "created"},
        {"version": 2, "reason": "text"},
        {"version": 3, "reason": "title"},
    ]
    assert [row["seq"] for row in rows(database, "SELECT seq FROM events ORDER BY seq")] == [1, 2, 3]
    assert in_order(database)


def test_an_article_whose_page_turned_into_something_else_stays_indexed(database: Database) -> None:
    entry_id = new_entry(database, "a")
    created = run(database, parsed(database, entry_id))
    assert run(database, rejected(parsed(database, entry_id))).what == "rejected"
    row = entry(database)
    assert (row["state"], row["reason"], row["article_id"]) == ("indexed", None, created.article_id)
    assert in_order(database)


def test_an_article_whose_page_leads_to_another_article_does_not_become_its_copy(database: Database) -> None:
    first, second = new_entry(database, "a"), new_entry(database, "b")
    run(database, parsed(database, first, "Words of a"))
    other = run(database, parsed(database, second, "Words of b"))
    done = run(database, parsed(database, first, "Words of b", canonical="https://paper.example/b"))
    assert done.what == "unchanged"
    assert (entry(database, "a")["state"], entry(database, "a")["stage"]) == ("indexed", None)
    assert entry(database, "a")["timeline"][-1]["detail"] == f"its page now leads to article {other.article_id}"
    assert len(rows(database, "SELECT * FROM events")) == 2
    assert in_order(database)


def test_an_article_that_moved_to_an_address_of_its_own_stays_the_same_article(database: Database) -> None:
    entry_id = new_entry(database, "a")
    created = run(database, parsed(database, entry_id, "Words"))
    moved = run(database, parsed(database, entry_id, "Other words", canonical="https://paper.example/moved"))
    assert (moved.what, moved.article_id) == ("updated", created.article_id)


def test_the_page_of_a_duplicate_makes_no_versions(database: Database) -> None:
    first, second = new_entry(database, "a"), new_entry(database, "b")
    canonical = "https://paper.example/a"
    run(database, parsed(database, first, canonical=canonical))
    run(database, parsed(database, second, canonical=canonical))
    done = run(database, parsed(database, second, "Words that differ a little", canonical=canonical))
    assert done.what == "duplicate"
    assert entry(database, "b")["state"] == "duplicate"
    assert in_order(database)


def test_an_edit_that_came_during_the_parse_is_looked_at_next(database: Database) -> None:
    entry_id = new_entry(database, "a")
    job = parsed(database, entry_id)
    discover(database, add_feed(database), seen("a", fingerprint="2"))
    run(database, job)
    assert (entry(database)["state"], entry(database)["stage"]) == ("indexed", "fetch")


@pytest.mark.parametrize(
    "text",
    [
        "word-" * 200_000,
        " ".join(f"www{number}.example.com/a/b" for number in range(60_000)),
        "".join(chr(0x4E00 + (i * 7919) % 20000) for i in range(400_000)),
        "nul \x00 here",
    ],
    ids=["hyphens", "hosts", "han", "nul"],
)
def test_no_text_is_too_much_for_the_search(database: Database, text: str) -> None:
    job = parsed(database, new_entry(database, "a"), text, title=text, summary=text)
    assert run(database, job).what == "created"


def test_the_job_says_what_it_did_and_needs_its_process(database: Database) -> None:
    payload = parsed(database, new_entry(database, "a")).model_dump(mode="json")
    jobs.set_database(database)
    try:
        assert jobs.index_result(payload).startswith("created ")
        assert jobs.index_result(payload) == "superseded"
    finally:
        jobs._database = None
    with pytest.raises(EngineError, match="wiredesk worker indexer"):
        jobs.index_result(payload)


def test_the_change_feed_has_no_gap_and_never_grows_behind_its_reader(database_url: str) -> None:
    """Eight writers, a third of whose transactions roll back, and a reader that polls all the while."""
    with Database(database_url, max_size=12) as database:
        ids = [new_entry(database, str(number)) for number in range(160)]
        work = [parsed(database, entry_id, f"Words {entry_id}") for entry_id in ids]
        seen_seqs: list[int] = []
        stop = threading.Event()

        def read() -> None:
            while True:
                finished = stop.is_set()
                with database.transaction() as connection:
                    after = seen_seqs[-1] if seen_seqs else 0
                    found = read_events(connection, after=after, limit=1000)
                seen_seqs.extend(event.seq for event in found)
                if finished:
                    return

        def write(number: int) -> None:
            chance = random.Random(number)
            for job in work[number::8]:
                while True:
                    with database.transaction() as connection:
                        from services.indexer.index import index

                        index(connection, job)
                        time.sleep(chance.random() * 0.01)
                        if chance.random() < 0.33:
                            connection.rollback()
                            continue
                    break

        reader = threading.Thread(target=read)
        reader.start()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))
        stop.set()
        reader.join(20)
        assert seen_seqs == list(range(1, 161))
        assert in_order(database)


def test_indexing_and_polling_the_same_entries_do_not_deadlock(database_url: str) -> None:
    """Another feed lists, and edits, entries whose results are being written at that moment."""
    with Database(database_url, max_size=12) as database:
        ids = [new_entry(database, str(number)) for number in range(60)]
        work = [parsed(database, entry_id, f"Words {entry_id}") for entry_id in ids]
        feed_ids = [add_feed(database, f"https://other{number}.example/rss") for number in range(3)]

        def poll(number: int) -> None:
            for turn in range(12):
                items = [seen(str(i), fingerprint=str(turn)) for i in range(60)]
                discover(database, feed_ids[number], *(items if turn % 2 else reversed(items)))

        with ThreadPoolExecutor(7) as pool:
            polls = [pool.submit(poll, number) for number in range(3)]
            done = list(pool.map(lambda job: run(database, job).what, work))
            for task in polls:
                task.result(60)
        assert set(done) == {"created"}
        with database.transaction() as connection:
            assert audit.totals(connection)["indexed"] == 60
            assert entries.RECHECK_LIMIT >= 12
        assert in_order(database)


def test_the_article_helper_of_these_tests_makes_valid_records() -> None:
    assert article(None, "two words").word_count == 2
