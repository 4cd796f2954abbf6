"""Selectors on a page: what they name, beside another implementation, and on pages that are made to be costly."""

from __future__ import annotations

import random
import time

import pytest
from lxml import etree, html
from lxml.html import HtmlElement

from services.parser.selecting import outermost, select
from shared.selectors import read_selection

PAGE = html.document_fromstring(
    """
    <html><body>
    <div id="a" class="story  wide"><p id="b">one</p><p id="c" class="note" data-k="x y-z">two</p></div>
    <ul id="d"><li id="e"></li><li id="f" class="last"></li><li id="g" data-k=""></li></ul>
    <p id="h" lang="de-AT">three</p>
    </body></html>
    """
)


def ids(selector: str, tree: HtmlElement = PAGE) -> str:
    (found,) = select(tree, [read_selection(selector)])
    return "".join(element.get("id", "-") for element in found)


@pytest.mark.parametrize(
    ("selector", "named"),
    [
        ("p", "bch"),
        (".story", "a"),
        (".wide.story", "a"),
        (".stor", ""),
        ("#d", "d"),
        ("div p", "bc"),
        ("body > p", "h"),
        ("body p", "bch"),
        ("p + p", "c"),
        ("li ~ li", "fg"),
        ("div ~ p", "h"),
        ("li:first-child", "e"),
        ("li:last-child", "g"),
        ("li:not(:first-child):not(.last)", "g"),
        ("p:not(.note, [lang])", "b"),
        ("[data-k]", "cg"),
        ("[data-k='']", "g"),
        ("[data-k^='']", ""),
        ("[data-k*='y-']", "c"),
        ("[data-k~='y-z']", "c"),
        ("[data-k$='-z']", "c"),
        ("[data-k^=x]", "c"),
        ("[lang|=de]", "h"),
        ("[lang|=d]", ""),
        ("li, div > .note", "cefg"),
        ("html body ul > li + li", "fg"),
        ("ul p", ""),
    ],
)
def test_what_a_selector_names(selector: str, named: str) -> None:
    assert ids(selector) == named


def test_several_selections_are_answered_at_once_each_by_itself() -> None:
    found = select(PAGE, [read_selection(text) for text in ("p", "li", "p.note", "table")])
    assert [len(elements) for elements in found] == [3, 3, 1, 0]


def test_it_names_what_another_implementation_names() -> None:
    """cssselect comes with the type stubs of lxml, so that it is there wherever the tests run."""
    cssselect = pytest.importorskip("cssselect", reason="cssselect is not installed")
    chance = random.Random(4)
    for _ in range(300):
        body = "".join(_markup(chance, 4) for _ in range(3))
        tree = html.document_fromstring(f"<html><body>{body}</body></html>")
        selector = _selector(chance)
        expected = etree.XPath(cssselect.HTMLTranslator().css_to_xpath(selector))(tree)
        assert select(tree, [read_selection(selector)]) == [expected], selector


def _markup(chance: random.Random, depth: int) -> str:
    tag = chance.choice(["div", "section", "span", "b"])
    attributes = chance.choice(["", "id=i", "data-k='a b-c'", "data-k=b"])
    inside = "".join(_markup(chance, depth - 1) for _ in range(chance.randint(0, 3))) if depth else "t"
    return f"<{tag} class='{chance.choice(['x', 'y', 'x y', ''])}' {attributes}>{inside}</{tag}>"


def _selector(chance: random.Random) -> str:
    parts = [_compound(chance)]
    for _ in range(chance.randint(0, 3)):
        parts += [chance.choice([" ", ">", " + ", "~"]), _compound(chance)]
    return "".join(parts) + (f", {_compound(chance)}" if chance.random() < 0.3 else "")


def _compound(chance: random.Random) -> str:
    kind = chance.choice(["*", "div", "section", "b"])
    more = ["", ".x", ".y.x", "[data-k]", "[data-k~=b-c]", "[data-k|=b]", "[data-k^=a]", "#i", ":not(.x)"]
    return kind + chance.choice(more) + chance.choice(["", "", ":first-child", ":last-child", ":not(div)"])


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 2000 + "<p>x</p>" * 17_000,
        "<div><p>x</p>" * 2000 + "<p>x</p>" * 14_000,
        "<p>x</p>" * 19_000,
    ],
    ids=["deep", "stairs", "wide"],
)
def test_no_page_makes_it_costly(body: str) -> None:
    tree = html.document_fromstring(f"<html><body>{body}</body></html>", parser=html.HTMLParser(huge_tree=True))
    texts = ["div div div div div p", "div > div p, p ~ p ~ p", "p + p + p", "div:not(.a) p:not(.b)", "* * * * * *"]
    began = time.process_time()
    select(tree, [read_selection(text) for text in texts])
    assert time.process_time() - began < 3


def test_of_elements_within_one_another_the_outermost_stay() -> None:
    (found,) = select(PAGE, [read_selection("div, p, li")])
    assert "".join(element.get("id", "-") for element in outermost(found)) == "aefgh"
