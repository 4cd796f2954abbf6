"""The line that a date stands in: what is read before and behind it, and whether that leaves it a date alone.

An unlabelled date counts where it stands alone, with its weekday, its clock, the author, the section or how long it
takes to read; within other words it is the date of what these tell of.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from services.parser.dates.words import AGENCIES, PARTICLES, READING, WEEKDAYS, key
from services.parser.dom import text_of

_INLINE = frozenset(
    {
        "a", "b", "i", "em", "strong", "span", "font", "u", "small", "abbr", "nobr", "mark", "time", "label", "cite",
        "bdi", "sup", "sub", "svg", "img", "noscript",
    }
)  # fmt: skip
_MOST_STEPS = 40
_LONGEST = 160
_MOST_WORDS = 6
_HEADINGS = frozenset({"h1", "h2"})
_CELLS = frozenset({"td", "dd"})
_WORDS = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff\u2019'])*")
_SEPARATOR = re.compile(r"\s*[|·•∙⋅●◆]\s*|\s//(?:\s|$)")
# Before a date a slash is a trail's: "Archive / 14 May".
_BEHIND = re.compile(_SEPARATOR.pattern + r"|\s?/(?:\s|$)")
_BY = re.compile(
    r"(?:by|von|par|por|di|da|door|av|af|od|от|autor|author|автор|przez|oleh|bởi|fonte|fuente|source|quelle)\b:?\s(?:[^.\d]|(?<=[^\W_])\d){2,80}",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[^\W\d_a-z][\w’'.-]+\s){1,3}[^\W\d_a-z][\w’'-]+")
_COUNTRY = re.compile(r"[A-Z]{2,3}")
_PLACE = re.compile(r"\s*[^\W\d_a-z][^\W\d_]{2,20}(?:[ -][^\W\d_a-z][^\W\d_]{1,20})?,\s*(?P<more>.*)")
_FREE = WEEKDAYS | PARTICLES | AGENCIES


def around(element: HtmlElement, *, tail: bool = False, apart: bool = False) -> tuple[str, str]:
    """What is read before and behind ``element`` in the same line; with ``tail``, before and behind what follows it.

    Other elements of the line are left out where they have somebody's name, and with ``apart`` wherever they are no
    label.
    """
    current: HtmlElement | None = element
    before, behind = "", ""
    if tail:
        if element.tag in _INLINE:
            before = f"{_left(element)} {_other(element, apart=False)}"
        elif element.tag == "br" and (above := _left(element).strip()).endswith((":", "：")):
            before = above
        behind = _right(element, own_tail=False)
        current = element.getparent()
    for _ in range(_MOST_STEPS):
        if current is None or current.tag not in _INLINE:
            break
        parent = current.getparent()
        if apart and parent is not None and parent.tag in _HEADINGS:
            return "", ""
        before = f"{_left(current, apart=apart)} {before}"
        behind = f"{behind} {_right(current, apart=apart)}"
        current = current.getparent()
    before = " ".join(before.split())
    if not before and current is not None:
        before = _label_cell(current)
    return before, " ".join(behind.split())


def is_alone(before: str, behind: str) -> bool:
    """Whether what stands around a date says nothing else."""
    *sections, nearest = _SEPARATOR.split(before)
    if sum(len(part.split()) for part in sections) > 2 * _MOST_WORDS or any(part.endswith(":") for part in sections):
        return False
    if not behind.strip() and not sections and (place := _PLACE.fullmatch(nearest)) and _is_free(place["more"]):
        return True
    if not (_is_free(nearest) or _BY.fullmatch(nearest.strip(" ,-–—|"))):
        return False
    nearest, *sections = _BEHIND.split(behind)
    if sum(len(part.split()) for part in sections) > 2 * _MOST_WORDS:
        return False
    nearest = nearest.strip(" ,-–—|()")
    return (
        _is_free(nearest)
        or _COUNTRY.fullmatch(nearest) is not None
        or (_BY.fullmatch(nearest) or _NAME.fullmatch(nearest)) is not None
    )


def _is_free(text: str) -> bool:
    words = _WORDS.findall(key(text))
    if any(character.isdigit() for character in text):
        return len(words) <= _MOST_WORDS and bool(words) and all(word in READING for word in words)
    return all(word in _FREE for word in words)


def _left(element: HtmlElement, *, apart: bool = False) -> str:
    """What is read before an element in its parent, back to the last break."""
    text = ""
    sibling = element.getprevious()
    for _ in range(_MOST_STEPS):
        if sibling is None:
            parent = element.getparent()
            return f"{(parent.text if parent is not None else None) or ''}{text}"
        text = f"{sibling.tail or ''}{text}"
        if isinstance(sibling.tag, str):
            if sibling.tag not in _INLINE:
                break
            text = f" {_other(sibling, apart=apart)} {text}"
        if len(text) > _LONGEST:
            break
        sibling = sibling.getprevious()
    return text


def _right(element: HtmlElement, *, own_tail: bool = True, apart: bool = False) -> str:
    """What is read behind an element in its parent, up to the next break."""
    text = (element.tail or "") if own_tail else ""
    sibling = element.getnext()
    for _ in range(_MOST_STEPS):
        if sibling is None or len(text) > _LONGEST:
            break
        if isinstance(sibling.tag, str):
            if sibling.tag not in _INLINE:
                break
            text = f"{text} {_other(sibling, apart=apart)} "
        text = f"{text}{sibling.tail or ''}"
        sibling = sibling.getnext()
    return text


def _other(element: HtmlElement, *, apart: bool) -> str:
    """What another element of the line adds to it: a name stands for itself."""
    text = text_of(element, limit=_LONGEST)
    if text.endswith((":", "：")):
        return text
    return "" if apart or _NAME.fullmatch(text) else text


def _label_cell(element: HtmlElement) -> str:
    """What stands before a block as its label: the cell to the left, or whatever ends in a colon."""
    previous = element.getprevious()
    if previous is None or not isinstance(previous.tag, str) or (previous.tail or "").strip():
        return ""
    text = text_of(previous, limit=61)
    if len(text) > 60:
        return ""
    return text if text.endswith((":", "：")) or element.tag in _CELLS else ""
