"""Whether a page is a list of articles: how much of its text stands under headlines that lead to other pages."""

from __future__ import annotations

from lxml.html import HtmlElement

from services.parser.dom import text_of

_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_ENOUGH = 6
_MOST = 200
_ABOVE = 4
_LIMIT = 600
_TITLE = 15
"""Characters of a headline that is none of the page's furniture."""


def teased(tree: HtmlElement, lines: tuple[str, ...]) -> float:
    """The share of ``lines``, by length, that stand in the boxes of linked headlines: 0 where there are fewer than six.

    An article's own headings lead nowhere, and what surrounds it is not in its text: a long article that is rich in
    links, or a live blog, has none, or a few.
    """
    boxes = [box for heading in _linked_headings(tree) if (box := _box(heading))]
    if len(boxes) < _ENOUGH:
        return 0.0
    said = "\n".join(boxes)
    length = sum(map(len, lines))
    return sum(len(line) for line in lines if line in said) / length if length else 0.0


def _linked_headings(tree: HtmlElement) -> list[HtmlElement]:
    found: list[HtmlElement] = []
    for heading in tree.iter(*_HEADINGS):
        link = next(heading.iter("a"), None)
        parent = heading.getparent()
        if link is None and parent is not None and parent.tag == "a":
            link = parent
        target = link.get("href") if link is not None else None
        if target and not target.startswith("#") and len(text_of(heading, limit=_TITLE)) >= _TITLE:
            found.append(heading)
            if len(found) == _MOST:
                break
    return found


def _box(heading: HtmlElement) -> str:
    """The text of the smallest element around the headline that has more words than it, and no second headline."""
    own = text_of(heading, limit=_LIMIT)
    box: HtmlElement | None = heading
    for _ in range(_ABOVE):
        box = box.getparent() if box is not None else None
        if box is None or sum(1 for _, _ in zip(box.iter(*_HEADINGS), range(2), strict=False)) > 1:
            return _with_following(heading, own)
        text = text_of(box, limit=_LIMIT)
        if len(text) > len(own) + _TITLE:
            return text
    return own


def _with_following(heading: HtmlElement, own: str) -> str:
    """Headlines and teasers that follow one another in one box."""
    following = heading.getnext()
    return own if following is None or following.tag in _HEADINGS else f"{own} {text_of(following, limit=_LIMIT)}"
