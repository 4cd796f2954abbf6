"""A sentence that follows a label, and no name: "Source: The river rises in the hills." Pure."""

from __future__ import annotations

import re

_MOST_LABEL_WORDS = 3
_TELLING = 4
"""Letters of a small word that names of people and places do not have."""
_CREDITED = re.compile(
    r"[/©|@]|\b(?:courtesy|via|own|eigene?s?|privat|handout|getty|reuters|afp|dpa|ap|tass|epa|agenc\w+|agentur\w*|archiv\w*|"
    r"photo\w*|foto\w*|imag\w+|bild\w*|screenshot|redaktion|provided|supplied|propre)\b",
    re.IGNORECASE,
)
_AROUND = " *>»-–—•[(（【\"'·|→▶►"


def said_after_label(line: str, *, most: int | None = None) -> str | None:
    """The sentence after a label of at most ``most`` words (3); ``None`` where a name, a title or an agency follows:
    they are written with capitals and seldom end in a full stop.
    """
    label, _, said = line.strip(_AROUND).partition(":")
    if not said.endswith(".") or said.endswith("..") or len(label.split()) > (most or _MOST_LABEL_WORDS):
        return None
    said = said.strip()
    spoken = said.rstrip(".").split()
    if _CREDITED.search(said) or len(spoken) < 2:
        return None
    telling = any(word.isalpha() and word.islower() and len(word) >= _TELLING for word in spoken)
    return said if telling else None
