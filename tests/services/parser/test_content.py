"""Which witness gives the text: each guard on both its sides, and what JSON-LD's end cuts off."""

from __future__ import annotations

import time

import pytest
from lxml import html

from services.parser.blocks import fragment_lines, lines_of
from services.parser.body import Kind, Line, as_markdown, as_text, plain_lines
from services.parser.candidates import PageText
from services.parser.cleanup import Cleaned, Surroundings
from services.parser.content import AFTER_THE_END, TOO_LITTLE, Content, choose, with_lead
from services.parser.text import word_count
from shared.records import ContentSource

PAGE, JSONLD, FEED = ContentSource.PAGE, ContentSource.JSONLD, ContentSource.FEED
# Each sentence has words of its own, as those of articles have.
ARTICLE, OTHER = (
    tuple(" ".join(f"{word}{number}" for word in sentence.split()) + "." for number in range(1, count + 1))
    for count, sentence in (
        (20, "in that year the ferry carried more people than the bridge that was meant to replace it ever did"),
        (60, "cooks all over the land have begun to salt their bread again after doctors said it would do no harm"),
    )
)


def text(*sentences: str) -> str:
    return "\n".join(sentences)


def chosen(
    page: tuple[Line, ...] | str = (),
    *,
    linked: str | None = None,
    feed: tuple[Line, ...] | str = (),
    summary: str | None = None,
    around: Surroundings | None = None,
) -> Content | None:
    lines = plain_lines(page) if isinstance(page, str) else page
    return choose(
        PageText(Cleaned(lines, ())),
        linked=linked,
        feed_content=plain_lines(feed) if isinstance(feed, str) else feed,
        feed_summary=summary,
        around=around or Surroundings(),
    )


def source(page: str = "", **others: str) -> ContentSource | None:
    found = chosen(page, **others)  # type: ignore[arg-type]
    return found.source if found else None


def cut(page: tuple[Line, ...] | str, linked: str) -> list[str]:
    """What is dropped from the end of ``page``."""
    found = chosen(page, linked=linked)
    assert found is not None
    assert found.source is PAGE
    assert found.words == word_count(as_text(found.lines))
    return [one.line.text for one in found.dropped if one.rule == AFTER_THE_END]


def test_the_page_is_believed_where_others_have_the_same():
    assert source(text(*ARTICLE), linked=text(*ARTICLE), feed=text(*ARTICLE)) is PAGE


def test_a_page_that_swallowed_other_articles_gives_way_to_json_ld():
    assert source(text(*ARTICLE, *OTHER), linked=text(*ARTICLE)) is JSONLD
    assert source(text(*ARTICLE, *OTHER[:25]), linked=text(*ARTICLE)) is PAGE


def test_a_page_that_swallowed_others_does_not_give_way_to_a_teaser():
    assert source(text(*ARTICLE), linked=ARTICLE[0]) is PAGE


def test_a_page_that_says_something_else_gives_way_to_json_ld():
    assert source(text(*OTHER[:20]), linked=text(*ARTICLE)) is JSONLD


def test_one_paragraph_in_common_is_enough_to_be_related():
    assert source(text(*OTHER[:20], ARTICLE[3]), linked=text(*ARTICLE)) is PAGE


def test_a_page_that_breaks_off_gives_way_to_json_ld():
    assert source(text(*ARTICLE[:8]), linked=text(*ARTICLE)) is JSONLD
    assert source(text(*ARTICLE[:12]), linked=text(*ARTICLE)) is PAGE


def test_a_short_page_that_has_something_of_its_own_does_not_break_off():
    assert source(text(*ARTICLE[:5], *OTHER[:3]), linked=text(*ARTICLE)) is PAGE


def test_where_the_page_has_too_little_the_fuller_of_the_others_is_taken():
    short = ARTICLE[0]
    assert word_count(short) < TOO_LITTLE

    assert source(short, linked=text(*ARTICLE[:4]), feed=text(*ARTICLE[:6])) is FEED
    assert source(short, linked=text(*ARTICLE[:6]), feed=text(*ARTICLE[:4])) is JSONLD
    assert source(short, feed=f"{ARTICLE[0]} And more.") is PAGE
    assert source(feed=text(*ARTICLE)) is FEED


def test_enough_of_the_page_is_not_given_up_for_more_in_the_feed():
    assert source(text(*ARTICLE[:3]), feed=text(*ARTICLE)) is PAGE


def test_a_summary_is_the_last_resort_and_says_so():
    found = chosen(summary="The ferry is back.")

    assert found is not None
    assert (found.source, found.from_summary, as_text(found.lines)) == (FEED, True, "The ferry is back.")
    assert chosen() is None
    assert chosen("Page.", summary="The ferry is back.").source is PAGE


def test_where_nothing_is_left_of_one_witness_the_next_is_asked():
    around = Surroundings(titles=("The ferry is back again and goes every twenty minutes",))

    found = chosen(
        linked="The ferry is back again and goes every twenty minutes", feed="It goes every day.", around=around
    )

    assert found is not None
    assert (found.source, as_text(found.lines), found.from_summary) == (FEED, "It goes every day.", False)


