"""Workers that stop, that outlive what happens to Valkey, and that cost it little."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
import redis

from shared import queues
from shared.engines import valkey as server
from shared.jobs import JobFate, JobState, QueueName
from shared.queues import ThreadWorkers

from .errands import FUNCTIONS, FUNCTIONS_AS_WRITTEN, ROOT, Errand, errand, fate, put, started, until, working


def test_workers_stop_within_seconds_and_leave_nothing_behind(valkey: redis.Redis, redis_url: str) -> None:
    with queues.connect(redis_url) as client:
        workers = ThreadWorkers(client, [QueueName.PAGES], count=8, name="test", functions=FUNCTIONS)
        workers.start()
        until(lambda: len(queues.workers(valkey)) == 8)
        assert {worker["name"] for worker in queues.workers(valkey)} == {f"test-{number:02}" for number in range(8)}
        job = errand("work", seconds=1)
        put(valkey, job)
        until(lambda: started(valkey, job))
        began = time.monotonic()
        assert workers.stop(grace_seconds=6) == 0
        assert time.monotonic() - began < 5
    assert fate(valkey, job).state is JobState.DONE
    assert queues.workers(valkey) == []
    assert all(0 < valkey.ttl(key) <= 60 for key in valkey.keys("rq:worker:*"))


def test_a_job_that_outlasts_the_grace_is_left_behind_and_counted(valkey: redis.Redis, redis_url: str) -> None:
    job = errand("work", seconds=1.5)
    put(valkey, job)
    with queues.connect(redis_url) as client:
        workers = ThreadWorkers(client, [QueueName.PAGES], count=1, name="test", functions=FUNCTIONS)
        workers.start()
        until(lambda: started(valkey, job))
        assert workers.stop(grace_seconds=0.1) == 1
        # Nobody waits for it until its time is over, and nobody blames it.
        assert fate(valkey, job) == JobFate(JobState.LOST, "its worker was stopped")
        assert queues.workers(valkey) == []
        assert workers.stop(grace_seconds=10) == 0


def test_workers_outlive_a_flush_and_show_up_again(valkey: redis.Redis, redis_url: str) -> None:
    with working(redis_url) as workers:
        running = errand("work", seconds=0.5)
        put(valkey, running)
        until(lambda: started(valkey, running))
        valkey.flushall()
        until(lambda: len(queues.workers(valkey)) == 2)
        after = errand("after")
        put(valkey, after)
        until(lambda: fate(valkey, after).state is JobState.DONE)
        assert workers.alive() == 2
        assert {tuple(worker["queues"]) for worker in queues.workers(valkey)} == {("feeds", "pages")}


def test_workers_outlive_a_valkey_that_goes_away_in_the_middle_of_a_job(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Those that wait wait on; the ones whose end could not be written begin anew."""
    socket = tmp_path / "valkey.sock"
    jobs = [errand("first", seconds=0.5), errand("second", seconds=0.5)]
    server.start(tmp_path / "valkey", socket)
    try:
        with working(f"unix://{socket}", count=4) as workers:
            with queues.connect(f"unix://{socket}") as valkey:
                put(valkey, *jobs)
                until(lambda: all(started(valkey, job) for job in jobs))
            server.stop(tmp_path / "valkey", socket)
            until(lambda: caplog.text.count("unhandled exception, quitting") == len(jobs), seconds=60)
            server.start(tmp_path / "valkey", socket)
            with queues.connect(f"unix://{socket}") as valkey:
                later = [errand(f"later-{number}", seconds=3) for number in range(4)]
                put(valkey, *later)
                until(lambda: all(started(valkey, job) for job in later), seconds=30)
                until(lambda: all(fate(valkey, job).state is JobState.DONE for job in later))
            assert workers.alive() == 4
    finally:
        server.stop(tmp_path / "valkey", socket)


