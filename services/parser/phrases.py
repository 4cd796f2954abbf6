"""The phrases of phrases.toml as expressions: what news pages put between the paragraphs of an article."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_PHRASES = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))


def _any_of(patterns: list[str], *, before: str = "", after: str = "") -> re.Pattern[str]:
    either = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(f"{before}(?:{either}){after}", re.IGNORECASE)


LABEL = _any_of(
    [label for labels in _PHRASES["labels"].values() for label in labels], after=r"(?=\s*[:：|»>–—\])】-]|\s*\.*$)"
)
"""The beginning of a line that leads to another article: a label, and what sets it off from the headline."""
NOTICE = _any_of(_PHRASES["notices"]["any"])
"""A whole line about advertising, sharing, comments, accounts."""
INVITATION = _any_of(_PHRASES["invitations"]["any"])
INVITATION_CUE = _any_of(_PHRASES["invitations"]["cues"])
"""What every invitation has, looked for first."""
CREDIT = _any_of(_PHRASES["credits"]["labels"], before=r"\(?\s*")
"""The beginning of a line that says whose an image is."""
CREDITED = _any_of(_PHRASES["credits"]["agencies"])
"""Who is named in such lines."""

BYLINE_PREFIX = _any_of(_PHRASES["bylines"]["prefixes"], before=r"^\W*", after=r"\s*[:\s]\s*")
"""What stands before the names of a by-line."""
BYLINE_ROLE = _any_of(_PHRASES["bylines"]["roles"], before=r"\s*(?:[,|/·•–—(]| - )\s*", after=r"\b.*$")
"""What stands after a name and is none."""

BOT_TITLE = _any_of(_PHRASES["walls"]["bot_titles"], before="^", after=r"\b")
BOT_TEXT = _any_of(_PHRASES["walls"]["bot_texts"])
CONSENT_TERM = _any_of(_PHRASES["walls"]["consent_terms"])
CONSENT_TITLE = _any_of(_PHRASES["walls"]["consent_titles"])
SCRIPT_NEEDED = _any_of(_PHRASES["walls"]["script_needed"])
PAYWALL = _any_of(_PHRASES["walls"]["paywalls"])
