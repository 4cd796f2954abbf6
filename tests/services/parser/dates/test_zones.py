"""A corpus of instants in every zone, and of what is near the date line: no day may be a wrong one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from services.parser import dates, extract
from shared.records import Article, EntryHints

# Every offset at which clocks have been set since 1980, hours east of Greenwich (IANA tz database).
OFFSETS = (
    -12, -11, -10, -9.5, -9, -8, -7, -6, -5, -4.5, -4, -3.5, -3, -2.5, -2, -1, 0, 1, 2, 3, 3.5, 4, 4.5, 5, 5.5, 5.75, 6,
    6.5, 7, 8, 8.5, 8.75, 9, 9.5, 10, 10.5, 11, 11.5, 12, 12.75, 13, 13.75, 14,
)  # fmt: skip
# Local clocks around midnight, on days at which a month, a year and summer time begin or end.
CLOCKS = [
    datetime(*day, *clock)  # noqa: DTZ001 - the zone is what is tried
    for day in (
        (2022, 1, 1),
        (2022, 2, 28),
        (2024, 2, 29),
        (2022, 3, 27),
        (2022, 5, 20),
        (2022, 10, 30),
        (2022, 12, 31),
    )
    for clock in ((0, 0, 0), (0, 0, 1), (2, 30, 0), (12, 0, 0), (23, 59, 59))
]
URL = "https://bote.example/lokales/4711-bruecke/"


@pytest.mark.parametrize("hours", OFFSETS)
@pytest.mark.parametrize(
    "write",
    [
        datetime.isoformat,
        lambda at: at.isoformat(sep=" "),
        lambda at: at.strftime("%Y%m%dT%H%M%S%z"),
        lambda at: at.strftime("%Y-%m-%d %H:%M:%S %z"),
        lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.123456%z"),
        format_datetime,
        lambda at: at.strftime("%A, %d %B %Y %H:%M:%S GMT%z"),
        lambda at: at.strftime("%B %d, %Y, %I:%M:%S %p %z"),
        lambda at: at.strftime("%d.%m.%Y %H:%M:%S %z"),
        lambda at: at.strftime("%d %b %y %H:%M:%S %z"),
    ],
    ids=["iso", "blank", "basic", "apart", "fraction", "rfc5322", "weekday", "american", "dots", "rfc822"],
)
def test_day_instant_and_offset_survive_in_every_zone(hours, write):
    zone = timezone(timedelta(hours=hours))
    for clock in CLOCKS:
        at = clock.replace(tzinfo=zone)

        moment = dates.parse(write(at))

        assert moment is not None, write(at)
        assert (moment.day, moment.instant, moment.offset) == (
            at.date(), at, dates.offset_text(timedelta(hours=hours)),
        ), write(at)  # fmt: skip


@pytest.mark.parametrize("hours", OFFSETS)
@pytest.mark.parametrize("fetched", [timedelta(0), timedelta(minutes=1), timedelta(hours=20)])
def test_an_article_is_published_in_the_moment_and_on_the_day_that_it_says(page, hours, fetched):
    """Fetched at once, when for half of the world it is another day, and later; by JSON-LD, a tag or the feed."""
    at = datetime(2022, 5, 20, 0, 30, tzinfo=timezone(timedelta(hours=hours)))
    raw = at.isoformat()
    linked = f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{raw}"}}</script>'
    tagged = f'<meta property="article:published_time" content="{raw}">'
    for head, entry in ((linked, None), (tagged, None), ("", EntryHints(published_raw=format_datetime(at)))):
        found = extract(page(head=head), url=URL, entry=entry, now=at + fetched)

        assert isinstance(found, Article)
        assert found.published_at == at
        assert found.provenance["published_at"].offset == dates.offset_text(timedelta(hours=hours))
        assert "date_suspect" not in found.quality.flags


@pytest.mark.parametrize("hours", OFFSETS)
def test_a_printed_clock_tells_the_zone_of_an_instant_in_utc(page, hours):
    local = datetime(2022, 5, 20, 0, 30, tzinfo=timezone(timedelta(hours=hours)))
    utc = local.astimezone(UTC)
    head = f'<meta property="article:published_time" content="{utc:%Y-%m-%dT%H:%M:%SZ}">'

    found = extract(page(head=head, before='<p class="date">20. Mai 2022, 0:30 Uhr</p>'), url=URL)

    assert isinstance(found, Article)
    assert found.published_at == utc
    # In these hours of UTC no reader's day is another one, and nothing is looked for.
    if not 9 <= utc.hour < 14:
        assert found.provenance["published_at"].offset == dates.offset_text(timedelta(hours=hours))


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2022-05-20T24:00:00Z", "2022-05-21"),
        ("2022-05-20T24:00:00+14:00", "2022-05-21"),
        ("2022-12-31T24:00:00-12:00", "2023-01-01"),
        ("20.05.2022, 24:00 Uhr", "2022-05-20"),  # without a zone only the day that was named is known
        ("2022-03-27T02:30:00+01:00", "2022-03-27"),  # an hour that Berlin did not have
        ("2022-10-30T02:30:00+02:00", "2022-10-30"),
        ("2022-10-30T02:30:00+01:00", "2022-10-30"),
        ("Sun, 27 Mar 2022 01:59:59 CET", "2022-03-27"),
        ("Sun, 27 Mar 2022 03:00:00 CEST", "2022-03-27"),
        ("Sun, 13 Mar 2022 23:30:00 PDT", "2022-03-13"),
        ("20 May 22 07:14:41 GMT", "2022-05-20"),
        ("Friday, 20-May-22 07:14:41 GMT", "2022-05-20"),
        ("20 May 99 07:14:41 GMT", "1999-05-20"),
        ("20 May '22", "2022-05-20"),
    ],
)
def test_the_edges_of_days_zones_and_centuries(raw, day):
    moment = dates.parse(raw)

    assert moment is not None
    assert moment.day == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("1653091199", "2022-05-20"),  # 23:59:59 UTC
        ("1653091200", "2022-05-21"),
        ("1653091199999", "2022-05-20"),
        ('"1653091199"', "2022-05-20"),
        ('"1653091200000"', "2022-05-21"),
    ],
)
def test_epoch_seconds_and_milliseconds_in_json_as_number_or_string(page, value, day):
    head = f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": {value}}}</script>'

    found = extract(page(head=head), url=URL, now=datetime(2022, 6, 1, tzinfo=UTC))

    assert isinstance(found, Article)
    assert found.published_at is not None
    assert found.published_at.date() == date.fromisoformat(day)


@pytest.mark.parametrize(
    "raw",
    [
        "0001-01-01T00:00:00Z", "0000-00-00 00:00:00", "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 01:00:00 +0100",
        "1970-01-01T05:30:00+05:30", "1969-12-31 16:00:00 -0800", "0", "-62135596800", "2099-12-31T00:00:00Z",
        "Mai 2022", "1653091199.5.2", "20 Mai 10 Uhr", "20/05/22 oder 05/20/22", "2022-05-20T07:14:41+27:00",
    ],
)  # fmt: skip
def test_what_stands_for_no_date_gives_none(page, raw):
    head = f'<meta property="article:published_time" content="{raw}">'

    found = extract(page(head=head), url=URL, now=datetime(2022, 6, 1, tzinfo=UTC))

    assert isinstance(found, Article)
    assert found.published_at is None
    assert found.provenance["published_at"].candidates[0].value == raw
