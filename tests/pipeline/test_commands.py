"""The command line over a filled desk: every list has a form for machines, what is not there is told in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from tests.pipeline.desk import Desk, paper
from wiredesk.testweb import NewsWeb


def test_the_registry_is_kept_by_commands(quick_desk: Desk, tmp_path: Path) -> None:
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        '<opml version="2.0"><body><outline text="North"><outline text="Coast">'
        '<outline text="A" xmlUrl="http://a.example/feed?x=1&y=2"/></outline></outline>'
        '<outline text="B" xmlUrl="http://b.example/feed"/><outline text="C" xmlUrl="mailto:c@example.org"/>'
        "</body></opml>"
    )
    done = quick_desk.run("feeds", "import", str(opml), "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 1, "one of the three is no feed"
    assert (report["added"], len(report["errors"])) == (2, 1)
    assert quick_desk.json("feeds", "add", "http://a.example/feed?x=1&y=2", "http://c.example/")["added"] == 1

    feeds = quick_desk.lines("feeds", "list")
    assert [feed["url"] for feed in feeds] == [
        "http://a.example/feed?x=1&y=2",
        "http://b.example/feed",
        "http://c.example/",
    ]
    assert feeds[0]["categories"] == ["North/Coast"]
    assert quick_desk.json("feeds", "show", "http://b.example/feed")["id"] == feeds[1]["id"]

    exported = etree.fromstring(quick_desk.run("feeds", "export").stdout.encode())
    assert exported.xpath("//outline[@text='North']/outline[@text='Coast']/outline/@xmlUrl") == [feeds[0]["url"]]
    assert quick_desk.run("feeds", "remove", str(feeds[0]["id"])).returncode == 0
    assert len(quick_desk.lines("feeds", "list")) == 2
    gone = quick_desk.run("feeds", "show", "http://nobody.example/")
    assert (gone.returncode, len(gone.stderr.strip().splitlines())) == (1, 1)


def test_a_list_that_was_cut_off_is_read_as_far_as_it_goes_and_told(quick_desk: Desk, tmp_path: Path) -> None:
    opml = tmp_path / "cut.opml"
    opml.write_text('<opml version="2.0"><body><outline text="A" xmlUrl="http://a.example/feed"/><outline te')
    done = quick_desk.run("feeds", "import", str(opml), "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["added"]) == (1, 1)
    (error,) = report["errors"]
    assert "cut.opml: is cut off" in error


def test_articles_are_listed_searched_shown_and_exported(quick_desk: Desk, web: NewsWeb, tmp_path: Path) -> None:
    feed = paper(web.site("paper"), 3)
    quick_desk.json("run", "--once", feed)
    articles = quick_desk.lines("articles", "list")
    assert len(articles) == 3
    lighthouse = quick_desk.json("articles", "search", "lighthouse")
    assert "lighthouse" in lighthouse["text"]
    assert quick_desk.lines("articles", "search", "zeppelin") == []
    assert quick_desk.json("articles", "show", lighthouse["id"]) == lighthouse
    out = tmp_path / "all.jsonl"
    assert quick_desk.run("articles", "export", "--format", "jsonl", "-o", str(out)).returncode == 0
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [article["id"] for article in articles]
    assert lighthouse["title"] in quick_desk.run("articles", "list").stdout
    assert quick_desk.run("articles", "show", lighthouse["id"]).stdout.startswith(lighthouse["title"])

    assert [event["seq"] for event in quick_desk.lines("events", "--after", "1")] == [2, 3]
    told = quick_desk.json("explain", lighthouse["url"])
    assert (told["state"], told["article_id"]) == ("indexed", lighthouse["id"])
    assert quick_desk.json("explain", lighthouse["id"])["id"] == told["id"]
    assert quick_desk.json("explain", feed)["kind"] == "feed"
    assert "indexed as article" in quick_desk.run("explain", lighthouse["url"]).stdout
    status = quick_desk.json("status")
    assert status["entries"]["indexed"] == status["seq"] == 3
    assert status["stream_behind"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["articles", "show", "01ARZ3NDEKTSV4RRFFQ69G5FAV"],
        ["explain", "http://unknown.example/"],
        ["feeds", "remove", "77"],
    ],
)
def test_what_is_not_there_is_told_in_one_line(quick_desk: Desk, arguments: list[str]) -> None:
    done = quick_desk.run(*arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert arguments[-1] in line
