"""JSON Feed 1.0 and 1.1 (jsonfeed.org): a value of the wrong type is as good as none, never the end of the feed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader.dates import entry_dates
from services.fetcher.reader.fields import absolute, clean, language_tag
from services.fetcher.reader.markup import Markup, plain_line
from services.fetcher.reader.newest import latest, newest
from shared.records import EntryAuthor, EntryImage, FeedEntry, ParsedFeed

VERSION = "https://jsonfeed.org/version/"
MAX_LISTED = 100
# Of up to 250 bytes each, when parsed.
MAX_VALUES = 500_000
_FORMATS = {"1": "json10", "1.0": "json10", "1.1": "json11"}


def read_json_feed(text: str, *, url: str | None, max_entries: int) -> ParsedFeed:
    """Read a JSON Feed.

    :raises NotAFeedError: ``malformed`` for broken JSON that calls itself a feed, ``hostile`` for JSON nested too
        deep, ``not_a_feed`` for other JSON.
    """
    document = _load(text)
    version = document.get("version")
    items = document.get("items")
    if not isinstance(version, str) or not version.removeprefix("http://").removeprefix("https://").startswith(
        VERSION.removeprefix("https://")
    ):
        raise NotAFeedError("not_a_feed", "JSON that is no JSON Feed")
    problems = []
    if not isinstance(items, list):
        items = []
        problems.append("no list of items")
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) < len(items):
        problems.append(f"{len(items) - len(objects)} items that are no objects")
    base = absolute(url, _text(document, "feed_url")) or url
    authors = _authors(document, base)
    markup = Markup()
    chosen = newest(
        [latest((_text(item, "date_published"), _text(item, "date_modified"))) for item in objects], max_entries
    )
    entries = [_entry(objects[place], base, authors, markup) for place in chosen]
    return ParsedFeed(
        format=_FORMATS.get(version.rpartition("/")[2], "json"),
        title=plain_line(_text(document, "title"), is_html=False),
        site_url=absolute(base, _text(document, "home_page_url")),
        self_url=absolute(url, _text(document, "feed_url")),
        language=language_tag(_text(document, "language")),
        hub_urls=_urls(_objects(document, "hubs"), base),
        entries=tuple(entries),
        skipped=len(items) - len(entries),
        problems=tuple(dict.fromkeys(problems + markup.problems)),
    )


def _load(text: str) -> dict[str, Any]:
    if len(text) > MAX_VALUES and sum(map(text.count, "{[,")) > MAX_VALUES:
        raise NotAFeedError("hostile", f"refused: JSON of more than {MAX_VALUES} values")
    try:
        document = json.loads(text)
    except RecursionError:
        raise NotAFeedError("hostile", "refused: JSON nested too deep") from None
    except ValueError as error:
        if VERSION in text[:2000].replace("\\/", "/"):
            raise NotAFeedError("malformed", f"a JSON Feed that is broken: {error}") from None
        raise NotAFeedError("not_a_feed", "no feed: it begins like JSON but is none") from None
    return document if isinstance(document, dict) else {}


def _entry(item: dict[str, Any], base: str | None, feed_authors: list[EntryAuthor], markup: Markup) -> FeedEntry:
    content, summary = _text(item, "content_html"), _text(item, "summary")
    is_html = content is not None
    if content is None:
        content = _text(item, "content_text")
    attachments = _objects(item, "attachments")
    images = [
        EntryImage(url=found)
        for found in (absolute(base, _text(item, name)) for name in ("image", "banner_image"))
        if found
    ]
    images += [
        EntryImage(url=found, caption=plain_line(_text(attachment, "title"), is_html=False))
        for attachment in attachments
        if (_text(attachment, "mime_type") or "").startswith("image/")
        and (found := absolute(base, _text(attachment, "url")))
    ]
    return FeedEntry(
        entry_id=_identifier(item.get("id")),
        link=absolute(base, _text(item, "url")) or absolute(base, _text(item, "external_url")),
        title=plain_line(_text(item, "title"), is_html=False),
        summary=markup.safe_html(summary, is_html=False) if summary else None,
        content=markup.safe_html(content, is_html=is_html) if content else None,
        authors=tuple(_authors(item, base) or feed_authors),
        tags=tuple(dict.fromkeys(filter(None, (plain_line(tag, is_html=False) for tag in _texts(item, "tags"))))),
        language=language_tag(_text(item, "language")),
        **entry_dates(_text(item, "date_published"), _text(item, "date_modified")),
        images=tuple({image.url: image for image in images}.values()),
        enclosures=_urls(attachments, base),
    )


def _authors(item: dict[str, Any], base: str | None) -> list[EntryAuthor]:
    """Of 1.1's ``authors``, or 1.0's ``author``."""
    listed = _objects(item, "authors")
    if not listed and isinstance(item.get("author"), dict):
        listed = [item["author"]]
    named = (
        (plain_line(_text(author, "name"), is_html=False), absolute(base, _text(author, "url"))) for author in listed
    )
    return [EntryAuthor(name=name, url=found) for name, found in named if name]


def _identifier(value: object) -> str | None:
    """1.1: "must coerce to a string" whatever it is."""
    if isinstance(value, str):
        return clean(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(item: dict[str, Any], name: str) -> str | None:
    value = item.get(name)
    return clean(value) if isinstance(value, str) else None


def _texts(item: dict[str, Any], name: str) -> list[str]:
    value = item.get(name)
    return [part for part in value[:MAX_LISTED] if isinstance(part, str)] if isinstance(value, list) else []


def _objects(item: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = item.get(name)
    return [part for part in value[:MAX_LISTED] if isinstance(part, dict)] if isinstance(value, list) else []


def _urls(objects: Iterable[dict[str, Any]], base: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (absolute(base, _text(part, "url")) for part in objects))))
