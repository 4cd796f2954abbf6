"""What stands between an article's paragraphs and is not the article: found line by line and dropped. Pure.

Rules look at one line, at most with its place among the others, and each names itself, so that what was dropped can be
told. Headings and lists stay; a line is dropped for what it is, not for being short.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.parser.body import Kind, Line
from services.parser.phrases import BYLINE_PREFIX, CREDIT, CREDITED, INVITATION, INVITATION_CUE, LABEL, NOTICE
from services.parser.text import ends_sentence, has_sentence, word_count, words

OPENING = 6
"""Lines at the start in which headline, by-line and date-line are looked for."""
SHORTEST_LINK = 6
LONGEST_LINK = 300
"""Characters between which a line is looked up among the page's links."""
_LINK_WORDS = 3
_EDGES = " .:;,>»«<›‹→|-–—•*·"
_NOTICE_LIMIT = 300
_LABEL_LIMIT = 220
_CREDIT_LIMIT = 140
_INVITATION_LIMIT = 400
_SHORT_LABEL = 80
_BULLETS = " *>»-–—•[(【"
_COLON = re.compile(r"[:：|»–—]")
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " ", "\u202f": " "})
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True)
class Surroundings:
    """What else the page says, that its lines are judged by.

    ``titles``: every form of the headline; ``authors``: the names of the by-line; ``links``: the words of every link.
    """

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    links: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Cleaned:
    """The lines that are left, and how many each rule took."""

    lines: tuple[Line, ...]
    dropped: dict[str, int]


def clean(lines: tuple[Line, ...], around: Surroundings) -> Cleaned:
    """Drop every line that a rule names."""
    titles = [tuple(words(title)) for title in around.titles if title]
    names = frozenset(word for name in around.authors for word in words(name))
    kept: list[Line] = []
    dropped: dict[str, int] = {}
    opening = OPENING
    for line in lines:
        rule = (
            _rule(line, around, titles, names, opening=opening > 0)
            if line.text and line.kind is not Kind.CODE
            else None
        )
        if rule is None:
            kept.append(line)
            opening -= bool(line.text)
        else:
            dropped[rule] = dropped.get(rule, 0) + 1
    while kept and kept[-1].kind is Kind.HEADING:
        kept.pop()
        dropped["trailing_heading"] = dropped.get("trailing_heading", 0) + 1
    return Cleaned(lines=tuple(kept), dropped=dropped)


def _rule(  # noqa: PLR0911 - one return a rule reads best
    line: Line, around: Surroundings, titles: list[tuple[str, ...]], names: frozenset[str], *, opening: bool
) -> str | None:
    text = line.text.translate(_PLAIN).strip()
    if opening:
        spoken = tuple(words(text))
        if _repeats_title(line, spoken, titles):
            return "headline"
        if _is_byline(text, spoken, names):
            return "byline"
        if _is_dateline(text, spoken):
            return "dateline"
    if is_notice(text):
        return "notice"
    if is_related(text):
        return "related"
    if is_image_credit(text):
        return "credit"
    if is_invitation(text):
        return "newsletter"
    if line.kind is not Kind.ROW and is_link_only(text, around.links):
        return "links"
    return None


def is_notice(text: str) -> bool:
    """Whether the line is a notice about advertising, sharing, commenting or signing in."""
    return len(text) <= _NOTICE_LIMIT and NOTICE.fullmatch(text.strip(" .·•|-–—*[]()")) is not None


def is_related(text: str) -> bool:
    """Whether the line leads to another article: ``Read more: ...``, ``Mehr zum Thema - ...``."""
    bare = text.lstrip(_BULLETS)
    if len(bare) > _LABEL_LIMIT or not LABEL.match(bare):
        return False
    # "More from the wreck was found." is a sentence, "More: the wreck in pictures" a link.
    is_sentence = bare.endswith(".") and not bare.endswith("..")
    return not is_sentence or (len(bare) <= _SHORT_LABEL and _COLON.search(bare) is not None)


def is_image_credit(text: str) -> bool:
    """Whether the line only says whose an image is: ``Quelle: Gettyimages.ru © simon2579``."""
    if len(text) > _CREDIT_LIMIT or has_sentence(text.rstrip(". ")):
        return False
    if CREDIT.match(text):
        return True
    return len(text) <= _CREDIT_LIMIT // 2 and CREDITED.search(text) is not None and text[:1] in "©("


def is_invitation(text: str) -> bool:
    """Whether the paragraph invites to a newsletter, channel or app."""
    return (
        len(text) <= _INVITATION_LIMIT
        and INVITATION_CUE.search(text) is not None
        and INVITATION.search(text) is not None
    )


def is_link_only(text: str, links: frozenset[str]) -> bool:
    """Whether a line is nothing but a link to another page, three words long or longer, and no sentence."""
    if not SHORTEST_LINK <= len(text) <= LONGEST_LINK or has_sentence(text):
        return False
    return link_key(text) in links and word_count(text) >= _LINK_WORDS


def link_key(text: str) -> str:
    """The form in which the text of links and lines is compared."""
    return " ".join(text.split()).casefold().strip(_EDGES)


def _repeats_title(line: Line, spoken: tuple[str, ...], titles: list[tuple[str, ...]]) -> bool:
    if not spoken:
        return False
    for title in titles:
        if spoken == title:
            return True
        if line.kind is Kind.HEADING and len(title) >= 4:
            # A kicker before the headline, or the site's name after it.
            extra = len(spoken) - len(title)
            if 0 < extra <= 5 and (spoken[extra:] == title or spoken[: len(title)] == title):
                return True
    return False


def _is_byline(text: str, spoken: tuple[str, ...], names: frozenset[str]) -> bool:
    if not names or len(text) > 120 or ends_sentence(text) or not spoken:
        return False
    known = sum(word in names for word in spoken)
    return known >= 2 and known / len(spoken) >= (0.5 if BYLINE_PREFIX.match(text) else 0.75)


def _is_dateline(text: str, spoken: tuple[str, ...]) -> bool:
    if len(text) > 60 or not _YEAR.search(text) or ends_sentence(text):
        return False
    letters = [word for word in spoken if not any(character.isdigit() for character in word)]
    return len(letters) <= 3 and len(spoken) - len(letters) >= 2
