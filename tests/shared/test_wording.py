"""How figures, and what others say, read in a sentence."""

from __future__ import annotations

import pytest

from shared.wording import counted, one_line


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries"), (12_345, "12,345 entries")]
)
def test_a_number_agrees_with_its_noun(count: int, words: str) -> None:
    assert counted(count, "entry", "entries") == words


def test_most_nouns_take_an_s() -> None:
    assert (counted(1, "feed"), counted(3, "feed")) == ("1 feed", "3 feeds")


def test_what_an_error_says_is_one_line_and_no_longer_than_wanted() -> None:
    assert one_line(OSError("no\n\troute  to\r\nhost ")) == "no route to host"
    assert one_line("x" * 1000) == "x" * 200
    assert one_line("a\nb c", most=3) == "a b"
