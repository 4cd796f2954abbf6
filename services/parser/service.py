"""The parser's process: one page after another, long-lived, replaced after many pages and ended when one hangs."""

from __future__ import annotations

import os
import resource
import socket

import structlog

from services.parser.jobs import ParserContext, set_context
from shared import memory, queues
from shared.jobs import QueueName
from shared.pagestore import PageStore
from shared.settings import MIB, Settings

log = structlog.get_logger("parser")


def run(settings: Settings, *, redis_url: str) -> int:
    """Parse until SIGTERM or SIGINT, or until it is time for a fresh process. Returns the exit code."""
    valkey = queues.connect(redis_url)
    queues.check(valkey)
    set_context(ParserContext(settings=settings, valkey=valkey, store=PageStore(settings.page_store_location)))
    _limit_memory(settings.parser_memory_mib * MIB)
    queues.run_worker(
        valkey,
        [QueueName.PARSE],
        name=f"parser-{socket.gethostname()}-{os.getpid()}",
        max_jobs=settings.parser_max_jobs,
        # RQ's own timeout raises inside the job; this is for a page that swallows it or hangs in C.
        hang_seconds=settings.parse_timeout_seconds + 2,
    )
    return 0


def _limit_memory(more: int) -> None:
    """Let the process grow by ``more`` bytes: a page that wants more fails with MemoryError, not the machine."""
    now = memory.address_space()
    if now is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = now + more
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
