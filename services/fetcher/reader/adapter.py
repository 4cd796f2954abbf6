"""From feedparser's dictionaries to the record: which of several links, texts and dates an entry's are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from services.fetcher.reader import media
from services.fetcher.reader.dates import parse_date
from services.fetcher.reader.facts import EntryFacts, Screening
from services.fetcher.reader.fields import absolute, clean, language_tag, resolve, whole_number
from services.fetcher.reader.markup import MAX_CONTENT, plain_line, safe_html
from shared.records import EntryAuthor, FeedEntry, FeedHints, ParsedFeed

MAX_LISTED = 100
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml"})
_TEXT_TYPES = _HTML_TYPES | {"text/plain", "text", ""}
_ADDRESS = re.compile(r"(?:mailto:)?[^\s@<>()]+@[^\s@<>()]+")
_ADDRESSED = re.compile(rf"{_ADDRESS.pattern}\s*\((.*)\)|([^<(@]*)[<(]{_ADDRESS.pattern}[>)]")
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONGEST_HINT = 31_536_000


class Adapter:
    """One document on its way from feedparser's dictionaries to the record."""

    def __init__(
        self,
        parsed: dict[str, Any],
        version: str,
        screening: Screening,
        url: str | None,
        max_entries: int,
        problems: list[str],
    ) -> None:
        self.max_entries = max_entries
        self.parsed = parsed
        self.version = version
        self.screening = screening
        self.url = url
        self.problems = problems
        self.head: dict[str, Any] = parsed["feed"]
        self.is_atom = version.startswith("atom")
        self.site_url = self._site_url()
        # RFC 4287 resolves against the document; RSS has no rule, and its short links mean the site.
        self.base = url if self.is_atom else self.site_url or url

    def feed(self, lost: int) -> ParsedFeed:
        head = self.head
        listed = self.parsed["entries"][: self.max_entries]
        facts: Sequence[EntryFacts | None] = self.screening.facts
        if len(facts) != len(listed):
            facts = [None] * len(listed)
        authors = _authors(head, self.base) if self.is_atom else []
        entries = tuple(self._entry(*pair, authors) for pair in zip(listed, facts, strict=True))
        links = _links(head)
        return ParsedFeed(
            format=self.version,
            title=_title(head),
            site_url=self.site_url,
            self_url=next(_addresses(links, "self", self.url), None),
            language=language_tag(_text(head, "language")),
            hub_urls=tuple(dict.fromkeys(_addresses(links, "hub", self.url))),
            hints=self._hints(),
            entries=entries,
            skipped=max(self.screening.entries, len(self.parsed["entries"])) - len(listed) + lost,
            problems=tuple(dict.fromkeys(self.problems)),
        )

    def _site_url(self) -> str | None:
        links = _links(self.head)
        return next(_addresses(links, "alternate", self.url), None) or absolute(self.url, _text(self.head, "link"))

    def _hints(self) -> FeedHints:
        head = self.head
        ttl = whole_number(_text(head, "ttl"))
        period = _PERIODS.get((_text(head, "sy_updateperiod") or "").strip().lower())
        frequency = whole_number(_text(head, "sy_updatefrequency"))
        if period is None and frequency:
            period = _PERIODS["daily"]  # RSS 1.0 syndication module: the default
        hours = {hour % 24 for hour in map(whole_number, self.screening.skip_hours) if hour is not None and hour <= 24}
        days = {day.strip().lower() for day in self.screening.skip_days}
        return FeedHints(
            ttl_seconds=min(ttl * 60, _LONGEST_HINT) if ttl else None,
            syndication_seconds=period // (frequency or 1) or None if period else None,
            skip_hours=tuple(sorted(hours)),
            skip_days=tuple(day.capitalize() for day in _DAYS if day in days),
        )

    def _entry(self, entry: dict[str, Any], facts: EntryFacts | None, feed_authors: list[EntryAuthor]) -> FeedEntry:
        links = _links(entry)
        summary, content = self._texts(entry, facts)
        published_raw, updated_raw = self._dates(entry)
        published, updated = parse_date(published_raw), parse_date(updated_raw)
        enclosures = [link for link in links if link.get("rel") == "enclosure"]
        if any(len(dict.get(entry, name) or ()) > MAX_LISTED for name in ("links", "tags", "authors")):
            self.problems.append(f"more than {MAX_LISTED} links, tags or authors of an entry: the first kept")
        return FeedEntry(
            entry_id=_text(entry, "id"),
            link=self._link(entry, links, facts),
            title=_title(entry),
            summary=summary,
            content=content,
            authors=tuple(self._authors(entry, facts) or feed_authors),
            tags=_tags(entry),
            language=language_tag(_text(entry, "language") or _detail_language(entry)),
            published_at=published.at if published else None,
            published_precision=published.precision if published else None,
            published_raw=published_raw,
            updated_at=updated.at if updated else None,
            updated_precision=updated.precision if updated else None,
            updated_raw=updated_raw,
            images=media.images(facts, entry, enclosures, self.base),
            enclosures=tuple(dict.fromkeys(filter(None, (absolute(self.base, _text(e, "href")) for e in enclosures)))),
        )

    def _link(self, entry: dict[str, Any], links: list[dict[str, Any]], facts: EntryFacts | None) -> str | None:
        # FeedBurner counts clicks on addresses of its own and keeps the real one beside them.
        original = absolute(None, _text(entry, "feedburner_origlink"))
        if original:
            return original
        alternates = [link for link in links if link.get("rel") == "alternate"]
        pages = [link for link in alternates if link.get("type") in _HTML_TYPES]
        for link in pages + alternates:
            whole = resolve if self.is_atom else absolute
            found = whole(self.base, _text(link, "href"))
            if found:
                return found
        # An id is a link when it is a whole address and does not say otherwise: RSS 2.0's guid, rdf:about, Atom's id.
        is_link = facts.guid_is_link if facts is not None else dict.get(entry, "guidislink", True)
        return absolute(None, _text(entry, "link")) or (absolute(None, _text(entry, "id")) if is_link else None)

    def _texts(self, entry: dict[str, Any], facts: EntryFacts | None) -> tuple[str | None, str | None]:
        captions = facts.captions if facts is not None else set()
        summary = _text(entry, "summary")
        contents = [
            part
            for part in dict.get(entry, "content") or ()
            if str(part.get("type") or "").lower() in _TEXT_TYPES and _text(part, "value")
        ]
        if captions and (summary or "") not in captions:
            # The caption of a picture, which feedparser takes for the entry's second description.
            contents = [part for part in contents if part["value"].strip() not in captions]
        elif captions and contents and facts is not None and not facts.has_content:
            # The caption stood first; the second description is the real one.
            return self._markup(contents[0]["value"], contents[0]), None
        best = next((part for part in contents if part.get("type") in _HTML_TYPES), contents[0] if contents else None)
        if summary and any(part["value"].strip() == summary for part in contents):
            summary = None
        detail = dict.get(entry, "summary_detail")
        return self._markup(summary, detail), self._markup(best["value"], best) if best else None

    def _authors(self, entry: dict[str, Any], facts: EntryFacts | None) -> list[EntryAuthor]:
        if self.is_atom or facts is None or not facts.authors:
            return _authors(entry, self.base)
        # feedparser's search for e-mail addresses leaves pieces of those under long domains (.news) in the names.
        names = (_person(plain_line(text)) for text in facts.authors)
        return [EntryAuthor(name=name) for name in dict.fromkeys(names) if name]

    def _markup(self, value: str | None, detail: dict[str, Any] | None) -> str | None:
        if not value:
            return None
        if len(value) > MAX_CONTENT:
            self.problems.append(f"content cut to {MAX_CONTENT} characters")
        return safe_html(value, is_html=_is_html(detail))

    def _dates(self, entry: dict[str, Any]) -> tuple[str | None, str | None]:
        # dict.get: feedparser's own passes `published` off as `updated`.
        published = _raw_date(entry, "published") or _raw_date(entry, "created")
        updated = _raw_date(entry, "updated")
        if published is None and not self.is_atom and not self.screening.has_modified:
            # RSS 1.0 has only dc:date, which feedparser files under `updated`.
            return updated, None
        return published, updated


