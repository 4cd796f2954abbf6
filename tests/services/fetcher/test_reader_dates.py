"""The dates of feeds, as they are written."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.reader.dates import FeedDate, parse_date

EIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
A_DAY = FeedDate(MIDNIGHT, "day")


@pytest.mark.parametrize(
    "raw",
    [
        "Tue, 24 Nov 2026 08:00:00 GMT",
        "Tue, 24 Nov 2026 19:00:00 +1100",
        "Tue, 24 Nov 2026 19:00:00 +11:00",
        "Tue, 24 Nov 2026 09:00:00 CET",
        "Tue, 24 Nov 2026 03:00:00 EST",
        "Tue, 24 Nov 2026 08:00:00 GMT+0000 (Coordinated Universal Time)",
        "Tue, 24 Nov 2026 09:00:00 GMT+1",
        "Tuesday, 24-Nov-26 03:00:00 EST",
        "24 Nov 2026 01:00:00 MST",
        "Nov 24, 2026, 9:00:00 AM CET",
        "Tue Nov 24 09:00:00 CET 2026",
        "Tuesday, 24-Nov-26 08:00:00 UTC",
        "2026-11-24T08:00:00Z",
        "2026-11-24T08:00:00.123456789Z",
        "2026-11-24T19:00:00+11:00",
        "2026-11-24T13:30:00+0530",
        "2026-11-24 03:00:00 -0500",
        "20261124T080000Z",
        "Di, 24 Nov 2026 09:00:00 +0100",
        "mar., 24 nov. 2026 08:00:00 +0000",
        "mar, 24 nov 2026 09:00:00 +0100",
        "Вт, 24 ноя 2026 11:00:00 +0300",
        "  Tue,  24 Nov\n2026 08:00:00   GMT ",
        "1795507200",
        "1795507200000",
    ],
)
def test_the_instant_is_found(raw: str) -> None:
    assert parse_date(raw) == FeedDate(EIGHT, "second")


@pytest.mark.parametrize("raw", ["24 Nov 26 08:00 UT", "2026-11-24T08:00Z", "Nov 24, 2026 9:00 am +0100"])
def test_a_clock_without_seconds_is_exact_to_the_minute(raw: str) -> None:
    assert parse_date(raw) == FeedDate(EIGHT, "minute")


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-24",
        "24 Nov 2026",
        "24 Nov 26",
        "24 noviembre 2026",
        "Nov 24, 2026",
        "24.11.2026",
        "24.11.26",
        "20261124",
        "11/24/2026",
    ],
)
def test_a_day_without_a_time_stays_a_day(raw: str) -> None:
    assert parse_date(raw) == A_DAY


@pytest.mark.parametrize(
    "raw",
    [
        "Tue,24 Nov 2026 08:00:00",
        "Tue, 24 November 2026 8:00 AM",
        "November 24, 2026 8:00 am",
        "Tuesday, November 24th, 2026 at 08:00",
        "Tue Nov 24 08:00:00 2026",
        "2026-11-24 08:00:00",
        "2026-11-24 08:00",
        "2026/11/24 08:00:00",
        "20261124 08:00:00",
        "24.11.2026 08:00",
        "24.11.2026, 08:00:00",
        "11/24/2026 08:00:00",
        "24/11/2026 8:00",
        "Dienstag, 24. November 2026 - 08:00",
        "mardi 24 novembre 2026 à 08:00",
        "24 de noviembre de 2026, 08:00",
    ],
)
def test_of_a_clock_without_a_zone_only_the_day_is_believed(raw: str) -> None:
    assert parse_date(raw) == A_DAY


@pytest.mark.parametrize("zone", ["IST", "BST", "GST", "AST", "NST", "XYZT", "Uhr"])
def test_of_a_zone_that_could_be_several_or_none_only_the_day_is_believed(zone: str) -> None:
    assert parse_date(f"Tue, 24 Nov 2026 23:30:00 {zone}") == A_DAY


@pytest.mark.parametrize("raw", ["Nov 24, 2026, 3:00 AM EST", "Tue Nov 24 03:00:00 CST 2026", "2026-11-24 03:00 PST"])
def test_american_zones_mean_america_only_in_the_dates_of_rfc_822(raw: str) -> None:
    assert parse_date(raw) == A_DAY


@pytest.mark.parametrize("raw", ["2026112408", "1999123112", "1999123112000"])
def test_a_date_and_an_hour_in_digits_is_no_unix_time(raw: str) -> None:
    assert parse_date(raw) is None


def test_the_end_of_a_day_is_the_beginning_of_the_next() -> None:
    assert parse_date("2026-11-23T24:00:00Z") == FeedDate(MIDNIGHT, "second")


def test_a_leap_second_is_the_last_second() -> None:
    assert parse_date("2016-12-31T23:59:60Z") == FeedDate(datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC), "second")


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "  ",
        "yesterday",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "0001-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "2106-02-09T08:00:00Z",
        "2026-02-30",
        "2026-13-01",
        "2026-11-24T25:00:00Z",
        "2026-11-24T08:00:75Z",
        "Tue, 24 Nov 2026 13:00 PM",
        "Tue, 24 Nov 2026 08:00:00 +2500",
        "Tue, 24 Foo 2026 08:00:00 GMT",
        "10/11/2026",
        "2026-11",
        "08:00",
        "1" * 5000,
    ],
)
def test_what_can_not_be_known_is_not_guessed(raw: str | None) -> None:
    assert parse_date(raw) is None


@given(st.datetimes(datetime(1990, 1, 2), datetime(2100, 12, 30)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_what_a_correct_feed_writes_is_read_back(naive: datetime, offset: int) -> None:
    sign = "-" if offset < 0 else "+"
    zone = f"{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    raw = f"{naive:%Y-%m-%dT%H:%M:%S}{zone}"
    assert parse_date(raw) == FeedDate(datetime.fromisoformat(raw), "second")


@given(st.text(max_size=90))
def test_any_text_is_a_date_or_none(raw: str) -> None:
    found = parse_date(raw)
    assert found is None or 1990 <= found.at.year <= 2100


@pytest.mark.parametrize(
    "raw", ["1" * 80, "a " * 40, "1-" * 40, "lundi " * 13, "12 " + "a" * 70, "Mon," + " " * 70 + "1"]
)
def test_no_text_takes_long(raw: str) -> None:
    began = time.process_time()
    for _ in range(100):
        parse_date(raw)
    assert time.process_time() - began < 1
