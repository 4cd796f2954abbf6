"""What the classes and ids of elements say of the dates in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from services.parser.dates.words import Meaning

LONGEST = 300
"""Characters of them beyond which nothing is looked at."""

_DATE_CLASS = re.compile(
    r"(?<!up)(?<!vali)(?<!candi)(?<!man)dat(?:e|um)(?![a-z]{3,}|r)|timestamp|fecha|publish|pubdate|posted|erstell"
    r"|(?:^|[\s_-])(?:data|dato|time|tid|tarih|kdy|ngay|czas|zeit)(?:$|[\s_-])",
    re.IGNORECASE,
)
# What every class of a date has, looked for first.
_DATE_PARTS = ("dat", "time", "publish", "fecha", "posted", "erstell", "tid", "tarih", "kdy", "ngay", "czas", "zeit")
_PUBLISHED_CLASS = re.compile(
    r"publish|pubdate|entry-date|posted|date-?created|createdate|erstell|dt-published", re.IGNORECASE
)
_UPDATED_CLASS = re.compile(r"updat|modif|edited|revis|aktualis|expire", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    is_date: bool = False
    meaning: Meaning | None = None


UNNAMED = Named()


@lru_cache(maxsize=4096)
def named(css: str) -> Named:
    """What an element's class and id say; the same ones stand on page after page."""
    lower = css.lower()
    if not any(part in lower for part in _DATE_PARTS):
        return UNNAMED
    meaning: Meaning | None = None
    if _PUBLISHED_CLASS.search(css):
        meaning = "published"
    elif _UPDATED_CLASS.search(css):
        meaning = "modified"
    return Named(_DATE_CLASS.search(css) is not None, meaning)