def _text(values: dict[str, Any], name: str) -> str | None:
    value = dict.get(values, name)
    return clean(value) if isinstance(value, str) else None


def _raw_date(entry: dict[str, Any], name: str) -> str | None:
    raw = _text(entry, name)
    return " ".join(raw.split())[:100] if raw else None


def _is_html(detail: dict[str, Any] | None) -> bool:
    return detail is None or str(dict.get(detail, "type") or "text/html").lower() in _HTML_TYPES


def _title(values: dict[str, Any]) -> str | None:
    return plain_line(_text(values, "title"), is_html=_is_html(dict.get(values, "title_detail")))


def _links(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [link for link in dict.get(values, "links") or () if isinstance(link, dict)][:MAX_LISTED]


def _addresses(links: Iterable[dict[str, Any]], relation: str, base: str | None) -> Iterator[str]:
    found = (resolve(base, _text(link, "href")) for link in links if relation in str(link.get("rel")).split())
    return filter(None, found)


def _authors(values: dict[str, Any], base: str | None) -> list[EntryAuthor]:
    people = [person for person in dict.get(values, "authors") or () if isinstance(person, dict)][:MAX_LISTED]
    named: dict[str, str | None] = {}
    for person in people:
        name = plain_line(_text(person, "name"))
        if name:
            named[name] = named.get(name) or absolute(base, _text(person, "href"))
    return [EntryAuthor(name=name, url=url) for name, url in named.items()]


def _person(text: str | None) -> str | None:
    """The name in ``ann@paper.example (Ann)`` or ``Ann <ann@paper.example>``; none in an address alone."""
    if text is None or "@" not in text:
        return text
    match = _ADDRESSED.fullmatch(text)
    return (match[1] or match[2]).strip() or None if match else None if _ADDRESS.fullmatch(text) else text


def _tags(entry: dict[str, Any]) -> tuple[str, ...]:
    tags = (tag for tag in (dict.get(entry, "tags") or ())[:MAX_LISTED] if isinstance(tag, dict))
    named = (plain_line(_text(tag, "label") or _text(tag, "term")) for tag in tags)
    return tuple(dict.fromkeys(name for name in named if name))


def _detail_language(entry: dict[str, Any]) -> str | None:
    detail = dict.get(entry, "title_detail")
    return _text(detail, "language") if isinstance(detail, dict) else None
