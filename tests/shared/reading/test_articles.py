"""Reading articles: by id, newest first, filtered, and searched in their own language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.database import Connection
from shared.errors import UsageError
from shared.reading.articles import (
    ArticleQuery,
    find_articles,
    get_article,
    get_versions,
    iterate_articles,
    languages_in_use,
    list_versions,
)
from shared.reading.events import read_events
from shared.records import Article, Source
from tests.shared.reading.conftest import TEXTS
from tests.shared.reading.newsroom import BEGAN, Newsroom, make_article


def titles(connection: Connection, **query: object) -> list[str]:
    return [article["title"] for article in find_articles(connection, ArticleQuery(**query)).articles]  # type: ignore[arg-type]


def test_newest_first(newsroom: Newsroom, connection: Connection) -> None:
    for hours in (2, 5, 1):
        newsroom.publish(make_article(title=f"{hours}", published_at=BEGAN + timedelta(hours=hours)))
    assert titles(connection) == ["5", "2", "1"]


def test_an_article_without_a_date_stands_where_it_was_discovered(newsroom: Newsroom, connection: Connection) -> None:
    newsroom.publish(make_article(title="a", published_at=BEGAN))
    newsroom.publish(
        make_article(title="b", published_at=None, published_precision=None, discovered_at=BEGAN + timedelta(hours=1))
    )
    newsroom.publish(make_article(title="c", published_at=BEGAN + timedelta(hours=2)))
    assert titles(connection) == ["c", "b", "a"]


def test_an_article_from_the_future_does_not_stay_on_top(newsroom: Newsroom, connection: Connection) -> None:
    newsroom.publish(make_article(title="future", published_at=datetime.now(UTC) + timedelta(days=400)))
    newsroom.publish(make_article(title="later", published_at=datetime.now(UTC) + timedelta(days=300)))
    assert titles(connection) == ["later", "future"]


def test_what_is_read_is_the_record_with_everything_the_indexer_adds(
    newsroom: Newsroom, connection: Connection
) -> None:
    feed = newsroom.feed("https://gazette.example/rss")
    written = newsroom.publish(make_article("https://gazette.example/a"), feed_id=feed)
    found = get_article(connection, written.article_id or "")
    assert found is not None
    record = Article.model_validate(found)
    assert (record.id, record.version, record.seq) == (written.article_id, 1, written.seq)
    assert [(ref.feed_id, ref.feed_url) for ref in record.feeds] == [(feed, "https://gazette.example/rss")]
    assert record.indexed_at is not None
    assert list(found) == list(Article.model_fields)


def test_the_feeds_are_those_that_list_the_article_now(newsroom: Newsroom, connection: Connection) -> None:
    first = newsroom.feed("https://gazette.example/rss")
    written = newsroom.publish(make_article("https://gazette.example/a"), feed_id=first)
    second = newsroom.feed("https://planet.example/rss")
    newsroom.list_in(second, "https://gazette.example/a", guid="wire-1")
    found = get_article(connection, written.article_id or "") or {}
    assert [(ref["feed_id"], ref["entry_id"]) for ref in found["feeds"]] == [
        (first, "https://gazette.example/a"),
        (second, "wire-1"),
    ]


@pytest.mark.parametrize("name", ["", "01K00000000000000000000000", "a\x00b", "\ud800", "' OR true --"])
def test_an_id_that_was_never_given_out_is_nothing(library: Connection, name: str) -> None:
    assert get_article(library, name) is None
    assert get_versions(library, name) == []


def test_versions_are_all_there_oldest_first(newsroom: Newsroom, connection: Connection) -> None:
    url = "https://gazette.example/a"
    first = newsroom.publish(make_article(url, title="Ten ships", text="Ten ships."))
    newsroom.publish(make_article(url, title="Eleven ships", text="Ten ships."))
    newsroom.publish(make_article(url, title="Eleven ships", text="Eleven ships."))
    versions = get_versions(connection, first.article_id or "")
    assert [(version["version"], version["reason"]) for version in versions] == [
        (1, "created"),
        (2, "title"),
        (3, "text"),
    ]
    assert [Article.model_validate(version["record"]).title for version in versions] == [
        "Ten ships",
        "Eleven ships",
        "Eleven ships",
    ]
    assert all(version["record"]["feeds"] for version in versions)
    assert [
        {name: version[name] for name in ("version", "reason", "created_at")} for version in versions
    ] == list_versions(connection, first.article_id or "")


def test_following_the_cursor_shows_each_article_once_while_new_ones_arrive(
    newsroom: Newsroom, connection: Connection
) -> None:
    for hours in range(7):
        newsroom.publish(make_article(title=f"{hours}", published_at=BEGAN + timedelta(hours=hours)))
    seen: list[str] = []
    cursor: str | None = None
    for page_number in range(10):
        page = find_articles(connection, ArticleQuery(cursor=cursor, limit=2))
        seen += [article["title"] for article in page.articles]
        cursor = page.next_cursor
        if cursor is None:
            break
        # One that is newer than everything, and an update of one that comes later on.
        newsroom.publish(make_article(title=f"new {page_number}", published_at=BEGAN + timedelta(days=3)))
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


def test_an_update_does_not_move_an_article(newsroom: Newsroom, connection: Connection) -> None:
    url = "https://gazette.example/a"
    newsroom.publish(make_article(url, title="old", published_at=BEGAN))
    newsroom.publish(make_article(title="newer", published_at=BEGAN + timedelta(hours=1)))
    newsroom.publish(make_article(url, title="corrected", published_at=BEGAN + timedelta(hours=9)))
    assert titles(connection) == ["newer", "corrected"]


def test_articles_of_the_same_moment_are_neither_lost_nor_repeated_between_pages(
    newsroom: Newsroom, connection: Connection
) -> None:
    for number in range(5):
        newsroom.publish(make_article(title=f"{number}", published_at=BEGAN))
    first = find_articles(connection, ArticleQuery(limit=3))
    second = find_articles(connection, ArticleQuery(limit=3, cursor=first.next_cursor))
    assert second.next_cursor is None
    assert {article["title"] for article in first.articles + second.articles} == {"0", "1", "2", "3", "4"}


def test_a_full_last_page_has_no_next_one(newsroom: Newsroom, connection: Connection) -> None:
    newsroom.publish(make_article())
    assert find_articles(connection, ArticleQuery(limit=1)).next_cursor is None


def test_iterating_goes_through_all_pages(newsroom: Newsroom, connection: Connection) -> None:
    for _ in range(3):
        newsroom.publish(make_article())
    assert len(list(iterate_articles(connection, ArticleQuery(limit=1)))) == 3


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "eA",
        "WzEsMl0",  # [1,2]
        "WyIyMDI2LTAzLTAxIiwgIngiXQ",  # a day, and no id
        "WyIyMDI2LTAzLTAxVDAwOjAwOjAwIiwgIjAxSzAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwIl0",  # no zone
        "WyIyMDI2LTAzLTAxVDAwOjAwOjAwWiIsICJcdWQ4MDAiXQ",  # half a surrogate pair
        "ééé",
        "A" * 100,
        "[" * 5000,
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(library: Connection, cursor: str) -> None:
    with pytest.raises(UsageError, match="cursor"):
        find_articles(library, ArticleQuery(cursor=cursor))


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_limit_out_of_range_is_refused(library: Connection, limit: int) -> None:
    with pytest.raises(UsageError, match="limit"):
        find_articles(library, ArticleQuery(limit=limit))


def test_a_search_that_is_too_long_is_refused(library: Connection) -> None:
    with pytest.raises(UsageError, match="500"):
        find_articles(library, ArticleQuery(q="x" * 501))


def test_filters_narrow_and_combine(newsroom: Newsroom, connection: Connection) -> None:
    feed = newsroom.feed("https://other.example/feed")
    newsroom.publish(make_article("https://gazette.example/1", title="en", language="en"))
    newsroom.publish(make_article("https://gazette.example/2", title="de", language="de"))
    newsroom.publish(make_article("https://other.example/3", title="other", language="en"), feed_id=feed)
    assert titles(connection, language="en") == ["other", "en"]
    assert titles(connection, language="EN", source="Other.example") == ["other"]
    assert titles(connection, feed_id=feed) == ["other"]
    assert titles(connection, feed_id=feed, language="de") == []
    assert titles(connection, language="xx") == []


def test_a_source_means_its_subdomains_and_nothing_that_only_looks_like_it(
    newsroom: Newsroom, connection: Connection
) -> None:
    for domain in ("bbc.example", "news.bbc.example", "notbbc.example", "bbcxexample", "b_c.example"):
        newsroom.publish(make_article(title=domain, source=Source(domain=domain)))
    assert sorted(titles(connection, source="bbc.example")) == ["bbc.example", "news.bbc.example"]
    assert titles(connection, source="b_c.example") == ["b_c.example"]
    assert titles(connection, source="%") == []
    assert titles(connection, source="\x00") == titles(connection)


def test_a_time_bounds_from_including_to_excluding(newsroom: Newsroom, connection: Connection) -> None:
    for hours in range(4):
        newsroom.publish(make_article(title=f"{hours}", published_at=BEGAN + timedelta(hours=hours)))
    assert titles(connection, since=BEGAN + timedelta(hours=1), until=BEGAN + timedelta(hours=3)) == ["2", "1"]


@pytest.mark.parametrize(
    ("q", "language"),
    [
        ("Gerassimow Telefonat", "de"),
        ("telefonate", "de"),
        ("haben telefonierte", "de"),
        ("moving crane", "en"),
        ('"across the river"', "en"),
        ("مكتبة", "ar"),
        ("المكتبة كتاب", "ar"),
        ("灯台", "ja"),
        ("東京 点灯", "ja"),
        ("灯", "ja"),
        ("茶馆", "zh"),
        ("星期二 重新开张", "zh"),
        ("ห้องสมุด", "th"),
        ("трамваи", "ru"),
        ("пассажир набережная", "ru"),
    ],
)
def test_a_search_finds_the_article_in_its_own_language(library: Connection, q: str, language: str) -> None:
    assert titles(library, q=q) == [TEXTS[language][0]]
    assert titles(library, q=q, language=language) == [TEXTS[language][0]]


@pytest.mark.parametrize(
    "q", ["Gerassimow Ozean", "Telefonat -Gerassimow", '"river the across"', "灯京", "der die das", "zzz", "-", '""']
)
def test_a_search_finds_nothing_where_nothing_matches(library: Connection, q: str) -> None:
    assert titles(library, q=q) == []


def test_or_finds_either(library: Connection) -> None:
    assert titles(library, q="Gerassimow or crane") == [TEXTS["en"][0], TEXTS["de"][0]]


def test_a_search_of_spaces_is_none(library: Connection) -> None:
    assert len(titles(library, q="  ")) == len(TEXTS)


def test_an_article_in_an_unknown_language_is_found_by_its_very_words(
    newsroom: Newsroom, connection: Connection
) -> None:
    newsroom.publish(make_article(title="Oihana", text="Hitz bat", language=None, language_confidence=None))
    newsroom.publish(make_article(title="Crane", text="A crane"))
    assert titles(connection, q="oihana") == ["Oihana"]


def test_a_search_follows_its_cursor(newsroom: Newsroom, connection: Connection) -> None:
    for hours in range(3):
        newsroom.publish(
            make_article(title=f"Crane {hours}", text="crane", published_at=BEGAN + timedelta(hours=hours))
        )
        newsroom.publish(make_article(title="Ship", text="ship"))
    first = find_articles(connection, ArticleQuery(q="crane", limit=2))
    rest = find_articles(connection, ArticleQuery(q="crane", limit=2, cursor=first.next_cursor))
    assert [article["title"] for article in first.articles + rest.articles] == ["Crane 2", "Crane 1", "Crane 0"]


def test_an_update_is_found_by_its_new_words_only(newsroom: Newsroom, connection: Connection) -> None:
    url = "https://gazette.example/a"
    newsroom.publish(make_article(url, title="Ten lighthouses", text="Old words."))
    newsroom.publish(make_article(url, title="Ten windmills", text="New words."))
    assert titles(connection, q="windmill") == ["Ten windmills"]
    assert titles(connection, q="lighthouse") == []


def test_the_languages_in_use_are_each_named_once(newsroom: Newsroom, connection: Connection) -> None:
    assert languages_in_use(connection) == []
    for language in ("en", "ja", "de", "en", None):
        newsroom.publish(make_article(language=language))
    assert languages_in_use(connection) == ["de", "en", "ja"]


@pytest.mark.parametrize(
    "query",
    [
        ArticleQuery(),
        ArticleQuery(language="de"),
        ArticleQuery(source="gazette.example"),
        ArticleQuery(feed_id=1),
        ArticleQuery(since=BEGAN, until=BEGAN + timedelta(days=900)),
        ArticleQuery(q="crane"),
        ArticleQuery(q="crane", language="en"),
    ],
)
def test_no_question_reads_a_whole_table(library: Connection, query: ArticleQuery) -> None:
    """With sequential scans made dear, none is left, since an index can serve each question at any size."""
    library.execute("SET LOCAL enable_seqscan = off")
    page = find_articles(library, query)
    find_articles(library, replace(query, cursor=find_articles(library, replace(query, limit=1)).next_cursor))
    get_versions(library, page.articles[0]["id"])
    read_events(library, after=0, limit=10)
    scanned = library.execute("SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0").fetchall()
    assert {row["relname"] for row in scanned} <= {"event_head", "feeds"}
