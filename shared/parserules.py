"""What an operator says about the pages of a single site that no general rule serves: ``[["example.org".parse]]``.

A rule holds between two dates, against the day (UTC) on which a page was fetched, so that pages of before a relaunch
are read as they were whenever they are parsed again. Selectors name elements, nothing computes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from shared.selectors import Selection, read_selection

MOST_SELECTIONS = 30
"""Selector lists of one key."""
SELECTING = ("body", "drop", "title", "author", "date")
_TEXT_ONLY = frozenset({"body", "drop"})
_PERIOD = ("valid_from", "valid_until")


@dataclass(frozen=True)
class ParseRule:
    """One rule of the site or host ``site``; both days belong to its period.

    ``body``: elements that hold the article's text, all of it and nothing else; ``drop``: elements that are taken out
    of the page before anything reads it; ``title``, ``author`` and ``date``: the first that the page has is believed.
    """

    site: str
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    body: tuple[Selection, ...] = ()
    drop: tuple[Selection, ...] = ()
    title: tuple[Selection, ...] = ()
    author: tuple[Selection, ...] = ()
    date: tuple[Selection, ...] = ()

    @property
    def period(self) -> str:
        """Its days, as ``2026-03-01..``; empty where it always holds."""
        if self.valid_from is None and self.valid_until is None:
            return ""
        return f"{self.valid_from or ''}..{self.valid_until or ''}"

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that change with anything that the rule says."""
        said = [self.site, self.period]
        said += [f"{key}={selection.text}" for key in SELECTING for selection in getattr(self, key)]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:8]

    @property
    def name(self) -> str:
        """The rule as a record names it: ``example.org:1a2b3c4d:2026-03-01..``."""
        return ":".join(part for part in (self.site, self.digest, self.period) if part)

    def holds(self, day: dt.date) -> bool:
        """Whether it is for pages that were fetched on ``day``."""
        return self.begins <= day <= self.ends

    @property
    def begins(self) -> dt.date:
        """Its first day."""
        return self.valid_from or dt.date.min

    @property
    def ends(self) -> dt.date:
        """Its last day."""
        return self.valid_until or dt.date.max


def in_force(rules: Sequence[ParseRule], at: dt.datetime | None) -> ParseRule | None:
    """The rule for pages fetched at ``at``; where that is not known, the one that holds last."""
    if at is None:
        return max(rules, key=lambda rule: rule.ends, default=None)
    day = at.astimezone(dt.UTC).date()
    return next((rule for rule in rules if rule.holds(day)), None)


def read_rules(site: str, tables: object) -> tuple[ParseRule, ...]:
    """The rules that the tables under ``parse`` make for ``site``, in the order of time.

    :raises ValueError: with the rule's number, where there are several, its key and what is wrong with it.
    """
    listed = [tables] if isinstance(tables, dict) else tables
    if not isinstance(listed, list) or not listed or not all(isinstance(table, dict) for table in listed):
        raise ValueError(f'must be a table, [["{site}".parse]]')
    found: list[ParseRule] = []
    for number, table in enumerate(listed, 1):
        try:
            found.append(_read_rule(site, table))
        except ValueError as error:
            raise ValueError(f"{number}, {error}" if len(listed) > 1 else str(error)) from None
    found.sort(key=lambda rule: rule.begins)
    for earlier, later in pairwise(found):
        if later.begins <= earlier.ends:
            days = f"{earlier.period or 'all days'} and {later.period or 'all days'}"
            raise ValueError(f"valid_from: two periods overlap, {days}")
    return tuple(found)


def _read_rule(site: str, table: Mapping[str, Any]) -> ParseRule:
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key in SELECTING:
            values[key] = tuple(_read_selections(key, value))
        elif key in _PERIOD:
            values[key] = _read_day(key, value)
        else:
            raise ValueError(f"{key}: unknown, there are {', '.join((*_PERIOD, *SELECTING))}")
    if not values.keys() & set(SELECTING):
        raise ValueError(f"says nothing about the page, with {', '.join(SELECTING[:-1])} or {SELECTING[-1]}")
    rule = ParseRule(site, **values)
    if rule.begins > rule.ends:
        raise ValueError(f"valid_until: {rule.valid_until} is before valid_from, {rule.valid_from}")
    return rule


def _read_selections(key: str, value: object) -> Iterator[Selection]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed or not all(isinstance(item, str) for item in listed):
        raise ValueError(f"{key}: must be a CSS selector, or a list of them (got {value!r})")
    if len(listed) > MOST_SELECTIONS:
        raise ValueError(f"{key}: more than {MOST_SELECTIONS} selectors")
    for item in listed:
        try:
            selection = read_selection(item)
        except ValueError as error:
            raise ValueError(f"{key}: {item[:80]!r} is no selector: {error}") from None
        if selection.attribute is not None and key in _TEXT_ONLY:
            raise ValueError(f"{key}: {item!r} names an attribute, it must name elements")
        yield selection


def _read_day(key: str, value: object) -> dt.date:
    # What has a time of day is a date to Python too.
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise ValueError(f"{key}: must be a day without quotes, such as 2026-03-01 (got {value!r})")
