"""The console: what its pages say, and that nothing of others' text becomes markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
import redis

from services.api.dependencies import ApiContext
from shared.database import Database
from shared.ledger import alerts
from shared.ledger.alerts import AlertKind
from shared.records import (
    Access,
    Author,
    Candidate,
    FieldProvenance,
    Image,
    Quality,
    RejectionReason,
    Source,
    Urls,
)
from shared.settings import Settings
from tests.services.api.served import Served, serve
from tests.shared.reading.newsroom import Newsroom, make_article

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"


class Markup(HTMLParser):
    """The tags of a page, with what they say."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def hostile_article() -> dict[str, Any]:
    url = "https://evil.example/a?x=<script>"
    return {
        "urls": Urls(discovered=url, final="javascript:alert(2)", canonical=url),
        "source": Source(name=HOSTILE, domain="evil.example"),
        "title": HOSTILE,
        "subtitle": HOSTILE,
        "summary": HOSTILE,
        "text": f"{HOSTILE}\n- {HOSTILE}",
        "section": HOSTILE,
        "tags": (HOSTILE,),
        "authors": (Author(name=HOSTILE, url="javascript:alert(3)"), Author(name="B", url="https://evil.example/b")),
        "images": (Image(url="javascript:alert(4)", caption=HOSTILE, credit=HOSTILE),),
        "language": 'en" onclick="x',
        "quality": Quality(score=0.1, flags=(HOSTILE,)),
        "access": Access(free=True, robots=HOSTILE, license=HOSTILE, ai_opt_out=True),
        "provenance": {
            HOSTILE: FieldProvenance(
                source=HOSTILE, raw=HOSTILE, offset=HOSTILE, candidates=(Candidate(source=HOSTILE, value=HOSTILE),)
            )
        },
    }


def test_an_empty_desk_says_how_to_fill_it(idle: Served) -> None:
    page = idle.get("/").text
    assert "No articles yet" in page
    assert "wiredesk feeds add" in page


def test_a_desk_that_has_feeds_but_no_article_yet_says_so(newsroom: Newsroom, api: Served) -> None:
    newsroom.list_in(newsroom.feed(), "https://gazette.example/a")
    page = api.get("/").text
    assert "1 feed is being read, and 1 page is on the way" in page


def test_the_front_page_lists_what_a_reader_looks_for(newsroom: Newsroom, api: Served) -> None:
    url = "https://gazette.example/a"
    newsroom.publish(make_article(url, title="Zehn Schiffe", language="de", summary="Sie kamen nachts."))
    written = newsroom.publish(
        make_article(
            url,
            title="Elf Schiffe",
            language="de",
            summary="Sie kamen nachts.",
            quality=Quality(flags=("too_short",)),
        )
    )
    page = api.get("/").text
    assert f'<a href="/articles/{written.article_id}">Elf Schiffe</a>' in page
    assert "Zehn Schiffe" not in page
    for part in ("The Gazette", "Sie kamen nachts.", "Deutsch", "Version 2", "too short"):
        assert part in page
    assert re.search(r'<time [^>]*datetime="2024-\d\d-\d\dT\d\d:00:00Z">\d+ \w+ 2024, \d\d:00 UTC</time>', page)


def test_a_first_version_wears_no_badge(newsroom: Newsroom, api: Served) -> None:
    newsroom.publish(make_article())
    assert "Version 1" not in api.get("/").text


def test_a_day_is_shown_without_a_time_that_nobody_knows(newsroom: Newsroom, api: Served) -> None:
    newsroom.publish(make_article(published_at=datetime(2024, 3, 5, tzinfo=UTC), published_precision="day"))
    assert '<time dir="ltr" datetime="2024-03-05">5 Mar 2024</time>' in api.get("/").text


def test_text_carries_its_language_and_direction(newsroom: Newsroom, api: Served) -> None:
    arabic = newsroom.publish(make_article(title="مكتبة جديدة", text="نص", language="ar"))
    newsroom.publish(make_article(title="No language", language=None, language_confidence=None))
    front = api.get("/").text
    assert f'<h2 lang="ar" dir="rtl"><a href="/articles/{arabic.article_id}">' in front
    assert '<h2 dir="auto">' in front
    story = api.get(f"/articles/{arabic.article_id}").text
    assert '<h1 id="headline" lang="ar" dir="rtl">' in story
    assert '<div class="text" lang="ar" dir="rtl">' in story


