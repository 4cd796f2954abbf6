"""One change as it is shown: values shortened to a line, a text as the few lines in which it differs. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.records import Article, Record, rfc3339
from wiredesk.comparing.changes import Change, outcome
from wiredesk.comparing.texts import differences

DIFF_LINES = 6
_SHOWN = 160
_ITEMS = 5


def as_example(change: Change) -> dict[str, Any]:
    """One page's change, its values shortened and its text as a few lines of differences."""
    old, new = change.before.record, change.after.record
    lines: tuple[str, ...] = ()
    if isinstance(old, Article) and isinstance(new, Article):
        form = "text" if "text" in change.fields else "markdown" if "markdown" in change.fields else None
        if form is not None:
            lines = differences(getattr(old, form) or "", getattr(new, form) or "", most=DIFF_LINES)
    return {
        "page": change.after.name,
        "url": change.after.url or change.before.url,
        "outcome": [outcome(old), outcome(new)],
        "overlap": change.text.overlap if change.text else None,
        "fields": {
            name: list(shortened(*values)) for name, values in change.fields.items() if name not in ("text", "markdown")
        },
        "text": [_cut(line) for line in lines],
    }


def shortened(old: object, new: object) -> tuple[object, object]:
    """Two values of a field, short enough to be read; of two lists only what the other one has not."""
    if isinstance(old, tuple) and isinstance(new, tuple):
        lost, gained = (tuple(part for part in one if part not in other) for one, other in ((old, new), (new, old)))
        if lost or gained:
            return _short(lost), _short(gained)
    return _short(old), _short(new)


def _short(value: object) -> object:
    """A value as a person or a machine reads it, no longer than a line."""
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Record):
        return _cut("; ".join(str(part) for part in value.model_dump(mode="json").values() if part is not None))
    if isinstance(value, tuple):
        parts = [_short(part) for part in value]
        return [*parts[:_ITEMS], "…"] if len(parts) > _ITEMS else parts
    return value if value is None or isinstance(value, bool | int | float) else _cut(str(value))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
