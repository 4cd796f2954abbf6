"""The text of a by-line's element, parted where its elements are: what merely touches is not one word."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from lxml import etree
from lxml.html import HtmlElement

from services.parser.byline import words as bywords
from services.parser.byline.persons import is_full_name, tidy
from services.parser.text import plain

PARTED = " | "
"""Stands between two things that an element says; what takes by-lines apart knows it."""
_BLOCKS = frozenset({"br", "p", "div", "li", "td", "th", "tr", "ul", "ol", "h1", "h2", "h3", "h4", "hr", "section"})
_UNSEEN = frozenset({"script", "style", "svg", "template"})
_MAX_STEPS = 400


class _Edge(Enum):
    BEGIN = 1
    END = 2
    LINE = 3


def spoken_in(element: HtmlElement, *, limit: int) -> str:
    """What ``element`` says as one line of about ``limit`` characters.

    Two elements that touch say two things: ``<a>Ann Lee</a><a>Bo Yang</a>``. Those with a space between them do only
    where each says a whole name. An element within a word, ``A<b>nn</b>``, parts nothing.
    """
    spoken, before = "", ""
    space = ended = edge = between = False
    for step in _steps(element):
        if isinstance(step, _Edge):
            space = space or step is _Edge.LINE
            between = between or step is _Edge.LINE or (ended and step is _Edge.BEGIN)
            ended = ended or step is _Edge.END
            edge = True
            continue
        following = plain(step, limit=limit)
        space = space or step[:1].isspace()
        if not following:
            continue
        if between and before:
            gap = _gap(before, following, space=space)
        elif edge and not space and _is_whole(before, following):
            gap, between = PARTED, True
        else:
            gap = " " if space or (edge and _leads(before)) else ""
        before = following if between else f"{before}{gap}{following}".strip()
        spoken += gap + following
        space, ended, edge, between = step[-1].isspace(), False, False, False
        if len(spoken) > 2 * limit:
            break
    return spoken.strip()


def _gap(before: str, following: str, *, space: bool) -> str:
    if _leads(before) or bywords.AND_FIRST.fullmatch(f"{before} "):
        return " "
    first = following[0]
    if not space and len(before) == 1 and first.islower():
        return ""
    if first.islower() or not (first.isalnum() or first == "@"):
        return " "
    are_names = is_full_name(tidy(before)) and is_full_name(tidy(following))
    return PARTED if are_names or not space else " "


def _is_whole(before: str, following: str) -> bool:
    """Whether a name ends where an element begins or ends, and not a part of a word: Ann Lee<time>3 May</time>."""
    return (
        before[-1:].islower() and not following[0].islower() and following[0].isalnum() and is_full_name(tidy(before))
    )


def _leads(text: str) -> bool:
    """Whether these words only lead to a name."""
    return bool(text) and (bywords.lead(f"{text} ") > len(text) or bywords.BY_OR_NAME.fullmatch(f"{text} ") is not None)


def _steps(element: HtmlElement) -> Iterator[str | _Edge]:
    """The texts within an element, and where elements begin and end between them."""
    unseen = 0
    for count, (event, part) in enumerate(etree.iterwalk(element, events=("start", "end"))):
        if count > _MAX_STEPS:
            return
        is_start = event == "start"
        if part.tag in _UNSEEN:
            unseen += 1 if is_start else -1
        if part is not element:
            yield _Edge.LINE if part.tag in _BLOCKS else _Edge.BEGIN if is_start else _Edge.END
        text = part.text if is_start else part.tail if part is not element else None
        if text and not unseen:
            yield text
