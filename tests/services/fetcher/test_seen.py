"""From what a feed lists to what the ledger keeps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.fetcher.seen import seen_entries
from shared.ledger.discovery import SeenEntry
from shared.records import FeedEntry, ParsedFeed, RejectionReason
from tests.services.fetcher.polled import feed_for_poll

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
FEED = feed_for_poll(NOW)


def see(*entries: FeedEntry) -> list[SeenEntry]:
    return seen_entries(ParsedFeed(format="rss20", entries=entries), FEED)


def see_one(**fields: Any) -> SeenEntry:
    (seen,) = see(FeedEntry(**fields))
    return seen


def test_an_entry_is_known_by_its_link_without_tracking() -> None:
    seen = see_one(entry_id="1", link="HTTPS://www.Paper.example/a?utm_source=rss#top")
    assert seen.url_key == "https://www.paper.example/a"
    assert seen.url.endswith("/a?utm_source=rss#top")
    assert (seen.site, seen.rejection) == ("paper.example", None)


def test_entries_come_in_the_feed_s_order_and_each_once() -> None:
    links = ["https://paper.example/b", "https://paper.example/a", "https://paper.example/b"]
    seen = see(*(FeedEntry(entry_id=link, link=link) for link in links))
    assert [item.url_key for item in seen] == links[:2]


def test_two_ids_for_one_link_are_two_sightings_of_one_page() -> None:
    seen = see(*(FeedEntry(entry_id=name, link="https://paper.example/a") for name in "xy"))
    assert len({item.identity for item in seen}) == 2
    assert len({item.url_key for item in seen}) == 1


@pytest.mark.parametrize("link", [None, "mailto:desk@paper.example", "https://", "urn:uuid:1"])
def test_an_entry_without_a_web_address_is_rejected_under_a_key_of_its_own(link: str | None) -> None:
    seen = see_one(entry_id="1", link=link)
    assert seen.rejection is RejectionReason.NO_LINK
    assert seen.url_key.startswith("entry:7:")
    assert seen.url_key != see_one(entry_id="2", link=link).url_key
    assert seen.site == FEED.site


def test_the_wrapper_of_an_aggregator_is_rejected_for_what_it_is() -> None:
    seen = see_one(entry_id="1", link="https://news.google.com/rss/articles/CBMiAAA?oc=5")
    assert seen.rejection is RejectionReason.UNRESOLVABLE_AGGREGATOR


def test_an_entry_that_nothing_names_is_left_out() -> None:
    assert see(FeedEntry(summary="x"), FeedEntry(title="A")) == see(FeedEntry(title="A"))


def test_an_edit_changes_the_fingerprint_and_nothing_else() -> None:
    before, after = (see_one(entry_id="1", link="https://paper.example/a", title=title) for title in "AB")
    assert before.fingerprint != after.fingerprint
    assert (before.identity, before.url_key) == (after.identity, after.url_key)
