"""/v1/feeds, /v1/explain, /v1/stats: what an on-call person asks."""

from __future__ import annotations

import redis

from services.api.models import EntryExplanation, FeedExplanation, FeedList, FeedWithPolls, Stats
from shared.politeness import Heard, Politeness, Report, Turn
from shared.records import RejectionReason
from shared.settings import Settings
from tests.services.api.served import Served
from tests.shared.reading.newsroom import Newsroom, make_article


def test_feeds_are_paged_by_id(newsroom: Newsroom, api: Served) -> None:
    ids = [newsroom.feed(f"https://{name}.example/feed") for name in "abc"]
    first = FeedList.model_validate(api.get("/v1/feeds", {"limit": 2}).json())
    rest = FeedList.model_validate(api.get("/v1/feeds", {"limit": 2, "after": first.next_after}).json())
    assert [feed.id for feed in first.feeds + rest.feeds] == ids
    assert rest.next_after is None


def test_a_feed_has_its_account_and_polls(newsroom: Newsroom, api: Served) -> None:
    feed = newsroom.feed("https://a.example/feed", title="A")
    newsroom.publish(make_article("https://a.example/1"), feed_id=feed)
    found = FeedWithPolls.model_validate(api.get(f"/v1/feeds/{feed}").json())
    assert (found.title, found.discovered, found.indexed, found.polls) == ("A", 1, 1, [])


def test_a_url_is_explained(newsroom: Newsroom, api: Served) -> None:
    newsroom.reject("https://a.example/1", RejectionReason.NOT_HTML, "a PDF")
    found = EntryExplanation.model_validate(api.get("/v1/explain", {"url": "https://a.example/1"}).json())
    assert found.summary == "rejected (not_html): a PDF"


def test_a_feed_is_explained(newsroom: Newsroom, api: Served) -> None:
    feed = newsroom.feed("https://a.example/feed")
    found = FeedExplanation.model_validate(api.get("/v1/explain", {"url": "https://a.example/feed"}).json())
    assert found.id == feed


def test_what_waits_for_its_site_tells_how_that_stands(
    newsroom: Newsroom, api: Served, valkey: redis.Redis, settings: Settings
) -> None:
    politeness = Politeness.of(valkey, settings)
    politeness.report("a.example", Report(Heard.BUSY, "http_429", "/", 0.5, asked_seconds=100))
    politeness.pace(Turn("b.example", holder="one"))
    feed = newsroom.feed("https://a.example/feed")
    newsroom.list_in(feed, "https://b.example/1")
    newsroom.reject("https://a.example/1", RejectionReason.NOT_HTML, "a PDF")
    about_feed = FeedExplanation.model_validate(api.get("/v1/explain", {"url": "https://a.example/feed"}).json())
    assert about_feed.standing is not None
    assert (about_feed.standing.site, about_feed.standing.held_for) == ("a.example", "http_429")
    assert 90 < about_feed.standing.held_seconds <= 100
    waits = EntryExplanation.model_validate(api.get("/v1/explain", {"url": "https://b.example/1"}).json())
    assert waits.standing is not None
    assert (waits.standing.places_taken, waits.standing.breaker) == (1, "closed")
    ended = EntryExplanation.model_validate(api.get("/v1/explain", {"url": "https://a.example/1"}).json())
    assert ended.standing is None


def test_the_figures_are_those_of_the_ledger(newsroom: Newsroom, api: Served) -> None:
    newsroom.publish(make_article())
    found = Stats.model_validate(api.get("/v1/stats").json())
    assert found.entries["indexed"] == 1
    assert set(found.queues) == {"feeds", "pages", "parse", "index"}
    assert found.seq == 1
