"""Links back in their lines: where each belongs, and that no page can make more of one than a link."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.parser.blocks import lines_of
from services.parser.body import Line, as_markdown, as_text, letters
from services.parser.linking import with_links

READER = MarkdownIt("commonmark", {"maxNesting": 1_000}).enable(["table", "strikethrough"])
BASE = "https://bote.example/lokales/bruecke.html"


def linked(inner: str, *, page: str | None = None, base: str | None = BASE) -> tuple[Line, ...]:
    """The lines of ``inner`` with the links of ``page``, which is the same unless another is given."""
    tree = html.document_fromstring(f"<html><body>{page or inner}</body></html>")
    anchors = [(element, element.text_content()) for element in tree.iter("a") if element.get("href")]
    return with_links(lines_of(html.document_fromstring(f"<html><body>{inner}</body></html>")), anchors, base=base)


def links(found: tuple[Line, ...]) -> list[tuple[str, str]]:
    """Words and address of each link that a reader of Markdown finds."""
    return list(_links(READER.parse(as_markdown(found))))


def _links(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    words: list[str] | None = None
    address = ""
    for token in tokens:
        if token.type == "link_open":
            words, address = [], str(token.attrs["href"])
        elif token.type == "link_close":
            yield "".join(words or ()), address
            words = None
        elif words is not None:
            words.append(token.content)
        if token.children:
            yield from _links(token.children)


def shown(found: tuple[Line, ...]) -> str:
    return letters(html.fromstring(f"<div>{READER.render(as_markdown(found))}</div>").text_content())


@pytest.mark.parametrize(
    "inner",
    [
        "<p>See {} now.</p>",
        "<ul><li>one</li><li>See {}</li></ul>",
        "<ol><li><p>See {} now</p><p>More</p></li></ol>",
        "<h2>See {}</h2><p>Text</p>",
        "<blockquote><p>See {} now</p></blockquote>",
        "<blockquote>See {}</blockquote>",
        "<table><tr><td>a</td><td>See {}</td></tr><tr><td>b</td><td>c | d</td></tr></table>",
        "<p>Before<br>See {} now<br>after</p>",
        "<div>Before<p>within</p>See {}</div>",
        "<p>See <b>the {} there</b></p>",
    ],
)
def test_a_link_is_where_it_was(inner):
    found = linked(inner.format('<a href="/a">the <i>page</i></a>'))

    assert links(found) == [("the page", "https://bote.example/a")]
    assert "See [the page](https://bote.example/a)" in as_markdown(found) or "See the [the page]" in as_markdown(found)


def test_the_text_never_changes():
    inner = '<h2><a href="/1">One</a></h2><p>Two <a href="/2">three</a><br>four</p><ul><li><a href="/5">Five</a></ul>'
    plain = lines_of(html.document_fromstring(f"<html><body>{inner}</body></html>"))

    found = linked(inner)

    assert len(links(found)) == 3
    assert as_text(found) == as_text(plain)
    assert [(line.text, line.kind, line.block) for line in found] == [
        (line.text, line.kind, line.block) for line in plain
    ]


def test_two_links_with_the_same_words_keep_their_addresses():
    found = linked('<p><a href="/1">here</a> and <a href="/2">here</a></p>')

    assert links(found) == [("here", "https://bote.example/1"), ("here", "https://bote.example/2")]


def test_words_that_stand_earlier_in_the_line_are_not_taken_for_the_link():
    found = linked('<p>The ferry: what the ferry costs, see <a href="/f">the ferry</a>.</p>')

    assert as_markdown(found) == "The ferry: what the ferry costs, see [the ferry](https://bote.example/f)."


def test_lines_that_say_the_same_get_a_link_each():
    found = linked('<p>See <a href="/1">more</a></p><p>Text</p><p>See <a href="/2">more</a></p>')

    assert [address for _, address in links(found)] == ["https://bote.example/1", "https://bote.example/2"]


def test_a_link_elsewhere_with_the_same_words_is_not_taken():
    page = '<ul><li><a href="/nav">The ferry</a></li></ul><p>The ferry is back.</p>'

    assert links(linked("<p>The ferry is back.</p>", page=page)) == []


def test_a_link_whose_block_says_more_than_any_line_is_left_out():
    page = '<p>See <a href="/1">this</a> and what nobody took over.</p>'

    assert links(linked("<p>See this</p>", page=page)) == []


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("/x", "https://bote.example/x"),
        ("x.html", "https://bote.example/lokales/x.html"),
        ("naked-name", "https://bote.example/lokales/naked-name"),
        ("?page=2", "https://bote.example/lokales/bruecke.html?page=2"),
        ("//other.example/y", "https://other.example/y"),
        ("https://other.example/wiki/Ems_(river)", "https://other.example/wiki/Ems_(river)"),
        ("https://other.example/a)b", "https://other.example/a)b"),
        ("https://other.example/a((b", "https://other.example/a((b"),
        ("https://other.example/a b", "https://other.example/a%20b"),
        ("https://other.example/a\"b'c", "https://other.example/a%22b'c"),
        ("https://other.example/?a=1&amp;lt;=2&copy;=3", "https://other.example/?a=1&lt;=2%C2%A9=3"),
        ("https://other.example/?q=%28%25", "https://other.example/?q=%28%25"),
        ("https://other.example/a\\b", "https://other.example/a%5Cb"),
        ("https://other.example/&lt;x&gt;*_`", "https://other.example/%3Cx%3E*_%60"),
        ("https://other.example/straße", "https://other.example/stra%C3%9Fe"),
        (" https://other.example/\n a ", "https://other.example/a"),
    ],
)
def test_an_address_is_read_back_as_it_was(target, address):
    target = target.replace('"', "&quot;")

    assert links(linked(f'<p>See <a href="{target}">this page</a>.</p>')) == [("this page", address)]


def test_a_host_in_another_script_stays_itself():
    found = linked('<p>See <a href="https://möhne.example/ü">this</a>.</p>')

    assert as_markdown(found) == "See [this](https://möhne.example/%C3%BC)."


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "mailto:a@bote.example",
        "tel:123",
        "data:text/html,x",
        "http://",
        "http://[::1",
        "#top",
        "https://bote.example/" + "x" * 5_000,
        "/" + "é" * 1_500,
    ],
)
def test_what_is_no_address_of_a_page_is_no_link(target):
    found = linked(f'<p>See <a href="{target}">this page</a>.</p>')

    assert as_markdown(found) in ("See this page.", "See [this page](https://bote.example/" + "%C3%A9" * 1_500 + ").")
    assert "é" in target or links(found) == []


def test_without_a_base_only_whole_addresses_are_links():
    found = linked('<p><a href="/x">one</a> <a href="https://a.example/">two</a></p>', base=None)

    assert links(found) == [("two", "https://a.example/")]


@pytest.mark.parametrize(
    "words",
    [
        "](javascript:alert(1))",
        "[x](javascript:alert(1))",
        "a](https://evil.example) [b",
        "\\](https://evil.example)",
        "`](https://evil.example)`",
        "<a href=javascript:alert(1)>x</a>",
        "![x](https://evil.example)",
        "**x](y)**",
        "1. x",
        "&#93;(https://evil.example)",
    ],
)
@pytest.mark.parametrize("inner", ["<p>{}</p>", "<p>Well! {}</p>", "<p>Well!{}</p>", "<li>{}", "<td>x<td>{}"])
def test_hostile_words_stay_words(words, inner):
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    inner = inner.format(f'<a href="/x">{escaped}</a>')
    inner = {"<li>": "<ul>", "<td>": "<table><tr>"}.get(inner[:4], "") + inner

    found = linked(inner)

    assert links(found) == [(words, "https://bote.example/x")]
    rendered = html.fromstring(f"<div>{READER.render(as_markdown(found))}</div>")
    assert not rendered.xpath(".//img|.//code|.//strong|.//ol|.//script")


@pytest.mark.parametrize("host", ["a) [b](javascript:alert(1)", "a&#10;b", "a b", "a&lt;b&gt;", "a\\b", "a`b", "a|b"])
def test_hostile_hosts_stay_addresses(host):
    found = linked(f'<table><tr><td>x<td><a href="https://{host}.example/">this</a></table>')

    assert [words for words, _ in links(found)] in (["this"], [])
    assert "javascript:" not in unquote("".join(address for _, address in links(found)).partition(":")[0])
    assert len(html.fromstring(READER.render(as_markdown(found))).findall(".//th")) == 2


def test_links_within_links_and_pictures_of_links_harm_nothing():
    inner = '<p><a href="/1"><img src="x.png"></a> See <a href="/2">one <a href="/3">two</a></a></p>'

    assert shown(linked(inner)) == "Seeonetwo"


def test_code_has_no_links():
    inner = '<pre>see <a href="/1">this</a></pre>'

    assert as_markdown(linked(inner)) == "```\nsee this\n```"


PIECES = st.lists(
    st.tuples(st.sampled_from("ab*_[]()!#`~&;\\|<. 1日"), st.booleans(), st.sampled_from(("p", "br", "b"))),
    min_size=1,
    max_size=12,
)


@given(PIECES, st.sampled_from(("<p>", "<ul><li>", "<h2>", "<blockquote>", "<table><tr><td>x</td><td>")))
@settings(max_examples=400, deadline=None)
def test_links_change_nothing_but_what_is_linked(pieces, opened):
    inner = opened
    for sign, is_link, tag in pieces:
        words = (f"w{sign}{sign}x{sign}").replace("&", "&amp;").replace("<", "&lt;")
        inner += f'<a href="/{len(inner)}">{words}</a>' if is_link else words
        inner += "<br>" if tag == "br" else ""
    plain = lines_of(html.document_fromstring(f"<html><body>{inner}</body></html>"))

    found = linked(inner)

    assert shown(found) == shown(plain)
    assert as_text(found) == as_text(plain)
    if not opened.startswith("<table"):
        assert len(links(found)) == sum(is_link for _, is_link, _ in pieces)


@pytest.mark.parametrize(
    "page",
    [
        "<p>" + '<a href="/x">word</a> ' * 100_000,
        '<p><a href="/x">word</a></p>' * 50_000,
        "<div>" * 150 + '<a href="/x">' + "word " * 200_000 + "</a>",
        "<p>" + "word " * 200_000 + '<a href="/x">more</a>',
        "".join(f'<p>line {number} <a href="/x">has</a> it</p>' for number in range(20_000)),
        '<div><a href="/x">go</a>' * 120 + "<p>text</p>" * 20_000,
    ],
)
def test_a_hundred_thousand_links_take_no_more_than_seconds(page):
    tree = html.document_fromstring(f"<html><body>{page}</body></html>")
    lines = lines_of(tree)
    anchors = [(element, element.text_content()) for element in tree.iter("a")]
    began = time.process_time()

    found = with_links(lines, anchors, base=BASE)

    assert time.process_time() - began < 10
    assert len(found) == len(lines)