def test_the_lengths_of_all_are_told():
    found = chosen(text(*ARTICLE), linked="One two three.", feed="One two.")

    assert found is not None
    assert found.lengths == {"page": word_count(text(*ARTICLE)), "jsonld": 3, "feed": 2}


def test_what_the_page_has_after_the_last_line_of_json_ld_is_dropped():
    assert cut(text(*ARTICLE, *OTHER[:3]), text(*ARTICLE)) == list(OTHER[:3])


def test_what_the_page_has_before_and_between_stays():
    page = text(OTHER[0], *ARTICLE[:10], OTHER[1], *ARTICLE[10:])

    assert cut(page, text(*ARTICLE)) == []


@pytest.mark.parametrize(
    "linked",
    [text(*ARTICLE[:3]), text(*ARTICLE[:4]), text(*ARTICLE[:3], *OTHER[10:20]), text(*ARTICLE[:15], *OTHER[10:20])],
)
def test_a_short_or_another_text_in_json_ld_cuts_nothing(linked):
    assert cut(text(*ARTICLE, *OTHER[:3]), linked) == []


def test_a_last_line_too_short_for_a_sequence_stays_where_json_ld_has_it():
    page = text(*ARTICLE, "Who knows?", *OTHER[:2])

    assert cut(page, text(*ARTICLE, "Who knows?")) == list(OTHER[:2])
    assert cut(text(*ARTICLE, "Who knows?"), text(*ARTICLE, "Who knows?")) == []
    assert cut(text(*ARTICLE, "Who knows?"), text(*ARTICLE)) == ["Who knows?"]


def test_a_table_or_list_is_never_cut_in_two():
    row = "<tr><td>{}</td><td>more of it</td></tr>"
    table = f"<table>{row.format(ARTICLE[19])}{row.format('Ems')}{row.format('Aller')}</table>"
    inner = "".join(f"<p>{one}</p>" for one in ARTICLE[:19]) + table + f"<p>{OTHER[0]}</p>"
    page = lines_of(html.document_fromstring(f"<html><body>{inner}</body></html>"))

    assert cut(page, text(*ARTICLE)) == [OTHER[0]]


def test_a_text_in_a_script_without_spaces_is_cut_too():
    own = tuple(
        f"市議会は{number}月の木曜日、古い製油所と駅を結ぶ歩行者用の橋{number}の建設を決めた。"
        for number in range(1, 13)
    )

    assert cut(text(*own, "関連記事はこちらから読めますのでどうぞ。"), text(*own)) == [
        "関連記事はこちらから読めますのでどうぞ。"
    ]


def test_content_of_a_feed_keeps_its_headings_lists_and_quotes():
    given = f"<h2>The boat</h2><p>{ARTICLE[0]}</p><ul><li>one *</li><li>two</li></ul><blockquote>Aye.</blockquote>"

    found = chosen(feed=fragment_lines(given, limit=10_000))

    assert found is not None
    assert found.source is FEED
    assert as_markdown(found.lines) == f"## The boat\n\n{ARTICLE[0]}\n\n- one \\*\n- two\n\n> Aye."


def test_a_standfirst_stands_before_the_text_and_is_counted():
    found = chosen(text(*ARTICLE))
    assert found is not None

    led = with_lead(found, Line("Two words", "Two words", Kind.PARAGRAPH, -1))

    assert led.lines[0].text == "Two words"
    assert led.words == found.words + 2
    assert as_text(led.lines).startswith(f"Two words\n\n{ARTICLE[0]}")
    assert with_lead(found, None) is found


@pytest.mark.parametrize(
    ("page", "linked"),
    [
        (text(*(f"line {number} {'x' * 90}" for number in range(20_000))), "word " * 200_000),
        ("word " * 200_000, "word other " * 90_000),
        (text(*ARTICLE, *(f"z{number}" for number in range(20_000))), text(*ARTICLE) + " z" * 400_000),
        (text(*ARTICLE, *(f"z{number}" for number in range(20_000)), "end"),
         text(*ARTICLE) + "y" * 600_000 + " ".join(f"z{number}" for number in range(20_000))),
    ],
)  # fmt: skip
def test_texts_of_a_million_characters_are_weighed_in_seconds(page, linked):
    began = time.process_time()

    found = chosen(page, linked=linked)

    assert found is not None
    assert time.process_time() - began < 6


def test_json_ld_that_was_cut_takes_no_page_s_place():
    assert source(text(*ARTICLE, *OTHER), linked=text(*ARTICLE)) is JSONLD
    assert source(text(*ARTICLE, *OTHER), linked=text(*ARTICLE) + " ...") is PAGE


def test_nothing_is_cut_after_json_ld_that_breaks_off():
    after = ["A box about something else stands here, with words of its own in it.", "And one more such box."]
    assert cut(text(*ARTICLE, *after), text(*ARTICLE)) == after
    assert cut(text(*ARTICLE, *after), text(*ARTICLE).rstrip(".") + " …") == []
    assert cut(text(*ARTICLE, *after), text(*ARTICLE).rstrip(".") + " and then") == []


def test_nothing_is_cut_after_json_ld_that_has_less_than_most_of_the_article():
    part = text(*ARTICLE[: len(ARTICLE) // 2])
    assert cut(text(*ARTICLE), part) == []
