"""Alerts: opened once while they are open, closed when they are over, and told in the log by feed and kind alone."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from structlog.testing import capture_logs

from shared.database import Connection, Database
from shared.ledger import addresses, alerts, feeds, polls
from shared.ledger.alerts import AlertKind
from shared.ledger.sitemaps import Part, record_parts, retire_if_stale
from tests.shared.ledger.rows import add_feed

OTHER = "https://other.example/feed.xml"


def open_kinds(database: Database, feed_id: int) -> set[str]:
    with database.transaction() as connection:
        return {alert["kind"] for alert in alerts.list_alerts(connection) if alert["feed_id"] == feed_id}


def open_alert(database: Database, feed_id: int, kind: AlertKind, detail: str | None = None) -> bool:
    with database.transaction() as connection:
        return alerts.open_alert(connection, feed_id, kind, detail)


def alarming_feeds(database: Database) -> tuple[int, int]:
    """A feed with an open alert of every kind, and another one that is gone."""
    feed_id, other = add_feed(database), add_feed(database, OTHER)
    for kind in AlertKind:
        open_alert(database, feed_id, kind)
    open_alert(database, other, AlertKind.FEED_GONE)
    return feed_id, other


def test_an_alert_is_opened_once_while_it_is_open(database: Database) -> None:
    feed_id = add_feed(database)
    assert open_alert(database, feed_id, AlertKind.FEED_GAP, "all 30 entries are new")
    assert not open_alert(database, feed_id, AlertKind.FEED_GAP, "again")
    with database.transaction() as connection:
        (alert,) = alerts.list_alerts(connection)
        assert (alert["feed_id"], alert["kind"], alert["detail"], alert["closed_at"]) == (
            feed_id,
            "feed_gap",
            "all 30 entries are new",
            None,
        )
        assert alerts.close_alerts(connection, feed_id, [AlertKind.FEED_GAP]) == 1
    assert open_alert(database, feed_id, AlertKind.FEED_GAP)


def test_only_the_named_kinds_of_the_one_feed_are_closed(database: Database) -> None:
    feed_id, other = add_feed(database), add_feed(database, OTHER)
    for kind in (AlertKind.FEED_GAP, AlertKind.FEED_FAILING):
        open_alert(database, feed_id, kind)
        open_alert(database, other, kind)
    with database.transaction() as connection:
        alerts.close_alerts(connection, feed_id, [AlertKind.FEED_FAILING, AlertKind.FEED_GONE])
    assert open_kinds(database, feed_id) == {"feed_gap"}
    assert open_kinds(database, other) == {"feed_gap", "feed_failing"}


def test_a_feed_that_is_removed_has_no_open_alerts(database: Database) -> None:
    feed_id, other = alarming_feeds(database)
    with database.transaction() as connection:
        feeds.remove(connection, feed_id)
    assert open_kinds(database, feed_id) == set()
    assert open_kinds(database, other) == {"feed_gone"}


def test_a_feed_that_is_paused_has_no_open_alerts_and_opens_none(database: Database) -> None:
    feed_id, other = alarming_feeds(database)
    with database.transaction() as connection:
        feeds.set_paused(connection, feed_id, paused=True)
    assert open_kinds(database, feed_id) == set()
    assert open_kinds(database, other) == {"feed_gone"}
    # Nothing would ever close it.
    assert not open_alert(database, feed_id, AlertKind.FEED_GONE)
    with database.transaction() as connection:
        feeds.set_paused(connection, feed_id, paused=False)
    assert open_alert(database, feed_id, AlertKind.FEED_GONE)


def add_parts(database: Database, index_id: int, *names: str) -> list[int]:
    """Have the index list these, and no others; returns the ids of all that it ever listed."""
    urls = [f"https://paper.example/{name}.xml" for name in names]
    with database.transaction() as connection:
        addresses.lock(connection)
        record_parts(connection, index_id, [Part(url, url) for url in urls])
        found = connection.execute("SELECT id FROM feeds WHERE parent_id = %s ORDER BY id", [index_id])
        return [row["id"] for row in found]


def test_a_part_that_its_index_lists_no_more_has_no_open_alerts_and_what_is_below_it_neither(
    database: Database,
) -> None:
    index_id = add_feed(database, OTHER)
    listed, dropped = add_parts(database, index_id, "a", "b")
    (below,) = add_parts(database, dropped, "c")
    for feed_id in (listed, dropped, below):
        open_alert(database, feed_id, AlertKind.FEED_FAILING)
    add_parts(database, index_id, "a")
    assert [open_kinds(database, feed_id) for feed_id in (listed, dropped, below)] == [{"feed_failing"}, set(), set()]


@pytest.mark.parametrize("end", [feeds.remove, lambda connection, one: feeds.set_paused(connection, one, paused=True)])
def test_the_parts_of_an_index_that_is_polled_no_more_have_no_open_alerts(
    database: Database, end: Callable[[Connection, int], None]
) -> None:
    index_id = add_feed(database, OTHER)
    part_ids = add_parts(database, index_id, "a", "b")
    for feed_id in part_ids:
        open_alert(database, feed_id, AlertKind.FEED_GAP)
    with database.transaction() as connection:
        end(connection, index_id)
    assert [open_kinds(database, feed_id) for feed_id in part_ids] == [set(), set()]


def test_a_part_that_is_retired_as_stale_has_no_open_alerts(database: Database) -> None:
    index_id = add_feed(database, OTHER)
    (part_id,) = add_parts(database, index_id, "a")
    open_alert(database, part_id, AlertKind.FEED_QUIET)
    with database.transaction() as connection:
        assert not retire_if_stale(connection, part_id)
    assert open_kinds(database, part_id) == {"feed_quiet"}
    with database.transaction() as connection:
        connection.execute("UPDATE feeds SET added_at = now() - interval '200 days', format = 'sitemap'")
        assert retire_if_stale(connection, part_id)
    assert open_kinds(database, part_id) == set()


def test_a_feed_that_has_worked_and_whose_polls_break_down_is_an_alert(database: Database) -> None:
    feed_id, new = add_feed(database), add_feed(database, OTHER)
    with database.transaction() as connection:
        connection.execute("UPDATE feeds SET last_success_at = now() WHERE id = %s", [feed_id])
        for one in (feed_id, new):
            polls.put_off(connection, one, lost=3, detail="SegmentationFault")
        (alert,) = alerts.list_alerts(connection)
    assert (alert["feed_id"], alert["kind"]) == (feed_id, "feed_failing")
    assert "broke down 3 times in a row: SegmentationFault" in alert["detail"]


def test_alerts_are_listed_newest_first_and_page_by_page(database: Database) -> None:
    feed_id = add_feed(database)
    for kind in AlertKind:
        open_alert(database, feed_id, kind)
    with database.transaction() as connection:
        alerts.close_alerts(connection, feed_id, [AlertKind.FEED_QUIET])
        everything = alerts.list_alerts(connection, open_only=False)
        first = alerts.list_alerts(connection, open_only=False, limit=2)
        rest = alerts.list_alerts(connection, open_only=False, before=first[-1]["id"])
        still_open = alerts.list_alerts(connection)
    assert [alert["id"] for alert in everything] == sorted((alert["id"] for alert in everything), reverse=True)
    assert first + rest == everything
    assert len(everything) == len(AlertKind)
    assert {alert["kind"] for alert in still_open} == set(AlertKind) - {"feed_quiet"}


def test_a_poll_that_opens_and_closes_does_both(database: Database) -> None:
    feed_id = add_feed(database)
    open_alert(database, feed_id, AlertKind.FEED_FAILING)
    with database.transaction() as connection:
        alerts.apply(connection, feed_id, opens={AlertKind.FEED_GAP: "x"}, closes=(AlertKind.FEED_FAILING,))
    assert open_kinds(database, feed_id) == {"feed_gap"}


def test_what_a_hostile_page_says_is_kept_short_and_storable(database: Database) -> None:
    feed_id = add_feed(database)
    open_alert(database, feed_id, AlertKind.FEED_FAILING, "a\x00b\ud800" + "x" * 5000)
    with database.transaction() as connection:
        (alert,) = alerts.list_alerts(connection)
    assert alert["detail"].startswith("ab?x")
    assert len(alert["detail"]) == 1000


def test_an_alert_needs_a_feed(database: Database) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        open_alert(database, 77, AlertKind.FEED_GAP)


def test_the_log_says_which_feed_and_what_kind_and_nothing_that_the_web_said(database: Database) -> None:
    feed_id = add_feed(database)
    with capture_logs() as logs, database.transaction() as connection:
        alerts.open_alert(connection, feed_id, AlertKind.FEED_GONE, "a secret")
        alerts.open_alert(connection, feed_id, AlertKind.FEED_GONE, "a secret")
        alerts.close_alerts(connection, feed_id)
    told = [(line["action"], line["feed"], line["kind"]) for line in logs]
    assert told == [("alert_opened", feed_id, "feed_gone"), ("alert_closed", feed_id, "feed_gone")]
    assert "secret" not in str(logs)
