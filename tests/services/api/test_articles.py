"""/v1/articles: what is read over HTTP is the record, whole and unchanged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.api.models import ArticleList, ArticleVersions
from shared.records import Article
from tests.services.api.served import Served
from tests.shared.reading.newsroom import BEGAN, Newsroom, make_article

SEED = (
    "Erstes Telefonat zwischen ranghohen Militärs Russlands und der USA seit Beginn des Ukraine-Kriegs",
    "Der russische Generalstabschef, Waleri Gerassimow, und General Mark Milley erörterten Fragen zum Thema Ukraine.",
)


def test_nothing_yet_is_an_empty_list(idle: Served) -> None:
    answer = idle.get("/v1/articles")
    assert answer.status == 200
    assert answer.json() == {"articles": [], "next_cursor": None}


def test_articles_are_listed_newest_first_and_each_is_a_valid_record(newsroom: Newsroom, api: Served) -> None:
    written = [newsroom.publish(make_article()) for _ in range(3)]
    page = ArticleList.model_validate(api.get("/v1/articles").json())
    assert [article.id for article in page.articles] == [article.article_id for article in reversed(written)]


def test_the_listed_article_is_the_one_read_by_its_id(newsroom: Newsroom, api: Served) -> None:
    written = newsroom.publish(make_article())
    one = api.get(f"/v1/articles/{written.article_id}")
    assert one.headers["content-type"] == "application/json"
    assert one.json() == api.get("/v1/articles").json()["articles"][0]
    assert Article.model_validate(one.json()).seq == written.seq


def test_text_comes_back_as_it_was_written(newsroom: Newsroom, api: Served) -> None:
    text = "Größe, “Maß” & <b>kein HTML</b>\n\u2028東京\U0001f600\n\tend"
    written = newsroom.publish(make_article(text=text))
    assert api.get(f"/v1/articles/{written.article_id}").json()["text"] == text


def test_the_german_article_is_found_by_two_of_its_words(newsroom: Newsroom, api: Served) -> None:
    newsroom.publish(make_article(title=SEED[0], summary=SEED[1], language="de"))
    newsroom.publish(make_article(title="Ein anderes Telefonat", language="de"))
    found = api.get("/v1/articles", {"q": "Gerassimow Telefonat"}).json()["articles"]
    assert [article["title"] for article in found] == [SEED[0]]


def test_every_filter_is_wired_to_its_parameter(newsroom: Newsroom, api: Served) -> None:
    feed = newsroom.feed("https://planet.example/feed")
    wanted = make_article("https://planet.example/a", title="Kräne", language="de", published_at=BEGAN)
    newsroom.publish(wanted, feed_id=feed)
    newsroom.publish(make_article(title="Cranes", published_at=BEGAN + timedelta(days=1)))
    for name, right, wrong in (
        ("q", "kran", "schiff"),
        ("lang", "de", "fr"),
        ("source", "planet.example", "lanet.example"),
        ("feed", feed, feed + 99),
        ("from", BEGAN.isoformat(), (BEGAN + timedelta(days=2)).isoformat()),
        ("to", (BEGAN + timedelta(seconds=1)).isoformat(), BEGAN.isoformat()),
    ):
        right_ones = [article["title"] for article in api.get("/v1/articles", {name: right}).json()["articles"]]
        wrong_ones = [article["title"] for article in api.get("/v1/articles", {name: wrong}).json()["articles"]]
        assert "Kräne" in right_ones, name
        assert "Kräne" not in wrong_ones, name


def test_the_cursor_leads_through_all_pages(newsroom: Newsroom, api: Served) -> None:
    for _ in range(5):
        newsroom.publish(make_article())
    seen: list[str] = []
    query: dict[str, object] = {"limit": 2}
    while True:
        page = api.get("/v1/articles", query).json()
        seen += [article["id"] for article in page["articles"]]
        if page["next_cursor"] is None:
            break
        newsroom.publish(make_article(published_at=BEGAN + timedelta(days=300)))
        query["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5


def test_versions_are_records_with_reasons(newsroom: Newsroom, api: Served) -> None:
    url = "https://gazette.example/a"
    written = newsroom.publish(make_article(url, title="Ten ships"))
    newsroom.publish(make_article(url, title="Eleven ships"))
    found = ArticleVersions.model_validate(api.get(f"/v1/articles/{written.article_id}/versions").json())
    assert [(version.version, version.reason) for version in found.versions] == [(1, "created"), (2, "title")]


def test_the_schema_is_that_of_the_record(idle: Served) -> None:
    assert idle.get("/v1/schema/article").json() == Article.model_json_schema(mode="serialization")


@pytest.mark.parametrize(
    "q", ['"' * 500, "-" * 500, "a\x00b", "( | & !", "<->", "' OR 1=1 --", "\U0001f600", "%", "🙂" * 500]
)
def test_no_search_is_an_error(idle: Served, q: str) -> None:
    assert idle.get("/v1/articles", {"q": q}).status == 200
    assert idle.get("/", {"q": q}).status == 200


@pytest.mark.parametrize("name", ["q", "lang", "source", "cursor"])
@pytest.mark.parametrize("value", ["\x00", "\x00\x00x", "%", "\\", "'", "\ufffe"])
def test_no_parameter_reaches_the_database_raw(idle: Served, name: str, value: str) -> None:
    assert idle.get("/v1/articles", {name: value}).status in (200, 400)
