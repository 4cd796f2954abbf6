"""The workers: registered, watched, and started as threads or as one process."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Any

import psycopg
import redis
from rq import Queue, SimpleWorker, worker_registration  # noqa: TID251 - the one place
from rq.job import Job  # noqa: TID251 - the one place
from rq.serializers import JSONSerializer  # noqa: TID251 - the one place
from rq.timeouts import JobTimeoutException, TimerDeathPenalty  # noqa: TID251 - the one place
from rq.worker import BaseWorker  # noqa: TID251 - the one place

from shared.errors import EngineError
from shared.jobs import QueueName
from shared.queues.jobs import FUNCTIONS, Functions, PlainJob, why_refused
from shared.queues.sending import BLAMELESS_FIELD, FAILURE_FIELD, rq_queue

# An idle worker looks up from its blocking read this often, to notice that it shall stop.
DEQUEUE_SECONDS = 2
IDLE_STOP_SECONDS = 2 * DEQUEUE_SECONDS
# A worker that was killed is shown as alive for this long, and a minute more.
WORKER_TTL_SECONDS = 60
# What these say is that Valkey, PostgreSQL or the page store is in trouble: the job itself is blameless.
ENGINE_FAULTS = (EngineError, psycopg.OperationalError, psycopg.InterfaceError, redis.RedisError)


def has_worker(client: redis.Redis, name_prefix: str) -> bool:
    """Whether a worker whose name starts like this has a fresh heartbeat.

    By key and not by RQ's list of workers, which costs two reads for each worker of the whole fleet.
    """
    prefix = f"{KnownWorker.redis_worker_namespace_prefix}{name_prefix}"
    ours = [key for key in KnownWorker.all_keys(connection=client) if key.startswith(prefix)]
    return bool(ours) and int(client.exists(*ours)) > 0


def workers(client: redis.Redis) -> list[dict[str, Any]]:
    """The workers that RQ knows: name, queues, state, jobs done."""
    return [
        {
            "name": worker.name,
            "queues": worker.queue_names(),
            "state": str(worker.get_state()),
            "done": worker.successful_job_count,
            "failed": worker.failed_job_count,
        }
        for worker in KnownWorker.all(connection=client)
    ]


class KnownWorker(SimpleWorker):
    """A registered worker whose running job is read as JSON, for a dashboard that does not say how."""

    @classmethod
    def all(cls, connection: redis.Redis | None = None, **options: Any) -> list[BaseWorker]:  # type: ignore[override]  # noqa: ANN401
        """Every registered worker."""
        return super().all(connection=connection, **{**options, "serializer": JSONSerializer})


class _QuietWorker(SimpleWorker):
    """A worker in this process, without a fork per job.

    It listens to no commands (each worker would need a connection and a thread for that), names itself readably, looks
    up every two seconds whether it shall stop, runs nothing but ``functions``, and notes on a failed job whose fault it
    was.
    """

    def __init__(
        self, client: redis.Redis, queues: Sequence[QueueName], *, name: str, functions: Functions = FUNCTIONS
    ) -> None:
        self._functions = functions
        super().__init__(
            [rq_queue(client, queue, job_class=PlainJob) for queue in queues],
            connection=client,
            name=name,
            job_class=PlainJob,
            serializer=JSONSerializer,
            log_job_description=False,
            worker_ttl=WORKER_TTL_SECONDS,
            exception_handlers=[self._note_failure],
        )

    @property
    def dequeue_timeout(self) -> int:
        return DEQUEUE_SECONDS

    def subscribe(self) -> None:
        """No command channel."""

    def unsubscribe(self) -> None:
        """No command channel."""

    def procline(self, message: str) -> None:
        """The process keeps the name under which it was started."""

    def stop_soon(self) -> None:
        """Take no further job; the one that runs is finished."""
        self._stop_requested = True

    def dequeue_job_and_maintain_ttl(self, timeout: int | None, max_idle_time: int | None = None) -> Any:  # noqa: ANN401, ARG002
        # RQ's own loop would block until a job comes; returning after each look lets this one see the stop.
        while not self._stop_requested:
            self._register_again()
            found = super().dequeue_job_and_maintain_ttl(timeout, max_idle_time=DEQUEUE_SECONDS)
            if found is not None:
                return found
        return None

    def perform_job(self, job: Job, queue: Queue, execution: Any) -> bool:  # noqa: ANN401
        refusal = why_refused(job, queue.name, self._functions)
        if refusal is None:
            return super().perform_job(job, queue, execution)
        self.prepare_job_execution(job, remove_from_intermediate_queue=len(self.queues) == 1)
        self.log.error("job %s %s", job.id, refusal)
        self.handle_job_failure(job, queue, exc_string=refusal, execution=execution)
        with contextlib.suppress(redis.RedisError):
            self.connection.hset(job.key, FAILURE_FIELD, refusal)
        return False

    def _register_again(self) -> None:
        """After a flush RQ would go on without the worker's name, and rq-dashboard would show none at work."""
        with contextlib.suppress(redis.ConnectionError, redis.TimeoutError):
            if not self.connection.sismember(self.redis_workers_keys, self.key):
                with self.connection.pipeline() as pipeline:
                    pipeline.hset(self.key, mapping=self.serialize())
                    pipeline.hdel(self.key, "death")
                    worker_registration.register(self, pipeline)
                    pipeline.execute()

    def _note_failure(
        self,
        job: Job,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,  # noqa: ARG002 - RQ's signature
    ) -> None:
        """Write beside RQ's traceback what the scheduler needs to know of the failure."""
        message = " ".join(str(error).split())[:300]
        mapping: dict[Any, Any] = {FAILURE_FIELD: f"{kind.__name__}: {message}".removesuffix(": ")}
        if isinstance(error, ENGINE_FAULTS) and not _is_too_much(error):
            mapping[BLAMELESS_FIELD] = "1"
        with contextlib.suppress(redis.RedisError):
            self.connection.hset(job.key, mapping=mapping)


