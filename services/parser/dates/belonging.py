"""Whether a date on the page is the article's, by where it stands."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from services.parser.dom import text_of

_MAX_CLIMB = 14
_CLOSE, _NEXT = 15, 6
"""Elements from the headline within which teasers and promotions, and within which asides, are the article's own."""
_LONGEST_LINK = 60

_OTHERS = (
    r"comment(?!ar)|kommentar|repl(?:y|ies)|disqus|(?<!ac)credit|copyright|related|(?<!pr)event(?!ual)"
    r"|(?:image|img|photo|picture|media|foto|bild|wp|fig)[\w-]{0,12}caption"
    r"|veranstaltung|termin|kalender|calendar|birth|(?<!has-)(?<!with-)(?<!no-)sidebar"
)
_OF_ANOTHER = re.compile(_OTHERS, re.IGNORECASE)
_OWN_ASIDE = re.compile(r"meta|byline|author", re.IGNORECASE)
_ELSEWHERE = re.compile(
    _OTHERS
    + r"|teaser|recommend|widget|(?<!post-)(?<!entry-)(?<!article-)(?<!article__)footer|navi|menu|popular|latest"
    r"|trending|carousel|slider|ticker|weather|wetter|most-?read|newsletter|promo|recirc|tweet|embed|caption|forum-|today"
    r"|current-?date|breadcrumb|archive|mehr-zum|more-|listing|card-",
    re.IGNORECASE,
)
_OF_ANOTHER_TAGS = frozenset({"figcaption", "figure", "blockquote", "select", "nav"})
_ELSEWHERE_TAGS = _OF_ANOTHER_TAGS | {"footer", "form"}
_WHOLE_PAGE = frozenset({"body", "html", "main"})


def is_of_another(element: HtmlElement, above: frozenset[HtmlElement] = frozenset()) -> bool:
    """Whether the element is part of a comment, a caption, a sidebar, an event or a link to another article.

    ``above``: the ancestors of the headline; what holds both says nothing.
    """
    return _within(element, above, _OF_ANOTHER, _OF_ANOTHER_TAGS, aside=True)


def is_elsewhere(element: HtmlElement, above: frozenset[HtmlElement], *, distance: int) -> bool:
    """Whether the element, ``distance`` elements from the headline, belongs to something else than its article."""
    aside = abs(distance) > _NEXT
    if abs(distance) <= _CLOSE:
        return _within(element, above, _OF_ANOTHER, _OF_ANOTHER_TAGS, aside=aside)
    return _within(element, above, _ELSEWHERE, _ELSEWHERE_TAGS, aside=aside)


def _within(
    element: HtmlElement,
    above: frozenset[HtmlElement],
    classes: re.Pattern[str],
    tags: frozenset[str],
    *,
    aside: bool,
) -> bool:
    current: HtmlElement | None = element
    for _ in range(_MAX_CLIMB):
        if current is None or current in above or current.tag in _WHOLE_PAGE:
            return False
        css = f"{current.get('class') or ''} {current.get('id') or ''}"
        if current.tag in tags or (aside and current.tag == "aside" and not _OWN_ASIDE.search(css)):
            return True
        if len(css) > 1 and classes.search(css):
            return True
        if current.tag == "a" and len(text_of(current, limit=_LONGEST_LINK + 1)) > _LONGEST_LINK:
            return True
        current = current.getparent()
    return False
