"""What a worker does again and again - take a job, begin it, run it, end it - in four round trips to Valkey.

RQ's own worker makes twenty-one of them a job, one after another, which with dozens of workers in one process is
most of what it does. What is written is what RQ writes, by RQ's own functions, so that whatever reads RQ (rq-dashboard,
``rq info``, RQ's maintenance) finds it; what is left out are looks for what our jobs never have (dependents,
repetitions, rate limits), and signs of life more often than anybody asks for them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import redis
from rq import Queue, SimpleWorker, worker_registration  # noqa: TID251 - one of the places
from rq.exceptions import NoSuchJobError  # noqa: TID251 - one of the places
from rq.executions import Execution  # noqa: TID251 - one of the places
from rq.job import Job  # noqa: TID251 - one of the places
from rq.registry import StartedJobRegistry  # noqa: TID251 - one of the places
from rq.serializers import JSONSerializer  # noqa: TID251 - one of the places
from rq.suspension import WORKERS_SUSPENDED  # noqa: TID251 - one of the places
from rq.utils import now  # noqa: TID251 - one of the places
from rq.worker import WorkerStatus  # noqa: TID251 - one of the places

from shared.jobs import QueueName
from shared.queues.failures import STOPPED, failure_fields
from shared.queues.jobs import FUNCTIONS, Functions, PlainJob, why_refused
from shared.queues.sending import FAILURE_FIELD, rq_queue

# An idle worker looks up from its blocking read this often, to notice that it shall stop.
DEQUEUE_SECONDS = 2
# A worker that was killed is shown as alive for this long, and a minute more.
WORKER_TTL_SECONDS = 60
# How often a worker says that it lives, and looks whether it is still registered and whether all shall pause.
LOOK_SECONDS = 1.5
LONGEST_PAUSE_SECONDS = 5.0


class QuietWorker(SimpleWorker):
    """A worker in this process, without a fork per job.

    It listens to no commands (each worker would need a connection and a thread for that), names itself readably, looks
    up every two seconds whether it shall stop, runs nothing but ``functions``, and notes on a failed job whose fault it
    was.
    """

    def __init__(
        self, client: redis.Redis, queues: Sequence[QueueName], *, name: str, functions: Functions = FUNCTIONS
    ) -> None:
        self._functions = functions
        self._looked = float("-inf")
        self._by_key = {(queue := rq_queue(client, name, job_class=PlainJob)).key: queue for name in queues}
        super().__init__(
            list(self._by_key.values()),
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

    def leave_behind(self) -> None:
        """Say that this process ends before the job that runs does, as nobody will afterwards."""
        for execution in list(self.executions.values()):
            self._note(self.job_class.key_for(execution.job_id), STOPPED)
        with contextlib.suppress(redis.RedisError):
            self.register_death()  # type: ignore[no-untyped-call]  # RQ leaves it untyped

    def check_for_suspension(self, burst: bool) -> None:
        """With all else that is looked at now and then."""

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:  # noqa: ANN401 - RQ's signature
        # Alone, it would be three round trips; `_look_up` and the beginning of a job take it along.
        if pipeline is not None:
            super().heartbeat(timeout, pipeline)

    def dequeue_job_and_maintain_ttl(
        self,
        timeout: int | None,  # noqa: ARG002 - ours rules
        max_idle_time: int | None = None,  # noqa: ARG002 - a worker without work stays
    ) -> tuple[Job, Queue] | None:
        """The next job; ``None`` once the worker shall stop."""
        take, pause = self._take_next, 0.0
        while not self._stop_requested:
            try:
                self._look_up()
                if self.should_run_maintenance_tasks:
                    self.run_maintenance_tasks()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
                found = take()
            except (redis.ConnectionError, redis.TimeoutError) as error:
                if not pause:
                    self.log.warning("Worker %s: Valkey does not answer, trying again: %s", self.name, error)
                pause = min(2 * pause + 0.5, LONGEST_PAUSE_SECONDS)
                self._rest(pause)
                continue
            if found is not None:
                return found
            take = self._wait_for_next
        return None

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Begin, run and end ``job``."""
        if not self.perform_job(job, queue, self._begin(job)):
            self.set_state(WorkerStatus.IDLE)

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """Done with the rest of the beginning."""

    def perform_job(self, job: Job, queue: Queue, execution: Any) -> bool:  # noqa: ANN401 - RQ's signature
        refusal = why_refused(job, queue.name, self._functions)
        if refusal is None:
            return super().perform_job(job, queue, execution)
        self.log.error("job %s %s", job.id, refusal)
        self.handle_job_failure(job, queue, exc_string=refusal, execution=execution)
        self._note(job.key, {FAILURE_FIELD: refusal})
        return False

    def handle_execution_ended(self, job: Job, queue: Queue, heartbeat_ttl: int) -> None:  # noqa: ARG002 - RQ's
        """Its sign of life is in what is written of its end."""
        job.ended_at = job.last_heartbeat = now()

    def handle_job_success(
        self,
        job: Job,
        queue: Queue,  # noqa: ARG002 - RQ's signature
        started_job_registry: StartedJobRegistry,  # noqa: ARG002 - RQ's signature
        execution: Execution,
    ) -> None:
        """Write that ``job`` is done, and that this worker is free."""
        assert job.started_at is not None
        assert job.ended_at is not None
        with self.connection.pipeline() as pipeline:
            self.increment_successful_job_count(pipeline)
            self.increment_total_working_time(job.ended_at - job.started_at, pipeline)
            ttl = job.get_result_ttl(self.default_result_ttl)
            if ttl:
                job._handle_success(  # noqa: SLF001 - as RQ's own worker does
                    ttl,
                    pipeline=pipeline,
                    worker_name=self.name,
                    execution_id=execution.id,
                    execution_started_at=execution.created_at,
                    execution_ended_at=job.ended_at,
                )
            job.cleanup(ttl, pipeline=pipeline, remove_from_queue=False)
            self.cleanup_execution(job, pipeline=pipeline, execution=execution)
            self.set_state(WorkerStatus.IDLE, pipeline)
            pipeline.execute()

    def _begin(self, job: Job) -> Execution:
        seconds = self.get_heartbeat_ttl(job)
        with self.connection.pipeline() as pipeline:
            execution = Execution.create(job, seconds, pipeline=pipeline, worker_name=self.name)
            self.executions[execution.id] = execution
            self.set_state(WorkerStatus.BUSY, pipeline)
            self.heartbeat(seconds, pipeline)
            job.prepare_for_execution(self.name, pipeline=pipeline)
            pipeline.persist(job.key)
            pipeline.execute()
        return execution

    def _take_next(self) -> tuple[Job, Queue] | None:
        """A job that is there already. In no script, which a parser's user of Valkey may not run."""
        keys = list(self._by_key)
        while popped := self.connection.lmpop(len(keys), *keys, direction="LEFT"):
            found = self._fetched(popped[0], popped[1][0])
            if found is not None:
                return found
        return None

    def _wait_for_next(self) -> tuple[Job, Queue] | None:
        """A job that comes while it waits."""
        popped = self.connection.blpop(list(self._by_key), DEQUEUE_SECONDS)
        return self._fetched(*popped) if popped else None

    def _fetched(self, key: Any, job_id: Any) -> tuple[Job, Queue] | None:  # noqa: ANN401 - bytes, whatever redis-py says
        """The job with its fields; ``None`` where it has expired."""
        fields = self.connection.hgetall(self.job_class.key_for(job_id.decode()))
        return self._restored(key, job_id, fields) if fields else None

    def _restored(self, key: bytes, job_id: bytes, fields: Any) -> tuple[Job, Queue] | None:  # noqa: ANN401 - redis-py's
        job = self.job_class(job_id.decode(), connection=self.connection, serializer=self.serializer)
        try:
            job.restore(fields)
        except NoSuchJobError:
            return None
        return job, self._by_key[key.decode()]

    def _look_up(self) -> None:
        """Now and then: say that this worker lives, register again after a flush, pause while ``rq suspend`` says so.

        After a flush RQ would go on without the worker's name, and rq-dashboard would show none at work.
        """
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        suspended = True
        while suspended and not self._stop_requested:
            with self.connection.pipeline(transaction=False) as pipeline:
                pipeline.sismember(self.redis_workers_keys, self.key)
                pipeline.exists(WORKERS_SUSPENDED)
                self.heartbeat(None, pipeline)
                registered, suspended, *_ = pipeline.execute()
            if not registered:
                self._register_again()
            if suspended:
                self.set_state(WorkerStatus.SUSPENDED)
                self._rest(1.0)
                self.set_state(WorkerStatus.IDLE)
        self._looked = time.monotonic()

    def _register_again(self) -> None:
        with self.connection.pipeline() as pipeline:
            pipeline.hset(self.key, mapping=self.serialize())
            pipeline.hdel(self.key, "death")
            worker_registration.register(self, pipeline)
            pipeline.execute()

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stop_requested and time.monotonic() < until:
            time.sleep(0.1)

    def _note_failure(
        self,
        job: Job,
        kind: type[BaseException],  # noqa: ARG002 - RQ's signature
        error: BaseException,
        trace: TracebackType | None,  # noqa: ARG002 - RQ's signature
    ) -> None:
        """Write beside RQ's traceback what the scheduler needs to know of the failure."""
        self._note(job.key, failure_fields(error))

    def _note(self, key: str, fields: Mapping[str, str]) -> None:
        mapping: dict[Any, Any] = {**fields}
        with contextlib.suppress(redis.RedisError):
            self.connection.hset(key, mapping=mapping)
