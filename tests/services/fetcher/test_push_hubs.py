"""Which hub a poll has asked for a feed: the one that it names, where there is a use for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.push import is_lively, topic_of, usable_hubs
from shared.ledger import feeds, subscriptions
from shared.records import FeedEntry, ParsedFeed
from tests.services.fetcher.conftest import Fetching
from tests.services.fetcher.papers import HUB, Paper
from wiredesk.testweb import NewsWeb

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_a_poll_that_finds_a_hub_has_it_asked(paper: Paper) -> None:
    paper.poll()
    row = paper.subscription()
    assert (row["state"], row["hub"], row["site"], row["topic"]) == ("wanted", HUB, "hub.localhost", paper.url)
    assert len(row["token"]) == subscriptions.TOKEN_LENGTH
    assert 40 <= len(row["secret"]) < 200
    paper.publish("more")
    paper.poll()
    assert paper.subscription() == row


def test_a_hub_in_the_answer_s_header_goes_before_the_document_s(paper: Paper) -> None:
    link = (("Link", f'<http://better.localhost/>; rel="hub", <{paper.url}?self>; rel="self"'),)
    paper.site.page("/feed.xml", paper.document(paper.items), headers=link)
    paper.poll()
    row = paper.subscription()
    assert (row["hub"], row["topic"]) == ("http://better.localhost/", f"{paper.url}?self")


def test_without_an_address_for_callbacks_no_hub_is_asked(paper: Paper) -> None:
    paper.fetching = paper.fetching.with_settings(public_url=None)
    paper.poll()
    assert paper.count("subscriptions") == 0


def test_a_feed_that_has_gone_quiet_is_not_subscribed_to(fetching: Fetching, web: NewsWeb) -> None:
    paper = Paper(fetching, web)
    paper.publish("ancient", minutes_ago=40 * 1440)
    paper.poll()
    assert paper.count("subscriptions") == 0


@pytest.mark.parametrize("change", ["hub", "topic", "gone"])
def test_a_change_of_hub_or_name_ends_one_subscription_and_wants_another(pushed_paper: Paper, change: str) -> None:
    paper = pushed_paper
    before = paper.subscription()
    paper.hub = {"hub": "http://other.localhost/", "topic": HUB, "gone": None}[change]
    paper.topic = paper.url + ("?new" if change == "topic" else "")
    paper.publish("new")
    paper.poll()
    old = paper.fetching.one("SELECT * FROM subscriptions WHERE id = %s", before["id"])
    assert (old["state"], old["lease"]) == ("ending", before["lease"] + 1)
    assert paper.count("subscriptions") == (1 if change == "gone" else 2)
    if change != "gone":
        row = paper.subscription()
        assert (row["state"], row["hub"], row["topic"]) == ("wanted", paper.hub, paper.topic)
        assert row["token"] != old["token"]


def test_a_feed_that_names_another_hub_at_each_poll_is_followed_once_a_day(pushed_paper: Paper) -> None:
    paper = pushed_paper
    for number in range(4):
        paper.hub = f"http://hub{number}.localhost/"
        paper.publish(f"n{number}")
        paper.poll()
        paper.set("asked_at = COALESCE(asked_at, now())")
    assert paper.count("subscriptions") == 2
    assert paper.subscription()["hub"] == "http://hub0.localhost/"
    paper.fetching.one("UPDATE subscriptions SET state = 'ended' WHERE state = 'ending' RETURNING id")
    paper.publish("same day")
    paper.poll()
    assert paper.count("subscriptions") == 2
    paper.set("asked_at = now() - interval '25 hours'")
    paper.publish("next day")
    paper.poll()
    assert paper.subscription()["hub"] == "http://hub3.localhost/"


def test_of_named_hubs_those_that_may_be_asked_are_taken_https_first() -> None:
    named = ["http://a.example/", "ftp://b.example", "https://c.example", "https://u:p@d.example/", "x" * 3000]
    assert usable_hubs(named, "http://paper.example/") == ["https://c.example/", "http://a.example/"]
    # The secret must not travel in the clear for a feed that does not.
    assert usable_hubs(named, "https://paper.example/") == ["https://c.example/"]
    assert usable_hubs([], "https://paper.example/") == []


def test_the_topic_is_the_feed_s_own_name_for_itself() -> None:
    feed_url = "https://paper.example/feed.xml"
    assert topic_of(ParsedFeed(format="rss20", self_url="https://x.example/f"), feed_url) == "https://x.example/f"
    for own in (None, "urn:x", "https://u:p@x.example/", "https://x.example/" + "x" * 3000):
        assert topic_of(ParsedFeed(format="rss20", self_url=own), feed_url) == feed_url


def test_a_feed_is_lively_by_its_newest_date_or_when_it_gives_none() -> None:
    def feed(*days: float | None) -> ParsedFeed:
        entries = (
            FeedEntry(published_at=None if ago is None else NOW - timedelta(days=ago), title="t") for ago in days
        )
        return ParsedFeed(format="rss20", entries=tuple(entries))

    assert is_lively(feed(100, 29), NOW)
    assert is_lively(feed(None, None), NOW)
    assert not is_lively(feed(31, None), NOW)
    assert not is_lively(feed(), NOW)


def test_hubs_are_found_once_push_becomes_possible_though_the_feed_has_not_changed(paper: Paper) -> None:
    with_push, without = paper.fetching, paper.fetching.with_settings(public_url=None)
    for _ in range(2):
        without.poll(paper.feed_id)
    assert paper.count("subscriptions") == 0
    with_push.poll(paper.feed_id)
    assert paper.subscription()["state"] == "wanted"
    assert paper.last_poll()["entries"] == 1
    with_push.poll(paper.feed_id)
    assert paper.last_poll()["outcome"] == "unchanged", "once is enough"


def test_a_feed_that_is_resumed_is_subscribed_to_again(pushed_paper: Paper) -> None:
    for paused in (True, False):
        with pushed_paper.fetching.context.database.transaction() as connection:
            feeds.set_paused(connection, pushed_paper.feed_id, paused=paused)
    assert pushed_paper.subscription()["state"] == "ending"
    pushed_paper.poll()
    assert pushed_paper.subscription()["state"] == "wanted"
