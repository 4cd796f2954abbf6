"""From the tables before alerts could be about sites: what was there stays."""

from __future__ import annotations

from collections.abc import Iterator

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
