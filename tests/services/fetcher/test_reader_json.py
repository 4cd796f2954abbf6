"""JSON Feed 1.0 and 1.1."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import read_feed
from shared.records import EntryAuthor, EntryImage, FeedEntry, ParsedFeed

URL = "https://paper.example/feeds/all.json"
VERSION = "https://jsonfeed.org/version/1.1"


def read(max_entries: int = 2000, **fields: Any) -> ParsedFeed:
    body = json.dumps({"version": VERSION, "title": "Paper", "items": [], **fields}).encode()
    return read_feed(body, url=URL, max_entries=max_entries)


def item(**fields: Any) -> FeedEntry:
    (entry,) = read(items=[{"id": "1", **fields}]).entries
    return entry


def test_the_feed_describes_itself() -> None:
    feed = read(
        home_page_url="https://paper.example/",
        feed_url="https://paper.example/feed.json",
        language="de_DE",
        hubs=[{"type": "WebSub", "url": "https://hub.example/"}],
    )
    assert (feed.format, feed.title, feed.site_url) == ("json11", "Paper", "https://paper.example/")
    assert (feed.self_url, feed.language) == ("https://paper.example/feed.json", "de-DE")
    assert feed.hub_urls == ("https://hub.example/",)


@pytest.mark.parametrize(
    ("version", "format_"), [("1", "json10"), ("1.1", "json11"), ("2", "json")], ids=["1.0", "1.1", "to come"]
)
def test_every_version_is_named(version: str, format_: str) -> None:
    assert read(version=f"https://jsonfeed.org/version/{version}").format == format_


def test_an_item_comes_out_whole() -> None:
    assert item(
        url="/1",
        title="A & B",
        summary="1 < 2",
        content_html="<p>Long<script>x()</script></p>",
        content_text="Long",
        date_published="2026-11-24T08:00:00+11:00",
        date_modified="2026-11-24T09:00:00+11:00",
        authors=[{"name": "Ann", "url": "/ann"}, {"url": "/nobody"}],
        tags=["x", "y", "x"],
        language="fr",
        image="/a.jpg",
        banner_image="/a.jpg",
        attachments=[
            {"url": "/b.jpg", "mime_type": "image/jpeg", "title": "A bridge"},
            {"url": "/c.mp3", "mime_type": "audio/mpeg"},
        ],
    ) == FeedEntry(
        entry_id="1",
        link="https://paper.example/1",
        title="A & B",
        summary="1 &lt; 2",
        content="<p>Long</p>",
        authors=(EntryAuthor(name="Ann", url="https://paper.example/ann"),),
        tags=("x", "y"),
        language="fr",
        published_at=datetime(2026, 11, 23, 21, tzinfo=UTC),
        published_precision="second",
        published_raw="2026-11-24T08:00:00+11:00",
        updated_at=datetime(2026, 11, 23, 22, tzinfo=UTC),
        updated_precision="second",
        updated_raw="2026-11-24T09:00:00+11:00",
        images=(
            EntryImage(url="https://paper.example/a.jpg"),
            EntryImage(url="https://paper.example/b.jpg", caption="A bridge"),
        ),
        enclosures=("https://paper.example/b.jpg", "https://paper.example/c.mp3"),
    )


def test_plain_content_becomes_markup_that_shows_the_same() -> None:
    assert item(content_text="a < b & c").content == "a &lt; b &amp; c"


@pytest.mark.parametrize(("value", "name"), [(7, "7"), ("7", "7"), (7.5, "7.5")])
def test_an_id_may_be_a_number(value: object, name: str) -> None:
    assert item(id=value).entry_id == name


@pytest.mark.parametrize("value", [True, None, [], {}, "", "\x00"])
def test_an_id_that_is_none_is_none(value: object) -> None:
    assert item(id=value, title="A").entry_id is None


def test_the_author_of_version_1_and_of_the_whole_feed_count_too() -> None:
    assert item(author={"name": "Ann"}).authors == (EntryAuthor(name="Ann"),)
    feed = read(authors=[{"name": "Desk"}], items=[{"id": 1}, {"id": 2, "authors": [{"name": "Ann"}]}])
    assert [entry.authors[0].name for entry in feed.entries] == ["Desk", "Ann"]


def test_an_item_that_only_points_elsewhere_links_there() -> None:
    assert item(external_url="https://other.example/").link == "https://other.example/"


def test_values_of_the_wrong_type_are_as_good_as_none() -> None:
    entry = item(
        url=5, title=["A"], summary={}, content_html=1, authors="Ann", tags="x", attachments=[1, {"url": 2}], image=[],
        date_published=20261124,
    )  # fmt: skip
    assert entry == FeedEntry(entry_id="1")


def test_halves_of_characters_never_reach_the_database() -> None:
    body = json.dumps(
        {"version": VERSION, "items": [{"id": "a", "url": "https://x.example/?\ud800", "title": "\udfffA\x00"}]}
    )
    (entry,) = read_feed(body.encode()).entries
    assert entry.title == "A"
    entry.model_dump_json().encode()


def test_items_that_are_no_objects_are_counted() -> None:
    feed = read(items=[{"id": 1}, "x", None])
    assert (len(feed.entries), feed.skipped) == (1, 2)
    assert feed.problems == ("2 items that are no objects",)


def test_items_beyond_the_limit_are_counted() -> None:
    feed = read(items=[{"id": number} for number in range(25)], max_entries=10)
    assert (len(feed.entries), feed.skipped) == (10, 15)


def test_a_feed_without_a_list_of_items_has_none() -> None:
    assert read(items={}).problems == ("no list of items",)


def test_broken_json_that_calls_itself_a_feed_is_malformed() -> None:
    with pytest.raises(NotAFeedError, match="broken") as caught:
        read_feed(b'{"version": "https://jsonfeed.org/version/1", "items": [')
    assert caught.value.reason == "malformed"