def test_a_search_shows_what_it_found_and_what_was_asked(newsroom: Newsroom, api: Served) -> None:
    newsroom.publish(make_article(title="Kräne", language="de"))
    newsroom.publish(make_article(title="Cranes", language="en"))
    page = api.get("/", {"q": "kran", "lang": "de"}).text
    assert "Kräne" in page
    assert "Cranes" not in page
    assert 'name="q" value="kran"' in page
    assert re.search(r'<option value="de" lang="de" selected>', page)


def test_a_search_without_a_hit_says_so(newsroom: Newsroom, api: Served) -> None:
    newsroom.publish(make_article())
    assert "Nothing found" in api.get("/", {"q": "zeppelin"}).text


def test_what_was_asked_is_escaped(idle: Served) -> None:
    for parameter in ("q", "lang", "cursor"):
        page = idle.get("/", {parameter: HOSTILE[:20]}).text
        assert "<script>alert" not in page


def test_a_cursor_or_search_that_cannot_be_is_told_on_the_page(idle: Served) -> None:
    for query in ("cursor=nonsense", "q=" + "x" * 501):
        answer = idle.get(f"/?{query}", headers={"Accept": "text/html"})
        assert answer.status == 400
        assert 'role="alert"' in answer.text
        assert 'id="q"' in answer.text


def test_older_articles_are_a_link_away(newsroom: Newsroom, api: Served) -> None:
    for number in range(31):
        newsroom.publish(make_article(title=f"Number {number} of 31"))
    front = Markup(api.get("/").text)
    (older,) = [link["href"] for link in front.all("a") if link.get("rel") == "next"]
    assert "Number 0 of 31" in api.get(older or "").text


def test_an_article_stands_beside_where_it_came_from(newsroom: Newsroom, api: Served) -> None:
    feed = newsroom.feed("https://gazette.example/rss")
    written = newsroom.publish(
        make_article(
            "https://gazette.example/a",
            title="Cranes",
            text="First paragraph.\n- an item\nLast paragraph.",
            authors=(Author(name="Ada Byron", url="https://gazette.example/ada"),),
            images=(
                Image(
                    url="https://gazette.example/i.jpg", caption="A crane", credit="Photo: Nobody", width=4, height=3
                ),
            ),
            quality=Quality(score=0.5, flags=("paywall",)),
            provenance={
                "title": FieldProvenance(
                    source="jsonld", raw="Cranes!", candidates=(Candidate(source="og", value="CRANES"),)
                ),
                "published_at": FieldProvenance(source="meta", raw="2026-03-01T09:00", offset="+01:00"),
            },
        ),
        feed_id=feed,
    )
    page = api.get(f"/articles/{written.article_id}").text
    for part in (
        "<p>First paragraph.</p>",
        "<li>an item</li>",
        '<a href="https://gazette.example/ada" rel="noopener noreferrer nofollow">Ada Byron</a>',
        "A crane",
        "Credit: <bdi>Photo: Nobody</bdi>",
        "4 \u00d7 3",
        "0.50 of 1: paywall",
        "<strong>jsonld</strong> <bdi>Cranes!</bdi>",
        "<strong>og</strong> <bdi>CRANES</bdi>",
        "offset +01:00",
        "https://gazette.example/rss",
        "first seen",
        f'href="/v1/articles/{written.article_id}"',
    ):
        assert part in page, part
    assert "<img" not in page


def test_nothing_that_others_wrote_becomes_markup_or_a_dangerous_link(newsroom: Newsroom, api: Served) -> None:
    written = newsroom.publish(make_article("https://evil.example/a", **hostile_article()))
    with newsroom.database.transaction() as connection:
        connection.execute("UPDATE article_versions SET record = jsonb_set(record, '{url}', '\"javascript:alert(1)\"')")
    hostile_feed = newsroom.feed("https://evil.example/feed", title=HOSTILE)
    newsroom.list_in(hostile_feed, "https://evil.example/a", guid=HOSTILE)
    with newsroom.database.transaction() as connection:
        connection.execute("UPDATE feeds SET last_error = %s, last_outcome = 'failed'", [HOSTILE])
    for path in ("/", f"/articles/{written.article_id}", "/feeds", "/?q=alert"):
        page = api.get(path).text
        assert "alert(" in page, path
        markup = Markup(page)
        assert not {"script", "img", "iframe", "style", "object"} & {tag for tag, _ in markup.tags}, path
        for _, attributes in markup.tags:
            assert not any(name.startswith("on") for name in attributes), path
        for link in markup.all("a"):
            assert re.match(r"https?://|/|#", link["href"] or ""), link


