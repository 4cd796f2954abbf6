"""Two records of one page, field by field. Pure.

Compared is what the parser makes of a page. What the store, the queue and the indexer know about it (ids, times, feeds,
the file it lies in) is none of the parser's doing, and who said a thing is told apart from what was said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.records import Article, Record, Rejection
from shared.urls import site_of
from wiredesk.comparing.texts import TextChange, change

Parsed = Article | Rejection

NOT_COMPARED = frozenset(
    {
        "schema_version", "id", "version", "seq", "feeds", "cluster_id", "duplicate_of", "provenance", "page",
        "extraction", "discovered_at", "fetched_at", "parsed_at", "indexed_at", "urls.discovered", "urls.final",
        "access.robots",
    }
)  # fmt: skip
"""Fields of the record that are not the parser's, or are told in another way."""

_DECIMALS = 2
"""Of a confidence or score: what lies behind is no news to anybody."""


@dataclass(frozen=True)
class Found:
    """A record with the name that a person knows its page by: a file, a key or a URL."""

    name: str
    record: Parsed

    @cached_property
    def url(self) -> str | None:
        """Where the page was."""
        return self.record.urls.final or self.record.url if isinstance(self.record, Article) else self.record.url

    @property
    def version(self) -> str:
        """Which parser made the record."""
        return self.record.extraction.version if self.record.extraction else "unknown"


@dataclass(frozen=True)
class Change:
    """What became of one page. ``fields``: before and after, by name; empty where nothing changed.

    A page that was an article and is none now, or the other way round, has the field ``outcome`` and no other.
    """

    before: Found
    after: Found
    fields: dict[str, tuple[Any, Any]]
    text: TextChange | None
    same_page: bool
    """Whether both read the same bytes. Where not, the page may be what changed."""
    same_witnesses: bool

    @property
    def site(self) -> str:
        """The registered domain, or a word for pages that are from nowhere."""
        url = self.after.url or self.before.url
        return (site_of(url) if url else "") or "(no URL)"

    @property
    def weight(self) -> tuple[float, int, str]:
        """The worse a change is, the larger: an article lost, then the text, then other fields. No two are equal."""
        if "outcome" in self.fields:
            lost = isinstance(self.before.record, Article)
            return (3.0 if lost else 1.5, 0, self.after.name)
        text = 1 - self.text.overlap if self.text else 0.0
        return (text, len(self.fields), self.after.name)


def compare(before: Found, after: Found) -> Change:
    """What changed from one record of a page to another."""
    old, new = before.record, after.record
    text = None
    if isinstance(old, Article) and isinstance(new, Article):
        fields = _differing(leaves(old), leaves(new))
        if "text" in fields:
            text = change(old.text, new.text)
            # It follows from the text: of its own it is only news where the text is what it was.
            fields.pop("word_count", None)
        same_witnesses = old.provenance == new.provenance
    else:
        fields = _differing({"outcome": outcome(old)}, {"outcome": outcome(new)})
        same_witnesses = True
    return Change(
        before=before,
        after=after,
        fields=fields,
        text=text,
        same_page=old.page.sha256 == new.page.sha256 or None in (old.page.sha256, new.page.sha256),
        same_witnesses=same_witnesses,
    )


def outcome(record: Parsed) -> str:
    """``article``, or the reason for which there is none."""
    return "article" if isinstance(record, Article) else str(record.reason)


def leaves(article: Article) -> dict[str, Any]:
    """The compared fields by their full names: ``title``, ``urls.canonical``, ``quality.flags``..."""
    return dict(_leaves(article, ""))


def _leaves(record: Record, prefix: str) -> Iterator[tuple[str, Any]]:
    for field in type(record).model_fields:
        name = f"{prefix}{field}"
        value = getattr(record, field)
        if name in NOT_COMPARED:
            continue
        if isinstance(value, Record):
            yield from _leaves(value, f"{name}.")
        else:
            yield name, round(value, _DECIMALS) if isinstance(value, float) else value


def _differing(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (old.get(name), value) for name, value in new.items() if old.get(name) != value}
