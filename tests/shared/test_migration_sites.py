"""From the tables before alerts could be about sites: what was there stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.database import HEAD, connect, migrate
from shared.engines import Engines
from shared.ledger import alerts, sitelooks
from shared.ledger.alerts import AlertKind


@pytest.fixture
def old_url(engines: Engines) -> Iterator[str]:
    """A database as the release before left it, with a feed and its alert."""
    with connect(engines.database_url.replace("/wiredesk?", "/postgres?"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE before_sites")
        url = engines.database_url.replace("/wiredesk?", "/before_sites?")
        migrate(url, revision="0002")
        with connect(url) as connection:
            connection.execute("INSERT INTO feeds (url, url_key, site) VALUES ('u', 'u', 'paper.example')")
            connection.execute("INSERT INTO alerts (feed_id, kind) SELECT id, 'feed_gap' FROM feeds")
        yield url
        admin.execute("DROP DATABASE before_sites WITH (FORCE)")


def test_alerts_about_feeds_stay_and_sites_can_be_looked_at(old_url: str) -> None:
    assert migrate(old_url) == HEAD
    with connect(old_url) as connection:
        sitelooks.look_at(connection, "paper.example")
        assert alerts.open_site_alert(connection, "paper.example", AlertKind.SITE_DRIFT, None)
        assert not alerts.open_site_alert(connection, "paper.example", AlertKind.SITE_DRIFT, None)
        found = [(alert["kind"], alert["feed_url"], alert["site"]) for alert in alerts.list_alerts(connection)]
    assert found == [("site_drift", None, "paper.example"), ("feed_gap", "u", None)]


ENTRY = """
    INSERT INTO entries (url, url_key, site, feed_id, due_at)
    SELECT %(url)s, %(url)s, 'paper.example', id, now() FROM feeds
"""


def test_workers_go_on_writing_while_it_runs(old_url: str) -> None:
    with ThreadPoolExecutor() as threads, connect(old_url) as busy, connect(old_url, autocommit=True) as other:
        busy.execute(ENTRY, {"url": "begun before"})
        migration = threads.submit(migrate, old_url)
        waiting = "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND query ILIKE %s"
        until = time.monotonic() + 20
        while not other.execute(waiting, ["%entries_site_finished%"]).fetchall():
            assert time.monotonic() < until
            time.sleep(0.05)

        other.execute("SET statement_timeout = 2000")
        other.execute(ENTRY, {"url": "written meanwhile"})
        assert not migration.done()
        busy.commit()

        assert migration.result(20) == HEAD


def test_one_that_was_broken_off_can_be_run_again(old_url: str) -> None:
    with connect(old_url, autocommit=True) as connection:
        connection.execute("CREATE INDEX entries_site_finished ON entries (site)")

    assert migrate(old_url) == HEAD

    with connect(old_url) as connection:
        row = connection.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'entries_site_finished'").fetchone()
    assert row is not None
    assert "(site, finished_at)" in row["indexdef"]


def test_several_processes_may_run_it_at_once(old_url: str) -> None:
    with ThreadPoolExecutor() as threads:
        assert list(threads.map(lambda _: migrate(old_url), range(3))) == [HEAD] * 3
