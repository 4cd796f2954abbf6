"""Dates as people write them, in the languages of words.toml."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from services.parser.dates import Locale, locale, parse, written
from services.parser.dates.words import MONTHS, month

DAY = date(2022, 5, 20)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "20 أيار/مايو 2022"), ("ar", "٢٠ مايو ٢٠٢٢"), ("az", "20 may 2022"), ("be", "20 мая 2022"),
        ("bg", "20 май 2022 г., 10:15"), ("bn", "২০ মে ২০২২"), ("ca", "20 de maig de 2022"),
        ("cs", "20. května 2022"), ("da", "20. maj 2022 kl. 10.15"), ("de", "Freitag, 20. Mai 2022, 10:15 Uhr"),
        ("el", "20 Μαΐου 2022, 10:15"), ("en", "Friday, May 20th, 2022 at 10:15 am"), ("en", "20th of May 2022"),
        ("es", "20 de mayo de 2022 a las 10:15"), ("et", "20. mai 2022"), ("fa", "20 مه 2022"),
        ("fi", "20. toukokuuta 2022 klo 10.15"), ("fr", "le vendredi 20 mai 2022 à 10h15"),
        ("gl", "20 de maio de 2022"), ("he", "20 במאי 2022"), ("hi", "20 मई 2022"), ("hi", "२० मई २०२२"),
        ("hr", "20. svibnja 2022."), ("hu", "2022. május 20. 10:15"), ("hu", "2022. 05. 20."),
        ("id", "Jumat, 20 Mei 2022 10:15 WIB"), ("is", "20. maí 2022"), ("it", "20 maggio 2022 alle ore 10:15"),
        ("ja", "2022年5月20日 午前10:15"), ("ko", "2022년 5월 20일 오전 10:15"), ("ko", "2022.05.20 10:15"),
        ("lt", "2022 m. gegužės 20 d. 10:15"), ("lv", "2022. gada 20. maijs, 10:15"), ("mk", "20 мај 2022"),
        ("ms", "20 Mei 2022"), ("nl", "20 mei 2022 om 10:15"), ("no", "20. mai 2022 kl. 10:15"),
        ("pl", "20 maja 2022, 10:15"), ("pt", "20 de maio de 2022 às 10h15"), ("ro", "20 mai 2022, ora 10:15"),
        ("ru", "20 мая 2022 года, 10:15"), ("sk", "20. mája 2022"), ("sl", "20. maja 2022"), ("sq", "20 Maj 2022"),
        ("sr", "20. маја 2022."), ("sr", "20. maj 2022."), ("sv", "20 maj 2022 kl 10.15"), ("sw", "20 Mei 2022"),
        ("tl", "20 Mayo 2022"), ("tr", "20 Mayıs 2022 - 10:15"), ("uk", "20 травня 2022, 10:15"),
        ("ur", "20 مئی 2022"), ("vi", "ngày 20 tháng 5 năm 2022"), ("vi", "20/05/2022 10:15"),
        ("zh", "2022年5月20日 上午10:15"),
    ],
)  # fmt: skip
def test_a_day_is_found_as_its_language_writes_it(language, text):
    found = written.find(text, locale([language], None))

    assert [one.moment.day for one in found] == [DAY]


def test_every_month_of_every_language_is_its_own_month():
    """Written out, beside the names that the same language has for the other eleven."""
    for name, meanings in MONTHS.items():
        for language, number in meanings.items():
            assert month(name, language) == number

    languages = {language for meanings in MONTHS.values() for language in meanings}
    for language in languages:
        assert {meanings[language] for meanings in MONTHS.values() if language in meanings} == set(range(1, 13))


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("20. listopada 2022", "hr", date(2022, 10, 20)),
        ("20 listopada 2022", "pl", date(2022, 11, 20)),
        ("20 listopada 2022", None, None),
        ("20. srpna 2022", "cs", date(2022, 8, 20)),
        ("20. srp 2022", "hr", date(2022, 7, 20)),
        ("20. srp 2022", None, None),
        ("20. října 2022", None, date(2022, 10, 20)),
        ("20 MAYIS 2022", "tr", DAY),
        ("20 aout 2022", "fr", date(2022, 8, 20)),
    ],
)
def test_a_name_that_two_languages_give_to_two_months_needs_the_language(text, language, day):
    found = written.find(text, Locale(language))

    assert [one.moment.day for one in found] == ([day] if day else [])


@pytest.mark.parametrize(
    "text",
    [
        "iPad Pro 11, 2021", "Data set 11, 2021", "May 2022", "20. Mai", "um 20 Mai 10 Uhr", "1.000.000", "12:30",
        "Version 2022.1", "10.0.0.1", "3/4/5", "2022-2023", "31.02.2022", "Seite 3 von 20", "+49 30 2022 1105",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_date_is_none(text):
    assert written.find(text, Locale("de", "dmy")) == ()


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("8:00 PM EST, Tue December 19, 2023", datetime(2023, 12, 19, 20)),  # noqa: DTZ001 - EST may be Sydney's
        ("Dec 19, 2023 12:05 a.m.", datetime(2023, 12, 19, 0, 5)),  # noqa: DTZ001 - no zone is shown
        ("19 décembre 2023 à 9h05", datetime(2023, 12, 19, 9, 5)),  # noqa: DTZ001 - no zone is shown
        ("2023年12月19日 下午3:15", datetime(2023, 12, 19, 15, 15)),  # noqa: DTZ001 - no zone is shown
        ("19.12.2023 - 18:50 Uhr von Olga", datetime(2023, 12, 19, 18, 50)),  # noqa: DTZ001 - no zone is shown
        ("19 Aralık 2023 00:05", datetime(2023, 12, 19, 0, 5)),  # noqa: DTZ001 - no zone is shown
    ],
)
def test_the_clock_beside_a_day_is_the_days(text, clock):
    (found,) = written.find(text, Locale())

    assert found.moment.clock == clock
    assert found.moment.precision == "minute"


def test_several_dates_of_a_line_are_found_in_their_order():
    found = written.find("Erstellt: 20.05.2022, 10:15 Uhr | geändert: 21.05.2022, 11:30 Uhr", Locale("de", "dmy"))

    assert [(one.moment.clock.day, one.moment.clock.hour) for one in found] == [(20, 10), (21, 11)]


@pytest.mark.parametrize(
    ("languages", "host", "order"),
    [
        (("de",), None, "dmy"), (("en-US",), "a.com", "mdy"), (("en-GB",), "a.com", "dmy"),
        (("en",), "a.com", None), (("en-US",), "a.co.uk", "dmy"), (("en",), "a.com.au", "dmy"),
        (("en-CA",), "a.ca", None), (("ja",), None, "ymd"), (("hu-HU",), "a.hu", "ymd"), ((), "a.de", None),
        (("english",), None, None), (("en", "en_US"), "a.com", "mdy"),
    ],
)  # fmt: skip
def test_the_order_of_day_and_month_follows_from_language_and_country(languages, host, order):
    assert locale(languages, host).order == order


def test_a_program_writes_american_dates_on_pages_of_any_language():
    german = Locale("de", "dmy")

    assert parse("11/01/2023 12:43:42", locale=german) is None
    assert parse("11/01/2023", locale=german) is not None
    assert parse("11/01/2023 12:43:42", locale=Locale("en", "mdy")) is not None
