"""Which jobs a worker runs: ours, and nothing that somebody else may have put into Valkey.

RQ imports and calls whatever a job names: its function, its callbacks, its webhooks. Whoever can write to Valkey (a
parser that a hostile page took over, say) would run code in every service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from rq.exceptions import DeserializationError  # noqa: TID251 - the one place
from rq.job import Job  # noqa: TID251 - the one place

from shared.jobs import AskHub, FetchPage, IndexResult, ParsePage, PollFeed, QueueName
from shared.wording import one_line

Functions = Mapping[QueueName, Collection[str]]
"""The functions that the jobs of each queue may name."""

_JOBS = (PollFeed, AskHub, FetchPage, ParsePage, IndexResult)
FUNCTIONS: Functions = {name: tuple(job.function for job in _JOBS if job.queue is name) for name in QueueName}

_NOT_OURS = frozenset(
    {
        "success_callback_name",
        "failure_callback_name",
        "stopped_callback_name",
        "webhooks",
        "retries_left",
        "repeats_left",
    }
)
_NAME_IN_REFUSAL = 80


class PlainJob(Job):
    """A job without callbacks, webhooks and repetitions, whatever its hash says: ours have none.

    RQ runs a failure callback not only after a job but also when it cleans up behind a worker that died.
    """

    def restore(self, raw_data: dict[bytes, Any]) -> Any:  # noqa: ANN401 - RQ's signature
        """Take over what :func:`shared.queues.enqueue` writes."""
        return super().restore({name: value for name, value in raw_data.items() if name.decode() not in _NOT_OURS})


def why_refused(job: Job, queue: str, functions: Functions) -> str | None:
    """The one line that says why ``job`` does not run, ``None`` where it may.

    Its data are read (they are JSON), nothing is imported. Data that cannot be read are left to RQ to complain about.
    """
    try:
        name = job.func_name
    except DeserializationError:
        return None
    if isinstance(name, str) and name in functions.get(QueueName(queue), ()) and job.instance is None:
        return None
    shown = one_line(name, most=_NAME_IN_REFUSAL)
    return f"refused: {shown!r} is no job of the queue {queue}"
