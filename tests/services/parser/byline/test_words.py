"""The words of by-lines: every one of them does what its list says, and its language's examples come out as shown."""

from __future__ import annotations

import pytest

from services.parser.byline import words as bywords
from services.parser.names import in_byline

LANGUAGES = bywords.LANGUAGES


def people(code: str) -> tuple[str, str]:
    """Two people of a language's examples."""
    names = [name for found in LANGUAGES[code]["catches"].values() for name in found if not bywords.is_agency(name)]
    first, second, *_ = (*dict.fromkeys(names), "Bo Yang")
    return first, second


def with_words(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("code", [code for code in LANGUAGES if LANGUAGES[code].get(kind)])


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_bylines_of_the_file_come_apart_as_it_says(code):
    examples = LANGUAGES[code]["catches"]

    assert {byline: in_byline(byline) for byline in examples} == examples


@pytest.mark.parametrize("code", LANGUAGES)
def test_names_that_hold_such_words_stay_whole(code):
    assert [in_byline(name) for name in LANGUAGES[code]["spares"]] == [[name] for name in LANGUAGES[code]["spares"]]


@with_words("by")
def test_what_leads_to_a_name_is_no_part_of_it(code):
    name, words = people(code)[0], LANGUAGES[code]["by"]

    assert {word: in_byline(f"{word} {name}") for word in words} == {word: [name] for word in words}
    assert {word: in_byline(f"{word.capitalize()}: {name}") for word in words} == {word: [name] for word in words}


@with_words("by_or_name")
def test_what_may_also_begin_a_family_name_counts_before_two_words(code):
    name = people(code)[0]
    for word in LANGUAGES[code]["by_or_name"]:
        assert in_byline(f"{word.capitalize()} {name}") == [name]
        assert in_byline(f"{word.capitalize()} Stein") == [f"{word.capitalize()} Stein"]


@with_words("text")
def test_whoever_wrote_is_named(code):
    name, words = people(code)[0], LANGUAGES[code]["text"]

    assert {word: in_byline(f"{word.capitalize()}: {name}") for word in words} == {word: [name] for word in words}


@with_words("others")
def test_whoever_did_something_else_is_not(code):
    (first, second), words = people(code), LANGUAGES[code]["others"]

    assert {word: in_byline(f"{first}, {word}: {second}") for word in words} == {word: [first] for word in words}
    assert {word: in_byline(f"{word.capitalize()}: {second}") for word in words} == {word: [] for word in words}


@with_words("and")
def test_a_conjunction_parts_two_names(code):
    (first, second), words = people(code), LANGUAGES[code]["and"]
    space = "" if bywords.UNSPACED_NAME.fullmatch(first) else " "

    assert {word: in_byline(f"{first}{space}{word}{space}{second}") for word in words} == {
        word: [first, second] for word in words
    }


@with_words("roles")
def test_what_somebody_is_goes(code):
    name, words = people(code)[0], LANGUAGES[code]["roles"]
    for form in (f"{name}, {{}}", f"{name} {{}}", f"{{}} {name}"):
        assert {word: in_byline(form.format(word)) for word in words} == {word: [name] for word in words}


@with_words("nobody")
def test_nobody_is_nobody(code):
    words = LANGUAGES[code]["nobody"]

    assert {word: in_byline(word.capitalize()) for word in words} == {word: [] for word in words}


@with_words("rest")
def test_a_name_ends_where_the_rest_begins(code):
    name, words = people(code)[0], LANGUAGES[code]["rest"]

    assert {word: in_byline(f"{name} {word} X") for word in words} == {word: [name] for word in words}


@with_words("calendar")
def test_a_date_is_no_name(code):
    name, words = people(code)[0], LANGUAGES[code]["calendar"]

    assert {word: in_byline(f"{name} {word} 12, 2022") for word in words} == {word: [name] for word in words}


def test_an_agency_is_known_alone_and_stays_beside_a_person():
    for name in sorted(bywords.AGENCY_CODES | bywords.AGENCY_NAMES):
        assert bywords.is_agency(name), name
        assert in_byline(f"Ann Lee, {name}") == ["Ann Lee", name]


@pytest.mark.parametrize("name", ["Ann Lee", "Reuters Ann Lee", "The Bote", "Apa Lee", ""])
def test_nothing_else_is_an_agency(name):
    assert not bywords.is_agency(name)
