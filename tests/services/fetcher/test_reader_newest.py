"""Which entries are read of a document that has more than may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.reader import read_feed
from services.fetcher.reader.newest import latest, newest, newest_first
from shared.records import ParsedFeed

START = datetime(2026, 11, 1, tzinfo=UTC)
moments = st.lists(st.none() | st.integers(0, 20).map(lambda days: START + timedelta(days=days)), max_size=30)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        ([], []),
        ([None, None, None], [0, 1, 2]),
        ([day(3), day(2), day(1)], [0, 1, 2]),
        ([day(1), day(2), day(3)], [2, 1, 0]),
        ([day(1), day(1), day(2)], [2, 0, 1]),
        ([day(1), None, day(2)], [2, 0, 1]),
        ([None, day(1), day(2), None], [2, 3, 0, 1]),
    ],
)
def test_the_newest_come_first_and_an_undated_one_is_as_new_as_its_neighbour(
    dates: list[datetime | None], order: list[int]
) -> None:
    assert newest_first(dates) == order


@given(moments, st.integers(0, 30))
def test_no_entry_that_is_left_out_is_newer_than_one_that_is_kept(dates: list[datetime | None], limit: int) -> None:
    kept = newest(dates, limit)
    assert len(kept) == min(limit, len(dates))
    assert kept == sorted(set(kept))
    inside = [found for place in kept if (found := dates[place])]
    outside = [found for place, found in enumerate(dates) if found and place not in kept]
    assert not inside or not outside or max(outside) <= min(inside)


def test_the_latest_of_an_entry_s_dates_counts() -> None:
    assert latest(["2026-11-01T00:00:00Z", "soon", None, "2026-11-03T00:00:00Z"]) == day(2)
    assert latest(["soon", None]) is None


def rss(count: int, *, odd: bool) -> bytes:
    """The oldest first; with something in it that only feedparser takes, on request."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{number}</guid><pubDate>{number + 1:02} Nov 2026 08:00 GMT</pubDate></item>"
        for number in range(count)
    )
    return f"<rss version='2.0'><channel>{'<newlocation/>' if odd else ''}{items}</channel></rss>".encode()


def atom(count: int) -> bytes:
    entries = "".join(
        f"<entry><id>{number}</id><updated>2026-11-{number + 1:02}T08:00:00Z</updated></entry>"
        for number in range(count)
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{entries}</feed>".encode()


def json(count: int) -> bytes:
    items = ",".join(
        f'{{"id": "{number}", "date_published": "2026-11-{number + 1:02}T08:00:00Z"}}' for number in range(count)
    )
    return f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{items}]}}'.encode()


def ids(feed: ParsedFeed) -> list[str | None]:
    return [entry.entry_id for entry in feed.entries]


@pytest.mark.parametrize(
    "body", [rss(25, odd=False), rss(25, odd=True), atom(25), json(25)], ids=["rss", "odd rss", "atom", "json"]
)
def test_the_newest_entries_are_read_and_the_others_counted(body: bytes) -> None:
    feed = read_feed(body, max_entries=10)
    assert ids(feed) == [str(number) for number in range(15, 25)]
    assert feed.skipped == 15
    assert len(read_feed(body, max_entries=25).entries) == 25


def test_of_entries_that_are_too_many_for_feedparser_the_newest_are_read() -> None:
    # 80,000 elements: a second of its time.
    filler = "<a>b</a>" * 30_000
    items = "".join(
        f"<item><guid>{number}</guid><pubDate>{number + 1:02} Nov 2026 08:00:00 GMT</pubDate>{filler}</item>"
        for number in range(4)
    )
    feed = read_feed(f"<rss version='2.0'><channel><newlocation/>{items}</channel></rss>".encode())
    assert (ids(feed), feed.skipped) == (["2", "3"], 2)


def test_a_broken_document_keeps_its_newest_entries_too() -> None:
    body = rss(25, odd=False).replace(b"</channel>", b"&nbsp;</channel>")
    feed = read_feed(body, max_entries=5)
    assert ids(feed) == ["20", "21", "22", "23", "24"]
    assert feed.skipped == 20
