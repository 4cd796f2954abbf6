"""A field of the record: what several witnesses say of it, and which of them is believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.records import Candidate, FieldProvenance

RAW_LIMIT = 500
MAX_CANDIDATES = 12
FEED = "feed"
"""The source that is not the page."""


@dataclass(frozen=True)
class Witness:
    """What one source says: ``h1``, ``jsonld``, ``og:title``, ``feed``..."""

    source: str
    value: str
    iso: str | None = None
    """A date's ``value`` as ISO 8601, no more exact than it is, where another reader than the parser understood it."""
    reason: str | None = None
    """Why it cannot be believed, in a few words, where a rule refuses it."""


def refused(witness: Witness, reason: str) -> Witness:
    """The same, not to be believed."""
    return replace(witness, reason=reason)


def provenance(
    winner: Witness | None, witnesses: Iterable[Witness], *, offset: str | None = None
) -> FieldProvenance | None:
    """The winner in its own words and every other thing that was said; ``None`` where nobody said anything.

    Where nobody was believed, the source is ``none`` and all that was said is kept.
    """
    candidates: list[Candidate] = []
    seen = {(winner.source, winner.value)} if winner else set()
    for witness in witnesses:
        if (witness.source, witness.value) in seen or len(candidates) >= MAX_CANDIDATES:
            continue
        seen.add((witness.source, witness.value))
        candidates.append(Candidate(source=witness.source, value=witness.value[:RAW_LIMIT], reason=witness.reason))
    if winner is None and not candidates:
        return None
    return FieldProvenance(
        source=winner.source if winner else "none",
        raw=winner.value[:RAW_LIMIT] if winner else None,
        offset=offset,
        candidates=tuple(candidates),
    )
