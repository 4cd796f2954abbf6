"""Lines that say once more what the record has elsewhere: headline, by-line, date-line, who the author is. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.parser.body import Kind, Line
from services.parser.byline.words import BY_OR_NAME, lead
from services.parser.text import ends_sentence, words

_KICKER = 5
"""Words of a kicker before the headline, or of the site's name after it."""
_LONG_TITLE = 4
_BYLINE_LIMIT = 120
_DATELINE_LIMIT = 60
_BIOGRAPHY_LIMIT = 600
_WITH_LEAD = 0.5
_BARE = 0.75
"""The share of names among a line's words that makes it a by-line, after a word like "by" and without one."""
_SPEAKER = 80
"""Characters in which a colon can follow a speaker's name and role."""
_SPARE = 100
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Echoes:
    """What a text's first and last lines are compared with: the words of every headline and of every author."""

    titles: tuple[tuple[str, ...], ...]
    authors: tuple[tuple[str, ...], ...]
    longest: int
    """Characters beyond which no line can repeat any of them."""

    @classmethod
    def of(cls, titles: tuple[str, ...], authors: tuple[str, ...]) -> Echoes:
        """The words of ``titles`` and ``authors``, each form once."""
        return cls(
            titles=tuple(dict.fromkeys(spoken for title in dict.fromkeys(titles) if (spoken := tuple(words(title))))),
            authors=tuple(dict.fromkeys(spoken for name in authors if (spoken := tuple(words(name))))),
            longest=max((_BYLINE_LIMIT, *(len(title) + _SPARE for title in titles))),
        )

    def rule(self, line: Line) -> str | None:
        """Which of the record's fields one of the first lines repeats."""
        if len(line.text) > self.longest:
            return None
        spoken = tuple(words(line.text))
        if not spoken:
            return None
        if self._is_headline(line, spoken):
            return "headline"
        if self._is_byline(line.text, spoken):
            return "byline"
        return "dateline" if _is_dateline(line.text, spoken) else None

    def is_biography(self, text: str) -> bool:
        """Whether one of the last lines, without case, begins with an author's whole name: ``ann lee covers bridges``.

        With a colon after it the name says who speaks.
        """
        if len(text) > _BIOGRAPHY_LIMIT:
            return False
        for name in self.authors:
            if len(name) >= 2 and text.startswith(name[0]):
                spoken = tuple(words(text[:_BYLINE_LIMIT]))
                if len(spoken) > len(name) and spoken[: len(name)] == name and ":" not in text[:_SPEAKER]:
                    return True
        return False

    def _is_headline(self, line: Line, spoken: tuple[str, ...]) -> bool:
        for title in self.titles:
            if spoken == title:
                return True
            if line.kind is Kind.HEADING and len(title) >= _LONG_TITLE:
                extra = len(spoken) - len(title)
                if 0 < extra <= _KICKER and (spoken[extra:] == title or spoken[: len(title)] == title):
                    return True
        return False

    def _is_byline(self, text: str, spoken: tuple[str, ...]) -> bool:
        if not self.authors or len(text) > _BYLINE_LIMIT or ends_sentence(text):
            return False
        names = {word for name in self.authors for word in name}
        known = sum(word in names for word in spoken)
        return known >= 2 and known / len(spoken) >= (_WITH_LEAD if lead(text) or BY_OR_NAME.match(text) else _BARE)


def _is_dateline(text: str, spoken: tuple[str, ...]) -> bool:
    if len(text) > _DATELINE_LIMIT or not _YEAR.search(text) or ends_sentence(text):
        return False
    letters = [word for word in spoken if not any(character.isdigit() for character in word)]
    return len(letters) <= 3 and len(spoken) - len(letters) >= 2
