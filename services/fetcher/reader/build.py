"""From a feed's own words to the record: which of several links, texts and dates an entry's are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from services.fetcher.reader import media
from services.fetcher.reader.dates import entry_dates
from services.fetcher.reader.fields import absolute, clean, language_tag, resolve, whole_number
from services.fetcher.reader.markup import Markup, plain_line
from services.fetcher.reader.raw import HTML_TYPES, MAX_IMAGES, TEXT_TYPES, Person, RawEntry, RawFeed, Words
from shared.records import EntryAuthor, FeedEntry, FeedHints, ParsedFeed

MAX_LISTED = MAX_IMAGES
_ADDRESS = re.compile(r"(?:mailto:)?[^\s@<>()]+@[^\s@<>()]+")
_ADDRESSED = re.compile(rf"{_ADDRESS.pattern}\s*\((.*)\)|([^<(@]*)[<(]{_ADDRESS.pattern}[>)]")
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONGEST_HINT = 31_536_000


def build(raw: RawFeed, *, url: str | None, lost: int = 0, problems: Iterable[str] = ()) -> ParsedFeed:
    """The record of a document that came from ``url`` and has ``lost`` entries more that could not be read."""
    return _Builder(raw, url, list(problems)).feed(lost)


class _Builder:
    """One document on its way to the record."""

    def __init__(self, raw: RawFeed, url: str | None, problems: list[str]) -> None:
        self.raw = raw
        self.url = url
        self.problems = problems
        self.markup = Markup(is_clean=raw.is_clean)
        self.is_atom = raw.format.startswith("atom")
        links = raw.links[:MAX_LISTED]
        self.site_url = next(_addresses(links, "alternate", url), None) or absolute(url, clean(raw.link))
        # RFC 4287 resolves against the document; RSS has no rule, and its short links mean the site.
        self.base = url if self.is_atom else self.site_url or url
        self.authors = self._people(raw.people) if self.is_atom else ()

    def feed(self, lost: int) -> ParsedFeed:
        raw = self.raw
        links = raw.links[:MAX_LISTED]
        entries = tuple(map(self._entry, raw.entries))
        return ParsedFeed(
            format=raw.format,
            title=_line(raw.title),
            site_url=self.site_url,
            self_url=next(_addresses(links, "self", self.url), None),
            language=language_tag(clean(raw.language)),
            hub_urls=tuple(dict.fromkeys(_addresses(links, "hub", self.url))),
            hints=_hints(raw),
            entries=entries,
            skipped=raw.listed - len(entries) + lost,
            problems=tuple(dict.fromkeys(self.problems + self.markup.problems)),
        )

    def _entry(self, raw: RawEntry) -> FeedEntry:
        summary, content = self._texts(raw)
        if _most_listed(raw) > MAX_LISTED:
            self.problems.append(f"more than {MAX_LISTED} links, tags, authors or images of an entry: the first kept")
        links = raw.links[:MAX_LISTED]
        enclosures = [link for link in links if link.get("rel") == "enclosure"]
        return FeedEntry(
            entry_id=clean(raw.entry_id),
            link=self._link(raw, links),
            title=_line(raw.title),
            summary=summary,
            content=content,
            authors=self._authors(raw),
            tags=_unique([plain_line(tag) for tag in raw.tags[:MAX_LISTED]]),
            language=language_tag(clean(raw.language) or raw.title_language),
            **entry_dates(*self._dates(raw)),
            images=media.images(raw.images, enclosures, self.base),
            enclosures=_unique([absolute(self.base, _href(enclosure)) for enclosure in enclosures]),
        )

    def _link(self, raw: RawEntry, links: list[dict[str, Any]]) -> str | None:
        # FeedBurner counts clicks on addresses of its own and keeps the real one beside them.
        original = absolute(None, clean(raw.original_link))
        if original:
            return original
        alternates = [link for link in links if link.get("rel") == "alternate"]
        if len(alternates) > 1:
            alternates.sort(key=lambda link: link.get("type") not in HTML_TYPES)
        whole = resolve if self.is_atom else absolute
        for link in alternates:
            found = whole(self.base, _href(link))
            if found:
                return found
        # An id is a link when it is a whole address and does not say otherwise: RSS 2.0's guid, rdf:about, Atom's id.
        return absolute(None, clean(raw.link)) or (absolute(None, clean(raw.entry_id)) if raw.id_is_link else None)

    def _texts(self, raw: RawEntry) -> tuple[str | None, str | None]:
        contents = [words for words in raw.contents if words.text and words.kind in TEXT_TYPES]
        best = next((words for words in contents if words.is_html), contents[0] if contents else None)
        summary = raw.summary
        if summary is not None and not summary.text:
            summary = None
        if summary is None and best is None and raw.description:
            # Of a film the description is the entry's text; of a picture it is the caption.
            summary = Words(raw.description, "text/html")
        if summary is not None and any(words.text == summary.text for words in contents):
            summary = None
        return self._safe(summary), self._safe(best)

    def _safe(self, words: Words | None) -> str | None:
        return self.markup.safe_html(words.text, is_html=words.is_html) if words is not None else None

    def _authors(self, raw: RawEntry) -> tuple[EntryAuthor, ...]:
        if self.is_atom or not raw.writers:
            return self._people(raw.people) or self.authors
        names = (_person(plain_line(text)) for text in raw.writers[:MAX_LISTED])
        return tuple(EntryAuthor(name=name) for name in dict.fromkeys(names) if name)

    def _people(self, people: list[Person]) -> tuple[EntryAuthor, ...]:
        if not people:
            return ()
        named: dict[str, str | None] = {}
        for person in people[:MAX_LISTED]:
            name = plain_line(person.name)
            if name:
                named[name] = named.get(name) or absolute(self.base, clean(person.address))
        return tuple(EntryAuthor(name=name, url=url) for name, url in named.items())

    def _dates(self, raw: RawEntry) -> tuple[str | None, str | None]:
        published = _date(raw.published) or _date(raw.created)
        updated, dated = _date(raw.updated), _date(raw.dated)
        if published is None and not self.is_atom:
            # RSS 1.0 has no other.
            return dated, updated
        return published, updated or dated


def _most_listed(raw: RawEntry) -> int:
    return max(len(raw.links), len(raw.tags), len(raw.people), len(raw.writers), len(raw.images))


def _hints(raw: RawFeed) -> FeedHints:
    ttl = whole_number(raw.ttl)
    period = _PERIODS.get((raw.update_period or "").strip().lower())
    frequency = whole_number(raw.update_frequency)
    if period is None and frequency:
        period = _PERIODS["daily"]  # RSS 1.0 syndication module: the default
    hours = {hour % 24 for hour in map(whole_number, raw.skip_hours) if hour is not None and hour <= 24}
    days = {day.strip().lower() for day in raw.skip_days}
    return FeedHints(
        ttl_seconds=min(ttl * 60, _LONGEST_HINT) if ttl else None,
        syndication_seconds=period // (frequency or 1) or None if period else None,
        skip_hours=tuple(sorted(hours)),
        skip_days=tuple(day.capitalize() for day in _DAYS if day in days),
    )


def _line(words: Words | None) -> str | None:
    return plain_line(words.text, is_html=words.is_html) if words is not None else None


def _unique(texts: list[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts))) if texts else ()


def _href(link: dict[str, Any]) -> str | None:
    href = link.get("href")
    return clean(href) if isinstance(href, str) else None


def _date(text: str | None) -> str | None:
    return " ".join((clean(text) or "").split())[:100] or None if text else None


def _addresses(links: Iterable[dict[str, Any]], relation: str, base: str | None) -> Iterator[str]:
    found = (resolve(base, _href(link)) for link in links if relation in str(link.get("rel")).split())
    return filter(None, found)


def _person(text: str | None) -> str | None:
    """The name in ``ann@paper.example (Ann)`` or ``Ann <ann@paper.example>``; none in an address alone."""
    if text is None or "@" not in text:
        return text
    match = _ADDRESSED.fullmatch(text)
    return (match[1] or match[2]).strip() or None if match else None if _ADDRESS.fullmatch(text) else text
