"""How far a hub is relied on: polls come later while it delivers, and as ever once it has missed something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.fetcher.seen import seen_entries
from shared.ledger import polls, push
from shared.ledger.discovery import record_entries
from shared.ledger.polls import FeedForPoll
from shared.records import FeedEntry, ParsedFeed
from tests.services.fetcher.papers import Paper
from wiredesk.testweb import Item


def test_a_hub_is_relied_on_from_its_first_delivery_and_polls_come_later_then(pushed_paper: Paper) -> None:
    paper = pushed_paper
    assert not paper.standing().alive
    usual = paper.feed()["wait"]
    paper.deliver_items("new")
    paper.poll()
    assert paper.standing().alive
    assert paper.feed()["wait"] > 2 * usual
    assert paper.subscription()["slows"]


def pretend_that_the_poll_is_in_time(paper: Paper) -> None:
    """Without push all that such a poll finds known would make the feed a slower one."""
    paper.fetching.one(
        """
        UPDATE feeds SET poll_state = poll_state || jsonb_build_object(
            'last_success_at', now() - interval '1 day', 'planned_at', now(), 'pushed', false)
        RETURNING id
        """
    )


def test_polls_for_safety_bring_what_is_known_and_leave_the_remembered_interval(pushed_paper: Paper) -> None:
    paper = pushed_paper
    paper.deliver_items("new")
    paper.poll()
    pretend_that_the_poll_is_in_time(paper)
    interval = paper.feed()["poll_state"]["interval_seconds"]
    paper.site.page("/feed.xml", paper.document([paper.item("new"), *paper.items]))
    assert "its hub delivers" in paper.poll()
    assert paper.feed()["poll_state"]["interval_seconds"] == interval
    assert paper.feed()["wait"].total_seconds() > 5 * interval
    paper.set("last_push_at = NULL")
    pretend_that_the_poll_is_in_time(paper)
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


def feed_for(paper: Paper) -> FeedForPoll:
    with paper.fetching.context.database.transaction() as connection:
        feed = polls.look(connection, paper.feed_id)
    assert feed is not None
    return feed


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
