"""The timeline: in order, bounded, and nothing in it can keep a row from being written."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from shared.database import Database
from shared.ledger import entries, timeline
from tests.shared.ledger.rows import add_feed, discover, entry, lease, seen, steps


def test_facts_that_are_not_known_stay_out() -> None:
    assert json.loads(timeline.step("fetched", page="k", detail=None, seconds=1.5)) == {
        "what": "fetched",
        "page": "k",
        "seconds": 1.5,
    }


@given(st.text())
def test_whatever_a_site_says_becomes_json_that_postgresql_takes(text: str) -> None:
    said = json.loads(timeline.step("failed", detail=text + "\x00\ud800"))["detail"]
    assert "\x00" not in said
    said.encode()


def test_a_page_that_fails_for_years_does_not_grow_its_row_for_ever(database: Database) -> None:
    discover(database, add_feed(database), seen("a"))
    entry_id = entry(database)["id"]
    with database.transaction() as connection:
        for number in range(70):
            current = lease(connection, entry_id)
            entries.try_later(connection, entry_id, current, reason=f"r{number}", seconds=0, counts=True, detail=None)
    row = entry(database)
    assert len(row["timeline"]) == 60
    assert steps(row)[0] == "discovered"
    assert row["timeline"][-1]["reason"] == "r69"
    assert all(set(step) >= {"at", "what"} for step in row["timeline"])
