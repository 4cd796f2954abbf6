"""The scheduler looks at sites now and then; a run over named feeds does not."""

from __future__ import annotations

from datetime import UTC, datetime

from services.scheduler.dispatch import Dispatcher
from tests.services.scheduler.desk import Desk
from tests.shared.reading.newsroom import Newsroom, make_article


def looked_at(desk: Desk) -> list[str]:
    return [row["site"] for row in desk.sql("SELECT site FROM site_looks ORDER BY site")]


def test_sites_of_which_something_has_ended_are_looked_at(desk: Desk) -> None:
    newsroom = Newsroom(desk.database)
    for site in ("gazette.example", "herald.example"):
        newsroom.publish(make_article(f"https://{site}/1", published_at=datetime.now(UTC)))
    desk.sql("INSERT INTO sites (site) VALUES ('gazette.example'), ('herald.example'), ('idle.example')")
    assert desk.dispatcher.look_at_sites() == 2
    assert looked_at(desk) == ["gazette.example", "herald.example"]
    assert desk.dispatcher.look_at_sites() == 0


def test_a_run_over_named_feeds_looks_at_none(desk: Desk) -> None:
    Newsroom(desk.database).publish(make_article("https://gazette.example/1", published_at=datetime.now(UTC)))
    desk.sql("INSERT INTO sites (site) VALUES ('gazette.example')")
    assert Dispatcher(desk.database, desk.valkey, desk.settings, only_feeds=[1]).look_at_sites() == 0
    assert looked_at(desk) == []
