"""The real rq-dashboard over our queues: it tells the truth, and it is for looking."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from shared import queues
from shared.jobs import PollFeed, QueueName
from shared.settings import Settings
from wiredesk.dashboard import create_app

_go_on = threading.Event()


def wait_for_the_test(payload: dict[str, Any]) -> str:
    """A job that runs until the test has looked."""
    PollFeed.model_validate(payload)
    assert _go_on.wait(10)
    return "looked at"


def fail(payload: dict[str, Any]) -> str:
    """A defect."""
    raise RuntimeError(f"defect in {payload['site']}")


class Waiting(PollFeed):
    function = f"{__name__}.wait_for_the_test"


class Failing(PollFeed):
    function = f"{__name__}.fail"


@pytest.fixture
def worker(valkey: redis.Redis) -> Iterator[queues.ThreadWorkers]:
    _go_on.clear()
    workers = queues.ThreadWorkers(valkey, [QueueName.FEEDS], count=1, name="fetcher-test")
    workers.start()
    yield workers
    _go_on.set()
    assert workers.stop(grace_seconds=10) == 0


def until(condition: Any) -> Any:
    for _ in range(200):
        if said := condition():
            return said
        time.sleep(0.05)
    raise AssertionError("not within ten seconds")


@pytest.mark.usefixtures("worker")
def test_a_running_job_is_shown_in_words(valkey: redis.Redis, settings: Settings) -> None:
    board = create_app(valkey, password=None).test_client()
    queues.enqueue(valkey, [Waiting(feed_id=7, lease=1, site="paper.test", title="Die Zeitung")], settings, timeout=30)

    def busy() -> Any:
        (shown,) = board.get("/0/data/workers.json").get_json()["workers"] or [None]
        return shown if shown and shown["state"] == "busy" and shown["current_job"] != "idle" else None

    shown = until(busy)
    assert shown["name"] == "fetcher-test-00"
    assert shown["current_job"]["description"] == "poll  Die Zeitung (paper.test)"
    _go_on.set()
    until(lambda: board.get("/0/data/job/feed-7-1.json").get_json()["status"] == "finished")
    assert board.get("/0/data/job/feed-7-1.json").get_json()["result"] == "looked at"


@pytest.mark.usefixtures("worker")
def test_a_defect_is_shown_with_its_cause(valkey: redis.Redis, settings: Settings) -> None:
    board = create_app(valkey, password=None).test_client()
    queues.enqueue(valkey, [Failing(feed_id=7, lease=1, site="paper.test", title="X")], settings, timeout=30)
    until(lambda: board.get("/0/data/job/feed-7-1.json").get_json()["status"] == "failed")
    (job,) = board.get("/0/data/jobs/feeds/failed/8/asc/1.json").get_json()["jobs"]
    assert "defect in paper.test" in job["exc_info"]


def test_its_pages_find_their_scripts_and_styles(valkey: redis.Redis) -> None:
    board = create_app(valkey, password=None).test_client()
    page = board.get("/").get_data(as_text=True)
    links = set(re.findall(r'(?:href|src)="(/static/[^"?]+)', page))
    assert any(link.endswith(".css") for link in links)
    assert any(link.endswith(".js") for link in links)
    for link in links:
        with board.get(link) as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize(
    "path", ["/job/x/delete", "/job/x/requeue", "/queue/feeds/failed/empty", "/queue/feeds/compact"]
)
def test_nothing_can_be_changed_through_it(valkey: redis.Redis, path: str) -> None:
    board = create_app(valkey, password=None).test_client()
    assert board.post(path).status_code == 405
    assert board.get("/requeue/feeds").status_code == 405


def test_a_password_guards_it_where_there_is_one(valkey: redis.Redis) -> None:
    board = create_app(valkey, password="open sesame").test_client()
    assert board.get("/").status_code == 401
    assert board.get("/", auth=("wiredesk", "wrong")).status_code == 401
    assert board.get("/", auth=("wiredesk", "open sesame")).status_code == 200
