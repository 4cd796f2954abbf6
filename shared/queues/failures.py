"""What is written on a failed job for the scheduler, which has to know whose fault it was. Pure."""

from __future__ import annotations

import psycopg
import redis

from shared.errors import EngineError
from shared.queues.sending import BLAMELESS_FIELD, FAILURE_FIELD
from shared.wording import one_line

# What these say is that Valkey, PostgreSQL or the page store is in trouble: the job itself is blameless.
ENGINE_FAULTS = (EngineError, psycopg.OperationalError, psycopg.InterfaceError, redis.RedisError)
STOPPED = {FAILURE_FIELD: "its worker was stopped", BLAMELESS_FIELD: "1"}


def failure_fields(error: BaseException) -> dict[str, str]:
    """What ``error`` says of the job that raised it."""
    message = one_line(error, most=300)
    fields = {FAILURE_FIELD: f"{type(error).__name__}: {message}".removesuffix(": ")}
    if isinstance(error, ENGINE_FAULTS) and not _is_too_much(error):
        fields[BLAMELESS_FIELD] = "1"
    return fields


def _is_too_much(error: BaseException) -> bool:
    """PostgreSQL's "program limit exceeded" (class 54): what the job brought is too much, every time."""
    return isinstance(error, psycopg.Error) and (error.sqlstate or "").startswith("54")
