"""The workers: registered, watched, and started as threads or as one process."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any

import redis
from rq import Queue, SimpleWorker  # noqa: TID251 - one of the places
from rq.job import Job  # noqa: TID251 - one of the places
from rq.serializers import JSONSerializer  # noqa: TID251 - one of the places
from rq.timeouts import JobTimeoutException  # noqa: TID251 - one of the places
from rq.worker import BaseWorker  # noqa: TID251 - one of the places

from shared.jobs import QueueName
from shared.queues.cycle import DEQUEUE_SECONDS, QuietWorker
from shared.queues.deadlines import WatchedDeathPenalty
from shared.queues.jobs import FUNCTIONS, Functions

IDLE_STOP_SECONDS = 2 * DEQUEUE_SECONDS
# A worker that a broken Valkey ended begins anew after this.
REVIVAL_SECONDS = 1.0


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


class _ThreadWorker(QuietWorker):
    death_penalty_class = WatchedDeathPenalty

    def _install_signal_handlers(self) -> None:
        """Signals belong to the process's main thread, which then tells all its workers."""

    def register_birth(self) -> None:
        """Under a name that is this process's own: whoever bears it is what this worker was before Valkey broke."""
        with contextlib.suppress(redis.RedisError):
            self.connection.delete(self.key)
        super().register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it untyped


class ThreadWorkers:
    """Many RQ workers as threads of one process, for jobs that mostly wait for the network.

    One that meets a broken Valkey in the middle of a job loses that job, which the scheduler issues again, and begins
    anew; the others' jobs go on.
    """

    def __init__(
        self,
        client: redis.Redis,
        queues: Sequence[QueueName],
        *,
        count: int,
        name: str,
        functions: Functions = FUNCTIONS,
    ) -> None:
        self._stopping = threading.Event()
        self._workers: list[_ThreadWorker | None] = [None] * count

        def new(number: int) -> _ThreadWorker:
            return _ThreadWorker(client, queues, name=f"{name}-{number:02}", functions=functions)

        self._new = new
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"{name}-{number:02}", daemon=True)
            for number in range(count)
        ]

    def _run(self, number: int) -> None:
        while not self._stopping.is_set():
            # RQ has logged what ended the worker; taking leave of a Valkey that is gone fails once more.
            with contextlib.suppress(redis.RedisError, JobTimeoutException):
                worker = self._workers[number] = self._new(number)
                if self._stopping.is_set():
                    worker.stop_soon()
                worker.work(logging_level="WARNING")
            self._stopping.wait(REVIVAL_SECONDS)

    def start(self) -> None:
        """Start all threads."""
        for thread in self._threads:
            thread.start()

    def alive(self) -> int:
        """Threads that still work; fewer than were started means that one met what it cannot recover from."""
        return sum(thread.is_alive() for thread in self._threads)

    def stop(self, *, grace_seconds: float) -> int:
        """Take no further job and wait for those that run. Returns how many did not end in time: what they were at is
        lost with this process, and no fault of theirs.
        """
        self._stopping.set()
        for worker in self._workers:
            if worker is not None:
                worker.stop_soon()
        until = time.monotonic() + grace_seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        for worker, thread in zip(self._workers, self._threads, strict=True):
            if worker is not None and thread.is_alive():
                worker.leave_behind()
        return self.alive()


class _ProcessWorker(QuietWorker):
    """One job after another in the main thread, watched by a thread that ends the process when a job hangs.

    trafilatura swallows RQ's timeout exception now and then, and a regular expression inside libxml cannot be
    interrupted at all: only the end of the process is sure. The supervisor starts the next one.
    """

    hang_seconds: float = 0
    _began: float | None = None
    _asked_to_stop: float | None = None

    def perform_job(self, job: Job, queue: Queue, execution: Any) -> bool:  # noqa: ANN401 - RQ's signature
        self._began = time.monotonic()
        try:
            return super().perform_job(job, queue, execution)
        finally:
            self._began = None

    def request_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - what a handler is given
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
