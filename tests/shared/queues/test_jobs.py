"""What becomes of a job, and what RQ and its dashboard keep of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import ClassVar

import redis
from rq import Queue  # noqa: TID251 - what the dashboard reads
from rq.job import Job  # noqa: TID251 - what the dashboard reads
from rq.registry import StartedJobRegistry  # noqa: TID251 - what the dashboard reads
from rq.serializers import JSONSerializer  # noqa: TID251 - what the dashboard reads

from shared import queues
from shared.jobs import JobFate, JobState, QueueName
from shared.settings import Settings

from .errands import FUNCTIONS_AS_WRITTEN, ROOT, Errand, errand, fate, put, started, until, working


def test_a_job_waits_runs_and_is_done(valkey: redis.Redis, redis_url: str) -> None:
    job = errand("work", seconds=0.3)
    assert fate(valkey, job).state is JobState.LOST
    put(valkey, job)
    assert fate(valkey, job).state is JobState.WAITING
    assert queues.depths(valkey)[QueueName.PAGES] == 1
    with working(redis_url):
        until(lambda: started(valkey, job))
        until(lambda: fate(valkey, job).state is JobState.DONE)
    assert queues.depths(valkey)[QueueName.PAGES] == 0


def test_a_failed_job_says_why_and_whose_fault_it_was(valkey: redis.Redis, redis_url: str) -> None:
    expected = {
        "defect": (JobState.BROKEN, "KeyError: 'a\\nb'"),
        "memory": (JobState.BROKEN, "MemoryError"),
        "too-much": (JobState.BROKEN, "ProgramLimitExceeded: string is too long for tsvector"),
        "engine": (JobState.LOST, "EngineError: the page store is full"),
        "postgres": (JobState.LOST, "OperationalError: gone"),
    }
    jobs = [errand(what) for what in expected]
    put(valkey, *jobs)
    with working(redis_url):
        until(lambda: Queue("pages", connection=valkey).failed_job_registry.count == len(jobs))
    assert {job.what: fate(valkey, job) for job in jobs} == {what: JobFate(*facts) for what, facts in expected.items()}


def test_a_poisoned_payload_fails_visibly_and_is_not_tried_again_by_rq(valkey: redis.Redis, redis_url: str) -> None:
    job = errand("work")
    put(valkey, job)
    Job.fetch(job.job_id, connection=valkey, serializer=JSONSerializer)
    valkey.hset(
        f"rq:job:{job.job_id}", "data", JSONSerializer.dumps(["tests.shared.queues.errands.do", None, [{}], {}])
    )
    with working(redis_url, count=1):
        until(lambda: Queue("pages", connection=valkey).failed_job_registry.count == 1)
        time.sleep(0.3)
        assert fate(valkey, job).state is JobState.BROKEN
        assert "ValidationError" in (fate(valkey, job).failure or "")
    assert queues.depths(valkey)[QueueName.PAGES] == 0


def test_a_job_beyond_its_time_is_ended_and_counts_as_broken(valkey: redis.Redis, redis_url: str) -> None:
    job = errand("slow", seconds=20)
    put(valkey, job, timeout=1)
    with working(redis_url, count=1):
        until(lambda: fate(valkey, job).state is JobState.BROKEN)
    assert (fate(valkey, job).failure or "").startswith("JobTimeoutException")


def test_a_job_whose_worker_died_just_after_taking_it_is_lost(valkey: redis.Redis) -> None:
    job = errand("work")
    put(valkey, job)
    valkey.lpop("rq:queue:pages")
    assert fate(valkey, job).state is JobState.LOST
    assert 0 < valkey.ttl(f"rq:job:{job.job_id}") <= queues.WAITING_JOB_TTL_SECONDS


def test_a_job_whose_worker_died_with_it_is_broken_once_its_time_is_over(valkey: redis.Redis) -> None:
    job = errand("work")
    put(valkey, job, timeout=30)
    valkey.lpop("rq:queue:pages")
    key = f"rq:job:{job.job_id}"
    now = time.time()
    for seconds, state in ((34, JobState.RUNNING), (36, JobState.BROKEN)):
        began = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(now - seconds + 0.5))
        valkey.hset(key, mapping={"status": "started", "started_at": began})
        assert fate(valkey, job).state is state


def test_the_dashboard_moves_an_abandoned_job_to_failed_without_harm(valkey: redis.Redis, redis_url: str) -> None:
    """A fetcher is killed with SIGKILL in the middle of a job."""
    job = errand("work", seconds=60)
    put(valkey, job, timeout=90)
    script = (
        "from shared import queues\nfrom shared.jobs import QueueName\n"
        f"w = queues.ThreadWorkers(queues.connect({redis_url!r}), [QueueName.PAGES], count=1, name='doomed',\n"
        f"    functions={FUNCTIONS_AS_WRITTEN})\n"
        "w.start()\nimport time\ntime.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        until(lambda: started(valkey, job), seconds=30)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    registry = StartedJobRegistry("pages", connection=valkey, serializer=JSONSerializer)
    assert fate(valkey, job).state is JobState.RUNNING
    registry.cleanup(time.time() + 3600)
    assert fate(valkey, job).state is JobState.BROKEN
    failed = Queue("pages", connection=valkey, serializer=JSONSerializer).failed_job_registry
    assert failed.get_job_ids() == [job.job_id]
    # The worker's name goes with its key's expiry, not only when it takes leave.
    assert 0 < valkey.ttl("rq:worker:doomed-00") <= 150


def test_what_a_dashboard_reads_of_a_job_is_all_there(valkey: redis.Redis, redis_url: str) -> None:
    job = errand("work", seconds=0.5)
    put(valkey, job)
    pages = Queue("pages", connection=valkey, serializer=JSONSerializer)
    with working(redis_url, count=1):
        until(lambda: started(valkey, job))
        assert pages.started_job_registry.get_job_ids() == [job.job_id]
        (worker,) = queues.KnownWorker.all(connection=valkey)
        assert (worker.get_state(), worker.get_current_job_id()) == ("busy", job.job_id)
        until(lambda: fate(valkey, job).state is JobState.DONE)
        (worker,) = queues.KnownWorker.all(connection=valkey)
        assert (worker.get_state(), worker.get_current_job_id()) == ("idle", None)
        assert (worker.successful_job_count, worker.failed_job_count) == (1, 0)
        assert 0.5 <= worker.total_working_time < 5
    assert pages.started_job_registry.get_job_ids() == []
    assert pages.finished_job_registry.get_job_ids() == [job.job_id]
    shown = pages.fetch_job(job.job_id)
    assert shown is not None
    assert (shown.return_value(), shown.worker_name, shown.description) == ("done", "test-00", job.description)
    assert shown.started_at is not None
    assert shown.ended_at is not None
    assert (shown.ended_at - shown.started_at).total_seconds() >= 0.5
    assert valkey.keys("rq:execution*") == []


def test_finished_and_failed_jobs_are_kept_for_a_bounded_time(valkey: redis.Redis, redis_url: str) -> None:
    good, bad, gone = errand("work"), errand("defect"), errand("gone")
    put(valkey, good, bad, job_keep_seconds=600, failed_job_keep_seconds=3600)
    put(valkey, gone, job_keep_seconds=0)
    pages = Queue("pages", connection=valkey, serializer=JSONSerializer)
    with working(redis_url):
        until(lambda: pages.finished_job_registry.count == 1 and pages.failed_job_registry.count == 1)
        until(lambda: not valkey.exists(f"rq:job:{gone.job_id}"))
    for job, seconds in ((good, 600), (bad, 3600)):
        assert 0 < valkey.ttl(f"rq:job:{job.job_id}") <= seconds
        assert 0 < valkey.ttl(f"rq:results:{job.job_id}") <= seconds
    # The registries are trimmed by the workers' maintenance.
    pages.finished_job_registry.cleanup(time.time() + 601)
    pages.failed_job_registry.cleanup(time.time() + 3601)
    assert valkey.zcard("rq:finished:pages") == 0
    assert valkey.zcard("rq:failed:pages") == 0


def test_one_call_enqueues_for_several_queues(valkey: redis.Redis) -> None:
    class Poll(Errand):
        queue: ClassVar[QueueName] = QueueName.FEEDS

    jobs = [errand("a"), Poll(what="b", lease=1, site="paper.example")]
    assert queues.enqueue(valkey, jobs, Settings(), timeout=5) == 2
    assert queues.depths(valkey) == {
        QueueName.FEEDS: 1,
        QueueName.PAGES: 1,
        QueueName.PARSE: 0,
        QueueName.INDEX: 0,
    }
    assert queues.enqueue(valkey, [], Settings(), timeout=5) == 0
