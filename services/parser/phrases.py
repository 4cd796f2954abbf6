"""The phrases of phrases.toml as expressions: what news pages put between the paragraphs of an article."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_PHRASES = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))


def _any_of(patterns: list[str], prefix: str = "") -> re.Pattern[str]:
    return re.compile(prefix + "(?:" + "|".join(f"(?:{pattern})" for pattern in patterns) + ")", re.IGNORECASE)


LABEL = _any_of([label for labels in _PHRASES["labels"].values() for label in labels])
"""The beginning of a line that leads to another article."""
NOTICE = _any_of(_PHRASES["notices"]["any"])
"""A whole line about advertising, sharing, comments, accounts."""
INVITATION = _any_of(_PHRASES["invitations"]["any"])
INVITATION_CUE = _any_of(_PHRASES["invitations"]["cues"])
"""What every invitation has, looked for first."""
CREDIT = _any_of(_PHRASES["credits"]["labels"], prefix=r"\(?\s*")
"""The beginning of a line that says whose an image is."""
