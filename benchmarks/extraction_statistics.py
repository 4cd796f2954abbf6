"""How far a figure can be believed. Pure: the same marks give the same answer.

Pages of one newspaper are alike, so that whole domains are drawn and whole domains make a fold.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from benchmarks.extraction_score import Mark, total

DRAWS = 1000
_SEED = 4


@dataclass(frozen=True)
class Difference:
    """How much better one parser is than another, with the interval in which 95 % of the draws lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Spread:
    """A measure over folds: their mean and standard deviation."""

    mean: float
    deviation: float


def by_domain(domains: Sequence[str], marks: Sequence[Mark]) -> dict[str, Mark]:
    """The marks of each domain together."""
    groups: dict[str, list[Mark]] = {}
    for domain, mark in zip(domains, marks, strict=True):
        groups.setdefault(domain, []).append(mark)
    return {domain: total(group) for domain, group in groups.items()}


def differences(ours: Mapping[str, Mark], theirs: Mapping[str, Mark], *, draws: int = DRAWS) -> dict[str, Difference]:
    """The paired bootstrap: both parsers on the same domains, drawn with replacement ``draws`` times."""
    domains = sorted(ours)
    drawn: dict[str, list[float]] = {}
    chance = random.Random(_SEED)  # noqa: S311 - statistics
    for _ in range(draws):
        chosen = chance.choices(domains, k=len(domains))
        for name, value in _minus([ours[one] for one in chosen], [theirs[one] for one in chosen]).items():
            drawn.setdefault(name, []).append(value)
    real = _minus([ours[one] for one in domains], [theirs[one] for one in domains])
    return {name: Difference(value, *_middle(drawn[name])) for name, value in real.items() if name in drawn}


def folds(marks: Mapping[str, Mark], count: int) -> dict[str, Spread]:
    """Each measure over ``count`` groups of domains, to which a domain belongs by its name alone."""
    groups: list[list[Mark]] = [[] for _ in range(count)]
    for domain, mark in marks.items():
        groups[hashlib.sha256(domain.encode()).digest()[0] % count].append(mark)
    figures = [total(group).figures() for group in groups if group]
    return {
        name: Spread(mean(values), stdev(values) if len(values) > 1 else 0.0)
        for name in {name: None for one in figures for name in one}
        if (values := [one[name] for one in figures if name in one])
    }


def _minus(ours: Sequence[Mark], theirs: Sequence[Mark]) -> dict[str, float]:
    one, other = total(ours).figures(), total(theirs).figures()
    return {name: value - other[name] for name, value in one.items() if name in other}


def _middle(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    last = len(ordered) - 1
    return ordered[round(last * 0.025)], ordered[round(last * 0.975)]
