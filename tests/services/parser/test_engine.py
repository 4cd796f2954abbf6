"""The stages of trafilatura, run apart: together they find what it finds, and nothing that they raise gets out."""

from __future__ import annotations

import gzip
import json
import time
from copy import copy

import pytest
from lxml import etree
from lxml.html import HtmlElement
from trafilatura.core import trafilatura_sequence
from trafilatura.settings import Extractor

from services.parser import candidates, charset, dom, engine, reading
from services.parser.blocks import lines_of
from services.parser.body import as_text
from services.parser.candidates import Anchors
from services.parser.cleanup import Surroundings
from tests.conftest import SAMPLES

SENTENCES = tuple(
    f"In its {number}. year the ferry carried more people than the bridge that was meant to replace it ever did, and "
    f"nobody in the town was surprised by that any more."
    for number in range(1, 30)
)
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
MENU = "<ul>" + "".join(f'<li><a href="/{number}">Section number {number}</a></li>' for number in range(40)) + "</ul>"
TEASERS = "".join(
    f'<div class="teaser"><h3><a href="/{number}">Teaser</a></h3><p>Another article, number {number}, begins.</p></div>'
    for number in range(40)
)
SHAPES = {
    "an article": f"<article><h1>The ferry</h1>{PARAGRAPHS}</article>",
    "an article among teasers": f"{MENU}<div><h1>The ferry</h1>{PARAGRAPHS}</div>{TEASERS}",
    "a short article among teasers": f"{MENU}<article><p>{SENTENCES[0]}</p></article>{TEASERS}{MENU}",
    "paragraphs that are divs": "<div>" + "".join(f"<div>{sentence}</div>" for sentence in SENTENCES) + "</div>",
    "text between line breaks": f"<div class='post-content'>{'<br><br>'.join(SENTENCES)}</div>{MENU}",
    "a table of the text": "<table>" + "".join(f"<tr><td>{one}</td></tr>" for one in SENTENCES) + "</table>",
    "lists, quotes and headings": (
        f"<article><h2>One</h2><p>{SENTENCES[0]}</p><ul><li>a thing</li><li>another</li></ul><h2>Two</h2>"
        f"<blockquote><p>{SENTENCES[1]}</p></blockquote><pre>code here</pre>{PARAGRAPHS}</article>"
    ),
    "a table of figures": f"<article>{PARAGRAPHS}<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr>"
    f"</table></article>",
    "several containers": "".join(f'<section><div class="text"><p>{one}</p></div></section>' for one in SENTENCES),
    "most of the text in what is no paragraph": f"<article>{PARAGRAPHS[:500]}</article>"
    + "".join(f"<section><span>{one}</span></section>" for one in SENTENCES * 2),
    "most of the text in a list": f"<div class='post-content'>{PARAGRAPHS[:500]}</div>"
    f"<ul>{''.join(f'<li>{one}</li>' for one in SENTENCES * 2)}</ul>",
    "nothing but links": MENU * 3,
    "hardly any text": "<p>Soon.</p>",
    "nothing": "<div></div>",
    "comments": f'<article>{PARAGRAPHS}</article><div id="comments"><p>{SENTENCES[3]} I do not think so.</p></div>',
    "articles that follow": f'<article><h1>One</h1>{PARAGRAPHS}</article><div id="infinite-scroll">{PARAGRAPHS}</div>',
    "figures and asides": f"<article><figure><img src='a.png'><figcaption>A boat</figcaption></figure>"
    f"<aside>Beside</aside>{PARAGRAPHS}<footer>The end</footer></article>",
}
NAMED_FOR_COMMENTS = ("xenforo-comments-list", "widget_recent_comments", "Kommentare", "comment-list", "comments")


def page(inner: str) -> HtmlElement:
    tree = dom.parse(f"<html><head><title>x</title></head><body>{inner}</body></html>".encode())
    assert tree is not None
    return tree


def texts(body: etree._Element) -> list[str]:
    return [line.text for line in lines_of(body)]


def theirs(bare: HtmlElement, **focus: bool) -> list[str]:
    """What trafilatura's own sequence finds."""
    body, *_ = trafilatura_sequence(copy(bare), Extractor(output_format="txt", comments=False, **focus))
    return texts(body)


def ours(bare: HtmlElement) -> list[str]:
    return texts(engine.whole(bare, engine.main_stage(bare)).body)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_stages_together_find_what_trafilatura_finds(shape):
    bare = engine.without_comments(page(SHAPES[shape]))

    assert ours(bare) == theirs(bare)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_precise_mode_finds_what_trafilatura_finds_in_it(shape):
    bare = engine.without_comments(page(SHAPES[shape]))

    assert texts(engine.precise(bare).body) == theirs(bare, precision=True)


def test_the_later_stages_are_really_needed_by_some_of_these_shapes():
    bares = [engine.without_comments(page(inner)) for inner in SHAPES.values()]

    assert sum(texts(engine.main_stage(bare).body) != ours(bare) for bare in bares) >= 2


