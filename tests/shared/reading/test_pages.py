"""Stored pages by the names the ledger has for them, and what was made of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.database import Connection
from shared.errors import UsageError
from shared.reading.pages import iterate_made, page_key_of
from shared.records import RejectionReason
from tests.shared.reading.newsroom import Newsroom, make_article

URL = "https://gazette.example/a"


def test_a_page_is_found_by_url_entry_and_article(newsroom: Newsroom, connection: Connection) -> None:
    written = newsroom.publish(make_article(URL))
    row = connection.execute("SELECT id, page_key FROM entries").fetchone()
    for name in (URL, f"{URL}#comments", str(row["id"]), written.article_id):
        assert page_key_of(connection, name) == row["page_key"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("https://gazette.example/waiting", "its page was never stored"),
        ("https://gazette.example/nowhere", "was never discovered"),
        ("https://www.gazette.example/feed.xml", "that is a feed"),
        ("999999", "no entry 999999 here"),
        ("9" * 40, "neither a URL nor the id"),
        ("page.html", "neither a URL nor the id"),
    ],
)
def test_what_has_no_page_is_told(newsroom: Newsroom, connection: Connection, name: str, why: str) -> None:
    newsroom.list_in(newsroom.feed(), "https://gazette.example/waiting")
    with pytest.raises(UsageError, match=why):
        page_key_of(connection, name)


def test_articles_and_rejections_by_the_parser_come_newest_first(newsroom: Newsroom, connection: Connection) -> None:
    newsroom.publish(make_article(URL))
    newsroom.reject("https://gazette.example/pdf", RejectionReason.NOT_HTML, "a PDF")
    newsroom.reject("https://gazette.example/closed", RejectionReason.ROBOTS, None)
    newsroom.reject("https://gazette.example/own", RejectionReason.AI_OPT_OUT, None)
    newsroom.list_in(newsroom.feed(), "https://gazette.example/waiting")
    rejected, article = iterate_made(connection)
    assert (rejected.url, rejected.reason, rejected.detail) == ("https://gazette.example/pdf", "not_html", "a PDF")
    assert rejected.record is None
    assert (article.url, article.reason) == (URL, None)
    assert article.record["page"]["key"] == article.page_key


def test_an_article_has_the_page_of_its_present_version(newsroom: Newsroom, connection: Connection) -> None:
    article = make_article(URL)
    newsroom.publish(article)
    (first,) = iterate_made(connection)
    newsroom.publish(article)  # downloaded again, unchanged: no new version
    (second,) = iterate_made(connection)
    assert second.page_key == first.page_key
    newsroom.publish(article.model_copy(update={"text": "Another text."}))
    (third,) = iterate_made(connection)
    assert third.page_key != first.page_key


def test_all_are_told_however_many_batches_it_takes(newsroom: Newsroom, connection: Connection) -> None:
    for number in range(5):
        newsroom.publish(make_article(f"https://gazette.example/{number}"))
    assert [made.url[-1] for made in iterate_made(connection, batch=2)] == ["4", "3", "2", "1", "0"]


def test_a_site_and_a_time_narrow_it(newsroom: Newsroom, connection: Connection) -> None:
    newsroom.publish(make_article("https://www.gazette.example/a"))
    newsroom.publish(make_article("https://mirror.example/b"))
    assert [made.url for made in iterate_made(connection, site="gazette.example")] == ["https://www.gazette.example/a"]
    assert [made.url for made in iterate_made(connection, site="https://news.mirror.example/")] == [
        "https://mirror.example/b"
    ]
    assert list(iterate_made(connection, site="nobody.example")) == []
    assert list(iterate_made(connection, since=datetime.now(UTC) + timedelta(hours=1))) == []
    assert len(list(iterate_made(connection, since=datetime.now(UTC) - timedelta(hours=1)))) == 2
