"""``wiredesk feeds alerts``, as a person and a script run it."""

from __future__ import annotations

from pathlib import Path

from tests.pipeline.desk import Desk
from wiredesk.testweb import Answer, Item, NewsWeb


def test_a_feed_that_says_it_is_gone_is_an_alert_until_it_is_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    with NewsWeb() as web:
        site = web.site("gazette")
        url = site.answer("/feed.xml", lambda _: Answer(status=410))
        desk.run("run", "--once", url)
        (alert,) = desk.lines("feeds", "alerts")
        assert (alert["kind"], alert["feed_url"], alert["closed_at"]) == ("feed_gone", url, None)
        assert "feed_gone" in desk.run("feeds", "alerts").stdout
        site.feed("/feed.xml", [Item(link=site.page("/1", "<p>One"), title="One")])
        desk.run("run", "--once", url)
        assert desk.run("feeds", "alerts").stdout == ""
        assert desk.lines("feeds", "alerts") == []
        (alert,) = desk.lines("feeds", "alerts", "--all")
        assert alert["closed_at"] is not None
