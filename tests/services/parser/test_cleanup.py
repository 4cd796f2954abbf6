"""Lines that are not the article, and lines that look like it but are."""

from __future__ import annotations

import time

import pytest

from services.parser import cleanup
from services.parser.body import Kind, Line, as_text
from services.parser.cleanup import Dropped, Surroundings, clean

PROSE = tuple(f"Sentence {number} of the article is as long as sentences are in a paper." for number in range(12))


def lines(*texts: str, kind: Kind = Kind.PARAGRAPH) -> tuple[Line, ...]:
    return tuple(Line(markdown=text, text=text, kind=kind, block=number) for number, text in enumerate(texts))


def left(*texts: str, around: Surroundings | None = None, kind: Kind = Kind.PARAGRAPH) -> list[str]:
    return [line.text for line in clean(lines(*texts, kind=kind), around or Surroundings()).lines]


def rules(*texts: str, around: Surroundings | None = None) -> list[str]:
    return [one.rule for one in clean(lines(*texts), around or Surroundings()).dropped]


def test_the_headline_goes_from_the_beginning_only():
    around = Surroundings(titles=("A bridge for the town",))

    assert left("A Bridge for the Town", "Text.", around=around) == ["Text."]
    far = [f"Sentence {number}." for number in range(cleanup.OPENING)]
    assert left(*far, "A Bridge for the Town", "Text.", around=around)[-2] == "A Bridge for the Town"


def test_a_headline_goes_with_its_kicker_only_where_it_is_a_heading():
    around = Surroundings(titles=("A bridge for the town",))

    heading = lines("Local news A bridge for the town", kind=Kind.HEADING)
    assert [line.text for line in clean((*heading, *lines("Text.")), around).lines] == ["Text."]
    assert len(left("Everybody wants a bridge for the town", "Text.", around=around)) == 2


def test_byline_and_dateline_go_from_the_beginning():
    around = Surroundings(authors=("Jördis Häßler",))

    assert left("Von Jördis Häßler", "20. Mai 2022, 10:14 Uhr", "Text.", around=around) == ["Text."]
    assert left("Jördis Häßler sagt nein.", "Im Mai 2022 begann alles.", around=around) == [
        "Jördis Häßler sagt nein.",
        "Im Mai 2022 begann alles.",
    ]


def test_a_standfirst_stays():
    standfirst = "The old ferry is gone, the new bridge is late, and the town has to wait."

    assert left(standfirst, *PROSE, around=Surroundings(titles=("A bridge for the town",)))[0] == standfirst


def test_a_correction_note_stays_at_the_end():
    note = "Correction: An earlier version of this article gave a wrong name for the ferry."

    assert left(*PROSE, note)[-1] == note


def test_who_the_author_is_goes_from_the_end():
    around = Surroundings(authors=("Ann Lee",))
    biography = "Ann Lee covers bridges for the Bote and has lived by the river for ten years."

    assert rules(*PROSE, biography, around=around) == ["biography"]
    assert rules(biography, *PROSE, around=around) == []


def test_an_author_who_speaks_at_the_end_stays():
    spoken = "Ann Lee: And that was the last time that anybody saw the ferry."

    assert left(*PROSE, spoken, around=Surroundings(authors=("Ann Lee",)))[-1] == spoken


def test_whoever_is_no_author_stays_at_the_end():
    assert rules(*PROSE, "Ann Lee covers bridges.", around=Surroundings(authors=("Jo Smith",))) == []


def test_a_line_that_is_a_link_goes_unless_it_is_short_or_a_sentence():
    links = frozenset(map(cleanup.link_key, ("How the old ferry sank", "The ferry sank.", "Bridges")))

    kept = left("First.", "How the old ferry sank", "The ferry sank.", "Bridges", around=Surroundings(links=links))

    assert kept == ["First.", "The ferry sank.", "Bridges"]


