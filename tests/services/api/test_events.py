"""/v1/events: the change feed over HTTP."""

from __future__ import annotations

import json

import pytest

from services.api.models import CloudEvent, EventPage
from tests.services.api.served import Served
from tests.shared.reading.newsroom import Newsroom, make_article


def test_an_empty_feed_says_where_to_go_on(idle: Served) -> None:
    assert idle.get("/v1/events").json() == {"events": [], "next_after": 0, "head": 0}


def test_a_reader_who_follows_next_after_gets_every_event_once_in_order(newsroom: Newsroom, api: Served) -> None:
    for _ in range(5):
        newsroom.publish(make_article())
    seen: list[int] = []
    after = 0
    while True:
        page = EventPage.model_validate(api.get("/v1/events", {"after": after, "limit": 2}).json())
        assert page.head == 5
        if not page.events:
            break
        seen += [event.seq for event in page.events]
        after = page.next_after
    assert seen == [1, 2, 3, 4, 5]
    newsroom.publish(make_article())
    assert [event["seq"] for event in api.get("/v1/events", {"after": after}).json()["events"]] == [6]


@pytest.mark.parametrize("way", ["accept", "format"])
def test_ndjson_is_one_cloudevent_a_line(newsroom: Newsroom, api: Served, way: str) -> None:
    for _ in range(3):
        newsroom.publish(make_article(text="line\nbreak and \u2028 separator"))
    if way == "accept":
        answer = api.get("/v1/events?after=1", headers={"Accept": "application/x-ndjson"})
    else:
        answer = api.get("/v1/events?after=1&format=ndjson")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text.endswith("\n")
    events = [CloudEvent.model_validate(json.loads(line)) for line in answer.text.removesuffix("\n").split("\n")]
    assert [event.seq for event in events] == [2, 3]
    assert [event.model_dump(mode="json")["data"]["seq"] for event in events] == [2, 3]


def test_an_empty_page_of_ndjson_is_empty(idle: Served) -> None:
    answer = idle.get("/v1/events?format=ndjson")
    assert (answer.status, answer.body) == (200, b"")


def test_the_format_asked_for_outweighs_the_header(idle: Served) -> None:
    answer = idle.get("/v1/events?format=json", headers={"Accept": "application/x-ndjson"})
    assert answer.headers["content-type"] == "application/json"


def test_a_cursor_beyond_the_head_waits_there(newsroom: Newsroom, api: Served) -> None:
    newsroom.publish(make_article())
    assert api.get("/v1/events", {"after": 2**63 - 1}).json() == {"events": [], "next_after": 2**63 - 1, "head": 1}


@pytest.mark.parametrize("query", ["after=-1", "after=x", f"after={2**63}", "limit=0", "limit=1001", "format=xml"])
def test_a_cursor_or_limit_out_of_range_is_refused(idle: Served, query: str) -> None:
    assert idle.get(f"/v1/events?{query}").status == 422
