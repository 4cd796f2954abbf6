"""Markup made safe, in bounded time and whatever stands beside it."""

from __future__ import annotations

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.fetcher.reader.markup import MAX_CONTENT, Markup, plain_line

PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<b>", "</b>", "<br>", "<td>", "<script>", "</script>", "<!-- x -->", "<x", "<", ">"),
        *("<a href='/x' onclick=y>", "</a>", "<img src=a alt='a > b'>", "<p a='1' b=\"2\" c>"),
        *("words ", "&amp;", "&nbsp;", "&", "\n", "ä", '"', "'"),
    ]
)


def spent() -> Markup:
    """One that looks at each text closely, as after many others."""
    markup = Markup()
    markup.free = 0
    return markup


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_what_is_stored_is_what_nh3_makes_of_it_however_much_was_read_before(source: str) -> None:
    expected = nh3.clean(source.strip()).strip() or None
    assert Markup().safe_html(source) == expected
    assert spent().safe_html(source) == expected


def test_words_alone_need_no_cleaning() -> None:
    assert Markup().safe_html("a > b\n c") == nh3.clean("a > b\n c")
    assert Markup().safe_html("1 < 2", is_html=False) == "1 &lt; 2"
    assert Markup().safe_html("  ") is None


def test_control_characters_go_unless_there_are_none() -> None:
    assert Markup().safe_html("a\x07b\x85c") == "ab\x85c"
    assert Markup(is_clean=True).safe_html(" <b>a</b> ") == "<b>a</b>"


def test_a_long_text_is_cut_and_said_so() -> None:
    markup = Markup()
    assert len(markup.safe_html("a" * (MAX_CONTENT + 1)) or "") == MAX_CONTENT
    assert markup.problems == [f"content cut to {MAX_CONTENT} characters"]


ORDINARY = (
    '<p class="a">Words are <b>here</b>, a <a href="https://x.example/?a=1&amp;b=2">link</a> and <em>more</em>.</p>'
    '<div><img src="/a.jpg" alt="a > b"/></div>'
)


def test_a_whole_archive_of_ordinary_posts_stays_markup() -> None:
    markup = Markup()
    post = ORDINARY * 60
    assert all("<p>" in (markup.safe_html(post) or "") for _ in range(400))
    assert markup.problems == []


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 5000 + "words",
        "<p>" + "".join(f"<b t={number}>" for number in range(700)) + "</p>" + "<p>words</p>" * 700,
        "&" * 30_000 + "words",
    ],
    ids=["nested", "opened anew", "ampersands"],
)
def test_what_is_built_to_take_long_becomes_text(source: str) -> None:
    markup = Markup()
    found = markup.safe_html(source) or ""
    assert "words" in found
    assert "<" not in found
    assert markup.problems == ["markup too tangled to clean: kept as text"]


def test_an_element_of_thirty_thousand_attributes_is_shown_as_it_is_written() -> None:
    flood = " ".join(f'a{number}=">"' for number in range(30_000))
    markup = Markup()
    found = markup.safe_html(f"<b>before</b><p {flood}>after")
    assert found is not None
    assert found.startswith("<b>before</b>&lt;p a0=")
    assert found.endswith("after")
    assert markup.problems == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("One<br>two", "One two"),
        ("<b>AT&amp;T</b>", "AT&T"),
        ("<script>x()</script>y", "y"),
        ("<p>" * 60 + "deep", "deep"),
        ("1 < 2", "1 < 2"),
        (None, None),
    ],
)
def test_a_line_has_no_markup(source: str | None, line: str | None) -> None:
    assert plain_line(source) == line
