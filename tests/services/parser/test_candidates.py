"""The page's text: when the main stage is believed, when others are asked, and who wins then."""

from __future__ import annotations

import time

import pytest
from lxml.html import HtmlElement

from services.parser import candidates, dom
from services.parser.body import as_text
from services.parser.candidates import MAIN, PRECISE, READABILITY, WHOLE, Anchors, PageText, likeness, medoid
from services.parser.cleanup import Surroundings
from services.parser.text import sequences

TEXT = tuple(
    f"In its {number}. year the ferry carried more people than the bridge that was meant to replace it ever did, and "
    f"nobody in town number {number * 7} was surprised."
    for number in range(1, 16)
)
OTHER = tuple(
    f"Cooks all over region {number} have begun to salt their bread again after doctors said that {number} grams of it "
    f"would harm none of them at all."
    for number in range(1, 16)
)
MENU = "<ul>" + "".join(f'<li><a href="/{number}">Section number {number}</a></li>' for number in range(30)) + "</ul>"


def paragraphs(sentences: tuple[str, ...]) -> str:
    return "".join(f"<p>{sentence}</p>" for sentence in sentences)


def page(inner: str) -> HtmlElement:
    tree = dom.parse(f"<html><body>{inner}</body></html>".encode())
    assert tree is not None
    return tree


def find(inner: str, *, short: tuple[str, ...] = (), whole: tuple[str, ...] = ()) -> PageText:
    return candidates.find(page(inner), Surroundings(), Anchors(short, whole))


def grams(*sentences: str) -> frozenset[tuple[str, ...]]:
    return sequences(" ".join(sentences))


PLAIN = f"{MENU}<article><h1>The ferry</h1>{paragraphs(TEXT)}</article>"
# trafilatura's main stage takes the first article only, the second reader all.
SPLIT = "".join(f'<div class="article-body">{paragraphs(part)}</div>' for part in (TEXT[:3], TEXT[3:]))
# The second reader takes long items for a menu.
LISTED = f"<article>{paragraphs(TEXT[:1])}<ul>{''.join(f'<li>{one}</li>' for one in OTHER)}</ul></article>"


def test_where_two_readers_agree_nobody_else_is_asked():
    found = find(PLAIN)

    assert (found.name, found.doubt, dict(found.lengths)) == (MAIN, None, {})
    assert [line.text for line in found.lines if line.text in TEXT] == list(TEXT)


def test_a_page_without_text_is_doubted_and_gives_none():
    found = find("<div></div>")

    assert found.doubt == "the main stage found no text"
    assert found.lines == ()


def test_a_text_much_shorter_than_the_second_readers_is_doubted_and_made_whole():
    found = find(SPLIT)

    assert found.doubt is not None
    assert found.doubt.endswith("of the second opinion's length")
    assert found.lengths[MAIN] < found.lengths[found.name]
    assert [line.text for line in found.lines] == list(TEXT)


def test_a_text_that_the_second_reader_has_hardly_any_of_is_doubted():
    found = find(LISTED)

    assert found.doubt is not None
    assert found.doubt.startswith("the second opinion has")
    assert [line.text for line in found.lines] == [TEXT[0], *OTHER]


def test_all_who_were_asked_are_told_with_their_lengths_and_the_fourth_only_where_three_differ():
    assert set(find(SPLIT).lengths) == {MAIN, WHOLE, PRECISE, READABILITY}
    assert set(find(LISTED).lengths) == {MAIN, WHOLE, PRECISE}


def test_a_text_that_json_ld_or_the_feed_has_whole_needs_no_second_opinion():
    assert find(LISTED, whole=(" ".join((TEXT[0], *OTHER)),)).doubt is None


@pytest.mark.parametrize("whole", ["", " ".join(TEXT), " ".join((TEXT[0], *OTHER)) * 2, OTHER[0]])
def test_one_that_says_something_else_or_much_more_settles_nothing(whole):
    assert find(LISTED, whole=(whole,)).doubt is not None


def test_the_tree_stays_as_it_was():
    tree = page(SPLIT)
    before = tree.text_content()

    candidates.find(tree, Surroundings(), Anchors())

    assert tree.text_content() == before


