"""Dates as they are written, and which of several is believed."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser import dates, published
from services.parser.witness import Witness


@pytest.mark.parametrize(
    ("raw", "instant", "offset"),
    [
        ("2022-05-20T01:30:00+03:00", "2022-05-19T22:30:00+00:00", "+03:00"),
        ("2022-05-20T01:30:00Z", "2022-05-20T01:30:00+00:00", "+00:00"),
        ("2022-05-20 01:30:00 +0300", "2022-05-19T22:30:00+00:00", "+03:00"),
        ("2022-05-20T01:30:00.123456-0930", "2022-05-20T11:00:00+00:00", "-09:30"),
        ("2022-05-20T01:30:00+14", "2022-05-19T11:30:00+00:00", "+14:00"),
        ("20220520T013000Z", "2022-05-20T01:30:00+00:00", "+00:00"),
        ("2022-05-20T24:00:00Z", "2022-05-21T00:00:00+00:00", "+00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00", "+00:00"),
        ("2022-05-20T01:30:00+02:00[Europe/Berlin]", "2022-05-19T23:30:00+00:00", "+02:00"),
        ("Fri, 20 May 2022 07:14:41 +0300", "2022-05-20T04:14:41+00:00", "+03:00"),
        ("Fri, 20 May 2022 07:14:41 GMT", "2022-05-20T07:14:41+00:00", "+00:00"),
        ("Fri, 20 May 2022 07:14:41 EDT", "2022-05-20T11:14:41+00:00", "-04:00"),
        ("Fri May 20 07:14:41 UTC 2022", "2022-05-20T07:14:41+00:00", "+00:00"),
        ("1653030881", "2022-05-20T07:14:41+00:00", "+00:00"),
        ("1653030881000", "2022-05-20T07:14:41+00:00", "+00:00"),
    ],
)
def test_an_instant_is_read_with_its_offset(raw, instant, offset):
    moment = dates.parse(raw)

    assert moment is not None
    assert moment.instant == datetime.fromisoformat(instant)
    assert moment.offset == offset
    assert moment.precision == "second"
    assert moment.raw == raw


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2022-05-20", "2022-05-20"),
        ("20220520", "2022-05-20"),
        ("2022/5/20", "2022-05-20"),
        ("20.05.2022", "2022-05-20"),
        ("05.06.2022", "2022-06-05"),
        ("20/05/2022", "2022-05-20"),
        ("5/20/2022", "2022-05-20"),
        ("5/5/2022", "2022-05-05"),
        ("May 20, 2022", "2022-05-20"),
        ("20 May 2022", "2022-05-20"),
        ("2022年5月20日", "2022-05-20"),
        ("2022년 5월 20일", "2022-05-20"),
        ("1913-03-01", "1913-03-01"),
    ],
)
def test_a_day_is_a_day_and_no_instant(raw, day):
    moment = dates.parse(raw)

    assert moment is not None
    assert moment.day == date.fromisoformat(day)
    assert moment.instant is None
    assert moment.offset is None
    assert moment.precision == "day"


def test_minutes_are_told_from_seconds():
    moment = dates.parse("2022-05-20T01:30+03:00")

    assert moment is not None
    assert moment.precision == "minute"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        None,
        "yesterday",
        "3 hours ago",
        "2022",
        "May 2022",
        "2022-05",
        "© 2022",
        "12:30",
        "05/06/2022",
        "2022-13-40",
        "2022-02-30",
        "0001-01-01T00:00:00Z",
        "1970-01-01",
        "1970-01-01T00:00:00Z",
        "1969-12-31T19:00:00-05:00",
        "0",
        "9999-12-31T00:00:00Z",
        "2022-05-20T01:30:00+99:00",
        "Published by 2022 people on 12 May",
        "20 May 2022 07:14:41 Ortszeit",
        "x" * 500 + "2022-05-20",
    ],
)
def test_what_is_incomplete_ambiguous_or_a_placeholder_is_no_date(raw):
    assert dates.parse(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        "Fri, 20 May 2022 07:14:41 IST",
        "Fri, 20 May 2022 07:14:41 BST",
        "May 20, 2022 07:14:41 CST",
        "2022-05-20 07:14:41 EST",
        "2022-05-20T07:14:41",
    ],
)
def test_a_clock_time_whose_zone_nobody_knows_is_no_instant(raw):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        moment = dates.parse(raw)

    assert moment is not None
    assert moment.day == date(2022, 5, 20)
    assert moment.instant is None


@pytest.mark.parametrize("raw", ["2024010112", "2024010112000", "788918399", "0788918399"])
def test_a_number_that_is_rather_a_date_or_a_count_is_no_unix_time(raw):
    assert dates.parse(raw) is None


def test_a_unix_time_is_not_after_the_fetch():
    fetched = datetime(2022, 5, 20, tzinfo=UTC)

    assert dates.parse("1653030881", latest=fetched) is not None
    assert dates.parse("1653130881", latest=fetched) is None
    assert dates.parse("1653130881000", latest=fetched) is None


@given(st.text(alphabet="0123456789-:TZ+ /.,MayJunGMT年月日", max_size=40))
def test_no_text_makes_reading_a_date_raise(text):
    moment = dates.parse(text)

    assert moment is None or 1800 <= moment.clock.year <= 2100


@given(
    st.datetimes(datetime.fromisoformat("1995-01-01"), datetime.fromisoformat("2040-01-01"), timezones=st.just(UTC)),
    st.integers(-48, 56).map(lambda quarters: timedelta(minutes=15 * quarters)),
)
def test_the_instant_survives_every_offset(at, offset):
    local = at.replace(microsecond=0).astimezone(
        datetime.fromisoformat(f"2000-01-01T00:00:00{dates.offset_text(offset)}").tzinfo
    )

    moment = dates.parse(local.isoformat())

    assert moment is not None
    assert moment.instant == local
    assert moment.offset == dates.offset_text(offset)
    assert moment.day == local.date()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


JSONLD = "2022-05-20T07:14:41Z"


def test_json_ld_is_believed_before_meta_tags_and_the_feed():
    found = published.choose(
        (
            Witness("jsonld", "2022-05-20T07:14:41+02:00"),
            Witness("article:published_time", "2022-05-21T07:00:00+02:00"),
        ),
        feed=Witness("feed", "2022-05-22T07:00:00+00:00"),
    )

    assert found.at == at("2022-05-20T05:14:41+00:00")
    assert found.provenance is not None
    assert found.provenance.source == "jsonld"
    assert [c.source for c in found.provenance.candidates] == ["article:published_time", "feed"]


def test_a_mere_day_is_not_shifted():
    found = published.choose((Witness("jsonld", "2022-05-20"),))

    assert found.at == at("2022-05-20T00:00:00+00:00")
    assert found.precision == "day"
    assert found.provenance is not None
    assert found.provenance.offset is None


def test_a_day_becomes_an_instant_where_the_feed_names_one_of_that_day():
    found = published.choose(
        (Witness("jsonld", "2022-05-20"),), feed=Witness("feed", "Fri, 20 May 2022 10:14:41 +0300")
    )

    assert found.at == at("2022-05-20T07:14:41+00:00")
    assert found.precision == "second"


def test_a_day_stays_a_day_where_the_feed_names_another():
    found = published.choose((Witness("jsonld", "2022-05-20"),), feed=Witness("feed", "2022-05-21T10:14:41Z"))

    assert found.at == at("2022-05-20T00:00:00+00:00")
    assert found.precision == "day"


def test_the_feed_supplies_the_zone_of_a_clock_time_without_one():
    found = published.choose((Witness("jsonld", "2022-05-20T10:14:41"),), feed=Witness("feed", "2022-05-20T07:14:41Z"))

    assert found.at == at("2022-05-20T07:14:41+00:00")
    assert found.precision == "second"
    assert found.provenance is not None
    assert found.provenance.offset == "+03:00"


@pytest.mark.parametrize("feed", ["2022-05-20T07:31:07Z", "2022-05-25T07:14:41Z", None])
def test_without_a_zone_only_the_day_of_a_clock_time_is_believed(feed):
    found = published.choose((Witness("jsonld", "2022-05-20T23:14:41"),), feed=Witness("feed", feed) if feed else None)

    assert found.at == at("2022-05-20T00:00:00+00:00")
    assert found.precision == "day"
    assert found.provenance is not None
    assert found.provenance.raw == "2022-05-20T23:14:41"
    assert found.provenance.offset is None


def test_a_meta_tag_supplies_the_zone_where_it_shows_the_same_clock():
    found = published.choose((Witness("jsonld", "2022-05-20T10:14:41"), Witness("date", "2022-05-20T10:14:41+05:30")))

    assert found.at == at("2022-05-20T04:44:41+00:00")
    assert found.provenance is not None
    assert found.provenance.offset == "+05:30"


def test_the_same_instant_is_kept_in_the_sites_own_zone():
    found = published.choose(
        (Witness("jsonld", "2023-12-23T03:22:07Z"),), clocks=(Witness("time", "2023-12-22T22:22:07-0500"),)
    )

    assert found.at == at("2023-12-23T03:22:07+00:00")
    assert found.provenance is not None
    assert found.provenance.offset == "-05:00"


def test_another_time_on_the_page_changes_nothing():
    found = published.choose((Witness("jsonld", JSONLD),), clocks=(Witness("time", "2022-05-20T09:33:12+02:00"),))

    assert found.at == at(JSONLD)
    assert found.provenance is not None
    assert found.provenance.offset == "+00:00"


def test_a_date_line_ahead_of_the_fetcher_keeps_its_day():
    now = at("2026-11-23T21:05:00+00:00")

    found = published.choose((Witness("jsonld", "2026-11-24T08:00:00+11:00"),), latest=now)

    assert found.at == at("2026-11-23T21:00:00+00:00")
    assert not found.suspect


def test_a_date_in_the_future_is_refused_flagged_and_kept():
    now = at("2022-05-20T12:00:00+00:00")

    found = published.choose(
        (Witness("jsonld", "2099-01-01T00:00:00Z"), Witness("date", "2022-05-19T08:00:00Z")), latest=now
    )

    assert found.at == at("2022-05-19T08:00:00+00:00")
    assert found.suspect
    assert found.provenance is not None
    assert found.provenance.candidates[0].value == "2099-01-01T00:00:00Z"


def test_where_every_date_lies_in_the_future_there_is_none():
    found = published.choose((Witness("jsonld", "2099-01-01"),), latest=at("2022-05-20T12:00:00+00:00"))

    assert found.at is None
    assert found.suspect
    assert found.provenance is not None
    assert found.provenance.source == "none"


def test_page_witnesses_that_are_weeks_apart_are_suspect():
    apart = published.choose((Witness("jsonld", "2022-05-20"), Witness("date", "2022-06-20")))
    close = published.choose((Witness("jsonld", "2022-05-20"), Witness("date", "2022-05-21")))

    assert apart.suspect
    assert not close.suspect


def test_a_modification_is_an_instant_after_publication():
    before = published.choose((Witness("jsonld", "2022-05-20T07:14:41+02:00"),))

    def modified(raw: str, latest: datetime | None = None, source: str = "jsonld") -> datetime | None:
        return published.modified((Witness(source, raw),), published=before, latest=latest).at

    assert modified("2022-05-20T09:00:00+02:00") == at("2022-05-20T07:00:00+00:00")
    assert modified("2022-05-20T09:00:00") == at("2022-05-20T07:00:00+00:00")  # in the zone of the publication
    assert modified("2022-05-21") is None
    assert modified("2022-05-20T09:00:00", source="feed") is None  # in whichever zone the feed is made
    assert modified("2022-05-19T09:00:00+02:00") is None
    assert modified("2030-05-20T09:00:00+02:00", at("2022-06-01T00:00:00+00:00")) is None


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("24 ноября 2026 г., 10:00 МСК", "2026-11-24T07:00:00+00:00"),
        ("2026-11-24T10:00:00 Europe/Berlin", "2026-11-24T09:00:00+00:00"),
        ("2026-07-24T10:00:00[Europe/Berlin]", "2026-07-24T08:00:00+00:00"),
        ("/Date(1795514400000)/", "2026-11-24T10:00:00+00:00"),
        ("2026-11-24T10:00:00 Nowhere/Atall", None),
    ],
)
def test_a_zone_by_its_name_and_dotnets_milliseconds_are_read(raw, instant):
    moment = dates.parse(raw)

    assert moment is not None
    assert moment.instant == (datetime.fromisoformat(instant) if instant else None)
