"""Putting jobs into queues, and what became of them: the scheduler's side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import redis
from rq import Queue  # noqa: TID251 - the one place
from rq.job import Job, JobStatus  # noqa: TID251 - the one place
from rq.serializers import JSONSerializer  # noqa: TID251 - the one place

from shared.jobs import JobFate, JobRecord, JobState, QueueName
from shared.settings import Settings

JOB_TIMEOUT_MARGIN = 60
# A job whose worker died just after it took it is in no registry: its key would stay for ever.
WAITING_JOB_TTL_SECONDS = 7 * 86_400
FAILURE_FIELD = "wiredesk_failure"
BLAMELESS_FIELD = "wiredesk_blameless"


def rq_queue(client: redis.Redis, name: QueueName, *, job_class: type[Job] = Job) -> Queue:
    return Queue(name.value, connection=client, serializer=JSONSerializer, job_class=job_class)


def enqueue(client: redis.Redis, jobs: Iterable[JobRecord], settings: Settings, *, timeout: int) -> int:
    """Enqueue jobs, one round trip for each queue they go to. ``timeout``: seconds a job may run."""
    by_queue: dict[QueueName, list[JobRecord]] = {}
    for job in jobs:
        by_queue.setdefault(job.queue, []).append(job)
    for name, group in by_queue.items():
        rq_queue(client, name).enqueue_many(
            [
                Queue.prepare_data(
                    job.function,
                    args=(job.model_dump(mode="json"),),
                    timeout=timeout,
                    ttl=WAITING_JOB_TTL_SECONDS,
                    result_ttl=settings.job_keep_seconds,
                    failure_ttl=settings.failed_job_keep_seconds,
                    description=job.description,
                    job_id=job.job_id,
                )
                for job in group
            ]
        )
    return sum(len(group) for group in by_queue.values())


def job_fates(client: redis.Redis, jobs: Sequence[tuple[QueueName, str]]) -> list[JobFate]:
    """What became of each job. A job whose time is over is not running any more, whatever RQ says."""
    fields = ("status", "started_at", "timeout", FAILURE_FIELD, BLAMELESS_FIELD)
    with client.pipeline(transaction=False) as pipeline:
        for queue, job_id in jobs:
            pipeline.hmget(Job.key_for(job_id), *fields)
            # A worker that is killed just after it took a job leaves it "queued" for ever: only the list tells.
            pipeline.lpos(f"rq:queue:{queue.value}", job_id)
        answers = pipeline.execute()
    now = datetime.now(UTC)
    return [
        _fate(*values, position=position, now=now) for values, position in zip(answers[::2], answers[1::2], strict=True)
    ]


def _fate(
    status: bytes | None,
    started: bytes | None,
    timeout: bytes | None,
    failure: bytes | None,
    blameless: bytes | None,
    *,
    position: int | None,
    now: datetime,
) -> JobFate:
    state = (status or b"").decode()
    why = failure.decode("utf-8", "replace") if failure else None
    if state == JobStatus.QUEUED and position is not None:
        return JobFate(JobState.WAITING)
    if state in ("", JobStatus.QUEUED) or blameless:
        return JobFate(JobState.LOST, why)
    if state == JobStatus.FINISHED:
        return JobFate(JobState.DONE)
    if state == JobStatus.STARTED and started:
        began = datetime.fromisoformat(started.decode())
        if (now - began).total_seconds() < int(timeout or 0) + 5:
            return JobFate(JobState.RUNNING)
    return JobFate(JobState.BROKEN, why)


def depths(client: redis.Redis) -> dict[QueueName, int]:
    """Jobs waiting in each queue."""
    with client.pipeline(transaction=False) as pipeline:
        for name in QueueName:
            pipeline.llen(f"rq:queue:{name.value}")
        return dict(zip(QueueName, pipeline.execute(), strict=True))
