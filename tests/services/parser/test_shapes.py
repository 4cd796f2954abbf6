"""What trafilatura loses words of, and what is made of it."""

from __future__ import annotations

import pytest

from services.parser import dom, extract
from services.parser.shapes import prepared
from shared.records import Article

BEFORE = "The ferry stopped running on Monday, and the bridge was opened by the mayor with a short speech."
AFTER = "The bridge cost forty million crowns, which the town will be paying until the middle of the century."


def between(html: str) -> tuple[str, str]:
    """The text and the Markdown between two paragraphs that have ``html`` between them."""
    page = f"<html><body><article><h1>The bridge</h1><p>{BEFORE}</p>{html}<p>{AFTER}</p></article></body></html>"
    found = extract(page.encode(), url="https://paper.example/news/bridge")
    assert isinstance(found, Article)
    assert found.markdown is not None
    text, markdown = (
        said[said.index(BEFORE) + len(BEFORE) : said.index(AFTER)].strip("\n") for said in (found.text, found.markdown)
    )
    return text, markdown


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param(
            "<table><tr><td>Aton</td><td><ul><li>Ann won</li><li>Bob lost</li></ul></td></tr></table>",
            "Aton | Ann won Bob lost",
            id="a list in a cell",
        ),
        pytest.param(
            "<table><tr><td>X</td><td><blockquote>Ann</blockquote>Bob</td></tr></table>",
            "X | Ann Bob",
            id="a quote in a cell",
        ),
        pytest.param(
            "<blockquote>Outer words of it<blockquote>inner words</blockquote>and the end.</blockquote>",
            "Outer words of it\ninner words\nand the end.",
            id="a quote in a quote",
        ),
        pytest.param(
            "<center>In the centre of it all stood Ann.</center>", "In the centre of it all stood Ann.", id="centred"
        ),
        pytest.param("<figure><pre>one = 1\ntwo = 2</pre></figure>", "one = 1\ntwo = 2", id="a figure of code"),
        pytest.param("<pre>A verse\n  indented\nends</pre>", "A verse\n  indented\nends", id="a verse"),
    ],
)
def test_nothing_of_it_is_lost_or_glued(html: str, text: str) -> None:
    assert between(html)[0] == text


def test_what_is_preformatted_is_fenced() -> None:
    assert between("<pre>A verse\n  indented\nends</pre>")[1] == "```\nA verse\n  indented\nends\n```"


def test_the_page_itself_stays_as_it_was() -> None:
    tree = dom.parse(b"<html><body><center>Ann</center><pre>a\nb</pre></body></html>")
    assert tree is not None
    made = prepared(tree, own=tree)
    assert made is not tree
    assert tree.find(".//center") is not None
    assert made.find(".//center") is None


def test_a_page_without_such_shapes_is_not_copied() -> None:
    tree = dom.parse(b"<html><body><p>Ann</p></body></html>")
    assert tree is not None
    assert prepared(tree, own=tree) is tree


@pytest.mark.parametrize("holder", ["article", "div"])
@pytest.mark.parametrize("count", [995, 1_000, 1_005, 1_011, 2_500])
def test_a_long_article_is_whole(holder: str, count: int) -> None:
    told = "".join(f"<p>Runner number {n} came in at hour{n} and was happy about it.</p>" for n in range(count))
    page = f"<html><body><main><{holder} class='story-body'><h1>All runners</h1>{told}</{holder}></main></body></html>"
    found = extract(page.encode(), url="https://paper.example/news/runners")
    assert isinstance(found, Article)
    assert found.text.count("hour") == count


@pytest.mark.parametrize("name", ["class='comments-open post'", "class='comment'", "id='comment-piece'"])
def test_a_story_named_for_its_comments_is_no_comment(name: str) -> None:
    story = f"<p>{BEFORE}</p><p>{AFTER}</p>" * 3
    page = f"<html><body><main><h1>The bridge</h1><div {name}>{story}</div></main></body></html>"
    found = extract(page.encode(), url="https://paper.example/news/bridge")
    assert isinstance(found, Article)
    assert AFTER in found.text


def test_comments_go_beside_a_story() -> None:
    story = f"<p>{BEFORE}</p><p>{AFTER}</p>" * 3
    comments = "<div class='xenforo-comments-list'><p>I do not think that this bridge will stand for long.</p></div>"
    page = f"<html><body><article><h1>The bridge</h1>{story}{comments}</article></body></html>"
    found = extract(page.encode(), url="https://paper.example/news/bridge")
    assert isinstance(found, Article)
    assert "stand for long" not in found.text


def test_what_a_page_of_frames_says_to_others_is_text() -> None:
    others = f"<noframes><body><p>{BEFORE}</p><p>{AFTER}</p></body></noframes>"
    page = f"<html><frameset><frame src=a.html>{others}</frameset></html>"
    found = extract(page.encode(), url="https://paper.example/")
    assert isinstance(found, Article)
    assert found.text.startswith(BEFORE)