def test_the_candidate_most_like_all_others_wins():
    one, two, three = grams(*TEXT[:8]), grams(*TEXT[:9]), grams(*OTHER[:8])

    assert medoid({"far": three, "near": one, "nearer": two}, Anchors()) == "near"
    assert (
        medoid({"far": three, "longer": grams(*TEXT[:12]), "mid": grams(*TEXT[:10]), "short": one}, Anchors()) == "mid"
    )


def test_the_first_of_equals_wins_whatever_it_is_called():
    same = grams(*TEXT)

    assert medoid({"b": same, "a": same, "c": same}, Anchors()) == "b"
    assert medoid({"c": same, "b": same, "a": same}, Anchors()) == "c"


def test_a_candidate_without_text_neither_wins_nor_counts():
    assert medoid({"empty": frozenset(), "some": grams(*TEXT)}, Anchors()) == "some"
    assert medoid({"empty": frozenset(), "other": frozenset()}, Anchors()) == "empty"


def test_a_description_decides_between_two():
    given = {"one": grams(*TEXT), "two": grams(*OTHER)}

    assert medoid(given, Anchors(short=(OTHER[3],))) == "two"
    assert medoid(given, Anchors(short=(TEXT[3],))) == "one"


def test_only_the_first_description_is_asked():
    given = {"one": grams(*TEXT), "two": grams(*OTHER)}

    assert medoid(given, Anchors(short=(TEXT[3], OTHER[3], OTHER[4]))) == "one"


def test_a_whole_text_decides_against_the_likeness_of_others():
    given = {"one": grams(*TEXT), "two": grams(*TEXT[:14]), "three": grams(*OTHER)}

    assert medoid(given, Anchors()) in ("one", "two")
    assert medoid(given, Anchors(whole=(" ".join(OTHER),))) == "three"


def test_a_description_that_is_too_short_to_have_sequences_says_nothing():
    given = {"one": grams(*TEXT), "two": grams(*OTHER)}

    assert medoid(given, Anchors(short=("Cooks all over",))) == "one"


def test_voters_decide_but_cannot_win():
    given = {"one": grams(*TEXT), "two": grams(*OTHER)}

    assert medoid(given, Anchors(), voters=(grams(*OTHER[:10]),)) == "two"
    assert medoid(given, Anchors(), voters=(frozenset(), grams(*TEXT[:10]))) == "one"


def test_likeness_is_one_for_the_same_and_nothing_for_two_without_text():
    assert likeness(grams(*TEXT), grams(*TEXT)) == 1
    assert likeness(grams(*TEXT), grams(*OTHER)) < 0.1
    assert likeness(frozenset(), frozenset()) == 1
    assert likeness(frozenset(), grams(*TEXT)) == 0


@pytest.mark.parametrize(
    ("text", "longer"),
    [
        ("市議会は木曜日、古い製油所と駅を結ぶ歩行者用の橋の建設を決めた。", "長年の議論の末、"),
        ("市议会周四决定修建一座连接旧炼油厂和火车站的人行桥，工程明年开始。", "经过多年争论，2026年"),
        ("สภาเทศบาลมีมติเมื่อวันพฤหัสบดีให้สร้างสะพานคนเดินเชื่อมโรงกลั่นเก่ากับสถานีรถไฟ", "หลังถกเถียงกันมานาน "),
        ("قرر مجلس المدينة يوم الخميس بناء جسر للمشاة يربط المصفاة القديمة بمحطة القطار", "بعد سنوات من الجدل "),
    ],
)
def test_texts_of_every_script_are_compared_whatever_stands_beside_them(text, longer):
    alone, within = sequences(text), sequences(f"{longer}{text} https://www.example.org/averyveryverylongaddress")

    assert len(alone) > 5
    assert len(alone & within) / len(alone) > 0.9


def test_thousands_of_lines_are_compared_in_seconds():
    opinion = [f"{number}x{sentence}".replace(" ", "") for number in range(1_000) for sentence in TEXT]
    began = time.process_time()

    share = candidates._share([line[::-1] for line in opinion], "".join(opinion))

    assert share == 0
    assert candidates._share(opinion, "".join(opinion)) == 1
    assert time.process_time() - began < 5


def test_the_words_of_the_winner_are_those_of_the_record():
    found = find(SPLIT)

    assert found.lengths[found.name] == len(as_text(found.lines).split())
