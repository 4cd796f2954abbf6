"""RQ behind one door: what becomes of a job, workers that stop, and nothing that stays for ever."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from rq import Queue  # noqa: TID251 - what the dashboard reads
from rq.job import Job  # noqa: TID251
from rq.registry import StartedJobRegistry  # noqa: TID251
from rq.serializers import JSONSerializer  # noqa: TID251

from shared import queues
from shared.engines import valkey as server
from shared.errors import ConfigurationError, EngineError
from shared.jobs import JobFate, JobRecord, JobState, QueueName
from shared.queues import ThreadWorkers, job_fates
from shared.settings import Settings

ROOT = Path(__file__).parent.parent.parent
FUNCTIONS = {QueueName.PAGES: ["tests.shared.test_queues.do"]}
FUNCTIONS_AS_WRITTEN = "{QueueName.PAGES: ['tests.shared.test_queues.do']}"


class Errand(JobRecord):
    """A job of the tests' own; ``function`` is one of those at the end of this module."""

    queue: ClassVar[QueueName] = QueueName.PAGES
    function: ClassVar[str] = "tests.shared.test_queues.do"
    verb: ClassVar[str] = "run"

    what: str
    seconds: float = 0.0

    @property
    def job_id(self) -> str:
        return f"page-{self.what}-{self.lease}"


def errand(what: str, *, seconds: float = 0.0) -> Errand:
    return Errand(what=what, seconds=seconds, lease=1, site="paper.example", title=what)


def do(payload: dict[str, Any]) -> str:
    job = Errand.model_validate(payload)
    until = time.monotonic() + job.seconds
    while time.monotonic() < until:
        time.sleep(0.01)
    if job.what == "defect":
        raise KeyError("a\nb")
    if job.what == "engine":
        raise EngineError("the page store is full")
    if job.what == "postgres":
        raise psycopg.OperationalError("gone")
    if job.what == "too-much":
        raise psycopg.errors.ProgramLimitExceeded("string is too long for tsvector")
    if job.what == "memory":
        raise MemoryError
    return "done"


def must_not_run(_: Job, connection: redis.Redis, *_more: object) -> None:
    """A callback that tells that it ran."""
    connection.set("must-not-run", "ran")


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


def put(valkey: redis.Redis, *jobs: Errand, timeout: int = 30, **options: Any) -> None:
    queues.enqueue(valkey, jobs, Settings(**options), timeout=timeout)


def fate(valkey: redis.Redis, job: Errand) -> JobFate:
    return job_fates(valkey, [(QueueName.PAGES, job.job_id)])[0]


def until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@contextmanager
def working(redis_url: str, *, count: int = 2) -> Iterator[ThreadWorkers]:
    with queues.connect(redis_url) as client:
        workers = ThreadWorkers(
            client, [QueueName.FEEDS, QueueName.PAGES], count=count, name="test", functions=FUNCTIONS
        )
        workers.start()
        try:
            yield workers
        finally:
            assert workers.stop(grace_seconds=6) == 0


def started(valkey: redis.Redis, job: Errand) -> bool:
    return fate(valkey, job).state is JobState.RUNNING


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
    valkey.hset(f"rq:job:{job.job_id}", "data", JSONSerializer.dumps(["tests.shared.test_queues.do", None, [{}], {}]))
    with working(redis_url, count=1):
        until(lambda: Queue("pages", connection=valkey).failed_job_registry.count == 1)
        time.sleep(0.3)
        assert fate(valkey, job).state is JobState.BROKEN
        assert "ValidationError" in (fate(valkey, job).failure or "")
    assert queues.depths(valkey)[QueueName.PAGES] == 0


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
            "tests.shared.test_queues.do",
            errand(what).model_dump(mode="json"),
            success_callback_name="tests.shared.test_queues.must_not_run",
            failure_callback_name="tests.shared.test_queues.must_not_run",
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
    job_id = forge(valkey, "x.y", failure_callback_name="tests.shared.test_queues.must_not_run", status="started")
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


@pytest.mark.parametrize(
    "url",
    [
        "http://valkey",
        "redis://host:port/0",
        "nonsense",
        "redis+sentinel://host:x/service",
        "redis+sentinel://host:26379",
    ],
)
def test_an_address_that_cannot_work_is_named_in_one_line(url: str) -> None:
    with pytest.raises(ConfigurationError, match="WIREDESK_REDIS_URL") as caught:
        queues.connect(url)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:s3#cret@host:6379/0",
        "redis://:s3cret/x@host:6379/0",
        "redis://:x/s3cret@host:6379/0",
        "redis://:s3cret@host:s3cret/0",
        "redis://host/0?socket_timeout=s3cret",
        "redis+sentinel://:s3cret@host:s3cret/news",
        "redis+sentinel://:s3cret@host/news/s3cret",
        "redis+sentinel://:s3cret@host",
    ],
)
def test_a_malformed_address_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"redis(\+sentinel)?://:password@host") as caught:
        queues.connect(url)
    assert "s3" not in str(caught.value)


@pytest.mark.parametrize(
    ("credentials", "user", "password"),
    [(":secret@", None, "secret"), ("me:s%40c%2F@", "me", "s@c/"), ("", None, None)],
)
def test_a_sentinel_address_is_understood(credentials: str, user: str | None, password: str | None) -> None:
    client = queues.connect(f"redis+sentinel://{credentials}one:26379,two/news/3")
    options = client.connection_pool.connection_kwargs
    assert (options["db"], options["username"], options["password"]) == (3, user, password)


def test_a_valkey_that_does_not_answer_is_named_in_one_line() -> None:
    with queues.connect("redis://127.0.0.1:1/0") as client, pytest.raises(EngineError, match="Valkey") as caught:
        queues.check(client)
    assert "\n" not in str(caught.value)


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
