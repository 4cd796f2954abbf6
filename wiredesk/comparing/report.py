"""Changes of many pages counted, in memory that does not grow with their number."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wiredesk.comparing.changes import Change
from wiredesk.comparing.examples import as_example, shortened

BUCKETS = (("0.99 to 1", 0.99), ("0.95 to 0.99", 0.95), ("0.8 to 0.95", 0.8), ("0.5 to 0.8", 0.5), ("below 0.5", 0.0))
"""How far a text that changed agrees with what it was, and the least overlap of each."""
SAMPLES = 3
"""Changes that are shown of each field."""


@dataclass(frozen=True)
class FieldCount:
    """``gained``: null or empty before; ``lost``: null or empty now; ``changed``: one value to another."""

    changed: int = 0
    gained: int = 0
    lost: int = 0
    samples: tuple[dict[str, Any], ...] = ()

    @property
    def total(self) -> int:
        """Pages in which the field differs."""
        return self.changed + self.gained + self.lost


@dataclass(frozen=True)
class SiteCount:
    """Pages of one registered domain."""

    pages: int = 0
    changed: int = 0
    text_changed: int = 0
    overlap: float = 0.0
    """Summed over the texts that changed."""


@dataclass(frozen=True)
class Report:
    """What would change. ``examples`` are the worst changes, the worst first, each as :func:`as_example` tells it."""

    pages: int
    unchanged: int
    only_witnesses: int
    other_bytes: int
    versions: tuple[Mapping[str, int], Mapping[str, int]]
    outcomes: Mapping[str, int]
    fields: Mapping[str, FieldCount]
    overlaps: Mapping[str, int]
    words: Mapping[str, int]
    sites: Mapping[str, SiteCount]
    examples: tuple[dict[str, Any], ...]
    unmatched: Mapping[str, int] = field(default_factory=dict)
    """Pages that could not be compared, by why: ``only_old``, ``only_new``, ``page_missing``, ``unreadable``."""

    @property
    def changed(self) -> int:
        """Pages with at least one field that differs."""
        return self.pages - self.unchanged

    def as_dict(self) -> dict[str, Any]:
        """The report for a machine."""
        return {
            "pages": self.pages,
            "unchanged": self.unchanged,
            "changed": self.changed,
            "only_witnesses": self.only_witnesses,
            "other_bytes": self.other_bytes,
            "unmatched": dict(self.unmatched),
            "versions": {"old": dict(self.versions[0]), "new": dict(self.versions[1])},
            "outcomes": dict(self.outcomes),
            "fields": {
                name: {
                    "pages": count.total,
                    "share": round(count.total / self.pages, 4),
                    "changed": count.changed,
                    "gained": count.gained,
                    "lost": count.lost,
                    "samples": list(count.samples),
                }
                for name, count in self.fields.items()
            },
            "text": {"overlap": dict(self.overlaps), **self.words},
            "sites": {
                name: {
                    "pages": count.pages,
                    "changed": count.changed,
                    "text_changed": count.text_changed,
                    "mean_overlap": round(count.overlap / count.text_changed, 4) if count.text_changed else None,
                }
                for name, count in self.sites.items()
            },
            "examples": list(self.examples),
        }


class Tally:
    """Takes one change after another; of pages it keeps no more than the worst ``examples``."""

    def __init__(self, *, examples: int = 5) -> None:
        self._most = examples
        self._pages = self._unchanged = self._only_witnesses = self._other_bytes = 0
        self._versions: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self._outcomes: Counter[str] = Counter()
        self._fields: dict[str, FieldCount] = {}
        self._overlaps: Counter[str] = Counter()
        self._words: Counter[str] = Counter()
        self._sites: dict[str, SiteCount] = {}
        self._worst: list[tuple[tuple[float, int, str], int, Change]] = []
        self._unmatched: Counter[str] = Counter()

    def add(self, change: Change) -> None:
        """Count one page."""
        self._pages += 1
        self._other_bytes += not change.same_page
        self._versions[0][change.before.version] += 1
        self._versions[1][change.after.version] += 1
        self._count_site(change)
        if not change.fields:
            self._unchanged += 1
            self._only_witnesses += not change.same_witnesses
            return
        for name, (old, new) in change.fields.items():
            self._fields[name] = _counted(self._fields.get(name, FieldCount()), change, name, old, new)
        if "outcome" in change.fields:
            self._outcomes["{} -> {}".format(*change.fields["outcome"])] += 1
        if change.text is not None:
            text = change.text
            self._overlaps[next(name for name, least in BUCKETS if text.overlap >= least)] += 1
            self._words.update(
                words_before=text.words_before,
                words_after=text.words_after,
                words_added=text.added,
                words_lost=text.lost,
            )
        if self._most:
            keep = heapq.heappush if len(self._worst) < self._most else heapq.heappushpop
            keep(self._worst, (change.weight, self._pages, change))

    def leave_out(self, why: str, count: int = 1) -> None:
        """Count pages that could not be compared."""
        if count:
            self._unmatched[why] += count

    def report(self) -> Report:
        """The report as it stands."""
        return Report(
            pages=self._pages,
            unchanged=self._unchanged,
            only_witnesses=self._only_witnesses,
            other_bytes=self._other_bytes,
            versions=self._versions,
            outcomes=dict(self._outcomes.most_common()),
            fields=dict(sorted(self._fields.items(), key=lambda item: (-item[1].total, item[0]))),
            overlaps={name: self._overlaps[name] for name, _ in BUCKETS},
            words={name: self._words[name] for name in ("words_before", "words_after", "words_added", "words_lost")},
            sites=dict(
                sorted(
                    ((name, count) for name, count in self._sites.items() if count.changed),
                    key=lambda item: (-item[1].changed, item[0]),
                )
            ),
            examples=tuple(as_example(change) for _, _, change in sorted(self._worst, reverse=True)),
            unmatched=dict(self._unmatched),
        )

    def _count_site(self, change: Change) -> None:
        old = self._sites.get(change.site, SiteCount())
        self._sites[change.site] = SiteCount(
            pages=old.pages + 1,
            changed=old.changed + bool(change.fields),
            text_changed=old.text_changed + (change.text is not None),
            overlap=old.overlap + (change.text.overlap if change.text else 0.0),
        )


def _counted(count: FieldCount, change: Change, name: str, old: object, new: object) -> FieldCount:
    samples = count.samples
    if len(samples) < SAMPLES and name not in ("text", "markdown"):
        before, after = shortened(old, new)
        samples = (*samples, {"page": change.after.name, "old": before, "new": after})
    return FieldCount(
        changed=count.changed + (not _empty(old) and not _empty(new)),
        gained=count.gained + (_empty(old) and not _empty(new)),
        lost=count.lost + (not _empty(old) and _empty(new)),
        samples=samples,
    )


def _empty(value: object) -> bool:
    return value is None or value in ("", ())
