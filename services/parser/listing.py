"""Whether a page is a list of articles: how much of its text stands under headlines that lead to other pages."""

from __future__ import annotations

from lxml.html import HtmlElement

from services.parser.dom import text_of

_ITEM_SHARE = 0.6
"""The part of a list's entry that is a link, where the entry is a headline with its date."""
_INTRODUCTION = 80
_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_ENOUGH = 6
_MOST = 200
_ABOVE = 4
_LIMIT = 600
_TITLE = 15
"""Characters of a headline that is none of the page's furniture."""


def teased(tree: HtmlElement, lines: tuple[str, ...]) -> float:
    """The share of ``lines``, by length, that stand in the boxes of linked headlines, or in the entries of lists that
    are little but a headline's link: 0 where there are fewer than six.

    An article's own headings lead nowhere, or stand after its introduction: "Ten ferries", each with a link; what
    surrounds it is not in its text: a long article that is rich in links, or a live blog, has none, or a few.
    """
    boxes = [box for heading in _linked_headings(tree) if not _is_own(heading) and (box := _box(heading))]
    entries = _linked_entries(tree)
    parts = [box for found in (boxes, entries) if len(found) >= _ENOUGH for box in found]
    if not parts:
        return 0.0
    said = "\n".join(parts)
    length = sum(map(len, lines))
    return sum(_told(line, said, parts) for line in lines) / length if length else 0.0


def _told(line: str, said: str, parts: list[str]) -> int:
    """How many characters of a line stand in the boxes; a text that has lost its lines is longer than any box."""
    if line in said:
        return len(line)
    return min(len(line), sum(len(part) for part in parts if part in line)) if len(line) > _LIMIT else 0


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


def _is_own(heading: HtmlElement) -> bool:
    """Whether the heading is one of several in an article that begins otherwise: with its headline, or a paragraph that
    leads in to all of them.
    """
    parent = heading.getparent()
    if parent is None or heading.tag == "h1" or sum(1 for child in parent if child.tag == heading.tag) < _ENOUGH:
        return False
    if any(box.tag == "article" for box in (parent, *parent.iterancestors())):
        return True
    first = next(child for child in parent if child.tag == heading.tag)
    return any(
        sibling.tag == "p" and len(text_of(sibling, limit=_LIMIT)) >= _INTRODUCTION
        for sibling in first.itersiblings(preceding=True)
    )


def _linked_entries(tree: HtmlElement) -> list[str]:
    found: list[str] = []
    for item in tree.iter("li"):
        link = next(item.iter("a"), None)
        if link is None or not link.get("href") or next(item.iter(*_HEADINGS), None) is not None:
            continue
        said, linked = text_of(item, limit=_LIMIT), text_of(link, limit=_LIMIT)
        if len(linked) >= _TITLE and len(linked) >= _ITEM_SHARE * len(said):
            found.append(said)
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
