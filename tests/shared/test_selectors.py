"""Selectors as an operator writes them: what they mean, and what is no selector."""

from __future__ import annotations

import pytest

from shared.selectors import LONGEST, Attribute, Compound, Selector, read_selection


def only(text: str) -> Compound:
    (selector,) = read_selection(text).selectors
    (compound,) = selector.compounds
    return compound


def test_a_compound_is_a_type_with_everything_that_must_hold() -> None:
    assert only("DIV.a.b-c[Data-x='1 2']:first-child:not(.x, p)") == Compound(
        "div",
        ("a", "b-c"),
        (Attribute("data-x", "=", "1 2"),),
        first=True,
        none_of=(Compound(classes=("x",)), Compound("p")),
    )
    assert only("*") == Compound()
    assert only(":last-child") == Compound(last=True)
    assert only("#top") == Compound(attributes=(Attribute("id", "=", "top"),))


@pytest.mark.parametrize("comparison", ["=", "~=", "|=", "^=", "$=", "*="])
@pytest.mark.parametrize("value", ["x1", '"x1"', "'x1'"])
def test_attributes_are_compared_in_six_ways(comparison: str, value: str) -> None:
    assert only(f"[ name {comparison} {value} ]") == Compound(attributes=(Attribute("name", comparison, "x1"),))  # type: ignore[arg-type]


def test_an_attribute_need_only_be_there() -> None:
    assert only("[itemprop]") == Compound(attributes=(Attribute("itemprop"),))


def test_combinators_stand_between_compounds_with_blanks_or_without() -> None:
    a, b, c, d, e = (Compound(name) for name in "abcde")
    for text in ("a b>c+d~e", " a  b > c + d ~ e "):
        assert read_selection(text).selectors == (Selector((a, b, c, d, e), (" ", ">", "+", "~")),)


def test_a_list_has_several_selectors() -> None:
    assert len(read_selection("div.a, div.b > p ,i").selectors) == 3


def test_escapes_are_taken_as_css_has_them() -> None:
    assert only(r".md\:flex").classes == ("md:flex",)
    assert only(r"#\31 2").attributes == (Attribute("id", "=", "12"),)
    assert only(".größe").classes == ("größe",)


def test_an_attribute_at_the_end_is_what_is_meant() -> None:
    found = read_selection("meta[name='author'] @Content ")
    assert (found.text, found.attribute) == ("meta[name='author'] @Content", "content")
    assert read_selection("time@datetime").attribute == "datetime"
    assert read_selection("time").attribute is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("div >", "it ends too early"),
        ("div,", "it ends too early"),
        ("> p", "not understood from '> p' on"),
        ("div[a", "not understood from '[a' on"),
        ("div[a=]", "not understood from '[a=]' on"),
        ("div:not(.a", "it ends too early"),
        ("p:contains('x')", "not understood from \":contains('x')\" on"),
        ("div:has(p)", "not understood from ':has(p)' on"),
        ("p::before", "not understood from '::before' on"),
        (":first-childish", "not understood from ':first-childish' on"),
        ("xpath://div", "not understood from '://div' on"),
        ("//div", "not understood from '//div' on"),
        ("div ! p", "not understood from '! p' on"),
        ("a @href, b", "not understood from ', b' on"),
        ("a" * (LONGEST + 1), "more than 500 characters"),
    ],
)
def test_what_is_no_selector_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_selection(text)
    assert str(caught.value) == message
