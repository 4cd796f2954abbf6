"""The day in a page's address."""

from __future__ import annotations

from datetime import date

import pytest

from services.parser.dates import address


@pytest.mark.parametrize(
    "url",
    [
        "https://bote.example/2022/05/20/bruecke",
        "https://bote.example/2022/5/20/",
        "https://bote.example/2022/may/20/bridge",
        "https://bote.example/lokales/2022-05-20/bruecke.html",
        "https://bote.example/a/20220520/bruecke",
        "https://bote.example/n1/2022/0520/c90000-1.html",
        "https://bote.example/2022-05/20/content_1.htm",
        "https://bote.example/meldungen/20-05-2022",
        "https://bote.example/lokales/bruecke-2022-05-20.html",
        "https://bote.example/lokales/bruecke-20220520",
        "https://archive.example/web/20230101120000/http://bote.example/2022/05/20/bruecke",
    ],
)
def test_a_folder_or_the_end_of_a_name_is_the_day(url):
    found = address.day(url)

    assert found is not None
    assert found[0] == date(2022, 5, 20)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://bote.example/",
        "https://bote.example/2022/05/bruecke",
        "https://bote.example/2022/13/40/bruecke",
        "https://bote.example/lage-vom-2022-05-20-am-abend.html",
        "https://bote.example/artikel/202205201",
        "https://bote.example/suche?date=2022/05/20/",
        "https://2022.05.20.example/bruecke",
        "https://archive.example/web/20230101/http://bote.example/bruecke",
    ],
)
def test_what_else_has_numbers_is_none(url):
    assert address.day(url) is None
