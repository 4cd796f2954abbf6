"""From feedparser's dictionaries to what :mod:`~services.fetcher.reader.build` judges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.fetcher.reader.corrected import Parsed
from services.fetcher.reader.facts import EntryFacts, Screening
from services.fetcher.reader.raw import MediaImage, Person, RawEntry, RawFeed, Words


def raw_feed(parsed: Parsed, format_: str, screening: Screening, *, max_entries: int) -> RawFeed:
    """What feedparser found in a document, and beside it what only the screening could see."""
    head, listed = parsed.feed, parsed.entries[:max_entries]
    # Documents that feedparser counts otherwise: whose caption, credit and guid is whose is lost.
    facts: list[EntryFacts] | list[None] = screening.facts
    if len(facts) != len(listed):
        facts = [None] * len(listed)
    return RawFeed(
        format=format_,
        title=_words(head, "title"),
        links=_dictionaries(head, "links"),
        link=_text(head, "link"),
        language=_text(head, "language"),
        people=_people(head),
        ttl=_text(head, "ttl"),
        update_period=_text(head, "sy_updateperiod"),
        update_frequency=_text(head, "sy_updatefrequency"),
        skip_hours=screening.skip_hours,
        skip_days=screening.skip_days,
        entries=[_entry(*pair) for pair in zip(listed, facts, strict=True)],
        listed=max(screening.entries, len(parsed.entries)),
    )


def _entry(entry: dict[str, Any], facts: EntryFacts | None) -> RawEntry:
    title = dict.get(entry, "title_detail")
    found = RawEntry(
        entry_id=_text(entry, "id"),
        id_is_link=bool(dict.get(entry, "guidislink", True)),
        links=_dictionaries(entry, "links"),
        link=_text(entry, "link"),
        original_link=_text(entry, "feedburner_origlink"),
        title=_words(entry, "title"),
        title_language=_text(title, "language") if isinstance(title, dict) else None,
        language=_text(entry, "language"),
        summary=_words(entry, "summary"),
        contents=[
            Words(part["value"], str(part.get("type") or "").lower())
            for part in _dictionaries(entry, "content")
            if isinstance(part.get("value"), str)
        ],
        published=_text(entry, "published"),
        created=_text(entry, "created"),
        dated=_text(entry, "dc_date"),
        updated=_text(entry, "updated"),
        people=_people(entry),
        tags=[_text(tag, "label") or _text(tag, "term") for tag in _dictionaries(entry, "tags")],
    )
    if facts is None:
        found.images = list(_images(entry))
        return found
    found.id_is_link = facts.guid_is_link
    found.description = facts.description
    # feedparser's search for e-mail addresses leaves pieces of those under long domains (.news) in the names.
    found.writers = facts.authors
    found.images = facts.images
    return found


def _images(entry: dict[str, Any]) -> Iterator[MediaImage]:
    for name in ("media_content", "media_thumbnail"):
        for attributes in _dictionaries(entry, name):
            yield MediaImage(dict(attributes), name == "media_thumbnail")


def _people(values: dict[str, Any]) -> list[Person]:
    return [Person(_text(person, "name"), _text(person, "href")) for person in _dictionaries(values, "authors")]


def _words(values: dict[str, Any], name: str) -> Words | None:
    text, detail = _text(values, name), dict.get(values, f"{name}_detail")
    if text is None:
        return None
    kind = dict.get(detail, "type") if isinstance(detail, dict) else None
    return Words(text, str(kind or "text/html").lower())


def _text(values: dict[str, Any], name: str) -> str | None:
    # dict.get: feedparser's own passes `published` off as `updated`.
    value = dict.get(values, name)
    return value if isinstance(value, str) else None


def _dictionaries(values: dict[str, Any], name: str) -> list[dict[str, Any]]:
    listed = dict.get(values, name)
    return [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
