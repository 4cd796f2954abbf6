"""Push as polls see it: deliveries taken without a request, hubs followed, and trust that has to be earned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.fetcher.push import is_lively, topic_of, usable_hubs
from services.fetcher.seen import seen_entries
from shared.ledger import feeds, polls, push, subscriptions
from shared.ledger.discovery import record_entries
from shared.ledger.polls import FeedForPoll
from shared.records import FeedEntry, ParsedFeed
from tests.services.fetcher.conftest import Fetching
from wiredesk.testweb import Channel, Item, NewsWeb, build_feed

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
HUB = "http://hub.localhost/hub"


class Paper:
    """A feed that names a hub, the poll's side and the hub's side of it."""

    def __init__(self, fetching: Fetching, web: NewsWeb) -> None:
        self.fetching = fetching.with_settings(public_url="https://desk.example", poll_floor_seconds=600)
        self.web = web
        self.site = web.site("paper")
        self.url = self.site.url("/feed.xml")
        self.items: list[Item] = []
        self.hub: str | None = HUB
        self.topic = self.url
        self.feed_id = self.fetching.add_feed(self.url)

    def publish(self, *paths: str, minutes_ago: float = 1, dated: bool = True) -> None:
        at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        self.items = [self.item(path, at if dated else None) for path in paths] + self.items
        self.site.page("/feed.xml", self.document(self.items))

    def item(self, path: str, at: datetime | None = None) -> Item:
        return Item(link=self.site.url(f"/{path}"), entry_id=f"id-{path}", title=f"About {path}", published=at)

    def document(self, items: list[Item]) -> bytes:
        channel = Channel(title="Paper", site_url=self.site.url("/"), feed_url=self.topic, hub=self.hub)
        return build_feed("rss", channel, items)

    def poll(self) -> str:
        return self.fetching.poll(self.feed_id)

    def verified(self) -> None:
        """The hub has confirmed what was asked of it."""
        self.set("state = 'active', asked_at = now(), verified_at = now(), lease_ends_at = now() + interval '10 days'")

    def deliver(self, body: bytes, *, feed_id: int | None = None) -> None:
        row = self.subscription()
        with self.fetching.context.database.transaction() as connection:
            push.deliver(
                connection, row["id"], feed_id or self.feed_id, content_type="text/xml", body=body, most_bytes=100_000
            )
            push.make_due(connection)

    def deliver_items(self, *paths: str) -> None:
        self.deliver(self.document([self.item(path) for path in paths]))

    def set(self, assignments: str) -> None:
        self.fetching.one(f"UPDATE subscriptions SET {assignments} WHERE feed_id = %s RETURNING id", self.feed_id)

    def subscription(self) -> dict[str, Any]:
        return self.fetching.one(
            "SELECT * FROM subscriptions WHERE feed_id = %s ORDER BY id DESC LIMIT 1", self.feed_id
        )

    def standing(self) -> push.Standing:
        with self.fetching.context.database.transaction() as connection:
            return push.standing(connection, self.feed_id)

    def feed(self) -> dict[str, Any]:
        return self.fetching.feed(self.feed_id)

    def last_poll(self) -> dict[str, Any]:
        return self.fetching.one("SELECT * FROM feed_polls ORDER BY id DESC LIMIT 1")

    def count(self, table: str) -> int:
        return int(self.fetching.one(f"SELECT count(*) AS n FROM {table}")["n"])

    @property
    def requests(self) -> int:
        return len(self.web.requests(site="paper"))


def feed_for(paper: Paper) -> FeedForPoll:
    with paper.fetching.context.database.transaction() as connection:
        feed = polls.look(connection, paper.feed_id)
    assert feed is not None
    return feed


@pytest.fixture
def paper(fetching: Fetching, web: NewsWeb) -> Paper:
    opened = Paper(fetching, web)
    opened.publish("old")
    return opened


@pytest.fixture
def pushed_paper(paper: Paper) -> Paper:
    """A paper that was polled once, and whose hub has confirmed."""
    paper.poll()
    paper.verified()
    return paper


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


def test_a_delivery_is_taken_without_a_request_and_is_no_evidence(pushed_paper: Paper) -> None:
    paper = pushed_paper
    before = paper.feed()
    asked = paper.requests
    paper.deliver_items("new")
    assert paper.feed()["wait"].total_seconds() <= 0
    assert paper.poll().startswith("pushed: delivered by its hub, 1 of 1 entries new")
    assert paper.requests == asked
    assert paper.count("entries") == 2
    assert paper.count("pushes") == 0
    after = paper.feed()
    for kept in ("etag", "last_modified", "body_sha256", "poll_state", "last_polled_at", "last_outcome"):
        assert after[kept] == before[kept], kept
    assert after["leased_at"] is None
    assert paper.fetching.tokens() == 0
    last = paper.last_poll()
    assert (last["outcome"], last["entries"], last["new_entries"], last["gap"]) == ("pushed", 1, 1, False)
    assert last["next_at"] == after["due_at"]


def test_a_delivery_with_relative_links_and_known_entries_is_read_as_the_feed_is(pushed_paper: Paper) -> None:
    paper = pushed_paper
    body = paper.document([paper.item("new"), paper.item("old")]).replace(paper.site.url("/").encode(), b"/")
    paper.deliver(body)
    assert paper.poll().startswith("pushed: delivered by its hub, 1 of 2 entries new")
    assert paper.fetching.one("SELECT url FROM entries ORDER BY id DESC LIMIT 1")["url"] == paper.site.url("/new")


@pytest.mark.parametrize("body", [b"", b"ping", b"<html><body>news!</body></html>"])
def test_a_delivery_that_is_no_feed_has_the_site_asked_at_once(pushed_paper: Paper, body: bytes) -> None:
    paper = pushed_paper
    paper.publish("new")
    paper.deliver(body)
    assert paper.poll().startswith("changed: 1 of 2 entries new")
    assert paper.count("pushes") == 0


def test_a_feed_and_a_ping_together_are_both_heeded(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.deliver_items("new")
    paper.deliver(b"ping")
    assert paper.poll().endswith("the site itself is asked at once")
    assert paper.feed()["wait"].total_seconds() <= 0


def test_a_poll_that_was_due_anyway_follows_a_delivery(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.fetching.one("UPDATE feeds SET due_at = now() RETURNING id")
    paper.deliver_items("new")
    assert paper.poll().endswith("the site itself is asked at once")
    assert paper.feed()["wait"].total_seconds() <= 0


def test_dropped_deliveries_have_the_site_asked(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.deliver_items("new")
    paper.set("overflowed = true")
    assert paper.poll().endswith("the site itself is asked at once")
    assert paper.standing().overflowed
    paper.poll()
    assert not paper.standing().overflowed


def test_a_document_that_ended_two_polls_does_not_end_a_third(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.deliver_items("new")
    paper.fetching.one("UPDATE pushes SET tries = 2 RETURNING id")
    asked = paper.requests
    assert paper.poll().startswith("unchanged")
    assert paper.requests == asked + 1
    assert paper.count("pushes") == 0


def test_what_comes_in_during_a_poll_makes_the_feed_due_after_it(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.fetching.one("UPDATE feeds SET leased_at = now() RETURNING id")
    paper.deliver_items("new")
    assert paper.feed()["wait"].total_seconds() > 60
    paper.fetching.one("UPDATE feeds SET leased_at = NULL RETURNING id")
    with paper.fetching.context.database.transaction() as connection:
        assert push.make_due(connection) == 1
        assert push.make_due(connection) == 0


def test_a_hub_is_relied_on_from_its_first_delivery_and_polls_come_later_then(pushed_paper: Paper) -> None:
    paper = pushed_paper
    assert not paper.standing().alive
    usual = paper.feed()["wait"]
    paper.deliver_items("new")
    paper.poll()
    assert paper.standing().alive
    assert paper.feed()["wait"] > 2 * usual
    assert paper.subscription()["slows"]


def test_polls_for_safety_bring_what_is_known_and_leave_the_remembered_interval(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.deliver_items("new")
    paper.poll()
    # As if the poll had been in time: without push all that it finds known would make the feed a slower one.
    paper.fetching.one(
        """
        UPDATE feeds SET poll_state = poll_state || jsonb_build_object(
            'last_success_at', now() - interval '1 day', 'planned_at', now(), 'pushed', false)
        RETURNING id
        """
    )
    interval = paper.feed()["poll_state"]["interval_seconds"]
    paper.site.page("/feed.xml", paper.document([paper.item("new"), *paper.items]))
    assert "its hub delivers" in paper.poll()
    assert paper.feed()["poll_state"]["interval_seconds"] == interval
    assert paper.feed()["wait"].total_seconds() > 5 * interval
    paper.set("last_push_at = NULL")
    paper.fetching.one(
        """
        UPDATE feeds SET poll_state = poll_state || jsonb_build_object(
            'last_success_at', now() - interval '1 day', 'planned_at', now(), 'pushed', false)
        RETURNING id
        """
    )
    paper.poll()
    assert paper.feed()["poll_state"]["interval_seconds"] > interval


def test_deliveries_in_a_row_do_not_put_the_next_poll_off_for_ever(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.deliver_items("first")
    paper.poll()
    due = paper.feed()["due_at"]
    for number in range(3):
        paper.deliver_items(f"n{number}")
        paper.poll()
    # Each may land elsewhere within the jitter, none further.
    assert paper.feed()["due_at"] - due < 0.3 * (due - paper.feed()["last_polled_at"])


def test_a_delivery_does_not_bring_a_failing_feed_s_poll_forward(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.site.respond("/feed.xml", status=500)
    paper.poll()
    due = paper.feed()["due_at"]
    paper.deliver_items("new")
    paper.poll()
    assert paper.feed()["due_at"] >= due
    assert paper.feed()["last_outcome"] == "failed"


def test_new_entries_that_were_not_delivered_take_the_trust_away_until_the_next_delivery(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.deliver_items("a")
    paper.poll()
    paper.publish("missed", minutes_ago=60)
    assert "its hub did not deliver 1 of them" in paper.poll()
    assert not paper.standing().alive
    assert not paper.subscription()["slows"]
    assert "its hub did not deliver 1 of them" in paper.last_poll()["why"]
    paper.deliver_items("b")
    assert paper.standing().alive


def test_what_was_missed_is_looked_for_among_what_a_poll_found_alone(pushed_paper: Paper) -> None:
    paper = pushed_paper
    with paper.fetching.context.database.transaction() as connection:
        item = paper.item("missed", datetime.now(UTC) - timedelta(hours=1))
        entry = FeedEntry(entry_id=item.entry_id, link=item.link, title=item.title, published_at=item.published)
        found = record_entries(
            connection, paper.feed_id, seen_entries(ParsedFeed(format="rss20", entries=(entry,)), feed_for(paper))
        )
        assert len(found.identities) == 1
        assert push.missed(connection, paper.feed_id, found.identities) == 1
        assert push.missed(connection, paper.feed_id, ["another"]) == 0
        assert push.missed(connection, paper.feed_id, []) == 0


def test_what_was_published_a_moment_ago_may_still_be_on_its_way(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.deliver_items("a")
    paper.poll()
    paper.publish("fresh", minutes_ago=2)
    assert paper.poll().startswith("changed: 1 of ")
    assert paper.standing().alive


def test_an_entry_that_was_delivered_under_another_id_was_not_missed(pushed_paper: Paper) -> None:
    paper = pushed_paper
    at = datetime.now(UTC) - timedelta(hours=1)
    paper.deliver(paper.document([Item(link=paper.site.url("/a"), entry_id="hub-id", title="A", published=at)]))
    paper.poll()
    paper.publish("a", minutes_ago=60)
    paper.poll()
    assert paper.standing().alive


def test_content_lands_in_the_feed_that_was_subscribed_and_in_no_other(
    pushed_paper: Paper, fetching: Fetching, web: NewsWeb
) -> None:
    other = fetching.add_feed(web.site("other").url("/feed.xml"))
    pushed_paper.deliver_items("new")
    pushed_paper.poll()
    assert fetching.one("SELECT count(*) AS n FROM sightings WHERE feed_id = %s", other)["n"] == 0


def test_a_feed_that_was_removed_meanwhile_takes_nothing(pushed_paper: Paper) -> None:
    paper = pushed_paper
    with paper.fetching.context.database.transaction() as connection:
        feeds.remove(connection, paper.feed_id)
    paper.deliver_items("new")
    assert paper.poll() == "superseded"
    assert paper.count("entries") == 1


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


def test_the_site_of_a_feed_with_a_delivery_is_woken(pushed_paper: Paper) -> None:
    paper = pushed_paper
    with paper.fetching.context.database.transaction() as connection:
        connection.execute("DELETE FROM wakeups")
    paper.deliver_items("new")
    assert paper.fetching.one("SELECT site FROM wakeups")["site"] == "paper.localhost"
