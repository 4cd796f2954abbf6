"""The feed's dates as witnesses: never more exact than the feed wrote them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.fetcher.reader.dates import parse_date
from services.parser import extract
from shared.records import Article, EntryHints
from shared.records.feed import FeedPrecision

URL = "https://bote.example/lokales/4711-bruecke/"
MIDNIGHT = datetime(2024, 5, 20, tzinfo=UTC)


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
        ("20 mai 2024 09:14 CEST", "minute", "+00:00"),
        ("20 mayo 2024 07:14:00 GMT", "second", "+00:00"),
        ("20 May 2024 10.14 +0300", "minute", "+00:00"),
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


def test_hints_of_a_later_version_are_read():
    entry = EntryHints.model_validate({"published_raw": "x", "published_precision": "day", "something_new": 1})

    assert entry.updated_precision is None
