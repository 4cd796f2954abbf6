"""What somebody with a connection to Valkey puts into a queue is refused, and nothing of it is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import redis
from rq import Queue  # noqa: TID251 - what the dashboard reads
from rq.serializers import JSONSerializer  # noqa: TID251 - what the dashboard reads

from shared import queues
from shared.jobs import JobFate, JobState, QueueName
from shared.queues import job_fates

from .errands import ROOT, errand, fate, put, until, working


@contextmanager
def listening(heard: list[str]) -> Iterator[str]:
    """A server that notes who asks. Gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hook"
        finally:
            server.shutdown()
            thread.join(5)


def forge(valkey: redis.Redis, function: str, *arguments: object, instance: object = None, **fields: str) -> str:
    """What somebody with a connection to Valkey puts into the queue of pages. Returns the job's id."""
    job = errand("work")
    put(valkey, job)
    mapping: dict[Any, Any] = {"data": json.dumps([function, instance, list(arguments), {}]), **fields}
    valkey.hset(f"rq:job:{job.job_id}", mapping=mapping)
    return job.job_id


@pytest.mark.parametrize(
    "function", ["subprocess.check_output", "services.fetcher.jobs.poll_feed", "", "antigravity.x"]
)
def test_a_job_of_another_function_is_refused_in_one_line_and_imports_nothing(
    valkey: redis.Redis, redis_url: str, tmp_path: Path, function: str
) -> None:
    job_id = forge(valkey, function, ["touch", str(tmp_path / "ran")])
    pages = Queue("pages", connection=valkey, serializer=JSONSerializer)
    before = set(sys.modules)
    with working(redis_url, count=1):
        until(lambda: pages.failed_job_registry.count == 1)
        after = errand("after")
        put(valkey, after)
        until(lambda: fate(valkey, after).state is JobState.DONE)
    line = f"refused: {function!r} is no job of the queue pages"
    assert job_fates(valkey, [(QueueName.PAGES, job_id)]) == [JobFate(JobState.BROKEN, line)]
    shown = pages.fetch_job(job_id)
    assert shown is not None
    result = shown.latest_result()
    assert result is not None
    assert result.exc_string == line
    assert not (tmp_path / "ran").exists()
    assert not {name for name in set(sys.modules) - before if name.startswith(("antigravity", "services.fetcher"))}
    assert valkey.zcard("rq:wip:pages") == 0


def test_every_queue_runs_its_own_jobs_only() -> None:
    assert queues.FUNCTIONS == {
        QueueName.FEEDS: ("services.fetcher.jobs.poll_feed", "services.fetcher.jobs.ask_hub"),
        QueueName.PAGES: ("services.fetcher.jobs.fetch_page",),
        QueueName.PARSE: ("services.parser.jobs.parse_page",),
        QueueName.INDEX: ("services.indexer.jobs.index_result",),
    }


@pytest.mark.parametrize("what", ["work", "defect"])
def test_callbacks_webhooks_and_repetitions_of_a_forged_job_are_ignored(
    valkey: redis.Redis, redis_url: str, what: str
) -> None:
    heard: list[str] = []
    with listening(heard) as address:
        job_id = forge(
            valkey,
            "tests.shared.queues.errands.do",
            errand(what).model_dump(mode="json"),
            success_callback_name="tests.shared.queues.errands.must_not_run",
            failure_callback_name="tests.shared.queues.errands.must_not_run",
            webhooks=json.dumps([{"url": address, "job_status": status} for status in ("finished", "failed")]),
            retries_left="3",
        )
        with working(redis_url, count=1):
            until(lambda: job_fates(valkey, [(QueueName.PAGES, job_id)])[0].state in (JobState.DONE, JobState.BROKEN))
            time.sleep(0.3)
    assert job_fates(valkey, [(QueueName.PAGES, job_id)])[0].state is (
        JobState.DONE if what == "work" else JobState.BROKEN
    )
    assert heard == []
    assert not valkey.exists("must-not-run")


def test_cleaning_up_behind_a_worker_that_died_runs_no_callback(valkey: redis.Redis, redis_url: str) -> None:
    """RQ's maintenance, which every worker does as it starts."""
    job_id = forge(valkey, "x.y", failure_callback_name="tests.shared.queues.errands.must_not_run", status="started")
    valkey.lpop("rq:queue:pages")
    valkey.zadd("rq:wip:pages", {f"{job_id}:execution": time.time() - 60})
    put(valkey, errand("after"))
    script = (
        "from shared import queues\nfrom shared.jobs import QueueName\n"
        f"queues.run_worker(queues.connect({redis_url!r}), [QueueName.PAGES], name='alone', max_jobs=1)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, check=True, capture_output=True, timeout=60
    )
    assert job_id in Queue("pages", connection=valkey).failed_job_registry.get_job_ids()
    assert not valkey.exists("must-not-run")
