"""What an explanation consists of: plain values, for a person's screen or a machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Said:
    """What a witness says, and why it cannot be believed where a rule refuses it."""

    source: str
    value: str
    reason: str | None = None


@dataclass(frozen=True)
class FieldStory:
    """One field: what it is, who won it in which words, by which rule, and what the others said.

    ``source`` is ``None`` where nobody said anything, and ``none`` where nobody was believed.
    """

    name: str
    value: Any
    source: str | None = None
    raw: str | None = None
    rule: str | None = None
    others: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Dropped:
    """A line that is not in the text, and the rule that took it."""

    rule: str
    line: str


@dataclass(frozen=True)
class BodyStory:
    """Which text was taken and what became of it. Lengths are in words; ``kept`` counts lines."""

    source: str
    chosen: str
    because: str
    words: int
    kept: int
    lengths: Mapping[str, int]
    dropped: tuple[Dropped, ...]
    standfirst: str | None
    doubt: str | None = None
    """Why more than one extraction of the page was asked for."""
    candidates: Mapping[str, int] = field(default_factory=dict)
    """The words that each of them found, where there were several."""


@dataclass(frozen=True)
class SiteRuleStory:
    """The operator's rule for the page's site: what it decided, and what it did not find, each with why."""

    name: str
    used: tuple[str, ...]
    missed: tuple[Said, ...]


@dataclass(frozen=True)
class FlagStory:
    """A doubt, what it takes off the score, and what it rests on."""

    flag: str
    cost: float
    because: str


@dataclass(frozen=True)
class Explanation:
    """The whole story of a page. ``outcome``: ``article`` or the reason for the rejection."""

    outcome: str
    detail: str | None
    url: str | None
    page: dict[str, Any]
    extraction: dict[str, Any]
    fields: tuple[FieldStory, ...] = ()
    body: BodyStory | None = None
    site_rule: SiteRuleStory | None = None
    score: float | None = None
    flags: tuple[FlagStory, ...] = ()
    seen: Mapping[str, Any] = field(default_factory=dict)
    """What the page has to show beside the record: counts that a rejection is judged by."""
    spent: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by step."""

    def as_dict(self) -> dict[str, Any]:
        """The explanation as JSON."""
        return asdict(self)
