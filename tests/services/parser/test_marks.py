"""trafilatura's expressions find the same elements without XPath; a form that is not understood is asked itself."""

from __future__ import annotations

import pytest
from lxml import etree, html
from lxml.html import HtmlElement
from trafilatura import settings, xpaths

from services.parser import marks

LISTS = (
    "BODY_XPATH",
    "OVERALL_DISCARD_XPATH",
    "TEASER_DISCARD_XPATH",
    "PRECISION_DISCARD_XPATH",
    "DISCARD_IMAGE_ELEMENTS",
    "REMOVE_COMMENTS_XPATH",
    "REMOVE_COMMENTS_AND_LISTS_XPATH",
    "RAW_TREE_PRUNE_XPATH",
)
EXPRESSIONS = {f"{name} {at}": one for name in LISTS for at, one in enumerate(getattr(xpaths, name))}
EXPRESSIONS["BASIC_CLEAN_XPATH"] = settings.BASIC_CLEAN_XPATH
ATTRIBUTES = (
    "class='post'", "class='my-post-body x'", "id='articleContent'", "itemprop='articleBody'", "class='article  x'",
    "class='share'", "id='share-box'", "class='sharing'", "class='x ad y'", "class='ad-x'", "class='bread-crumb'",
    "class='cookie-bar'", "id='x' class='cookie'", "class='cookie' id='x'", "role='Navigation'", "class='site-bar'",
    "data-lp-replacement-content", "data-component='MostPopularStories'", "style='display:none'", "aria-hidden='true'",
    "class='Teaser'", "id='my-Teaser'", "class='caption'", "class='Comments'", "class='commentary'", "id='comol'",
    "class='article-comments'", "id='infinite-scroll'", "id='mvp-post-add-box'", "class='elementor-share-buttons'",
    "class='FullText'", "role='main'", "id='Main-Content'", "class='Page-content'", "id='footer'", "style='border:0'",
    "class='the bottom'", "class='gdpr-banner'", "class='consent'", "class=''", "id", "title='comments'",
)  # fmt: skip
TAGS = ("div", "section", "article", "main", "p", "ul", "span", "details", "aside", "header")


def page() -> HtmlElement:
    """Every tag with every attribute, with one another nested, and headings in a few."""
    parts = [
        f"<{tag} {attribute}>one{'<h1>head</h1>' if number % 3 else ''}<div {attribute}>two</div></{tag}>"
        for tag in TAGS
        for number, attribute in enumerate(ATTRIBUTES)
    ]
    tree = html.document_fromstring(f"<html><body>{''.join(parts)}</body></html>")
    for element in tree.iter("ul"):
        element.tag = "list"
    return tree


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_finder_finds_what_its_expression_finds(name: str) -> None:
    tree = page()
    right = EXPRESSIONS[name](tree)
    found = marks.finder(EXPRESSIONS[name])(tree)
    assert right
    # Where several are found of an expression that asks for the first in its parent, its first is all that is wanted.
    assert found == (right[:1] if name.startswith("BODY") and len(found) == 1 else right)
    assert marks.finder(EXPRESSIONS[name])(html.fromstring("<p>nothing</p>")) == []


def test_most_expressions_are_read() -> None:
    asked_themselves = [name for name, one in EXPRESSIONS.items() if marks.finder(one) is one]
    assert asked_themselves == ["BODY_XPATH 1", "BODY_XPATH 4"]


def test_an_expression_of_another_kind_is_its_own_finder() -> None:
    for path in (".//div[@class='a' and @id='b']", ".//div[contains(text(), 'a')]", "//div", ".//div[2]"):
        expression = etree.XPath(path)
        assert marks.finder(expression) is expression


def test_a_long_value_is_answered_too() -> None:
    expression = etree.XPath(".//*[self::div][contains(@class, 'teaser')]")
    tree = html.fromstring(
        f"<section><div class='{'x' * 2_000} teaser'>a</div><div class='{'x' * 2_000}'>b</div></section>"
    )
    assert marks.finder(expression)(tree) == expression(tree)
