"""What may run is issued, once, within every site's budget."""

from __future__ import annotations

import threading
import time

from services.scheduler import due
from services.scheduler.dispatch import Dispatcher, take_turns
from services.scheduler.due import Work
from shared.jobs import QueueName
from shared.ledger import entries, feeds, sites
from shared.politeness import FAILURES_TO_OPEN, Heard, Politeness, Report
from tests.services.scheduler.desk import Desk
from tests.shared.ledger.rows import add_feed, discover, seen


def release(desk: Desk, job_id: str, site: str = "paper.example") -> None:
    Politeness(desk.valkey, interval_seconds=0, concurrency=2).release(site, job_id)


def test_a_new_feed_is_polled_at_once_and_only_once(desk: Desk) -> None:
    number = add_feed(desk.database)
    assert desk.tick().issued == 1
    assert desk.tick().issued == 0
    assert desk.waiting(QueueName.FEEDS) == [f"feed-{number}-1"]
    assert desk.payload(f"feed-{number}-1")["feed_id"] == number


def test_a_site_gets_no_more_than_its_concurrency(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, *(seen(str(number)) for number in range(5)))
    assert desk.tick().issued == 2
    desk.wake()
    assert desk.tick().issued == 0


def test_a_token_given_back_lets_the_next_page_through(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, *(seen(str(number)) for number in range(3)))
    desk.tick()
    job_id = desk.take(QueueName.PAGES)
    assert desk.claim(job_id)
    release(desk, job_id)
    with desk.database.transaction() as connection:
        _, row_id, lease = job_id.split("-")
        entries.finish(connection, int(row_id), int(lease), state="failed", reason="http_404")
    assert desk.tick().issued == 1


def test_a_site_that_waits_holds_up_no_other(desk: Desk, feed_id: int) -> None:
    slow = [seen(str(number), site="slow.example") for number in range(50)]
    discover(desk.database, feed_id, *slow, seen("a", site="quick.example"))
    desk.tick()
    issued = [desk.payload(job_id)["site"] for job_id in desk.waiting(QueueName.PAGES)]
    assert sorted(issued) == ["quick.example", "slow.example", "slow.example"]


def test_feeds_and_pages_of_a_site_take_turns(desk: Desk) -> None:
    number = add_feed(desk.database)
    pages = [seen(str(page)) for page in range(4)]
    discover(desk.database, number, *pages)
    for other in range(2):
        add_feed(desk.database, f"https://paper.example/{other}.xml")
    # Pages that have been waiting for long must not come before every feed.
    desk.sql("UPDATE entries SET due_at = now() - interval '10 days'")
    alone = desk.with_settings(site_concurrency=1)
    kinds = []
    for _ in range(6):
        alone.wake()
        assert alone.tick().issued == 1
        for queue in (QueueName.FEEDS, QueueName.PAGES):
            if alone.waiting(queue):
                job_id = alone.take(queue)
                kinds.append(queue)
                release(alone, job_id)
    assert kinds == [QueueName.FEEDS, QueueName.PAGES] * 3


def test_turns_are_taken_by_kind_and_then_by_age() -> None:
    feeds_due = [Work("feed", number, "s", None, 0, leased=False, lost=0) for number in (1, 2)]
    pages_due = [Work("page", number, "s", None, 0, leased=False, lost=0) for number in (3, 4, 5)]
    assert [work.id for work in take_turns(feeds_due, pages_due, fed=False)] == [1, 3, 2, 4, 5]
    assert [work.id for work in take_turns(feeds_due, pages_due, fed=True)] == [3, 1, 4, 2, 5]
    assert take_turns([], [], fed=True) == []


def test_a_paused_or_removed_feed_is_not_polled(desk: Desk) -> None:
    paused, removed = add_feed(desk.database), add_feed(desk.database, "https://other.example/rss")
    with desk.database.transaction() as connection:
        feeds.set_paused(connection, paused, paused=True)
        feeds.remove(connection, removed)
    assert desk.tick().issued == 0
    with desk.database.transaction() as connection:
        feeds.set_paused(connection, paused, paused=False)
    assert desk.tick().issued == 1


