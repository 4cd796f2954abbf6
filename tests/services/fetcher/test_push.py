"""Deliveries of hubs as polls take them: without a request to the site, or with one where they are not enough."""

from __future__ import annotations

import pytest

from shared.ledger import feeds, push
from tests.services.fetcher.conftest import Fetching
from tests.services.fetcher.papers import Paper
from wiredesk.testweb import NewsWeb


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


def test_the_site_of_a_feed_with_a_delivery_is_woken(pushed_paper: Paper) -> None:
    paper = pushed_paper
    with paper.fetching.context.database.transaction() as connection:
        connection.execute("DELETE FROM wakeups")
    paper.deliver_items("new")
    assert paper.fetching.one("SELECT site FROM wakeups")["site"] == "paper.localhost"
