"""Trees as lines: what each kind becomes in text and Markdown, read back by a reader of CommonMark."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html
from markdown_it import MarkdownIt

from services.parser.blocks import MAX_DEPTH, fragment_lines, lines_of
from services.parser.body import Kind, Line, as_markdown, as_text, letters, plain_lines

READER = MarkdownIt("commonmark", {"maxNesting": 1_000}).enable(["table", "strikethrough"])
HOSTILE_TEXTS = (
    "1. January was cold",
    "1.",
    "2024)",
    "- a dash",
    "+",
    "# no heading",
    "###",
    "> no quote",
    ">no quote",
    "*stars* and **more**",
    "_one_ __two__ a__b__ snake_case ___",
    "---",
    "===",
    "- - -",
    "***",
    "~~~",
    "~~struck~~",
    "```",
    "`code`",
    "``",
    "[words](javascript:alert(1))",
    "[label]: https://evil.example",
    "![image](x.png)",
    "<script>alert(1)</script>",
    "<https://auto.example>",
    "AT&amp;T and &copy; and &#65; and &",
    "C #",
    "C ##",
    "C#",
    "back\\slash \\* end\\",
    "| a | b |",
    "a | b",
    ":-- | --:",
    "1986\\. was",
    "日本語の「文」",
)


def tree(inner: str) -> etree._Element:
    return html.document_fromstring(f"<html><body>{inner}</body></html>")


def lines(inner: str) -> tuple[Line, ...]:
    return lines_of(tree(inner))


def shown(found: tuple[Line, ...]) -> str:
    """What a reader of Markdown sees, without blanks."""
    rendered = READER.render(as_markdown(found))
    return letters(html.fromstring(f"<div>{rendered}</div>").text_content()) if rendered.strip() else ""


def bare(found: tuple[Line, ...]) -> str:
    """The same of the plain text; the bars between cells are no words."""
    return letters("".join(line.text.replace(" | ", "") if line.kind is Kind.ROW else line.text for line in found))


def rendered(inner: str) -> etree._Element:
    return html.fromstring(f"<div>{READER.render(as_markdown(lines(inner)))}</div>")


def test_paragraphs_are_parted_by_an_empty_line():
    assert as_text(lines("<p>One.</p><p>Two.</p>")) == "One.\n\nTwo."


def test_text_beside_blocks_stands_in_lines_of_its_own():
    found = lines("<div>Before<p>within</p>after <b>it</b><div>and</div>last</div>")

    assert as_text(found) == "Before\n\nwithin\n\nafter it\n\nand\n\nlast"


def test_a_line_break_parts_lines_of_one_block():
    assert as_text(lines("<p>One<br>two<br/>three</p><p>Four</p>")) == "One\ntwo\nthree\n\nFour"


def test_words_are_not_parted_by_what_is_inline():
    assert as_text(lines("<p>Mü<b>ller</b> and <i>so<span> on</span></i></p>")) == "Müller and so on"


def test_headings_keep_their_level_and_those_of_trafilatura_too():
    found = lines("<h1>One</h1><h4>Four</h4>")
    assert [(line.markdown, line.text, line.kind) for line in found] == [
        ("# One", "One", Kind.HEADING),
        ("#### Four", "Four", Kind.HEADING),
    ]
    body = etree.fromstring('<body><head rend="h2">Two</head><head>Three</head></body>')
    assert [line.markdown for line in lines_of(body)] == ["## Two", "### Three"]


def test_a_heading_that_ends_in_number_signs_keeps_them():
    assert rendered("<h2>Learning C #</h2>").findtext("h2") == "Learning C #"


def test_items_of_a_list_have_their_marks_in_markdown_only():
    found = lines("<ul><li>a</li><li>b</li></ul><ol><li>c</li><li>d</li></ol>")

    assert as_text(found) == "a\nb\n\nc\nd"
    assert as_markdown(found) == "- a\n- b\n\n1. c\n2. d"
    assert {line.kind for line in found} == {Kind.ITEM}


def test_lists_in_lists_stay_within_their_items():
    root = rendered("<ol><li>one<ul><li>a<ol><li>deep</li></ol></li><li>b</li></ul></li><li>two</li></ol>")

    assert [item.text.strip() for item in root.findall("ol/li")] == ["one", "two"]
    assert [item.text.strip() for item in root.findall("ol/li/ul/li")] == ["a", "b"]
    assert [item.text.strip() for item in root.findall("ol/li/ul/li/ol/li")] == ["deep"]


def test_the_lists_of_trafilatura_are_told_apart():
    body = etree.fromstring('<body><list rend="ol"><item>a</item></list><list rend="ul"><item>b</item></list></body>')

    assert as_markdown(lines_of(body)) == "1. a\n\n- b"


def test_several_paragraphs_of_an_item_are_one_item():
    found = lines("<ul><li><p>one</p><p>two</p></li><li>three</li></ul>")

    assert as_text(found) == "one\ntwo\nthree"
    assert as_markdown(found) == "- one\n  two\n- three"


def test_what_follows_a_list_within_an_item_is_not_taken_into_that_list():
    root = rendered("<ul><li>a<ul><li>b</li></ul>after</li></ul>")

    assert "after" not in root.find(".//ul/li/ul").text_content()
    assert "after" in root.find("ul/li").text_content()


def test_an_empty_item_costs_no_number():
    assert as_markdown(lines("<ol><li> </li><li>first</li><li>second</li></ol>")) == "1. first\n2. second"


def test_a_list_that_has_only_a_list_is_no_code():
    root = rendered("<ul><ul><ul><li>x</li></ul></ul></ul>")

    assert not root.findall(".//code")
    assert [item.text for item in root.findall(".//li")] == ["x"]


def test_a_heading_within_nested_items_makes_no_code_of_what_follows():
    root = rendered("<ul><li>a<ul><li>b<ul><li><h4>H</h4><p>text *</p></li></ul></li></ul></li></ul>")

    assert not root.findall(".//code")
    assert "text *" in root.text_content()


def test_quotes_and_quotes_in_quotes():
    found = lines("<blockquote><p>outer</p><blockquote>inner</blockquote></blockquote><p>after</p>")

    assert as_text(found) == "outer\n\ninner\n\nafter"
    assert as_markdown(found) == "> outer\n\n> > inner\n\nafter"
    assert [line.kind for line in found] == [Kind.QUOTE, Kind.QUOTE, Kind.PARAGRAPH]


def test_a_quote_within_an_item_and_a_list_within_a_quote():
    within = rendered("<ul><li>a<blockquote>said</blockquote>b</li></ul>")
    assert within.find("ul/li/blockquote").text_content().strip() == "said"
    around = rendered("<blockquote><ul><li>a</li><li>b</li></ul></blockquote>")
    assert [item.text for item in around.findall("blockquote/ul/li")] == ["a", "b"]


def test_a_table_has_a_row_a_line_and_its_first_row_is_its_head():
    found = lines("<table><tr><th>Town</th><th>Boats</th></tr><tr><td>Ems</td><td>3</td></tr></table>")

    assert as_text(found) == "Town | Boats\nEms | 3"
    assert as_markdown(found) == "| Town | Boats |\n|---|---|\n| Ems | 3 |"


def test_a_table_without_head_and_with_empty_cells_keeps_its_columns():
    root = rendered("<table><tr><td>a</td><td></td><td>c</td></tr><tr><td></td><td>b</td><td>d</td></tr></table>")

    assert [[cell.text or "" for cell in row] for row in root.iter("tr")] == [["a", "", "c"], ["", "b", "d"]]


def test_a_row_that_is_longer_than_the_first_loses_no_cell():
    inner = "<table><tr><td>Results</td></tr><tr><td>a</td><td>b|c</td></tr></table>"

    assert [cell.text for cell in rendered(inner).iter("th", "td")] == ["Results", None, "a", "b|c"]


def test_a_caption_is_a_paragraph_before_its_table():
    found = lines("<table><caption>Boats in May</caption><tr><td>a</td><td>b</td></tr></table>")

    assert as_text(found) == "Boats in May\n\na | b"


def test_cells_with_paragraphs_lists_and_inline_markup_are_one_text():
    found = lines(
        "<table><tr><td><p>one</p><p>two</p></td><td>th<b>ree</b><br>four<script>no()</script></td></tr></table>"
    )

    assert as_text(found) == "one two | three four"


@pytest.mark.parametrize(
    "inner",
    [
        "<table><tr><td><p>one</p></td></tr><tr><td><p>two</p></td></tr></table>",
        "<table><tr><td>one</td><td><table><tr><td>two</td></tr></table></td></tr></table>",
        "<table><tr>one<td>two</td><td></td></tr></table>",
    ],
)
def test_a_table_that_is_layout_is_paragraphs(inner):
    found = lines(inner)

    assert as_text(found).split() == ["one", "two"]
    assert {line.kind for line in found} == {Kind.PARAGRAPH}


def test_code_is_fenced_and_keeps_its_lines_and_blanks():
    found = lines("<pre>def f():\n\n    return `x` *\n</pre><p>after</p>")

    assert as_markdown(found) == "```\ndef f():\n\n    return `x` *\n```\n\nafter"
    assert as_text(found) == "def f():\n    return `x` *\n\nafter"


def test_a_fence_is_longer_than_any_in_the_code():
    assert rendered("<pre>````\nx</pre>").findtext("pre/code") == "````\nx\n"


@pytest.mark.parametrize("inner", ["Use <code>ls -l</code> here", "<code>ls -l</code> lists", "<b>x</b><code>y</code>"])
def test_code_within_a_line_is_text(inner):
    (line,) = lines(f"<p>{inner}</p>")

    assert line.kind is Kind.PARAGRAPH
    assert line.text == html.fromstring(f"<p>{inner}</p>").text_content()


def test_scripts_buttons_and_drawings_are_no_text():
    inner = "<p>a<script>b</script><style>c</style><button>d</button><svg><title>e</title></svg> f</p>"

    assert as_text(lines(inner)) == "a f"


def test_what_is_nested_too_deep_is_kept_as_one_run():
    body = root = etree.Element("body")
    for _ in range(MAX_DEPTH + 1_500):
        root = etree.SubElement(root, "div")
    for word in ("deep", "down"):
        etree.SubElement(root, "p").text = word

    assert as_text(lines_of(body)) == "deep down"


def test_lists_nested_without_end_do_not_outgrow_their_text():
    depth = 90
    found = lines("<ul><li>x" * depth + "</ul>" * depth)

    assert len(found) == depth
    assert max(len(line.markdown) for line in found) < 50


def test_the_tree_stays_as_it_was():
    page = tree("<ul><li>a<table><tr><td>b</td><td>c</td></tr></table></li></ul><pre>x</pre>")
    before = etree.tostring(page)

    lines_of(page)

    assert etree.tostring(page) == before


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
@pytest.mark.parametrize("markup", ["<p>{}</p>", "<p>before<br>{}</p>", "<li>{}</li>", "<h3>{}</h3>", "<blockquote>{}"])
def test_what_looks_like_markdown_is_shown_as_it_is(markup, text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    found = lines("<ul>" * markup.startswith("<li>") + markup.format(escaped))

    assert found[-1].text == text
    assert shown(found) == bare(found)
    assert not html.fromstring(f"<div>{READER.render(as_markdown(found))}</div>").xpath(
        ".//a|.//img|.//em|.//strong|.//s|.//code|.//hr|.//script|.//table"
    )


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_cells_are_shown_as_they_are(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    root = rendered(f"<table><tr><td>{escaped}</td><td>x</td></tr></table>")

    assert [cell.text for cell in root.iter("th")] == [text, "x"]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_text_of_json_ld_and_feeds_is_shown_as_it_is(text):
    assert shown(plain_lines(f"Before.\n{text}")) == letters(f"Before.{text}")


WORDS = st.sampled_from(
    ("word", "Wörter", "日本", "x_y", "_z_", "a*b", "1.", "-", "#", ">", "[q]", "&lt;b&gt;", "~~", "|")
)
TEXTS = st.lists(WORDS, max_size=4).map(" ".join)
CONTAINERS = st.sampled_from(
    ("p", "div", "ul", "ol", "li", "blockquote", "h2", "table", "tr", "td", "b", "pre", "code", "dl", "dd", "span")
)
PIECES = st.recursive(
    TEXTS | st.just("<br>"),
    lambda inner: st.tuples(CONTAINERS, st.lists(inner, max_size=4)).map(
        lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0]}>"
    ),
    max_leaves=25,
)


@given(PIECES)
@settings(max_examples=400, deadline=None)
def test_the_markdown_says_letter_for_letter_what_the_text_says(inner):
    found = lines(inner)

    assert shown(found) == bare(found)


@given(PIECES)
@settings(max_examples=200, deadline=None)
def test_no_words_of_a_tree_are_lost(inner):
    page = tree(inner)

    assert sorted(bare(lines_of(page)).replace("|", "")) == sorted(letters(page.text_content()).replace("|", ""))


def test_a_fragment_may_be_html_escaped_html_or_text():
    assert as_markdown(fragment_lines("<h2>A</h2><ul><li>b</li></ul>", limit=1_000)) == "## A\n\n- b"
    assert as_markdown(fragment_lines("&lt;h2&gt;A&lt;/h2&gt;&lt;p&gt;b&lt;/p&gt;", limit=1_000)) == "## A\n\nb"
    assert as_text(fragment_lines("one\ntwo", limit=1_000)) == "one\n\ntwo"
    assert fragment_lines("   ", limit=1_000) == ()


def test_a_fragment_is_cut_at_its_limit():
    assert len(as_text(fragment_lines("<p>" + "word " * 10_000, limit=1_000))) < 1_000


@pytest.mark.parametrize(
    "make",
    [
        lambda: "<p>x</p>" * 120_000,
        lambda: "<table><tr><td>" * 50 + "<tr><td>a<td>b" * 60_000,
        lambda: "<table><tr>" + "<td>a</td>" * 50_000 + "<tr><td>b</td>" * 30_000,
        lambda: "x<code>" * 190 + "<i>y</i>" * 100_000,
        lambda: "<ul><li>" * 190 + "z<br>" * 190_000,
        lambda: "<blockquote>" * 190 + "z<br>" * 190_000,
        lambda: "<p>" + "# " * 500_000,
        lambda: "<p>" + "_~&-" * 250_000,
        lambda: "<pre>" + "`" * 1_000_000,
    ],
)
def test_a_million_characters_take_no_more_than_seconds(make):
    inner = make()
    began = time.process_time()

    found = fragment_lines(inner, limit=1_000_000)

    assert time.process_time() - began < 8
    assert found
    assert sum(len(line.markdown) for line in found) < 12_000_000


def test_nothing_is_written_that_only_some_readers_would_take_for_a_table():
    found = lines("<p>a | b<br>--- | ---<br>c | d</p>")

    assert not html.fromstring(READER.render(as_markdown(found))).xpath("//table")
    assert re.search(r"\\-", as_markdown(found))
