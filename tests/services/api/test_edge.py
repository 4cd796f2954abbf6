"""What every answer carries: security headers, validators, and HEAD."""

from __future__ import annotations

import pytest

from services.api.replies import matches
from tests.services.api.served import Served
from tests.shared.reading.newsroom import Newsroom, make_article

EVERYWHERE = ["/", "/feeds", "/docs", "/articles/X", "/static/console.css", "/v1/articles", "/v1/nothing", "/healthz"]


def test_nothing_runs_or_loads_from_elsewhere(idle: Served) -> None:
    for path in EVERYWHERE:
        headers = idle.get(path, headers={"Accept": "text/html"}).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self' data:;"), path
        assert "script" not in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_head_is_get_without_the_body(newsroom: Newsroom, api: Served) -> None:
    newsroom.publish(make_article())
    for path in ("/v1/articles", "/", "/healthz"):
        whole, head = api.get(path), api.get(path, method="HEAD")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(whole.body)), path


@pytest.mark.parametrize(
    "path", ["/v1/articles", "/v1/events", "/v1/feeds", "/v1/schema/article", "/static/console.css"]
)
def test_what_the_caller_has_is_not_sent_again(idle: Served, path: str) -> None:
    first = idle.get(path)
    again = idle.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_what_has_changed_is_sent(newsroom: Newsroom, api: Served) -> None:
    before = api.get("/v1/events").headers["etag"]
    newsroom.publish(make_article())
    assert api.get("/v1/events", headers={"If-None-Match": before}).status == 200


def test_answers_are_asked_about_again_and_only_the_style_sheet_is_kept(idle: Served) -> None:
    assert idle.get("/v1/articles").headers["cache-control"] == "no-cache"
    assert idle.get("/").headers["cache-control"] == "no-cache"
    assert idle.get("/static/console.css").headers["cache-control"] == "max-age=604800"
    assert idle.get("/v1/events").headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("header", "same"),
    [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"b"', False), ("", False), ("a", False)],
)
def test_validators_are_compared_weakly(header: str, *, same: bool) -> None:
    assert matches(header, '"a"') is same
