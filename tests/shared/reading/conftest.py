"""A newsroom whose articles are then read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.database import Connection, Database, connect
from shared.engines import Engines
from tests.shared.reading.newsroom import Newsroom, make_article

# By language: a title and a text of each.
TEXTS = {
    "de": (
        "Erstes Telefonat seit Februar",
        "Generalstabschef Waleri Gerassimow und General Mark Milley haben miteinander telefoniert.",
    ),
    "en": ("The cranes of the harbour", "Two cranes were moved across the river by night."),
    "ar": ("افتتاح مكتبة جديدة", "افتتحت البلدية المكتبة التي تضم أكثر من مئتي ألف كتاب."),
    "ja": ("東京湾に新しい灯台", "百年ぶりに建て替えられた灯台が火曜日の夜、初めて点灯した。"),
    "zh": ("老城区的茶馆重新开张", "停业三年后这家茶馆在星期二重新开张。"),
    "th": ("เปิดห้องสมุดใหม่", "เทศบาลเปิดห้องสมุดใหม่ในวันอังคาร"),
    "ru": ("Старый трамвай вернулся", "Вагон снова возит пассажиров по набережной."),
}


@pytest.fixture
def newsroom(database: Database) -> Newsroom:
    return Newsroom(database)


@pytest.fixture
def connection(newsroom: Newsroom) -> Iterator[Connection]:
    """A connection that sees what was committed before each statement."""
    with newsroom.database.transaction() as opened:
        yield opened


@pytest.fixture(scope="module")
def library_url(engines: Engines) -> Iterator[str]:
    """A database with one article in each of the languages, which tests only read."""
    with connect(engines.database_url.replace("/wiredesk?", "/postgres?"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE library TEMPLATE wiredesk")
        url = engines.database_url.replace("/wiredesk?", "/library?")
        with Database(url) as database:
            for language, (title, text) in TEXTS.items():
                Newsroom(database).publish(make_article(title=title, text=text, language=language))
        yield url
        admin.execute("DROP DATABASE library WITH (FORCE)")


@pytest.fixture
def library(library_url: str) -> Iterator[Connection]:
    """A connection to the library."""
    with connect(library_url) as opened:
        yield opened
