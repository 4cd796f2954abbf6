"""Jobs of the tests' own, and workers that run them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import redis
from rq.job import Job  # noqa: TID251 - what RQ gives a callback

from shared import queues
from shared.errors import EngineError
from shared.jobs import JobFate, JobRecord, JobState, QueueName
from shared.queues import ThreadWorkers, job_fates
from shared.settings import Settings

ROOT = Path(__file__).parent.parent.parent.parent
FUNCTIONS = {QueueName.PAGES: ["tests.shared.queues.errands.do"]}
FUNCTIONS_AS_WRITTEN = "{QueueName.PAGES: ['tests.shared.queues.errands.do']}"


class Errand(JobRecord):
    """A job of the tests' own; ``function`` is ``do``, in this module."""

    queue: ClassVar[QueueName] = QueueName.PAGES
    function: ClassVar[str] = "tests.shared.queues.errands.do"
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


def put(valkey: redis.Redis, *jobs: Errand, timeout: int = 30, **options: Any) -> None:
    queues.enqueue(valkey, jobs, Settings(**options), timeout=timeout)


def fate(valkey: redis.Redis, job: Errand) -> JobFate:
    return job_fates(valkey, [(QueueName.PAGES, job.job_id)])[0]


def started(valkey: redis.Redis, job: Errand) -> bool:
    return fate(valkey, job).state is JobState.RUNNING


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
