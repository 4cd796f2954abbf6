"""The rules that phrases belong to: where in a line and in an article each looks, and how long a line may be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Manner(StrEnum):
    """How a phrase has to stand in a line."""

    WHOLE = "whole"
    """It is the whole line, but for punctuation around it."""
    LABEL = "label"
    """It begins the line and is alone there, or a colon, bar or dash follows."""
    START = "start"
    """It begins the line."""
    WITHIN = "within"
    """It is anywhere in the line."""
    TAIL = "tail"
    """It ends the line, after a slash, a bracket, a copyright sign or "via"."""
    HEADING = "heading"
    """It is a whole heading or short line in an article's last third, and what follows is not the article either."""


@dataclass(frozen=True)
class Rule:
    """One thing that stands between paragraphs and is not the article.

    ``limit``: characters of a line beyond which it is not looked at; ``ending``: only an article's last lines are;
    ``sentences``: whether the line may have a sentence in it.
    """

    name: str
    manner: Manner
    limit: int
    ending: bool = False
    sentences: bool = True


RULES = (  # in the order in which they are asked
    Rule("closing", Manner.HEADING, 80, sentences=False),
    Rule("box", Manner.HEADING, 80, sentences=False),
    Rule("advertising", Manner.WHOLE, 160),
    Rule("sharing", Manner.WHOLE, 160),
    Rule("comments", Manner.WHOLE, 200),
    Rule("account", Manner.WHOLE, 240),
    Rule("reading_time", Manner.WHOLE, 100),
    Rule("privacy", Manner.START, 600),
    Rule("rights", Manner.START, 300),
    Rule("origin", Manner.START, 300),
    Rule("credit", Manner.START, 140, sentences=False),
    Rule("related", Manner.LABEL, 220),
    Rule("tags", Manner.LABEL, 300, sentences=False),
    Rule("newsletter", Manner.WITHIN, 400),
    Rule("appeal", Manner.WITHIN, 600),
    Rule("contributors", Manner.WITHIN, 300, ending=True),
    Rule("syndication", Manner.START, 300, ending=True),
    Rule("contact", Manner.START, 300, ending=True),
    Rule("agency", Manner.TAIL, 90, sentences=False),
)
LONGEST = max(rule.limit for rule in RULES)
"""Characters beyond which no line is looked at."""