def test_a_job_costs_few_round_trips(valkey: redis.Redis, redis_url: str) -> None:
    """Dozens of workers share one process, and beside its pages this is most of what it does: RQ makes 21."""
    jobs = [errand(f"n{number}") for number in range(100)]
    put(valkey, *jobs)
    before = valkey.info("stats")
    with working(redis_url, count=1):
        until(lambda: fate(valkey, jobs[-1]).state is JobState.DONE)
        after = valkey.info("stats")
    looks = 20  # by this test, and by the worker of whether it shall go on
    assert after["total_reads_processed"] - before["total_reads_processed"] < 5 * len(jobs) + looks * 2


def test_a_worker_needs_no_more_of_valkey_than_the_parser_of_compose_may(valkey: redis.Redis, redis_url: str) -> None:
    script = (ROOT / "compose" / "secrets.sh").read_text("utf-8")
    rule = re.search(r'^parser_acl="user parser on >\$parser_password (.*)"$', script, re.MULTILINE)
    assert rule is not None
    valkey.execute_command("ACL", "SETUSER", "parser", "reset", "on", ">word", *rule[1].split())
    try:
        parts = urlsplit(redis_url)
        url = parts._replace(netloc=f"parser:word@{parts.netloc.rpartition('@')[2]}").geturl()
        jobs = [errand("one"), errand("two")]
        put(valkey, jobs[0])
        with working(url, count=1):
            until(lambda: fate(valkey, jobs[0]).state is JobState.DONE)
            put(valkey, jobs[1])
            until(lambda: fate(valkey, jobs[1]).state is JobState.DONE)
    finally:
        valkey.execute_command("ACL", "DELUSER", "parser")


def test_the_first_queue_goes_first_and_jobs_that_have_expired_are_passed_over(
    valkey: redis.Redis, redis_url: str
) -> None:
    class Poll(Errand):
        queue: ClassVar[QueueName] = QueueName.FEEDS

    gone, page, poll = errand("gone"), errand("page"), Poll(what="poll", lease=1, site="paper.example")
    put(valkey, gone, page, poll)
    valkey.delete(f"rq:job:{gone.job_id}")
    functions = {**FUNCTIONS, QueueName.FEEDS: FUNCTIONS[QueueName.PAGES]}
    with queues.connect(redis_url) as client:
        workers = ThreadWorkers(client, list(functions)[::-1], count=1, name="test", functions=functions)
        workers.start()
        until(lambda: fate(valkey, page).state is JobState.DONE)
        assert workers.stop(grace_seconds=6) == 0
    ended = {job: valkey.hget(f"rq:job:{job.job_id}", "ended_at") for job in (page, poll)}
    assert b"" < ended[poll] < ended[page]
    assert queues.depths(valkey)[QueueName.PAGES] == 0


def test_suspended_workers_take_nothing_until_they_are_resumed(valkey: redis.Redis, redis_url: str) -> None:
    """``rq suspend`` is an operator's brake."""
    valkey.set("rq:suspended", 1)
    job = errand("work")
    put(valkey, job)
    with working(redis_url, count=2):
        until(lambda: [worker["state"] for worker in queues.workers(valkey)] == ["suspended"] * 2)
        assert fate(valkey, job).state is JobState.WAITING
        valkey.delete("rq:suspended")
        until(lambda: fate(valkey, job).state is JobState.DONE)


@pytest.mark.parametrize("ending", ["signal", "max_jobs", "hang"])
def test_a_worker_process_ends_as_it_should(valkey: redis.Redis, redis_url: str, ending: str) -> None:
    options = {"signal": "", "max_jobs": ", max_jobs=1", "hang": ", hang_seconds=1"}[ending]
    script = (
        "from shared import queues\nfrom shared.jobs import QueueName\n"
        f"queues.run_worker(queues.connect({redis_url!r}), [QueueName.PAGES], name='alone'{options},\n"
        f"    functions={FUNCTIONS_AS_WRITTEN})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        job = errand("work", seconds={"signal": 1.0, "max_jobs": 0.0, "hang": 60.0}[ending])
        put(valkey, job, timeout=120)
        if ending == "signal":
            until(lambda: started(valkey, job), seconds=30)
            process.terminate()
        assert process.wait(30) == (70 if ending == "hang" else 0)
        assert fate(valkey, job).state is (JobState.RUNNING if ending == "hang" else JobState.DONE)
    finally:
        process.kill()
        process.wait()
