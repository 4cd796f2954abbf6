"""The feed's dates as witnesses: never more exact than the feed wrote them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.fetcher.reader.dates import parse_date
from services.parser import extract
from services.parser.feeddates import STAMPS
from shared.records import Article, EntryHints
from shared.records.feed import FeedPrecision

URL = "https://bote.example/lokales/4711-bruecke/"
MIDNIGHT = datetime(2024, 5, 20, tzinfo=UTC)
FETCHED = datetime(2024, 6, 1, 12, tzinfo=UTC)


def read_by_the_reader(**said: str) -> EntryHints:
    """Hints with ``published`` and ``updated`` as the feed reader makes them of a feed's words."""
    fields: dict[str, object] = {}
    for name, raw in said.items():
        found = parse_date(raw)
        fields[f"{name}_raw"] = raw
        fields[f"{name}_at"] = found.at if found else None
        fields[f"{name}_precision"] = found.precision if found else None
    return EntryHints.model_validate(fields)


def article(page: bytes, entry: EntryHints) -> Article:
    found = extract(page, url=URL, entry=entry)
    assert isinstance(found, Article), found
    return found


@pytest.mark.parametrize(
    "raw",
    [
        "2024-05-20",
        "20 mai 2024",
        "20.05.24",
        "20 May 24",
        "20 mayo 2024 08:00",
        "2024-05-20 07:14:41",
        "Mon, 20 May 2024 07:14:41",
        "Mon, 20 May 2024 07:14:41 IST",
        "Mon, 20 May 2024 07:14:41 BST",
    ],
)
def test_a_day_or_a_clock_without_a_zone_is_published_on_that_day(page, raw):
    found = article(page(), read_by_the_reader(published=raw))

    assert (found.published_at, found.published_precision) == (MIDNIGHT, "day")
    provenance = found.provenance["published_at"]
    assert (provenance.source, provenance.raw, provenance.offset) == ("feed", raw, None)


@pytest.mark.parametrize(
    ("raw", "precision", "offset"),
    [
        ("Mon, 20 May 2024 10:14:00 +0300", "second", "+03:00"),
        ("Mon, 20 May 2024 03:14 EDT", "minute", "-04:00"),
        ("20 mai 2024 09:14 CEST", "minute", "+02:00"),
        ("20 mayo 2024 07:14:00 GMT", "second", "+00:00"),
        ("20 May 2024 10.14 +0300", "minute", "+03:00"),
    ],
)
def test_an_instant_is_published_as_exactly_as_the_feed_says(page, raw, precision, offset):
    found = article(page(), read_by_the_reader(published=raw))

    assert (found.published_at, found.published_precision) == (datetime(2024, 5, 20, 7, 14, tzinfo=UTC), precision)
    assert found.provenance["published_at"].raw == raw
    assert found.provenance["published_at"].offset == offset


@pytest.mark.parametrize("raw", ["2024-05-21", "2024-05-21 07:14:41", "21 mai 2024", "21 mayo 2024 08:00"])
def test_no_instant_of_a_modification_is_made_of_a_day_or_a_clock_without_a_zone(page, raw):
    found = article(page(), read_by_the_reader(published="Mon, 20 May 2024 10:14:00 +0000", updated=raw))

    assert found.modified_at is None
    assert [(c.source, c.value) for c in found.provenance["modified_at"].candidates] == [("feed", raw)]


def test_a_modification_keeps_the_feeds_words_and_offset(page):
    found = article(page(), read_by_the_reader(updated="2024-05-21T09:00:00+02:00"))

    assert found.modified_at == datetime(2024, 5, 21, 7, tzinfo=UTC)
    provenance = found.provenance["modified_at"]
    assert (provenance.raw, provenance.offset) == ("2024-05-21T09:00:00+02:00", "+02:00")


@pytest.mark.parametrize(
    ("raw", "at", "precision"),
    [
        ("20 mai 2024", MIDNIGHT, "day"),
        ("20 mayo 2024 08:00", MIDNIGHT.replace(hour=8), "day"),
        ("2024-05-20 08:00:00", MIDNIGHT.replace(hour=8), "day"),
        ("20 mayo 2024 08:00:00 +0000", MIDNIGHT.replace(hour=8), "second"),
        ("2024-05-20T08:00:00Z", MIDNIGHT.replace(hour=8), "second"),
        (None, MIDNIGHT.replace(hour=8), "second"),
    ],
)
def test_what_was_read_before_there_was_a_precision_is_judged_by_its_words(
    page, raw: str | None, at: datetime, precision: FeedPrecision
):
    entry = EntryHints.model_validate({"published_at": at, "published_raw": raw})

    found = article(page(), entry)

    assert found.published_precision == precision
    assert found.published_at == (MIDNIGHT if precision == "day" else at)


