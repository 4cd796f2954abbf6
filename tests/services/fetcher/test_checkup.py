"""The doctor for one feed: what it makes of the answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from services.fetcher.answer import PollResult, Read, Unreadable
from services.fetcher.checkup import Checkup, check_up
from shared.http import Headers, Response
from shared.ledger.polls import PollRecord
from shared.records import FeedEntry, ParsedFeed

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ETAG = {"ETag": '"1"'}
URL = "https://paper.example/feed.xml"
PLAN = PollRecord(outcome="changed", why="again in 30 min", due_at=NOW + timedelta(minutes=30), poll_state={})


def answer(
    status: int = 200,
    body: bytes = b"<rss/>",
    *,
    hops: tuple[tuple[int, str], ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    return Response(status=status, url=URL, headers=Headers((headers or {}).items()), body=body, redirects=hops)


def entry(number: int, **fields: object) -> FeedEntry:
    link = f"https://paper.example/{number}"
    return FeedEntry.model_validate(
        {"entry_id": link, "link": link, "title": f"Item {number}", "published_at": NOW - timedelta(hours=number)}
        | fields
    )


def read(*entries: FeedEntry, **fields: object) -> Read:
    feed = ParsedFeed.model_validate({"format": "rss20", "entries": entries} | fields)
    return Read(200, feed, {})


def look(
    result: PollResult, response: Response | None = None, again: Response | None = None, *, seconds: float = 0.1
) -> Checkup:
    return check_up(URL, result, PLAN, now=NOW, response=response or answer(), again=again, seconds=seconds)


def texts(found: Checkup, level: str) -> list[str]:
    return [finding.text for finding in found.findings if finding.level == level]


def test_a_feed_in_order_has_nothing_but_good_findings() -> None:
    found = look(read(entry(1), entry(2)), answer(headers=ETAG), answer(304))
    assert found.ok
    assert [finding.level for finding in found.findings] == ["good", "good"]
    assert found.next_poll == {"at": "2026-05-04T12:30:00Z", "why": "again in 30 min"}
    assert found.feed is not None
    assert (found.feed["entries"], found.feed["newest"]) == (2, "2026-05-04T11:00:00Z")


@pytest.mark.parametrize(
    ("first", "again", "expected"),
    [
        ({}, None, "neither ETag nor Last-Modified: each poll downloads all of it"),
        ({"ETag": '"1"'}, answer(200), "ignores its own validators: each poll downloads all of it"),
        ({"Last-Modified": format_datetime(NOW)}, answer(500), "answers 500 to a conditional request"),
    ],
)
def test_validators_that_do_not_work_are_a_warning(
    first: dict[str, str], again: Response | None, expected: str
) -> None:
    assert expected in texts(look(read(entry(1)), answer(headers=first), again), "warning")


def test_content_that_changes_at_each_request_is_a_note() -> None:
    found = look(read(entry(1)), answer(headers=ETAG), answer(200, b"<rss>other</rss>"))
    assert texts(found, "note") == ["its content changes from request to request"]


@pytest.mark.parametrize(
    ("hops", "word"),
    [
        (((301, "https://old.example/"), (308, "https://old.example/2")), "permanently"),
        (((301, "a"), (302, "b")), "for now"),
    ],
)
def test_a_redirect_is_told_with_its_kind(hops: tuple[tuple[int, str], ...], word: str) -> None:
    assert any(word in text for text in texts(look(read(entry(1)), answer(hops=hops)), "note"))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (read(), "no entries"),
        (read(entry(1, link=None)), "1 entry without a link that can be fetched"),
        (
            read(entry(1, link="https://news.google.com/rss/articles/CBMi")),
            "1 link to a wrapper around the real one: not indexed",
        ),
        (read(entry(1, link="https://user:word@paper.example/1")), "1 entry without a link that can be fetched"),
        (read(entry(1, published_at=NOW + timedelta(days=2))), "1 entry dated in the future"),
        (read(entry(1, published_at=NOW - timedelta(days=400))), "the newest entry is 400 days old"),
        (read(entry(1), problems=("not well-formed: line 3",)), "not well-formed: line 3"),
    ],
)
def test_what_may_lose_articles_is_a_warning(result: Read, expected: str) -> None:
    found = look(result)
    assert found.ok
    assert expected in texts(found, "warning")


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (read(entry(1, entry_id=None)), "1 entry without an id: known by link or title"),
        (
            read(entry(1, entry_id="x"), entry(2, entry_id="x")),
            "2 entries with an id that others have too: known by id and link",
        ),
        (read(entry(1), entry(1)), "1 entry listed twice"),
        (read(entry(1, published_at=None)), "no entry has a date that can be read"),
        (read(entry(1), entry(2, published_at=None)), "1 entry without a date that can be read"),
        (read(entry(1), skipped=7), "7 entries not read"),
    ],
)
def test_what_only_looks_odd_is_a_note(result: Read, expected: str) -> None:
    assert expected in texts(look(result), "note")


def test_no_feed_is_a_problem_that_comes_first_and_names_the_way_out() -> None:
    page = Unreadable("not_a_feed", "no feed: an HTML page", 200, alternates=("https://paper.example/rss",))
    found = look(page, answer(headers=ETAG), answer(304))
    assert not found.ok
    assert found.findings[0].text == "not_a_feed: no feed: an HTML page"
    assert "the site has a feed: https://paper.example/rss" in texts(found, "note")


def test_a_site_that_never_answered_is_a_problem_too() -> None:
    found = check_up(URL, Unreadable("dns", "no such name"), PLAN, now=NOW, response=None)
    assert (found.ok, found.response, texts(found, "problem")) == (False, None, ["dns: no such name"])


def test_a_slow_site_is_told() -> None:
    assert "slow: answered after 7.0 s" in texts(look(read(entry(1)), seconds=7.0), "warning")


def test_an_index_is_told_by_its_parts() -> None:
    found = look(read(entry(1), entry(2), entry(3, link="https://other.example/map.xml"), format="sitemap-index"))
    assert "1 part on other sites: refused" in texts(found, "warning")
    assert "a sitemap index: each of 2 parts becomes a feed of its own" in texts(found, "good")
