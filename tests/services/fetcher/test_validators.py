"""When a 304 is looked into, and what a lie costs; and a site that lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.validators import DISTRUST, MOST_UNCHANGED, SAMPLED_SHARE, Look, Trust
from tests.services.fetcher.conftest import Fetching
from wiredesk.testweb import Answer, Ask, Channel, Item, NewsWeb, Site, document, rss

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_one_304_in_a_hundred_is_looked_into() -> None:
    trust = Trust()
    assert sum(trust.wants_proof(number / 10_000) for number in range(10_000)) == SAMPLED_SHARE * 10_000 == 100


def test_the_fiftieth_304_in_a_row_is_looked_into_whatever_chance_says() -> None:
    trust = Trust()
    looked = 0
    while not trust.wants_proof(0.999):
        trust, _ = trust.after(Look.TOLD, new_entries=0, now=NOON)
        looked += 1
    assert looked == MOST_UNCHANGED - 1


@pytest.mark.parametrize("look", [Look.PLAIN, Look.CHECKED])
def test_after_the_whole_feed_was_seen_the_count_begins_anew(look: Look) -> None:
    assert Trust(unchanged=30).after(look, new_entries=0, now=NOON) == (Trust(), None)


def test_new_entries_without_a_304_are_no_lie() -> None:
    assert Trust(unchanged=30).after(Look.PLAIN, new_entries=5, now=NOON) == (Trust(), None)


def test_a_lie_is_remembered_for_a_month_and_told() -> None:
    trust, note = Trust(unchanged=30).after(Look.CHECKED, new_entries=5, now=NOON)
    assert trust.distrusted_until == NOON + DISTRUST
    assert note is not None
    assert "2026-03-31T12:00:00Z" in note
    assert not trust.may_ask(NOON + DISTRUST - timedelta(seconds=1))
    assert trust.may_ask(NOON + DISTRUST)


def test_after_the_month_the_first_304_is_looked_into_and_settles_it() -> None:
    before, _ = Trust().after(Look.CHECKED, new_entries=1, now=NOON)
    later = NOON + DISTRUST
    changed, _ = before.after(Look.PLAIN, new_entries=3, now=later)
    assert changed.wants_proof(0.999)
    assert changed.after(Look.CHECKED, new_entries=0, now=later) == (Trust(), None)
    again, _ = changed.after(Look.CHECKED, new_entries=1, now=later)
    assert not again.may_ask(later + timedelta(days=29))


def test_trust_survives_being_kept_and_takes_no_room_where_there_is_nothing_to_remember() -> None:
    assert Trust().kept() == {}
    for trust in (Trust(unchanged=3), Trust(distrusted_until=NOON)):
        assert Trust.of({"interval_seconds": 60, **trust.kept()}) == trust


@dataclass
class Liar:
    """Says 304 to whoever has any validator, whatever there is to read."""

    site: Site
    entries: int = 1

    def __call__(self, ask: Ask) -> Answer:
        if "if-none-match" in ask.headers or "if-modified-since" in ask.headers:
            return Answer(status=304)
        items = [Item(link=self.site.url(f"/{number}"), title=f"Number {number}") for number in range(self.entries)]
        channel = Channel(title="Liar", site_url=self.site.url("/"), feed_url=self.site.url("/rss"))
        return document(rss(channel, items), "application/rss+xml")


def remember(fetching: Fetching, feed_id: int, **trust: object) -> None:
    """Put what is remembered of the feed's validators in place of weeks of polls."""
    with fetching.context.database.transaction() as connection:
        connection.execute(
            "UPDATE feeds SET poll_state = poll_state || jsonb_build_object('validators', %s::jsonb) WHERE id = %s",
            [Trust.model_validate(trust).model_dump_json(), feed_id],
        )


def test_a_site_that_says_304_to_everything_is_found_out_and_asked_for_the_whole_feed(
    fetching: Fetching, web: NewsWeb
) -> None:
    site = web.site("liar")
    liar = Liar(site)
    feed_id = fetching.add_feed(site.answer("/rss", liar))
    assert fetching.poll(feed_id).startswith("changed: 1 of 1 entries new")
    liar.entries = 3
    remember(fetching, feed_id, unchanged=MOST_UNCHANGED - 1)
    told = fetching.poll(feed_id)
    assert told.startswith("changed: said to be unchanged (304), yet 2 entries were new")
    assert [seen.status for seen in web.log] == [200, 304, 200]
    assert fetching.feed(feed_id)["poll_state"]["validators"]["distrusted_until"]
    liar.entries = 4
    assert fetching.poll(feed_id).startswith("changed: 1 of 4 entries new")
    assert [seen.status for seen in web.log] == [200, 304, 200, 200]
    assert fetching.one("SELECT count(*) AS n FROM entries")["n"] == 4


def test_an_honest_304_that_is_looked_into_is_believed_on(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("paper")
    feed_id = fetching.add_feed(site.feed("/rss", [Item(link=site.url("/1"), title="One")]))
    fetching.poll(feed_id)
    remember(fetching, feed_id, unchanged=MOST_UNCHANGED - 1)
    assert fetching.poll(feed_id).startswith("unchanged")
    assert "validators" not in fetching.feed(feed_id)["poll_state"]
    assert fetching.poll(feed_id).startswith("unchanged")
    assert [seen.status for seen in web.log] == [200, 304, 200, 304]
    assert fetching.feed(feed_id)["poll_state"]["validators"] == {"unchanged": 1}


def test_a_failed_poll_changes_nothing_of_what_is_remembered(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("liar")
    feed_id = fetching.add_feed(site.answer("/rss", Liar(site)))
    fetching.poll(feed_id)
    remember(fetching, feed_id, distrusted_until=datetime.now(UTC) + timedelta(days=5))
    kept = fetching.feed(feed_id)["poll_state"]["validators"]
    site.respond("/rss", status=500)
    assert fetching.poll(feed_id).startswith("failed")
    assert fetching.feed(feed_id)["poll_state"]["validators"]["distrusted_until"] == kept["distrusted_until"]


def test_the_month_over_a_site_that_still_lies_is_found_out_at_its_first_304(fetching: Fetching, web: NewsWeb) -> None:
    site = web.site("liar")
    liar = Liar(site)
    feed_id = fetching.add_feed(site.answer("/rss", liar))
    fetching.poll(feed_id)
    liar.entries = 2
    remember(fetching, feed_id, distrusted_until=datetime.now(UTC) - timedelta(seconds=1))
    assert "yet 1 entries were new" in fetching.poll(feed_id)
