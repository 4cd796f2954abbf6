"""``wiredesk up``: everything on one machine, started again when it crashes, gone when it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.desk import Desk, paper, wait_until
from wiredesk.testweb import NewsWeb

STOP_SECONDS = 10.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        body = answer.read()
        return json.loads(body) if "json" in answer.headers["Content-Type"] else body.decode()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(
        tmp_path / "desk",
        WIREDESK_API_PORT=str(free_port()),
        WIREDESK_DASHBOARD_PORT=str(free_port()),
        WIREDESK_PARSER_PROCESSES="1",
    )
    try:
        yield opened
    finally:
        opened.close()


def ready(port: int) -> bool:
    try:
        return bool(read(port, "/readyz")["status"] == "ok")
    except OSError:
        return False


def test_a_day_in_the_life_of_up(desk: Desk, web: NewsWeb) -> None:
    api, board = (int(desk.environment[f"WIREDESK_{name}_PORT"]) for name in ("API", "DASHBOARD"))
    process = desk.start("up", "--feeds", paper(web.site("paper"), 5))
    wait_until(lambda: ready(api), seconds=60, what="the API is ready")
    wait_until(lambda: read(api, "/v1/stats")["entries"]["indexed"] == 5, seconds=60, what="the articles are there")

    # Others read: over HTTP, and the same events in the stream under the same numbers.
    events = read(api, "/v1/events")["events"]
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5]
    assert len(read(api, "/v1/articles")["articles"]) == 5
    assert "looks at its" in read(api, "/")
    with desk.valkey() as client:
        wait_until(lambda: client.xlen("wiredesk:articles") == 5, seconds=5, what="the stream has the events")
        assert [key for key, _ in client.xrange("wiredesk:articles")] == [f"{n}-0".encode() for n in range(1, 6)]

    # rq-dashboard tells what was done, in words.
    queues = {queue["name"]: queue for queue in read(board, "/0/data/queues.json")["queues"]}
    assert set(queues) == {"feeds", "pages", "parse", "index"}
    assert queues["parse"]["finished_job_registry_count"] == 5
    assert all(queue["failed_job_registry_count"] == 0 for queue in queues.values())
    jobs = read(board, "/0/data/jobs/parse/finished/8/asc/1.json")["jobs"]
    assert all(job["description"].startswith("parse  Paper looks at its ") for job in jobs)
    assert all(job["description"].endswith(" (paper.localhost)") for job in jobs)
    job = read(board, f"/0/data/job/{jobs[0]['id']}.json")
    assert job["status"] == "finished"
    assert "words, en" in job["result"]
    assert {tuple(worker["queues"]) for worker in read(board, "/0/data/workers.json")["workers"]} == {
        ("feeds", "pages"),
        ("parse",),
        ("index",),
    }

    # A second one on the folder is refused, other commands join in.
    second = desk.run("up")
    assert second.returncode == 1
    assert f"already up on {desk.folder}" in second.stderr.splitlines()[-1]
    assert "Traceback" not in second.stderr
    assert desk.json("status")["entries"]["indexed"] == 5

    # A crashed worker comes back.
    parser = min(desk.pids("worker parser"))
    os.kill(parser, signal.SIGKILL)
    wait_until(
        lambda: (pids := desk.pids("worker parser")) and parser not in pids, seconds=10, what="the parser is back"
    )

    # It stops within its time and leaves nothing behind.
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert process.wait(STOP_SECONDS) == 0
    assert time.monotonic() - began < STOP_SECONDS
    assert desk.processes() == {}

    # And goes on where it stopped.
    process = desk.start("up", "--feeds", paper(web.site("second"), 3))
    wait_until(lambda: ready(api), seconds=60, what="the API is ready again")
    wait_until(lambda: read(api, "/v1/stats")["entries"]["indexed"] == 8, seconds=60, what="the new ones are there")
    assert [event["seq"] for event in read(api, "/v1/events?after=5")["events"]] == [6, 7, 8]
    assert len(web.requests(site="paper", path="/feed.xml")) == 1
    process.send_signal(signal.SIGINT)
    assert process.wait(STOP_SECONDS) == 0
    assert desk.processes() == {}


def test_a_killed_up_takes_its_workers_along_and_the_next_one_finds_its_engines(desk: Desk, web: NewsWeb) -> None:
    api = int(desk.environment["WIREDESK_API_PORT"])
    process = desk.start("up", "--feeds", paper(web.site("paper"), 2))
    wait_until(lambda: ready(api), seconds=60, what="the API is ready")
    process.kill()
    process.wait()
    wait_until(lambda: not desk.pids("-m wiredesk"), seconds=STOP_SECONDS, what="the workers are gone")
    summary = desk.json("run", "--once", web.site("paper").url("/feed.xml"))
    assert summary["feeds_ok"] == 1
    assert desk.json("status")["entries"]["indexed"] == 2
    assert desk.processes() == {}


def test_a_busy_port_is_told_before_anything_starts(desk: Desk) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        desk.environment["WIREDESK_API_PORT"] = str(busy.getsockname()[1])
        done = desk.run("up")
    assert done.returncode == 1
    port = desk.environment["WIREDESK_API_PORT"]
    why = f"port {port} on 127.0.0.1 cannot be used (Address already in use): choose another one with WIREDESK_API_PORT"
    assert done.stderr.strip().splitlines() == [f"wiredesk: {why}"]
