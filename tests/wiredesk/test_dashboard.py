"""The real rq-dashboard over our queues: it tells the truth, and it is for looking."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import redis
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from shared import queues
from shared.jobs import PollFeed, QueueName
from shared.settings import Settings
from wiredesk.dashboard import create_app, escaping

_go_on = threading.Event()


def wait_for_the_test(payload: dict[str, Any]) -> str:
    """A job that runs until the test has looked."""
    PollFeed.model_validate(payload)
    assert _go_on.wait(10)
    return "looked at"


def fail(payload: dict[str, Any]) -> str:
    """A defect."""
    raise RuntimeError(f"defect in {payload['site']}")


def answer_in_html(payload: dict[str, Any]) -> str:
    """A result that a browser would take for a page."""
    return str(payload["title"])


class Waiting(PollFeed):
    function = f"{__name__}.wait_for_the_test"


class Failing(PollFeed):
    function = f"{__name__}.fail"


class Answering(PollFeed):
    function = f"{__name__}.answer_in_html"


FUNCTIONS = {QueueName.FEEDS: [Waiting.function, Failing.function, Answering.function]}
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
# Each would set `document.title`, one way or another.
EVIL = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>&amp;"


@pytest.fixture
def worker(valkey: redis.Redis) -> Iterator[queues.ThreadWorkers]:
    _go_on.clear()
    workers = queues.ThreadWorkers(valkey, [QueueName.FEEDS], count=1, name="fetcher-test", functions=FUNCTIONS)
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


@pytest.mark.parametrize(
    ("written", "served"),
    [
        ("<b><%= d.description %></b>", "<b><%- d.description %></b>"),
        ("<i><%= $('<div/>').text(d.exc_info).html() %></i>", "<i><%- d.exc_info %></i>"),
        ("<% if (d.x) { %><%- d.x %><% } %>", "<% if (d.x) { %><%- d.x %><% } %>"),
        ("x = '{{ queue.name }}';", "x = {{ queue.name|tojson }};"),
    ],
)
def test_text_is_put_into_pages_as_text(written: str, served: str) -> None:
    assert escaping(written) == served


@pytest.mark.parametrize("path", ["/", "/0/view/jobs", "/0/view/workers", "/0/view/job/feed-1-1"])
def test_no_page_puts_in_html_or_lets_any_script_run_that_is_not_its_own(
    valkey: redis.Redis, settings: Settings, path: str
) -> None:
    queues.enqueue(valkey, [Waiting(feed_id=1, lease=1, site="paper.test")], settings, timeout=30)
    board = create_app(valkey, password=None).test_client()
    answers = [board.get(path) for _ in range(2)]
    page = answers[0].get_data(as_text=True)
    assert "<%-" in page
    assert "<%=" not in page
    policy = dict(part.strip().split(" ", 1) for part in answers[0].headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert "'unsafe-inline'" not in policy["script-src"]
    scripts = re.findall(r"<script(?![^>]*(?:src=|text/template))[^>]*>", page)
    (nonce,) = re.findall("'nonce-([^']+)'", policy["script-src"])
    assert scripts == [f'<script nonce="{nonce}">']
    assert nonce not in answers[1].headers["Content-Security-Policy"]


@pytest.fixture
def page(valkey: redis.Redis) -> Iterator[Page]:
    """The dashboard in a browser; everything that goes wrong on its page fails the test."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: the dashboard is not looked at")
    server = make_server("127.0.0.1", 0, create_app(valkey, password=None), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    trouble: list[str] = []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            opened = browser.new_page(
                base_url=f"http://127.0.0.1:{server.port}", viewport={"width": 1300, "height": 900}
            )
            opened.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
            opened.on("pageerror", lambda error: trouble.append(str(error)))
            opened.on("dialog", lambda dialog: trouble.append(dialog.message))
            yield opened
            assert opened.title() == "RQ dashboard"
            browser.close()
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
    # rq-dashboard asks for a list of instances that it does not have.
    assert [line for line in trouble if "404" not in line] == []


def photograph(page: Page, name: str) -> None:
    """For whoever wants to look: WIREDESK_SCREENSHOTS names a folder."""
    if folder := os.environ.get("WIREDESK_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"dashboard-{name}.png")


@pytest.mark.usefixtures("worker")
def test_what_feeds_and_errors_say_is_shown_and_never_run(valkey: redis.Redis, settings: Settings, page: Page) -> None:
    facts: dict[str, Any] = {"site": f"paper.test{EVIL}", "title": EVIL}
    jobs = [Answering(feed_id=1, lease=1, **facts), Failing(feed_id=2, lease=1, **facts)]
    queues.enqueue(valkey, jobs, settings, timeout=30)
    wanted = (("feed-1-1", b"finished"), ("feed-2-1", b"failed"))
    until(lambda: all(valkey.hget(f"rq:job:{job}", "status") == status for job, status in wanted))
    queues.enqueue(valkey, [Waiting(feed_id=3, lease=1, **facts)], settings, timeout=30)
    until(lambda: valkey.hget("rq:job:feed-3-1", "status") == b"started")
    # As others might put it there: a queue, and the name of a worker.
    valkey.sadd("rq:queues", f"rq:queue:{EVIL}")

    page.goto("/0/view/job/feed-1-1")
    page.locator("pre").first.wait_for()
    assert EVIL in page.locator(".description-scroll").inner_text()
    assert json.loads(page.locator("pre").first.inner_text()) == EVIL
    photograph(page, "finished")
    page.goto("/0/view/job/feed-2-1")
    page.get_by_text(f"defect in paper.test{EVIL}").wait_for()
    photograph(page, "failed")
    for registry in ("started", "failed", "finished"):
        page.goto(f"/0/view/jobs/feeds/{registry}/8/asc/1")
        page.locator("tr[data-role=job] .description").get_by_text("<img src=x onerror=").wait_for()
        photograph(page, f"jobs-{registry}")
    page.locator(".job_id a").click()
    page.wait_for_url("**/0/view/job/feed-1-1")
    page.goto("/0/view/workers")
    page.get_by_text("wait_for_the_test").wait_for()
    photograph(page, "workers")
    page.get_by_role("cell", name="wait_for_the_test").get_by_role("link").click()
    page.wait_for_url("**/0/view/job/feed-3-1")
    page.goto("/")
    page.get_by_text(EVIL).wait_for()
    photograph(page, "queues")
    page.get_by_role("row", name="feeds").get_by_role("link").nth(4).click()
    page.wait_for_url("**/0/view/jobs/feeds/finished/8/asc/1")


def test_an_address_cannot_bring_a_script(page: Page) -> None:
    for name in ("';document.title='ran';'", f'">{EVIL}'.replace("/", ""), "\\"):
        page.goto(f"/0/view/jobs/{quote(name, safe='')}/queued/8/asc/1")
        page.get_by_text("No jobs.").wait_for()
        assert page.title() == "RQ dashboard"