def test_feeds_show_their_state_and_account(newsroom: Newsroom, api: Served) -> None:
    feed = newsroom.feed("https://gazette.example/rss", title="The Gazette")
    newsroom.publish(make_article("https://gazette.example/1"), feed_id=feed)
    newsroom.reject("https://gazette.example/2", RejectionReason.NO_TEXT, None, feed_id=feed)
    broken = newsroom.feed("https://broken.example/rss", title=None)
    with newsroom.database.transaction() as connection:
        connection.execute(
            """
            UPDATE feeds SET last_polled_at = now(), last_outcome = 'failed', last_error = 'dns: no such name'
            WHERE id = %s
            """,
            [broken],
        )
    page = api.get("/feeds").text
    for part in (
        "The Gazette",
        "https://gazette.example/rss",
        f"Feed {broken}",
        ">failing</span>",
        "dns: no such name",
    ):
        assert part in page
    assert re.search(r'data-label="Indexed">1<', page)
    assert re.search(r'data-label="Rejected">1<', page)


def test_a_feed_that_has_fallen_silent_says_so_in_words(newsroom: Newsroom, api: Served) -> None:
    feed = newsroom.feed("https://gazette.example/rss")
    with newsroom.database.transaction() as connection:
        connection.execute("UPDATE feeds SET last_polled_at = now(), last_outcome = 'unchanged' WHERE id = %s", [feed])
        alerts.open_alert(connection, feed, AlertKind.FEED_QUIET, "nothing for nine days, of 4 a day")
    page = api.get("/feeds").text
    assert ">quiet</span>" in page
    assert '<p class="trouble"><bdi>nothing for nine days, of 4 a day</bdi></p>' in page


def test_no_feeds_yet_says_how_to_add_one(idle: Served) -> None:
    assert "wiredesk feeds import" in idle.get("/feeds").text


def test_many_feeds_are_paged(newsroom: Newsroom, api: Served) -> None:
    for number in range(101):
        newsroom.feed(f"https://{number}.example/feed", title=f"Feed of {number}")
    first = api.get("/feeds").text
    assert "Feed of 100" not in first
    (more,) = [link["href"] for link in Markup(first).all("a") if link.get("rel") == "next"]
    assert "Feed of 100" in api.get(more or "").text


def test_every_page_has_landmarks_one_heading_and_a_way_past_the_menu(newsroom: Newsroom, api: Served) -> None:
    written = newsroom.publish(make_article(summary="In short."))
    for path in ("/", "/?q=crane", "/feeds", "/docs", f"/articles/{written.article_id}", "/articles/X"):
        markup = Markup(api.get(path, headers={"Accept": "text/html"}).text)
        counted = {tag: len(markup.all(tag)) for tag in ("main", "footer", "h1", "title")}
        assert counted == {"main": 1, "footer": 1, "h1": 1, "title": 1}, path
        assert markup.all("html") == [{"lang": "en"}]
        assert next(link for link in markup.all("a"))["href"] == "#content"
        labelled = {label["for"] for label in markup.all("label")}
        assert {field["id"] for field in markup.all("input") + markup.all("select")} <= labelled
        ids = [attributes["id"] for _, attributes in markup.tags if "id" in attributes]
        assert len(ids) == len(set(ids)), path


def test_rq_dashboard_is_linked_under_the_name_the_reader_used(
    settings: Settings, database: Database, valkey: redis.Redis
) -> None:
    shown = settings.model_copy(update={"dashboard_url": "http://{host}:9181/"})
    with serve(ApiContext(shown, database, valkey)) as api:
        page = api.get("/feeds", headers={"Host": "desk.example:8700"}).text
    assert '<a href="http://desk.example:9181/">' in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "not an address"])
def test_a_dashboard_address_that_is_none_is_not_linked(
    settings: Settings, database: Database, valkey: redis.Redis, url: str
) -> None:
    with serve(ApiContext(settings.model_copy(update={"dashboard_url": url}), database, valkey)) as api:
        assert "rq-dashboard" not in api.get("/feeds").text
