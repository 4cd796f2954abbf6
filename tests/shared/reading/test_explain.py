"""Why a feed or URL is in the state it is in."""

from __future__ import annotations

import pytest

from shared.database import Connection
from shared.errors import UsageError
from shared.reading.explain import explain
from shared.records import RejectionReason, Urls
from tests.shared.reading.newsroom import Newsroom, make_article

URL = "https://gazette.example/a"


def test_an_indexed_url_names_its_article_and_its_way_there(newsroom: Newsroom, connection: Connection) -> None:
    written = newsroom.publish(make_article(URL))
    found = explain(connection, URL)
    assert found["kind"] == "entry"
    assert found["state"] == "indexed"
    assert found["summary"] == f"indexed as article {written.article_id}"
    assert found["next"] is None
    assert found["timeline"][0]["what"] == "discovered"
    assert all(step["at"].endswith("Z") for step in found["timeline"])
    assert [sighting["identity"] for sighting in found["seen_in"]] == [URL]


@pytest.mark.parametrize("spelling", [f"{URL}#part", f"{URL}?utm_source=rss", "HTTPS://Gazette.example:443/a"])
def test_any_spelling_of_the_url_will_do(newsroom: Newsroom, connection: Connection, spelling: str) -> None:
    newsroom.publish(make_article(URL))
    assert explain(connection, spelling)["url"] == URL


def test_the_article_s_id_and_its_own_address_lead_to_the_entry(newsroom: Newsroom, connection: Connection) -> None:
    own = "https://gazette.example/own-address"
    written = newsroom.publish(make_article(URL, urls=Urls(discovered=URL, final=own, canonical=own)))
    assert explain(connection, written.article_id or "")["url"] == URL
    assert explain(connection, own)["url"] == URL


def test_a_rejection_says_why(newsroom: Newsroom, connection: Connection) -> None:
    newsroom.reject(URL, RejectionReason.NOT_HTML, "a PDF")
    assert explain(connection, URL)["summary"] == "rejected (not_html): a PDF"


def test_a_rejection_without_a_detail_does_not_invent_one(newsroom: Newsroom, connection: Connection) -> None:
    newsroom.reject(URL, RejectionReason.EMPTY_PAGE, None)
    assert explain(connection, URL)["summary"] == "rejected (empty_page)"


def test_what_waits_says_what_for(newsroom: Newsroom, connection: Connection) -> None:
    newsroom.list_in(newsroom.feed(), URL)
    found = explain(connection, URL)
    assert found["summary"].startswith("discovered, not downloaded yet; next download")
    assert found["next"]["stage"] == "fetch"


def test_a_feed_is_found_by_url_and_by_id(newsroom: Newsroom, connection: Connection) -> None:
    feed = newsroom.feed("https://gazette.example/feed.xml")
    by_url = explain(connection, "https://gazette.example/feed.xml")
    assert by_url["kind"] == "feed"
    assert by_url["id"] == feed
    assert by_url["summary"].startswith("never polled yet")
    assert explain(connection, str(feed)) == by_url


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("https://gazette.example/unknown", "never discovered"),
        ("77", "no feed 77"),
        ("9" * 5000, "neither"),
        ("something", "neither"),
        ("", "neither"),
        ("a\x00b", "neither"),
        ("ftp://gazette.example/x", "ftp"),
        ("http://", "http"),
    ],
)
def test_what_is_not_known_is_one_clear_line(connection: Connection, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        explain(connection, name)
    assert "\n" not in str(caught.value)
