"""Documents whose dates are those of the program that wrote them, and documents that only look like it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.reader import read_feed
from services.fetcher.seen import seen_entries
from services.fetcher.stamps import Said, stamp
from shared.ledger.discovery import SeenEntry
from shared.records import EntryHints
from shared.text import storable_json
from tests.services.fetcher.polled import feed_for_poll

POLLED = datetime(2026, 11, 24, 8, 15, 20, tzinfo=UTC)
SHARED = "Tue, 17 Nov 2026 06:31:07 GMT"
FEED = feed_for_poll(POLLED)


def listed(*dates: str) -> list[EntryHints]:
    """The entries of an RSS feed with these dates, as a poll sees them."""
    items = "".join(
        f"<item><title>Number {number}</title><link>https://paper.example/{number}</link><pubDate>{date}</pubDate></item>"
        for number, date in enumerate(dates)
    )
    document = f"<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>"
    parsed = read_feed(document.encode(), url=FEED.url)
    return [kept(one) for one in seen_entries(parsed, FEED, polled_at=POLLED)]


def kept(seen: SeenEntry) -> EntryHints:
    """What the parser is told of the entry."""
    return EntryHints.model_validate_json(storable_json(seen.hints))


def published(*dates: str) -> set[str | None]:
    return {entry.published_stamp for entry in listed(*dates)}


def test_entries_that_all_have_one_instant_are_stamped() -> None:
    assert published(SHARED, SHARED, SHARED) == {"one_instant"}


def test_a_program_may_look_at_the_clock_for_each_entry() -> None:
    assert published(*(f"Tue, 17 Nov 2026 06:31:0{second} GMT" for second in (9, 7, 8, 7))) == {"one_instant"}


def test_entries_that_all_have_the_time_of_the_poll_are_stamped_as_such() -> None:
    seconds = ("08:15:21", "08:15:09", "08:15:31")
    assert published(*(f"Tue, 24 Nov 2026 {second} GMT" for second in seconds)) == {"poll_time"}


def test_an_entry_knows_when_its_document_was_asked_for() -> None:
    assert {entry.polled_at for entry in listed(SHARED, "Mon, 16 Nov 2026 06:31:07 GMT")} == {POLLED}


@pytest.mark.parametrize(
    "dates",
    [
        (SHARED, SHARED),
        (SHARED, SHARED, "no date"),
        (SHARED, SHARED, SHARED, "Tue, 17 Nov 2026 06:31:13 GMT"),
        ("2026-11-17", "2026-11-17", "2026-11-17"),
        ("2026-11-17", SHARED, SHARED, SHARED),
        ("Tue, 17 Nov 2026 00:00:00 GMT",) * 3,
        ("Tue, 17 Nov 2026 00:00:00 +0100",) * 3,
        ("2026-11-17T00:00:00+05:30",) * 3,
        ("Tue, 17 Nov 2026 12:00 AM EST",) * 3,
        ("Tue, 24 Nov 2026 08:15:21 GMT", "Tue, 24 Nov 2026 08:15:09 GMT", "Tue, 24 Nov 2026 07:59:00 GMT"),
    ],
    ids=[
        "two entries",
        "two dated entries",
        "one of them apart",
        "days",
        "a day among instants",
        "midnight",
        "a midnight",
        "a midnight in India",
        "a midnight in words",
        "news of this minute beside others",
    ],
)
def test_what_may_be_the_entries_own_is_believed(dates: tuple[str, ...]) -> None:
    assert published(*dates) == {None}


@pytest.mark.parametrize("raw", ["2026-11-17T10:00:00+00:00", "Tue, 17 Nov 2026 20:00:00 GMT"])
def test_a_full_hour_is_no_midnight(raw: str) -> None:
    assert published(raw, raw, raw) == {"one_instant"}


def test_one_entry_that_a_document_lists_three_times_proves_nothing() -> None:
    entry = listed(SHARED)[0]
    item = f"<item><title>{entry.title}</title><link>{entry.link}</link><pubDate>{SHARED}</pubDate></item>"
    parsed = read_feed(f"<rss version='2.0'><channel>{item * 3}</channel></rss>".encode(), url=FEED.url)
    (seen,) = seen_entries(parsed, FEED, polled_at=POLLED)
    assert kept(seen).published_stamp is None


def test_updates_are_stamped_apart_from_publications() -> None:
    entries = "".join(
        f"<entry><title>Number {number}</title><id>urn:paper:{number}</id>"
        f"<published>2026-11-1{number}T10:00:07Z</published><updated>2026-11-17T06:31:07Z</updated></entry>"
        for number in range(3)
    )
    parsed = read_feed(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>P</title>{entries}</feed>'.encode())
    found = [kept(one) for one in seen_entries(parsed, FEED, polled_at=POLLED)]
    assert [(entry.published_stamp, entry.updated_stamp) for entry in found] == [(None, "one_instant")] * 3


def test_what_a_hub_delivers_is_not_judged() -> None:
    items = "".join(f"<item><link>https://paper.example/{n}</link><pubDate>{SHARED}</pubDate></item>" for n in range(3))
    parsed = read_feed(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), url=FEED.url)
    found = [kept(one) for one in seen_entries(parsed, FEED)]
    assert [(entry.polled_at, entry.published_stamp) for entry in found] == [(None, None)] * 3


def test_no_more_than_two_dates_are_looked_at_where_these_are_apart() -> None:
    def dates() -> Iterator[Said]:
        yield POLLED, "second", None
        yield POLLED - timedelta(hours=1), "second", None
        raise AssertionError("a third")

    assert stamp(dates(), polled_at=POLLED) is None
