"""Dates that count back from the fetch."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.parser.dates import Locale, relative

NOON = datetime(2022, 6, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "منذ 2 ساعات"), ("bg", "преди 2 часа"), ("ca", "fa 2 hores"), ("cs", "před 2 hodinami"),
        ("da", "2 timer siden"), ("de", "vor 2 Stunden"), ("el", "πριν από 2 ώρες"),
        ("es", "hace 2 horas"), ("et", "2 tundi tagasi"), ("fi", "2 tuntia sitten"),
        ("he", "לפני 2 שעות"), ("hi", "2 घंटे पहले"), ("hr", "prije 2 sata"), ("hu", "2 órával ezelőtt"),
        ("id", "2 jam yang lalu"), ("it", "2 ore fa"), ("ja", "2時間前"), ("ko", "2시간 전"),
        ("lt", "prieš 2 valandas"), ("lv", "pirms 2 stundām"), ("nl", "2 uur geleden"),
        ("no", "for 2 timer siden"), ("pl", "2 godziny temu"), ("pt", "há 2 horas"), ("ro", "acum 2 ore"),
        ("sk", "pred 2 hodinami"), ("sl", "pred 2 urami"), ("sr", "пре 2 сата"), ("sv", "för 2 timmar sedan"),
        ("tr", "2 saat önce"), ("uk", "2 години тому"), ("vi", "2 giờ trước"), ("zh", "2小时前"),
    ],
)  # fmt: skip
def test_hours_give_the_day(language, text):
    moment = relative.read(text, now=NOON, locale=Locale(language))

    assert moment is not None
    assert (moment.day, moment.precision, moment.raw) == (date(2022, 6, 1), "day", text)


@pytest.mark.parametrize(("language", "text"), [("de", "gestern"), ("it", "ieri"), ("ja", "昨日"), ("pl", "wczoraj")])
def test_yesterday_is_the_day_before(language, text):
    moment = relative.read(text, now=NOON, locale=Locale(language))

    assert moment is not None
    assert moment.day == date(2022, 5, 31)


def test_today_is_that_of_the_readers():
    moment = relative.read("今日", now=NOON.replace(hour=16), locale=Locale("ja"))

    assert moment is not None
    assert moment.day == date(2022, 6, 2)


def test_minutes_give_the_minute():
    moment = relative.read("5 min ago", now=NOON, locale=Locale("en"))

    assert moment is not None
    assert (moment.instant, moment.precision) == (datetime(2022, 6, 1, 11, 55, tzinfo=UTC), "minute")


@pytest.mark.parametrize(
    ("hour", "language", "text"),
    [
        (22, "de", "gestern"),  # it is the second of June in Berlin, and would not be in winter
        (1, "en", "yesterday"),  # and still the thirty-first of May in Denver
        (12, "en", "Yesterday"),  # in Auckland it is the second of June
        (12, "fr", "hier"),  # in Nouméa it nearly is, and in Papeete the first
        (12, "en", "2 hours ago"),
        (1, "de", "vor 2 Stunden"),
        (12, "ru", "вчера"),  # in Kamchatka it is midnight
    ],
)
def test_no_day_is_said_where_it_is_not_the_same_for_all_readers(hour, language, text):
    assert relative.read(text, now=NOON.replace(hour=hour), locale=Locale(language)) is None


@pytest.mark.parametrize(
    "text", ["3 days ago", "vor 3 Tagen", "5 min read", "2 hours", "2 Stunden", "ago", "", "99 hours ago"]
)
def test_what_counts_nothing_or_too_roughly_is_no_date(text):
    assert relative.read(text, now=NOON, locale=Locale("en")) is None


def test_without_the_time_of_the_fetch_nothing_is_relative_to_it():
    assert relative.read("2 hours ago", now=None, locale=Locale("en")) is None
