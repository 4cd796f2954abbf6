"""``wiredesk run --once``: a list of sources in, articles and an account that adds up out."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import SAMPLES
from tests.pipeline.desk import Desk, paper
from wiredesk.testweb import ArticlePage, Item, NewsWeb, article_page

ENDS = ("indexed", "duplicate", "rejected", "failed", "pending")


def test_articles_come_out_and_the_account_adds_up(desk: Desk, web: NewsWeb, tmp_path: Path) -> None:
    feeds = [paper(web.site("harbour"), 4), paper(web.site("valley"), 3)]
    out = tmp_path / "articles.jsonl"
    summary = desk.json("run", "--once", *feeds, "--out", str(out))
    assert summary["feeds_ok"] == 2
    assert summary["feeds_failed"] == 0
    assert summary["discovered"] == summary["indexed"] == 7
    assert summary["discovered"] == sum(summary[name] for name in ENDS)
    articles = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {article["seq"] for article in articles} == set(range(1, 8))
    assert all("met on Tuesday" in article["text"] for article in articles)
    assert desk.json("audit")["ok"]
    # Nothing is left running, and nothing is fetched twice.
    assert desk.processes() == {}
    assert len(web.requests(site="harbour", path="/feed.xml")) == 1

    again = desk.json("run", "--once", *feeds)
    assert again["discovered"] == 0
    assert again["feeds_ok"] == 2
    assert [seen.status for seen in web.requests(site="harbour", path="/feed.xml")] == [200, 304]
    assert len(web.requests(site="harbour", path="/0.html")) == 1


def test_a_failing_source_is_told_and_the_others_are_done(quick_desk: Desk, web: NewsWeb, tmp_path: Path) -> None:
    good = paper(web.site("good"), 2)
    not_a_feed = web.site("page").page("/", "<html><body><p>Only a page.</p></body></html>")
    dead = web.site("dead").respond("/feed.xml", status=500)
    empty = tmp_path / "empty.opml"
    empty.write_text("<opml version='2.0'><body/></opml>")
    done = quick_desk.run("run", "--once", good, not_a_feed, dead, str(empty), "nonsense", "--json")
    summary = json.loads(done.stdout)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert summary["indexed"] == 2
    assert summary["feeds_ok"] == 1
    assert summary["feeds_failed"] == 4
    assert {feed["url"] for feed in summary["failed_feeds"]} == {not_a_feed, dead}
    assert len(summary["errors"]) == 2
    for part in (not_a_feed, dead, "empty.opml", "nonsense"):
        assert part in done.stderr


def test_a_website_is_read_through_the_feed_it_names(quick_desk: Desk, web: NewsWeb) -> None:
    site = web.site("paper")
    feed = paper(site, 2)
    link = f'<link rel="alternate" type="application/rss+xml" href="{feed}">'
    home = site.page("/", f"<html><head>{link}</head><body><p>Welcome.</p></body></html>")
    summary = quick_desk.json("run", "--once", home)
    assert (summary["feeds_ok"], summary["feeds_failed"], summary["indexed"]) == (1, 0, 2)
    again = quick_desk.json("run", "--once", home)
    assert (again["feeds_ok"], again["feeds_failed"], again["discovered"]) == (1, 0, 0)
    assert [listed["url"] for listed in quick_desk.lines("feeds", "list")] == [feed]
    # Whoever knows only the website finds its feed.
    assert quick_desk.json("feeds", "show", home)["url"] == feed
    assert quick_desk.json("explain", home)["url"] == feed


def test_one_article_in_two_feeds_is_one_article(quick_desk: Desk, web: NewsWeb) -> None:
    site = web.site("paper")
    first = paper(site, 3)
    again = [Item(link=f"{site.url(f'/{number}.html')}?utm_source=second", title="x") for number in range(3)]
    other = site.page("/mirror.html", _with_canonical(site.url("/0.html")))
    second = site.feed("/second.xml", [*again, Item(link=other, title="A mirror")])
    summary = quick_desk.json("run", "--once", first, second)
    assert summary["discovered"] == 4
    assert (summary["indexed"], summary["duplicate"]) == (3, 1)
    articles = quick_desk.lines("articles", "list")
    assert len(articles) == 3
    assert all(len({feed["feed_url"] for feed in article["feeds"]}) == 2 for article in articles)
    assert quick_desk.json("audit")["ok"]


def test_an_edit_that_the_feed_announces_becomes_a_version(quick_desk: Desk, web: NewsWeb) -> None:
    site = web.site("paper")
    url = site.url("/a.html")
    published = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)

    def publish(title: str, figure: int) -> str:
        text = (
            f"The bridge over the Lune is {figure} metres long, as the surveyors found on a calm morning in spring.",
            "They walked it twice, once in each direction, and wrote the two results on the same page of the book.",
        )
        page = ArticlePage(url=url, title=title, paragraphs=text, published=published)
        site.page("/a.html", article_page(page))
        return site.feed("/feed.xml", [Item(link=url, title=title, entry_id="1", published=published)])

    feed = publish("The bridge is measured", 310)
    quick_desk.json("run", "--once", feed)
    publish("The bridge is measured again", 312)
    summary = quick_desk.json("run", "--once", feed)
    assert summary["discovered"] == 0
    article = quick_desk.json("articles", "list")
    assert article["version"] == 2
    assert article["title"] == "The bridge is measured again"
    assert "312 metres" in article["text"]
    events = quick_desk.lines("events")
    assert [(event["seq"], event["type"], event["data"]["version"]) for event in events] == [
        (1, "article.created", 1),
        (2, "article.updated", 2),
    ]
    assert "310 metres" in events[0]["data"]["text"]


def test_pages_that_are_no_articles_are_rejected_with_a_reason(quick_desk: Desk, web: NewsWeb) -> None:
    site = web.site("paper")
    links = [
        site.page("/report.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", content_type="application/pdf"),
        site.page("/empty.html", b""),
        site.url("/gone.html"),
        site.page("/private/a.html", "<p>not for robots</p>"),
        site.endless("/endless.html", most=64 * 1024 * 1024),
        "mailto:editor@example.org",
    ]
    site.robots("User-agent: *\nDisallow: /private/\n")
    feed = site.feed("/feed.xml", [Item(link=link, title=link, entry_id=link) for link in links])
    summary = quick_desk.json("run", "--once", feed)
    assert summary["discovered"] == 6
    assert summary["indexed"] == 0
    assert summary["reasons"]["rejected: not_html"] == 1
    assert summary["reasons"]["rejected: empty_page"] == 1
    assert summary["reasons"]["rejected: robots"] == 1
    assert summary["reasons"]["rejected: no_link"] == 1
    assert summary["reasons"]["failed: http_404"] == 1
    told = quick_desk.json("explain", links[0])
    assert told["state"] == "rejected"
    assert "PDF" in told["detail"]
    assert quick_desk.json("audit")["ok"]


def test_a_page_that_is_down_for_a_moment_is_tried_again(quick_desk: Desk, web: NewsWeb) -> None:
    from wiredesk.testweb import Answer, document

    site = web.site("paper")
    feed = paper(site, 1)
    page = document(_with_canonical(site.url("/0.html")), "text/html; charset=utf-8")
    site.script("/0.html", [Answer(status=502), Answer(status=500), page])
    summary = quick_desk.json("run", "--once", feed)
    assert (summary["indexed"], summary["pending"]) == (1, 0)
    timeline = [step["what"] for step in quick_desk.json("explain", site.url("/0.html"))["timeline"]]
    assert timeline == ["discovered", "try later", "try later", "fetched", "indexed"]


def test_a_site_that_asks_to_wait_is_not_waited_for(quick_desk: Desk, web: NewsWeb) -> None:
    site = web.site("paper")
    feed = paper(site, 5)
    site.respond("/0.html", status=429, headers=(("Retry-After", "3600"),))
    summary = quick_desk.json("run", "--once", feed, "--patience", "2", timeout=60)
    assert summary["discovered"] == 5
    assert summary["pending"] >= 1
    assert summary["pending"] + summary["indexed"] == 5
    busy = web.site("busy").respond("/feed.xml", status=503, headers=(("Retry-After", "3600"),))
    told = quick_desk.json("run", "--once", busy, "--patience", "2", timeout=60)
    assert (told["feeds_failed"], told["discovered"]) == (1, 0)
    again = quick_desk.json("run", "--once", busy, "--patience", "2", timeout=60)
    assert "left alone" in again["failed_feeds"][0]["why"]
    assert len(web.requests(site="busy", path="/feed.xml")) == 1


def test_a_page_store_that_takes_nothing_is_told_at_once(quick_desk: Desk, web: NewsWeb) -> None:
    feed = paper(web.site("paper"), 1)
    for store in ("foo://nowhere", str(quick_desk.folder / "file" / "pages")):
        quick_desk.environment["WIREDESK_PAGE_STORE"] = store
        quick_desk.folder.mkdir(exist_ok=True)
        (quick_desk.folder / "file").write_text("")
        done = quick_desk.run("run", "--once", feed, timeout=60)
        assert done.returncode == 1
        (line,) = done.stderr.strip().splitlines()
        assert "WIREDESK_PAGE_STORE" in line


def test_a_folder_with_spaces_is_a_folder(tmp_path: Path, web: NewsWeb) -> None:
    desk = Desk(tmp_path / "a folder, with spaces")
    try:
        assert desk.json("run", "--once", paper(web.site("paper"), 2), timeout=60)["indexed"] == 2
    finally:
        desk.close()


def test_two_runs_on_one_folder_do_not_count_each_others_work(quick_desk: Desk, web: NewsWeb) -> None:
    feeds = [paper(web.site("first"), 6), paper(web.site("second"), 4)]
    with ThreadPoolExecutor(2) as threads:
        summaries = list(threads.map(lambda feed: quick_desk.json("run", "--once", feed), feeds))
    assert [(told["feeds_ok"], told["discovered"], told["indexed"]) for told in summaries] == [(1, 6, 6), (1, 4, 4)]
    assert quick_desk.json("audit")["ok"]


@pytest.mark.skipif(not (SAMPLES / "seed").is_dir(), reason="the sample article of ../shared/data is not here")
def test_the_german_sample_article_comes_out_whole(quick_desk: Desk, web: NewsWeb) -> None:
    site = web.site("rt-de")
    folder = SAMPLES / "seed"
    here = site.url("").encode()
    site.page(
        "/international/138977-erstes-telefonat-zwischen-ranghohen-militars/",
        (folder / "page.html").read_bytes().replace(b"https://example.test", here),
    )
    feed = (folder / "feed.xml").read_bytes().replace(b"https://example.test", here)
    quick_desk.json("run", "--once", site.page("/feed.xml", feed, content_type="application/rss+xml"))
    article = quick_desk.json("articles", "search", "Gerassimow", "Telefonat")
    assert article["title"].startswith("Erstes Telefonat zwischen ranghohen Militärs Russlands und der USA")
    assert article["language"] == "de"
    assert article["published_at"] == "2022-05-20T07:14:41Z"
    assert article["provenance"]["published_at"]["offset"] == "+03:00"
    text = article["text"]
    assert "Der russische Generalstabschef, Waleri Gerassimow, und der ranghöchste US-Militäroffizier" in text
    assert text.rstrip().endswith("Ende Februar.")
    assert "Auch das Pentagon hielt sich bedeckt" in text
    for unwanted in ("Gettyimages", "Biden will Kiew", "Mehr zum Thema", "Krause", "Teilen"):
        assert unwanted not in text
    assert any("simon2579" in (image["credit"] or "") for image in article["images"])


def _with_canonical(url: str) -> bytes:
    page = ArticlePage(
        url=url,
        title="A mirror of an article about the harbour",
        paragraphs=(
            "The harbour master of Skerry Point wrote the same report on two sheets and kept only one of them.",
            "The other one was found in the spring, behind the barometer, and it was the better of the two, he said.",
        ),
        published=datetime(2026, 5, 6, 7, 8, tzinfo=UTC),
    )
    return article_page(page).encode()
