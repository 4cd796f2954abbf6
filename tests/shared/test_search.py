"""Text for the search: words of every script can be found, and no query or text makes PostgreSQL refuse."""

from __future__ import annotations

import random
import string

import pytest

from shared.database import Database, one
from shared.search import (
    CONFIGURATIONS,
    INDEXED_BYTES,
    SUMMARY_BYTES,
    TEXT_BYTES,
    TITLE_BYTES,
    configuration,
    indexable,
    searchable,
)


def test_every_configuration_exists_in_postgresql(database: Database) -> None:
    with database.transaction() as connection:
        there = {row["cfgname"] for row in connection.execute("SELECT cfgname FROM pg_ts_config")}
    assert set(CONFIGURATIONS.values()) | {"simple"} <= there


@pytest.mark.parametrize(
    ("language", "name"),
    [("de", "german"), ("pt-BR", "portuguese"), ("EN", "english"), ("ja", "simple"), (None, "simple")],
)
def test_a_language_has_its_dictionary(language: str | None, name: str) -> None:
    assert configuration(language) == name


def test_spaced_text_is_left_alone() -> None:
    assert indexable("Größe und Maß") == "Größe und Maß"


def test_unspaced_text_becomes_pairs_and_each_han_character_once_at_the_end() -> None:
    assert indexable("東京都、東京").split() == ["東京", "京都", "、", "東京", "東", "京", "都"]


def test_nothing_is_indexable_too() -> None:
    assert indexable(None) == indexable("") == ""


def test_what_is_indexed_has_a_bound() -> None:
    assert len(indexable("東京" * 200_000).encode()) <= INDEXED_BYTES
    assert len(indexable("word " * 200_000, most=100).encode()) <= 100


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Gerassimow Telefonat", "Gerassimow Telefonat"),
        ('"erstes Telefonat" -Milley', '"erstes Telefonat" -Milley'),
        ("東京タワー", '"東京 京タ タワ ワー"'),
        ("-東京都", '-"東京 京都"'),
        ("猫", "猫"),
        ("Paris \u2013 London - Rome", "Paris London Rome"),
        ("well-known", "well-known"),
        ('"left open', '"left open"'),
        ("\uff2e\uff28\uff2b", "NHK"),
        ("a\x00b", "a b"),
        ("----", ""),
        ('""', ""),
        ("( ! & | )", ""),
    ],
)
def test_a_query_means_what_was_typed(typed: str, sent: str) -> None:
    assert searchable(typed) == sent


def test_no_query_is_refused_by_postgresql(database: Database) -> None:
    draw = random.Random(20260301)
    alphabet = "-\"!&|()'\\:*<> aオ東ab.\x00,@/or\u0301\U0001f600"
    queries = ['"' * 500, "-" * 500, "- " * 250, "-!" * 250, 'or "' * 125, "<->" * 160]
    queries += ["".join(draw.choices(alphabet, k=draw.choice((3, 20, 200, 500)))) for _ in range(1500)]
    with database.transaction() as connection:
        for query in queries:
            connection.execute("SELECT websearch_to_tsquery('english', %s)", [searchable(query)])


def _hyphenated(draw: random.Random) -> str:
    return " ".join(
        "-".join("".join(draw.choices(string.ascii_lowercase, k=4)) for _ in range(2)) for _ in range(60_000)
    )


def _han(draw: random.Random) -> str:
    return "".join(chr(draw.randrange(0x4E00, 0x9FFF)) for _ in range(200_000))


@pytest.mark.parametrize("text", [_hyphenated(random.Random(1)), _han(random.Random(2))], ids=["hyphenated", "han"])
@pytest.mark.parametrize("parts", [(INDEXED_BYTES,) * 3, (TITLE_BYTES, SUMMARY_BYTES, TEXT_BYTES)])
def test_title_summary_and_text_fit_into_one_tsvector(
    database: Database, text: str, parts: tuple[int, int, int]
) -> None:
    third = len(text) // 3
    values = [indexable(text[third * number :], most=most) for number, most in enumerate(parts)]
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT length(to_tsvector('simple', %s) || to_tsvector('simple', %s) || to_tsvector('simple', %s)) AS n",
            values,
        ).fetchone()
    assert one(row)["n"] > 10_000
