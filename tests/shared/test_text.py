"""Text and JSON that PostgreSQL takes, whatever a site sent."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.database import Database
from shared.records import FeedEntry
from shared.text import KEY_BYTES, storable, storable_detail, storable_json, storable_key

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_storable_text_is_utf8_without_nul_and_otherwise_the_same(text: str) -> None:
    clean = storable(text)
    assert clean is not None
    clean.encode()
    assert "\x00" not in clean
    if text.isascii() and "\x00" not in text:
        assert clean == text


def test_unknown_stays_unknown() -> None:
    assert storable(None) is None
    assert storable_detail(None) is None


@given(ANY_TEXT, ANY_TEXT)
def test_a_key_fits_an_index_and_tells_two_long_texts_apart(one: str, other: str) -> None:
    long_one, long_other = (storable_key("x" * KEY_BYTES + text) for text in (one, other))
    assert len(long_one.encode()) <= KEY_BYTES
    if storable(one) != storable(other):
        assert long_one != long_other
    assert storable_key("short") == "short"


def test_a_sentence_for_a_person_has_an_end() -> None:
    assert storable_detail("short\x00") == "short"
    long = storable_detail("x" * 5000)
    assert long is not None
    assert (len(long), long[-1]) == (1000, "…")


@pytest.mark.parametrize(
    "value",
    [
        {"a": "nul \x00 here"},
        {"half \ud83d": ["\udc00", {"b": "\x00"}]},
        {"a": "a backslash, not an escape: \\u0000 \\ud800"},
        {"a": "whole pairs stay: 😀"},
        FeedEntry(title="nul \x00 here, 😀, \\u0000"),
        FeedEntry(title="half \ud83d of it"),
        [1, None, True, 0.5],
    ],
    ids=["nul", "halves", "backslash", "pairs", "record", "half a record", "numbers"],
)
def test_json_is_taken_by_a_jsonb_column(database: Database, value: object) -> None:
    dumped = storable_json(value)  # type: ignore[arg-type]
    with database.transaction() as connection:
        row = connection.execute("SELECT %s::jsonb AS kept", [dumped]).fetchone()
    assert row is not None
    assert row["kept"] == json.loads(dumped)
    if value in ({"a": "a backslash, not an escape: \\u0000 \\ud800"}, {"a": "whole pairs stay: 😀"}):
        assert row["kept"] == value