def _is_too_much(error: BaseException) -> bool:
    """PostgreSQL's "program limit exceeded" (class 54): what the job brought is too much, every time."""
    return isinstance(error, psycopg.Error) and (error.sqlstate or "").startswith("54")


class _ThreadWorker(_QuietWorker):
    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        """Signals belong to the process's main thread, which then tells all its workers."""


class ThreadWorkers:
    """Many RQ workers as threads of one process, for jobs that mostly wait for the network."""

    def __init__(
        self,
        client: redis.Redis,
        queues: Sequence[QueueName],
        *,
        count: int,
        name: str,
        functions: Functions = FUNCTIONS,
    ) -> None:
        self._workers = [
            _ThreadWorker(client, queues, name=f"{name}-{number:02}", functions=functions) for number in range(count)
        ]
        self._threads = [
            threading.Thread(target=self._run, args=(worker,), name=worker.name, daemon=True)
            for worker in self._workers
        ]

    @staticmethod
    def _run(worker: _ThreadWorker) -> None:
        # RQ has logged what ended the worker; taking leave of a Valkey that is gone fails once more.
        with contextlib.suppress(redis.RedisError, JobTimeoutException):
            worker.work(logging_level="WARNING")

    def start(self) -> None:
        """Start all threads."""
        for thread in self._threads:
            thread.start()

    def alive(self) -> int:
        """Threads that still work; fewer than were started means that one met a broken engine and quit."""
        return sum(thread.is_alive() for thread in self._threads)

    def stop(self, *, grace_seconds: float) -> int:
        """Take no further job and wait for those that run. Returns how many did not end in time."""
        for worker in self._workers:
            worker.stop_soon()
        until = time.monotonic() + grace_seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return self.alive()


class _ProcessWorker(_QuietWorker):
    """One job after another in the main thread, watched by a thread that ends the process when a job hangs.

    trafilatura swallows RQ's timeout exception now and then, and a regular expression inside libxml cannot be
    interrupted at all: only the end of the process is sure. The supervisor starts the next one.
    """

    hang_seconds: float = 0
    _began: float | None = None
    _asked_to_stop: float | None = None

    def perform_job(self, job: Job, queue: Queue, execution: Any) -> bool:  # noqa: ANN401
        self._began = time.monotonic()
        try:
            return super().perform_job(job, queue, execution)
        finally:
            self._began = None

    def request_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        # RQ's own handler raises out of whatever the main thread is doing while it waits; this one only asks.
        self.stop_soon()
        self._asked_to_stop = time.monotonic()

    def watch(self) -> None:
        """Look every half second whether the job that runs has hung, or an idle worker does not come to its end."""
        while True:
            time.sleep(0.5)
            now, began, asked = time.monotonic(), self._began, self._asked_to_stop
            if began is not None and self.hang_seconds and now - began > self.hang_seconds:
                logging.getLogger("wiredesk").error("a job has hung for %.0f s: ending this process", self.hang_seconds)
                os._exit(70)
            # Without Valkey, RQ sleeps for up to a minute between two tries and asks nobody whether it shall go on.
            if began is None and asked is not None and now - asked > IDLE_STOP_SECONDS:
                os._exit(0)


def run_worker(
    client: redis.Redis,
    queues: Sequence[QueueName],
    *,
    name: str,
    max_jobs: int | None = None,
    hang_seconds: float = 0,
    functions: Functions = FUNCTIONS,
) -> None:
    """Work on ``queues`` in this process until SIGTERM or SIGINT, or for ``max_jobs`` jobs.

    :param hang_seconds: end the process when one job takes longer; 0: never.
    :param functions: what the jobs of each queue may call; anything else is refused and fails.
    """
    worker = _ProcessWorker(client, queues, name=name, functions=functions)
    worker.hang_seconds = hang_seconds
    threading.Thread(target=worker.watch, name="watchdog", daemon=True).start()
    worker.work(logging_level="WARNING", max_jobs=max_jobs)