@pytest.mark.parametrize(
    "raw",
    ["Thu, 01 Jan 1970 00:00:00 GMT", "0001-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "Sun, 01 May 2050 10:00:00 GMT"],
)
def test_a_feeds_placeholder_is_no_date_and_is_kept_with_the_reason(page, raw):
    head = '<meta property="article:published_time" content="2024-05-20T10:14:00+02:00">'
    entry = read_by_the_reader(published=raw)

    beside = extract(page(head=head), url=URL, entry=entry, now=FETCHED)
    alone = extract(page(), url=URL, entry=entry, now=FETCHED)

    assert isinstance(beside, Article)
    assert isinstance(alone, Article)
    assert beside.published_at == datetime(2024, 5, 20, 8, 14, tzinfo=UTC)
    assert alone.published_at is None
    for found in (beside, alone):
        (kept,) = [one for one in found.provenance["published_at"].candidates if one.source == "feed"]
        assert kept.value == raw
        assert kept.reason


@pytest.mark.parametrize(
    ("feed", "suspect"),
    [
        ("Mon, 20 May 2024 10:14:00 +0200", False),
        ("Tue, 21 May 2024 09:00:00 +0200", False),  # less than a day and a half: another zone, a morning's edition
        ("2024-05-22T10:14:00Z", True),
        ("2024-05-01", True),
    ],
)
def test_a_feed_that_contradicts_the_page_is_flagged_and_loses(page, feed, suspect):
    head = '<meta property="article:published_time" content="2024-05-20T10:14:00+02:00">'

    found = extract(page(head=head), url=URL, entry=read_by_the_reader(published=feed), now=FETCHED)

    assert isinstance(found, Article)
    assert found.published_at == datetime(2024, 5, 20, 8, 14, tzinfo=UTC)
    assert ("date_suspect" in found.quality.flags) is suspect


def test_a_feed_that_tells_of_the_last_change_contradicts_nobody(page):
    head = (
        '<meta property="article:published_time" content="2024-05-20T10:14:00+02:00">'
        '<meta property="article:modified_time" content="2024-05-25T10:14:00+02:00">'
    )

    found = extract(page(head=head), url=URL, entry=read_by_the_reader(published="2024-05-25T08:14:00Z"), now=FETCHED)

    assert isinstance(found, Article)
    assert "date_suspect" not in found.quality.flags


@pytest.mark.parametrize("stamp", ["one_instant", "poll_time"])
def test_a_date_that_every_entry_of_the_feed_has_is_no_date_and_is_kept_with_the_reason(page, stamp):
    head = '<meta property="article:published_time" content="2024-05-20T10:14:00+02:00">'
    raw = "Thu, 30 May 2024 06:31:07 GMT"
    entry = read_by_the_reader(published=raw, updated=raw)
    entry = entry.model_copy(update={"published_stamp": stamp, "updated_stamp": stamp})

    beside = extract(page(head=head), url=URL, entry=entry, now=FETCHED)
    alone = extract(page(), url=URL, entry=entry, now=FETCHED)

    assert isinstance(beside, Article)
    assert isinstance(alone, Article)
    assert (beside.published_at, beside.modified_at) == (datetime(2024, 5, 20, 8, 14, tzinfo=UTC), None)
    assert (alone.published_at, alone.modified_at) == (None, None)
    assert not {"date_suspect"} & {*beside.quality.flags, *alone.quality.flags}
    for found in (beside, alone):
        for field in ("published_at", "modified_at"):
            (kept,) = [one for one in found.provenance[field].candidates if one.source == "feed"]
            assert (kept.value, kept.reason) == (raw, STAMPS[stamp])


def test_a_stamp_on_the_updates_leaves_the_publication_as_it_is(page):
    entry = read_by_the_reader(published="Mon, 20 May 2024 10:14:00 GMT", updated="2024-05-30T06:31:07Z")

    found = article(page(), entry.model_copy(update={"updated_stamp": "one_instant"}))

    assert (found.published_at, found.modified_at) == (datetime(2024, 5, 20, 10, 14, tzinfo=UTC), None)


def test_what_was_stored_before_documents_were_looked_at_is_believed(page):
    stored = '{"published_at": "2024-05-20T10:14:00Z", "published_raw": "2024-05-20T10:14:00Z"}'

    entry = EntryHints.model_validate_json(stored)

    assert (entry.polled_at, entry.published_stamp, entry.updated_stamp) == (None, None, None)
    assert article(page(), entry).published_at == datetime(2024, 5, 20, 10, 14, tzinfo=UTC)


def test_hints_of_a_later_version_are_read():
    entry = EntryHints.model_validate({"published_raw": "x", "published_precision": "day", "something_new": 1})

    assert entry.updated_precision is None
