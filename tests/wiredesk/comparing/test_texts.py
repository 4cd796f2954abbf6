"""How far two texts agree, and the lines in which they differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiredesk.comparing.texts import change, differences

PARAGRAPHS = [
    "The crane at the old harbour moved on Tuesday for the first time in forty years.",
    "Its driver, who is eighty, had kept the key in a tin.",
    "Nobody had asked him for it until the council voted to sell the quay.",
]
TEXT = "\n\n".join(PARAGRAPHS)
ANY_TEXT = st.text(alphabet="ab \n.東京", max_size=60)


def test_the_same_words_agree_whatever_their_spacing_and_case() -> None:
    found = change(TEXT, TEXT.upper().replace("\n\n", "  "))
    assert (found.overlap, found.added, found.lost) == (1.0, 0, 0)


def test_a_lost_paragraph_is_lost_words_and_less_overlap() -> None:
    found = change(TEXT, "\n\n".join(PARAGRAPHS[:2]))
    assert (found.added, found.lost) == (0, 14)
    assert 0.7 < found.overlap < 0.9
    assert found.words_before - found.words_after == 14


def test_texts_that_share_nothing_do_not_agree() -> None:
    assert change("one two three four five", "six seven eight nine ten").overlap == 0.0


@pytest.mark.parametrize(("before", "after"), [("", "some words at last"), ("some words at first", "")])
def test_a_text_against_none_does_not_agree(before: str, after: str) -> None:
    assert change(before, after).overlap == 0.0


def test_text_without_spaces_is_compared_by_characters() -> None:
    found = change(
        "百年ぶりに建て替えられた灯台が火曜日の夜に点灯した", "百年ぶりに建て替えられた灯台が水曜日の夜に点灯した"
    )
    assert 0.5 < found.overlap < 1.0
    assert (found.added, found.lost) == (1, 1)


@given(ANY_TEXT, ANY_TEXT)
def test_overlap_is_a_share_and_the_same_in_both_directions(one: str, other: str) -> None:
    there, back = change(one, other), change(other, one)
    assert 0.0 <= there.overlap <= 1.0
    assert there.overlap == back.overlap
    assert (there.added, there.lost) == (back.lost, back.added)
    assert there.words_after == there.words_before + there.added - there.lost


@given(ANY_TEXT)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert change(text, text).overlap == 1.0
    assert differences(text, text, most=5) == ()


def test_differences_name_lost_and_added_lines() -> None:
    new = "\n\n".join([PARAGRAPHS[0], "Read more: the harbour in pictures", "Photo: the council", *PARAGRAPHS[2:]])
    assert differences(TEXT, new, most=9) == (
        f"- {PARAGRAPHS[1]}",
        "+ Read more: the harbour in pictures",
        "+ Photo: the council",
    )


def test_a_changed_word_is_shown_with_its_neighbours_only() -> None:
    new = TEXT.replace("forty years", "fifty years")
    assert differences(TEXT, new, most=9) == ("~ … the first time in [-forty-]{+fifty+} years.",)


def test_no_more_differences_are_told_than_asked_for() -> None:
    found = differences("", "\n".join(f"line {number}" for number in range(50)), most=4)
    assert found == ("+ line 0", "+ line 1", "+ line 2", "…")


def test_a_text_of_ten_thousand_equal_lines_is_compared_in_time() -> None:
    assert len(differences("a b\n" * 10_000, "c d\n" * 10_000, most=3)) == 3
