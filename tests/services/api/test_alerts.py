"""/v1/alerts: open ones or all, the newest first, page by page."""

from __future__ import annotations

import pytest

from services.api.models import AlertList
from shared.ledger import alerts
from shared.ledger.alerts import AlertKind
from tests.services.api.served import Served
from tests.shared.reading.newsroom import Newsroom


@pytest.fixture
def feed_id(newsroom: Newsroom) -> int:
    """A feed with three alerts, of which one is over."""
    feed_id = newsroom.feed("https://a.example/feed", title="A")
    with newsroom.database.transaction() as connection:
        for kind in (AlertKind.FEED_GAP, AlertKind.FEED_FAILING, AlertKind.FEED_QUIET):
            alerts.open_alert(connection, feed_id, kind, f"about {kind}")
        alerts.close_alerts(connection, feed_id, [AlertKind.FEED_FAILING])
    return feed_id


def asked(api: Served, **query: object) -> AlertList:
    return AlertList.model_validate(api.get("/v1/alerts", query).json())


def test_all_are_listed_with_their_feed(api: Served, feed_id: int) -> None:
    found = asked(api).alerts
    assert [(alert.kind, alert.closed_at is None) for alert in found] == [
        ("feed_quiet", True),
        ("feed_failing", False),
        ("feed_gap", True),
    ]
    assert {(alert.feed_id, alert.feed_url, alert.feed_title) for alert in found} == {
        (feed_id, "https://a.example/feed", "A")
    }
    assert found[0].detail == "about feed_quiet"


@pytest.mark.usefixtures("feed_id")
def test_open_ones_alone(api: Served) -> None:
    assert [alert.kind for alert in asked(api, open=1).alerts] == ["feed_quiet", "feed_gap"]


@pytest.mark.usefixtures("feed_id")
def test_page_by_page(api: Served) -> None:
    first = asked(api, limit=2)
    rest = asked(api, limit=2, before=first.next_before)
    assert [alert.kind for alert in first.alerts + rest.alerts] == ["feed_quiet", "feed_failing", "feed_gap"]
    assert rest.next_before is None


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "before=x", f"before={2**63}", "open=perhaps"])
def test_what_cannot_be_is_refused(idle: Served, query: str) -> None:
    assert idle.get(f"/v1/alerts?{query}").status == 422
