"""All of RQ: the connection, enqueuing, what became of a job, and the workers.

RQ carries work and shows it; it is never asked whether something is done. Jobs are JSON, named by their function's
path, and kept visible for a bounded time.
"""

from rq.serializers import JSONSerializer  # noqa: TID251 - the one place

from shared.queues.connection import check, connect
from shared.queues.jobs import FUNCTIONS, Functions
from shared.queues.sending import JOB_TIMEOUT_MARGIN, WAITING_JOB_TTL_SECONDS, depths, enqueue, job_fates
from shared.queues.workers import (
    KnownWorker,
    ThreadWorkers,
    has_worker,
    run_worker,
    workers,
)

__all__ = [
    "FUNCTIONS",
    "JOB_TIMEOUT_MARGIN",
    "WAITING_JOB_TTL_SECONDS",
    "Functions",
    "JSONSerializer",
    "KnownWorker",
    "ThreadWorkers",
    "check",
    "connect",
    "depths",
    "enqueue",
    "has_worker",
    "job_fates",
    "run_worker",
    "workers",
]
