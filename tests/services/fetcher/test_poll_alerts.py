"""What a poll leaves behind for the next one: the feed's hints, its pace, and alerts in the same transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.schedule import FIRST_INTERVAL
from shared.ledger import polls
from shared.ledger.alerts import list_alerts
from tests.services.fetcher.conftest import Fetching
from wiredesk.testweb import Item, NewsWeb, Site


def items(site: Site, numbers: range, *, hours_apart: float | None = None) -> list[Item]:
    now = datetime.now(UTC)
    return [
        Item(
            link=site.url(f"/{number}"),
            title=f"Number {number}",
            published=None if hours_apart is None else now - timedelta(hours=hours_apart * (place + 1)),
        )
        for place, number in enumerate(numbers)
    ]


def open_alerts(fetching: Fetching) -> dict[str, str]:
    with fetching.context.database.transaction() as connection:
        return {alert["kind"]: alert["detail"] for alert in list_alerts(connection)}


def test_a_gap_is_an_alert(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(site.feed("/feed.xml", items(site, range(5))))
    fetching.poll(feed_id)
    assert open_alerts(fetching) == {}
    site.feed("/feed.xml", items(site, range(50, 55)))
    fetching.poll(feed_id)
    assert open_alerts(fetching)["feed_gap"].startswith("none of its 5 entries was there")


def test_a_sitemap_that_has_run_through_is_no_gap(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    url = site.sitemap("/news.xml", items(site, range(3), hours_apart=1), publication="The Paper")
    feed_id = fetching.add_feed(url)
    fetching.poll(feed_id)
    # A news sitemap lists two days: after a quiet weekend there is nothing left of the week before.
    site.sitemap("/news.xml", items(site, range(50, 52), hours_apart=1), publication="The Paper")
    assert "2 of 2 entries new" in fetching.poll(feed_id)
    assert not fetching.one("SELECT bool_or(gap) AS gap FROM feed_polls")["gap"]
    assert open_alerts(fetching) == {}


def test_a_feed_that_goes_on_failing_is_an_alert_until_it_is_read_again(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    url = site.feed("/feed.xml", items(site, range(5)))
    feed_id = fetching.add_feed(url)
    fetching.poll(feed_id)
    site.respond("/feed.xml", status=404)
    fetching.poll(feed_id)
    assert open_alerts(fetching) == {}
    three_hours_ago = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    fetching.one(
        "UPDATE feeds SET poll_state = poll_state || jsonb_build_object('failing_since', %s::text) RETURNING id",
        three_hours_ago,
    )
    fetching.poll(feed_id)
    assert open_alerts(fetching)["feed_failing"].startswith("http_404, 2 failures since")
    site.feed("/feed.xml", items(site, range(6)))
    fetching.poll(feed_id)
    assert open_alerts(fetching) == {}


def test_a_feed_whose_polls_broke_down_is_an_alert_until_it_is_read_again(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(site.feed("/feed.xml", items(site, range(5))))
    fetching.poll(feed_id)
    with fetching.context.database.transaction() as connection:
        polls.put_off(connection, feed_id, lost=3, detail="SegmentationFault")
    assert set(open_alerts(fetching)) == {"feed_failing"}
    fetching.poll(feed_id)
    assert open_alerts(fetching) == {}


def test_a_poll_that_was_overtaken_opens_nothing(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(site.respond("/feed.xml", status=410))
    fetching.has_rest("paper.localhost", 60)
    fetching.poll(feed_id)
    assert open_alerts(fetching) == {}


def test_the_dates_of_a_new_feed_tell_how_often_it_is_polled(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    daily = fetching.add_feed(site.feed("/daily.xml", items(site, range(20), hours_apart=24)))
    undated = fetching.add_feed(site.feed("/undated.xml", items(site, range(20))))
    for feed_id in (daily, undated):
        fetching.poll(feed_id)
    assert fetching.feed(daily)["poll_state"]["interval_seconds"] > 2 * 3600
    assert fetching.feed(undated)["poll_state"]["interval_seconds"] == FIRST_INTERVAL


@pytest.mark.parametrize("unchanged", [False, True])
def test_how_long_a_site_says_its_answer_is_fresh_lengthens(fetching: Fetching, web: NewsWeb, unchanged: bool) -> None:
    site = web.site("paper")
    url = site.feed("/feed.xml", items(site, range(3)))
    feed_id = fetching.add_feed(url)
    body = fetching.context.client.get(url, max_bytes=10**6).body
    if unchanged:
        fetching.poll(feed_id)
    site.respond("/feed.xml", body=body, headers=(("Cache-Control", "max-age=36000"), ("Content-Type", "text/xml")))
    told = fetching.poll(feed_id)
    assert told.startswith("unchanged" if unchanged else "changed")
    assert "as the feed asks" in told
    row = fetching.feed(feed_id)
    assert row["poll_state"]["hints"]["cache_seconds"] == 36_000
    assert 35_900 < row["wait"].total_seconds() < 40_000
