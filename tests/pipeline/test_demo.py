"""The sample newspapers through the whole pipeline: what comes out is what their makers say must come out."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import SAMPLES
from tests.pipeline.desk import Desk
from wiredesk.demo import build_demo
from wiredesk.testweb import NewsWeb
from wiredesk.testweb.samples import build_samples


def test_the_newspapers_are_read_as_they_must_be(quick_desk: Desk, web: NewsWeb, tmp_path: Path) -> None:
    papers = build_demo(web, now=datetime.now(UTC))
    expected = asdict(papers.expected)
    by_language = expected.pop("by_language")
    listed = tmp_path / "feeds.opml"
    listed.write_bytes(papers.opml)

    summary = quick_desk.json("run", "--once", str(listed))
    assert {name: summary[name] for name in expected} == expected
    assert {feed["url"] for feed in summary["failed_feeds"]} == set(papers.broken_feeds)
    articles = quick_desk.lines("articles", "export", "--format", "jsonl", json_option=False)
    assert Counter(article["language"] for article in articles) == by_language
    assert all(article["published_at"] and article["authors"] and article["images"] for article in articles)
    for _, words, url in papers.searches[:4]:
        assert url in {found["url"] for found in quick_desk.lines("articles", "search", words)}

    again = quick_desk.json("run", "--once", str(listed))
    assert again["discovered"] == 0
    (edited,) = papers.edited
    (updated,) = [event for event in quick_desk.lines("events") if event["type"] == "article.updated"]
    assert updated["data"]["title"] == edited.title_after
    assert quick_desk.json("audit")["ok"]


def test_the_demo_command_needs_nothing_but_itself(desk: Desk) -> None:
    summary = desk.json("demo", "--once")
    assert summary["indexed"] >= 30
    assert summary["feeds_failed"] >= 1
    assert summary["pending"] == 0
    assert desk.processes() == {}


@pytest.mark.skipif(not (SAMPLES / "pages").is_dir(), reason="the real pages of ../shared/data are not here")
def test_real_pages_and_feeds_add_up(quick_desk: Desk, web: NewsWeb, tmp_path: Path) -> None:
    samples = build_samples(web, SAMPLES, limit=12)
    listed = tmp_path / "feeds.opml"
    listed.write_bytes(samples.opml())
    summary = quick_desk.json("run", "--once", str(listed))
    ends = ("indexed", "duplicate", "rejected", "failed", "pending")
    assert summary["discovered"] == sum(summary[name] for name in ends)
    assert summary["pending"] == 0
    assert summary["failed"] == sum(n for why, n in summary["reasons"].items() if why == "failed: http_404")
    assert summary["indexed"] >= 50
    assert quick_desk.json("audit")["ok"]
