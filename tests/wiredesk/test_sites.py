"""``wiredesk sites``, as a person and a script run it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.database import Database
from shared.ledger import alerts
from shared.ledger.alerts import AlertKind
from tests.pipeline.desk import Desk

LOOKS = """
    INSERT INTO site_looks (site, state, told, pages_before, pages_now, measures, changed_since, alarm) VALUES
        ('a.example', 'steady', '50 pages lately, read as the 300 before', 300, 50, '{}', NULL, false),
        ('b.example', 'changed', '48 of 50 pages without a date, before 2%', 300, 50, '{}', '2026-03-01Z', true)
"""


@pytest.fixture
def desk(tmp_path: Path, database: Database, redis_url: str) -> Desk:
    """The command line on the test's own engines."""
    return Desk(tmp_path / "data", WIREDESK_DATABASE_URL=database.url, WIREDESK_REDIS_URL=redis_url)


def test_sites_are_listed_with_what_was_found(desk: Desk, database: Database) -> None:
    assert "no sites were looked at yet" in desk.run("sites").stderr
    with database.transaction() as connection:
        connection.execute(LOOKS)
        alerts.open_site_alert(connection, "b.example", AlertKind.SITE_DRIFT, "48 of 50 pages without a date")
    shown = desk.run("sites").stdout
    assert "a.example" in shown
    assert "48 of 50 pages without a date, before 2%" in shown
    (changed,) = desk.lines("sites", "--state", "changed")
    assert (changed["site"], changed["changed_since"]) == ("b.example", "2026-03-01T00:00:00Z")
    assert "b.example" in desk.run("feeds", "alerts").stdout


def test_a_state_that_there_is_none_of_is_told_in_one_line(desk: Desk) -> None:
    done = desk.run("sites", "--state", "odd")
    assert done.returncode == 1
    assert done.stderr.strip() == "wiredesk: no state odd: one of steady, changed, unsure, too_few, new_parser"