def test_a_line_that_is_mostly_a_link_goes():
    links = frozenset({cleanup.link_key("How the old ferry sank in the storm of last winter")})
    around = Surroundings(links=links)

    assert rules("Town: How the old ferry sank in the storm of last winter", around=around) == ["links"]
    assert rules("How the old ferry sank in the storm of last winter (Bote)", around=around) == ["links"]
    assert rules("They ask how the old ferry sank in the storm of last winter and why", around=around) == []


def test_a_heading_that_is_a_link_stays():
    links = frozenset({cleanup.link_key("How the old ferry sank")})
    heading = lines("How the old ferry sank", kind=Kind.HEADING)

    assert clean((*heading, *lines(*PROSE)), Surroundings(links=links)).dropped == ()


def test_headings_and_lists_stay_and_a_heading_over_nothing_goes():
    content = (
        *lines("First.", "What is missing", kind=Kind.PARAGRAPH),
        *lines("the bridge", "the money", kind=Kind.ITEM),
        *lines("Last words", kind=Kind.HEADING),
    )

    cleaned = clean(content, Surroundings())

    assert [line.text for line in cleaned.lines] == ["First.", "What is missing", "the bridge", "the money"]
    assert cleaned.counts == {"trailing_heading": 1}


def test_nothing_after_a_closing_heading_is_the_article():
    tail = ("Leave a comment", "I was on that ferry. It was late, and nobody told us why. " * 5, "Me too.")

    assert rules(*PROSE, *tail) == ["closing"] * 3


def test_a_closing_heading_closes_nothing_in_the_first_two_thirds():
    assert left(*PROSE[:6], "About the author", *PROSE[6:]) == [*PROSE[:6], "About the author", *PROSE[6:]]


def test_a_box_takes_its_teasers_with_it():
    teasers = ("The ferry's last trip", "Bridges of the world in pictures")

    assert rules(*PROSE, "You may also like", *teasers) == ["box"] * 3


def test_the_text_goes_on_after_a_box():
    paragraph = "The bridge is to open in May, said the mayor. " * 6

    assert left(*PROSE, "You may also like", "The ferry's last trip", paragraph)[-1] == paragraph


def test_the_first_cell_of_a_table_is_no_label():
    rows = lines("Tags | Date | Place", "Related | May | Harbour", kind=Kind.ROW)

    assert clean((*rows, *lines(*PROSE)), Surroundings()).dropped == ()


def test_code_is_left_alone():
    code = lines("Share", "Advertisement", kind=Kind.CODE)

    assert clean(code, Surroundings()).lines == code


def test_what_was_dropped_is_told_with_its_rule_in_the_order_of_the_text():
    content = lines("First.", "Advertisement", "Foto: dpa", "Lesen Sie auch: Die Fähre")

    cleaned = clean(content, Surroundings())

    assert cleaned.dropped == (
        Dropped("advertising", content[1]),
        Dropped("credit", content[2]),
        Dropped("related", content[3]),
    )
    assert cleaned.counts == {"advertising": 1, "credit": 1, "related": 1}
    assert as_text(cleaned.lines) == "First."


@pytest.mark.parametrize("text", ["Foto: Jördis Häßler", "© AFP", "Ann Lee/Getty Images", "FOTO: DPA"])
def test_whose_an_image_is_says_an_image_credit(text):
    assert cleanup.is_image_credit(text)


@pytest.mark.parametrize("text", ["The ferry in May", "Foto des Jahres", "Reuters reported it first. The town knew."])
def test_what_an_image_shows_is_no_image_credit(text):
    assert not cleanup.is_image_credit(text)


@pytest.mark.parametrize(
    "line",
    [
        "newsletter sign up " * 30,
        "newsletter " * 54,
        "mit der anmeldung " * 33,
        "mit " * 150,
        "x " * 300,
        "get the " * 70 + "inbox",
        "facebook " * 66,
        "(" * 600,
    ],
)
def test_lines_made_to_take_long_do_not(line):
    content = lines(*[line[:600]] * 2_000)
    began = time.process_time()

    clean(content, Surroundings(titles=("x " * 50,), authors=("Ann Lee",), links=frozenset({"x"})))

    assert time.process_time() - began < 5
