"""What an operator's rule for a site makes of a page: the text's containers, and one more witness. Pure.

The rule is applied to the tree before anything else reads it. What it does not find is left to the general way, and
told on the record: a rule that is out of date costs nothing but its own effect.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime

from lxml.html import HtmlElement

from services.parser import dates, dom
from services.parser.authors import Byline
from services.parser.content import TOO_LITTLE, Content
from services.parser.names import in_byline
from services.parser.published import IN_FUTURE
from services.parser.selecting import outermost, select
from services.parser.text import plain
from services.parser.witness import Witness
from shared.parserules import SELECTING, ParseRule
from shared.records import Author, Candidate, ContentSource, Extraction, FieldProvenance
from shared.selectors import Selection
from shared.wording import counted

SOURCE = "site_rule"
"""The source of a field that the rule decided, and the name under which provenance tells of the rule itself."""

_FRAME = frozenset({"html", "head", "body"})
_DOUBTED = frozenset({"aside", "footer", "form", "header", "nav"})
_MOST_AUTHORS = 20
# Nobody reads the text of so large a page, and the walk down three million elements takes seven seconds.
_MOST_ELEMENTS = 10 * dom.MAX_ELEMENTS
_SHOWN = 60


@dataclass(frozen=True)
class Ruled:
    """A page under a rule; without one there is nothing in it.

    ``story``: a tree of the text's containers alone; ``used``: the keys that took effect; ``missed``: those that did
    not, each with why.
    """

    rule: ParseRule | None = None
    story: HtmlElement | None = None
    title: Witness | None = None
    author: Witness | None = None
    authors: tuple[Author, ...] = ()
    date: Witness | None = None
    used: tuple[str, ...] = ()
    missed: tuple[tuple[str, str], ...] = ()

    @property
    def dates(self) -> tuple[Witness, ...]:
        """The date that goes before all others."""
        return (self.date,) if self.date is not None else ()

    def sign(self, byline: Byline) -> Byline:
        """``byline``, or the one that the rule found with all that the others said."""
        if self.author is None:
            return byline
        return Byline(self.authors, self.author, byline.said)

    def without(self, key: str, why: str) -> Ruled:
        """The same where ``key`` turned out to be of no use."""
        return replace(
            self, used=tuple(one for one in self.used if one != key), missed=(*self.missed, (key, why[:_SHOWN]))
        )

    def gave_up(self, why: str) -> Ruled:
        """The rule without any effect: the page was read as if there were none."""
        return Ruled(self.rule, missed=(*self.missed, *((key, why) for key in self.used)))

    def may_have_taken(self, text: Content | None) -> bool:
        """Whether so little text is left that what was dropped may be why."""
        return "drop" in self.used and (text is None or text.words < TOO_LITTLE)

    @property
    def provenance(self) -> FieldProvenance | None:
        """Which rule it was, what it decided, and what it did not find."""
        if self.rule is None:
            return None
        missed = tuple(Candidate(source=key, value=why) for key, why in self.missed)
        return FieldProvenance(source=self.rule.name, raw=" ".join(self.used) or None, candidates=missed)

    def named(self, extraction: Extraction) -> Extraction:
        """``extraction`` with the rule in its configuration."""
        if self.rule is None:
            return extraction
        parts = (extraction.config, f"{SOURCE}={self.rule.name}")
        return extraction.model_copy(update={"config": " ".join(part for part in parts if part)})


UNRULED = Ruled()


def apply(tree: HtmlElement, rule: ParseRule | None, *, latest: datetime | None = None) -> Ruled:
    """Take out of ``tree`` what the rule drops, in place, and find what it names.

    ``latest``: when the page was fetched.
    """
    if rule is None:
        return UNRULED
    if (count := dom.elements(tree)) > _MOST_ELEMENTS:
        why = f"the page has {count:,} elements"
        return Ruled(rule, missed=tuple((key, why) for key in SELECTING if getattr(rule, key)))
    keys = [(key, selection) for key in SELECTING for selection in getattr(rule, key)]
    found = list(zip(keys, select(tree, [selection for _, selection in keys]), strict=True))
    named = {key: [(one, elements) for (of, one), elements in found if of == key and elements] for key in SELECTING}
    # What names the title or author may stand in a box that is dropped.
    title = _title(named["title"])
    author, authors = _authors(named["author"])
    date, no_date = _date(named["date"], latest)
    gone = _drop([element for _, elements in named["drop"] for element in elements])
    story = _story(tree, [element for _, elements in named["body"] for element in elements], gone)
    there = {
        "body": story is not None,
        "drop": bool(gone),
        "title": title,
        "author": author,
        "date": date if no_date is None else None,
    }
    asked = [key for key in SELECTING if getattr(rule, key)]
    return Ruled(
        rule=rule,
        story=story,
        title=title,
        author=author,
        authors=authors,
        date=date,
        used=tuple(key for key in asked if there[key]),
        missed=tuple((key, _why(key, named[key], no_date)) for key in asked if not there[key]),
    )


def choose(
    ruled: Ruled, *, inside: Callable[[], Content | None], general: Callable[[], Content | None]
) -> tuple[Content | None, Ruled]:
    """The text in the rule's containers; where they have hardly any and the page has more, or none, the page's."""
    if ruled.story is None:
        return general(), ruled
    told = inside()
    if told is not None and told.source is not ContentSource.PAGE:
        told = None
    if told is not None and told.words >= TOO_LITTLE:
        return told, ruled
    whole = general()
    if told is not None and (whole is None or whole.words < 2 * told.words):
        return told, ruled
    return whole, ruled.without("body", f"{counted(told.words if told else 0, 'word')} of text in it")


def is_more(text: Content | None, than: Content | None) -> bool:
    """Whether a text is at least twice as long as another one."""
    return text is not None and (than is None or text.words >= 2 * than.words)


def _title(named: list[tuple[Selection, list[HtmlElement]]]) -> Witness | None:
    values = (_value(element, selection) for selection, elements in named for element in elements)
    return next((Witness(SOURCE, value) for value in values if value), None)


def _authors(named: list[tuple[Selection, list[HtmlElement]]]) -> tuple[Witness | None, tuple[Author, ...]]:
    for selection, elements in named:
        values = [value for element in elements[:_MOST_AUTHORS] if (value := _value(element, selection))]
        names = dict.fromkeys(name for value in values for name in in_byline(value))
        if names:
            return Witness(SOURCE, "; ".join(values)), tuple(Author(name=name) for name in names)
    return None, ()


def _date(
    named: list[tuple[Selection, list[HtmlElement]]], latest: datetime | None
) -> tuple[Witness | None, str | None]:
    """The first of the values that is a date that can be, else the first that is ahead of its time; and why none is."""
    ahead: Witness | None = None
    none: str | None = None
    for selection, elements in named:
        for element in elements:
            value = _value(element, selection)
            if not value:
                continue
            moment = dates.parse(value, latest=latest)
            if moment is not None and not moment.is_after(latest):
                return Witness(SOURCE, value), None
            ahead = ahead or (Witness(SOURCE, value) if moment is not None else None)
            none = none or f"{'no date' if moment is None else IN_FUTURE}: {value}"
    return ahead, none


def _value(element: HtmlElement, selection: Selection) -> str | None:
    """What an element says: the attribute that is asked for, else the one that holds its value, else its text."""
    if selection.attribute is not None:
        return plain(element.get(selection.attribute) or "") or None
    for tag, attribute in (("meta", "content"), ("time", "datetime")):
        if element.tag == tag and (value := plain(element.get(attribute) or "")):
            return value
    return dom.text_of(element) or None


def _drop(elements: list[HtmlElement]) -> set[HtmlElement]:
    """Take elements out with all that is in them; the text after each stays. Returns everything that went."""
    outer = outermost(element for element in elements if element.tag not in _FRAME)
    gone = {inner for element in outer for inner in element.iter()}
    dom.take_out(outer)
    return gone


def _story(tree: HtmlElement, elements: list[HtmlElement], gone: set[HtmlElement]) -> HtmlElement | None:
    containers = {element for element in elements if element not in gone}
    if not containers:
        return None
    page = tree.makeelement("html")
    body = tree.makeelement("body")
    article = tree.makeelement("article")
    page.append(body)
    body.append(article)
    # Several selectors may have named them: only now they come in the order of the page.
    for container in outermost(element for element in tree.iter() if element in containers):
        part = deepcopy(container)
        part.tail = None
        # Extraction throws out what is called, say, an aside or a widget: whoever named it knows better.
        part.attrib.clear()
        if part.tag in _FRAME or part.tag in _DOUBTED:
            part.tag = "div"
        article.append(part)
    dom.tame(page)
    return page


def _why(key: str, named: list[tuple[Selection, list[HtmlElement]]], no_date: str | None) -> str:
    if not named:
        return "not on the page"
    if key == "date" and no_date:
        return no_date[:_SHOWN]
    return "dropped" if key == "body" else "nothing readable in it"
