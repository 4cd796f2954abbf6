"""The fetcher's process: many RQ workers on threads around one pooled client."""

from __future__ import annotations

import os
import signal
import socket
import threading

import structlog

# The jobs are imported now: RQ would tell of a module that cannot be only by failing every job.
from services.fetcher import jobs as _jobs  # noqa: F401
from services.fetcher.context import FetcherContext, set_context
from shared import memory, queues
from shared.database import Database
from shared.http import GuardedClient
from shared.jobs import QueueName
from shared.pagestore import PageStore
from shared.politeness import Politeness
from shared.settings import MIB, Settings
from shared.urls import site_of

log = structlog.get_logger("fetcher")

GRACE_SECONDS = 6.0


def run(settings: Settings, *, redis_url: str, database_url: str, concurrency: int | None = None) -> int:
    """Fetch until SIGTERM or SIGINT, or until too much memory is taken: the libraries that read XML keep every name of
    an element that they have ever seen, so a process that reads strangers' feeds only grows.

    Returns the exit code: 1 when workers were lost to a broken engine.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    count = concurrency or settings.fetch_concurrency
    valkey = queues.connect(redis_url)
    queues.check(valkey)
    # Jobs hold a connection only for a statement or two, so a few serve many of them.
    with Database(database_url, max_size=max(4, count // 4)) as database, GuardedClient(settings) as client:
        politeness = Politeness.of(valkey, settings)
        set_context(
            FetcherContext(
                settings=settings,
                database=database,
                valkey=valkey,
                client=client,
                store=PageStore(settings.page_store_location),
                politeness=politeness,
            )
        )
        # Whoever asks first reads the public suffix list, which takes most of a second: every thread would, at once.
        site_of("https://example.org/")
        name = f"fetcher-{socket.gethostname()}-{os.getpid()}"
        workers = queues.ThreadWorkers(valkey, [QueueName.FEEDS, QueueName.PAGES], count=count, name=name)
        workers.start()
        log.info("fetching", requests_at_once=count)
        while not stop.wait(1.0):
            if workers.alive() < count:
                log.error("a worker thread ended: starting afresh", alive=workers.alive(), of=count)
                workers.stop(grace_seconds=GRACE_SECONDS)
                return 1
            taken = memory.resident()
            if taken is not None and taken > settings.fetcher_memory_mib * MIB:
                log.warning("grown too large: ending, to be started anew", mib=taken // MIB)
                # What is on its way is finished: nobody has asked for haste.
                workers.stop(grace_seconds=settings.deadline_seconds)
                return 0
        left = workers.stop(grace_seconds=GRACE_SECONDS)
        if left:
            log.warning("requests cut short, the scheduler issues them again", requests=left)
    return 0
