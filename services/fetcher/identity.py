"""What makes two entries of a feed the same one, and what makes one an edit of the other. Pure."""

from __future__ import annotations

import hashlib
import html
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from shared.records import FeedEntry
from shared.text import storable
from shared.urls import canonical_url

# PostgreSQL's index rows end at 2.7 kB; ids beyond this are rare and never read by a person.
MAX_LENGTH = 200
FINGERPRINT_VERSION = "1"
_TAG = re.compile(r"<[^>]*>")


def identities(entries: Sequence[FeedEntry]) -> list[str | None]:
    """The identity of each entry within its feed; equal where the document lists an entry twice.

    The entry's id, else its link, else title and date. An id on entries with different links names none of them
    (feeds that put one guid on all entries: miniflux/v2#4197), so there id and link together do. ``None``: nothing
    names it.
    """
    links: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.entry_id:
            links[entry.entry_id].add(_key(entry.link))
    shared = {entry_id for entry_id, found in links.items() if len(found) > 1}
    return [_identity(entry, shared) for entry in entries]


def _identity(entry: FeedEntry, shared: set[str]) -> str | None:
    if entry.entry_id and entry.entry_id not in shared:
        return _bounded("id", entry.entry_id)
    if entry.entry_id and entry.link:
        return _bounded("id+link", f"{entry.entry_id}\n{_key(entry.link)}")
    if entry.link:
        return _bounded("link", _key(entry.link))
    if entry.title:
        date = _date(entry.published_at, entry.published_precision, entry.published_raw)
        return _bounded("title", f"{entry.title}\n{date}")
    # An id that others share, and nothing else: better all of them as one than none.
    return _bounded("id", entry.entry_id) if entry.entry_id else None


def entry_fingerprint(entry: FeedEntry) -> str:
    """A hash of what a reader would call an edit: the words of title, summary and content, and the updated date.

    Markup, links, pictures and white space count for nothing, so that tracking parameters and picture sizes do not
    look like edits. Fields that are empty take no part, so that one that is added later changes no fingerprint of
    entries without it; the first character is the version of this rule.
    """
    fields = (
        ("title", _words(entry.title)),
        ("summary", _words(entry.summary)),
        ("content", _words(entry.content)),
        ("updated", _date(entry.updated_at, entry.updated_precision, entry.updated_raw)),
    )
    return FINGERPRINT_VERSION + _digest(f"{name}\x1f{value}\x1e" for name, value in fields if value)


def _words(markup: str | None) -> str:
    return "".join(html.unescape(_TAG.sub("", markup)).split()) if markup else ""


def _date(instant: object, precision: str | None, raw: str | None) -> str:
    # Of a clock without a zone only the day is believed: its own words tell two times of one day apart.
    return str(instant) if instant is not None and precision != "day" else raw or ""


def _key(link: str | None) -> str:
    """A link without what changes from poll to poll."""
    if not link:
        return ""
    try:
        return canonical_url(link)
    except ValueError:
        return link


def _bounded(kind: str, value: str) -> str:
    name = f"{kind}:{storable(value)}"
    return name if len(name) <= MAX_LENGTH else f"{kind}:sha256:{_digest([value])}"


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("".join(parts).encode("utf-8", "replace")).hexdigest()