def test_two_schedulers_at_once_issue_each_thing_once(desk: Desk, feed_id: int) -> None:
    items = [seen(str(number), site=f"{number % 60}.example") for number in range(120)]
    discover(desk.database, feed_id, *items)
    other = Dispatcher(desk.database, desk.valkey, desk.settings)
    issued: list[int] = []

    def run(dispatcher: Dispatcher) -> None:
        issued.extend(dispatcher.tick().issued for _ in range(5))

    threads = [threading.Thread(target=run, args=(dispatcher,)) for dispatcher in (desk.dispatcher, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(issued) == 120
    assert len(set(desk.waiting(QueueName.PAGES))) == 120


def test_pages_wait_while_parsing_is_behind_but_feeds_are_polled(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a", site="pages.example"))
    add_feed(desk.database, "https://feeds.example/rss")
    narrow = desk.with_settings(queue_limit=1)
    narrow.valkey.rpush("rq:queue:parse", "somebody's")
    narrow.tick()
    assert len(narrow.waiting(QueueName.FEEDS)) == 1
    assert narrow.waiting(QueueName.PAGES) == []
    narrow.valkey.delete("rq:queue:parse")
    narrow.wake()
    narrow.tick()
    assert len(narrow.waiting(QueueName.PAGES)) == 1


def test_a_backlog_of_100_000_pages_costs_no_more_than_an_index_look_up(desk: Desk, feed_id: int) -> None:
    desk.sql(
        """
        INSERT INTO entries (url, url_key, site, feed_id, stage)
        SELECT 'u' || n, 'u' || n, CASE WHEN n %% 10 = 0 THEN n / 1000 || '.example' ELSE 'giant.example' END, %s,
               'fetch'
        FROM generate_series(1, 100000) n
        """,
        [feed_id],
    )
    desk.sql("ANALYZE entries")
    desk.dispatcher.repair()
    began = time.monotonic()
    assert desk.tick().issued == 203
    assert time.monotonic() - began < 5
    for query, index in ((due._DUE_PAGES, "entries_fetch_due"), (due._OVERDUE_PAGES, "entries_fetch_leased")):
        rows = desk.sql("EXPLAIN " + query, {"names": ["giant.example"], "most": 3, "only": None})
        plan = "\n".join(row["QUERY PLAN"] for row in rows)
        assert index in plan
        assert "Seq Scan on entries" not in plan


def sites_file(desk: Desk, text: str) -> Desk:
    path = desk.settings.data.with_name("sites.toml")
    path.write_text(text, "utf-8")
    return desk.with_settings(sites_file=path)


def test_a_site_may_have_a_budget_of_its_own(desk: Desk, feed_id: int) -> None:
    for site in ("big.example", "small.example", "usual.example"):
        discover(desk.database, feed_id, *(seen(str(number), site=site) for number in range(9)))
    own = sites_file(desk, '["big.example"]\nconcurrency = 5\n["small.example"]\nconcurrency = 1')
    assert own.tick().issued == 5 + 1 + 2
    issued = [own.payload(job_id)["site"] for job_id in own.waiting(QueueName.PAGES)]
    assert (issued.count("big.example"), issued.count("small.example")) == (5, 1)


def test_a_platform_s_sites_share_one_budget(desk: Desk, feed_id: int) -> None:
    members = [f"{name}.tumblr.example" for name in "abcd"]
    desk.sql("UPDATE sites SET due_at = NULL")
    discover(desk.database, feed_id, *(seen(f"{site}-{page}", site=site) for site in members for page in range(2)))
    shared = sites_file(desk, '["tumblr.example"]\nconcurrency = 3')
    assert shared.tick().issued == 3
    shared.wake()
    assert shared.tick().issued == 0


def test_while_a_platform_is_held_none_of_its_sites_is_looked_at(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, seen("a", site="a.tumblr.example"), seen("b", site="paper.example"))
    shared = sites_file(desk, '["tumblr.example"]')
    with desk.database.transaction() as connection:
        sites.hold(connection, "tumblr.example", 60)
    assert shared.tick().issued == 1
    (row,) = desk.sql("SELECT extract(epoch FROM due_at - now()) AS seconds FROM sites WHERE site = 'a.tumblr.example'")
    assert 50 < row["seconds"] <= 60
    desk.sql("UPDATE sites SET held_until = now() - interval '1 second' WHERE site = 'tumblr.example'")
    shared.wake()
    assert shared.tick().issued == 1


def test_a_site_that_gave_no_answer_gets_one_job_when_its_time_is_over(desk: Desk, feed_id: int) -> None:
    discover(desk.database, feed_id, *(seen(str(number), site="dead.example") for number in range(5)))
    politeness = Politeness(desk.valkey, interval_seconds=0, concurrency=2)
    for _ in range(FAILURES_TO_OPEN):
        politeness.report("dead.example", Report(Heard.DEAD, "connect", "https://dead.example/", 0.0))
    assert desk.tick().issued == 0
    desk.valkey.hset("wiredesk:site:dead.example:mood", "held_until", 1)
    desk.wake()
    assert desk.tick().issued == 1
    desk.wake()
    assert desk.tick().issued == 0