def sample_trees(count: int) -> list[HtmlElement]:
    """The trees of as many real pages, the same in every run, as candidates are found in them."""
    found = []
    folders = sorted(folder for folder in (SAMPLES / "pages").iterdir() if (folder / "gold.jsonl").is_file())
    for folder in folders:
        rows = (folder / "gold.jsonl").read_text("utf-8").splitlines()
        for number in range(count // len(folders)):
            row = json.loads(rows[number * len(rows) * len(folders) // count])
            tree = dom.parse(charset.decode(gzip.decompress((folder / row["file"]).read_bytes()), None).utf8)
            if tree is not None:
                found.append(reading.read(tree, url=None, headers={}, entry=None, now=None).tree)
    return found


@pytest.mark.skipif(not (SAMPLES / "pages").is_dir(), reason="the labelled pages are not beside the project")
def test_the_stages_together_find_what_trafilatura_finds_on_real_pages():
    trees = sample_trees(60)
    assert len(trees) >= 55
    for tree in trees:
        bare = engine.without_comments(tree)
        assert ours(bare) == theirs(bare)
        assert texts(engine.precise(bare).body) == theirs(bare, precision=True)


def test_comments_and_articles_that_follow_are_taken_out_of_a_copy():
    for shape in ("comments", "articles that follow"):
        tree = page(SHAPES[shape])
        before = etree.tostring(tree)

        found = ours(engine.without_comments(tree))

        assert [line for line in found if line in SENTENCES] == list(SENTENCES)
        assert not any("I do not think so" in line for line in found)
        assert etree.tostring(tree) == before


@pytest.mark.parametrize("name", NAMED_FOR_COMMENTS)
@pytest.mark.parametrize("attribute", ["class", "id"])
def test_what_is_named_for_comments_goes(name, attribute):
    bare = engine.without_comments(page(f'<p>{SENTENCES[0]}</p><div {attribute}="{name}"><p>I say no.</p></div>'))

    assert "I say no." not in bare.text_content()
    assert SENTENCES[0] in bare.text_content()


@pytest.mark.parametrize("name", ["commentary", "no-comment", "comment", "kommentar-der-woche"])
def test_what_only_sounds_like_comments_stays(name):
    bare = engine.without_comments(page(f'<p>{SENTENCES[0]}</p><p class="{name}">I say yes.</p>'))

    assert "I say yes." in bare.text_content()


def test_a_name_of_a_million_letters_is_looked_through_at_once():
    tree = page(f'<div class="{"a" * 500_000} {"comment" * 70_000}"><p>{SENTENCES[0]}</p></div>')
    began = time.process_time()

    bare = engine.without_comments(tree)

    assert time.process_time() - began < 5
    assert SENTENCES[0] in bare.text_content()


def test_the_third_parse_of_a_page_is_as_full_as_the_first():
    bare = engine.without_comments(page(SHAPES["an article"]))

    first, *others = [(ours(bare), texts(engine.precise(bare).body)) for _ in range(4)]

    assert len(first[0]) >= len(SENTENCES)
    assert all(other == first for other in others)


def test_the_stages_leave_the_tree_as_it_was():
    bare = engine.without_comments(page(SHAPES["an article among teasers"]))
    before = etree.tostring(bare)

    main = engine.main_stage(bare)
    engine.whole(bare, main)
    engine.precise(bare)
    engine.readability(bare)
    engine.second_opinion(bare)

    assert etree.tostring(bare) == before


def test_the_second_opinion_and_readability_find_the_article_too():
    bare = engine.without_comments(page(SHAPES["an article among teasers"]))

    assert SENTENCES[5] in engine.second_opinion(bare)
    assert SENTENCES[5] in as_text(engine.readability(bare))


UNREADABLE = (
    f"<blockquote>{SENTENCES[0]} <i<j>and more</i<j></blockquote>",
    f"<ul><li>&#x1;{SENTENCES[0]}</li><li>b</li></ul>",
    f'<table><tr><td colspan="{"9" * 5_000}">{SENTENCES[0]}</td><td>x</td></tr></table>',
)


@pytest.mark.parametrize("inner", UNREADABLE)
def test_a_page_that_makes_an_extractor_raise_gives_nothing_instead(inner):
    bare = engine.without_comments(page(f"<article>{inner}{PARAGRAPHS}</article>"))
    with pytest.raises(ValueError):
        engine._main(bare, engine._BALANCED)

    assert engine.main_stage(bare) == engine.NOTHING
    assert engine.whole(bare, engine.NOTHING).text == "" or SENTENCES[5] in engine.whole(bare, engine.NOTHING).text


@pytest.mark.parametrize("inner", UNREADABLE)
def test_what_one_extractor_cannot_read_another_can(inner):
    tree = page(f"<article>{inner}{PARAGRAPHS}</article>")

    found = candidates.find(tree, Surroundings(), Anchors())

    assert found.doubt == "the main stage found no text"
    assert SENTENCES[5] in as_text(found.lines)
