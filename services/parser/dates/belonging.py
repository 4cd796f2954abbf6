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

_FOOT_TAGS = frozenset({"nav", "footer"})
_FRAME_TAGS = _FOOT_TAGS | {"header"}
_FOOT_WORDS = r"(?:site|page|global|main|bottom)[-_]?footer|^\s*footer\s*$|colophon|bottom-?bar|current-?date|\btoday\b"
_FOOT = re.compile(_FOOT_WORDS, re.IGNORECASE)
_FRAME = re.compile(
    _FOOT_WORDS + r"|\btop-?bar|masthead|(?:site|global|main|top)[-_]?header|\bnav(?:bar|igation)?\b|^\s*header\s*$",
    re.IGNORECASE,
)
_STORY = re.compile(r"article|story|\bpost\b|post-|entry", re.IGNORECASE)
STORY_TAGS = frozenset({"article", "main"})


def is_in_frame(element: HtmlElement, above: frozenset[HtmlElement], *, is_before: bool) -> bool:
    """Whether the element is part of what stands on every page of the site: its head with today's date, its foot.

    ``is_before``: it stands before the headline; what is called a header behind that is the article's.
    """
    classes, tags = (_FRAME, _FRAME_TAGS) if is_before else (_FOOT, _FOOT_TAGS)
    current: HtmlElement | None = element
    for _ in range(_MAX_CLIMB):
        if current is None or current in above or current.tag in _WHOLE_PAGE or current.tag == "article":
            return False
        css = f"{current.get('class') or ''} {current.get('id') or ''}"
        if classes.search(css) or (current.tag in tags and not _STORY.search(css) and not _is_later_header(current)):
            return True
        current = current.getparent()
    return False


def _is_later_header(element: HtmlElement) -> bool:
    """Whether it is a header, and not the page's: that is the first."""
    return element.tag == "header" and next(element.getroottree().iter("header"), None) is not element


def is_in_story(element: HtmlElement) -> bool:
    """Whether the element is inside what the page marks up as its article or main part."""
    return element.tag in STORY_TAGS or next(element.iterancestors(*STORY_TAGS), None) is not None


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
