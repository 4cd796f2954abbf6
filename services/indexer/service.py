"""The indexer's process: one result after another, and the relay beside it."""

from __future__ import annotations

import os
import socket
import threading

import structlog

from services.indexer.jobs import set_database
from services.indexer.relay import Relay
from shared import queues
from shared.database import Database
from shared.jobs import QueueName
from shared.settings import Settings

log = structlog.get_logger("indexer")


def run(settings: Settings, *, redis_url: str, database_url: str) -> int:
    """Index until SIGTERM or SIGINT. Returns the exit code."""
    valkey = queues.connect(redis_url)
    queues.check(valkey)
    stop = threading.Event()
    with Database(database_url, max_size=3) as database, queues.connect(redis_url) as relay_valkey:
        set_database(database)
        relay = Relay(database, relay_valkey, length=settings.stream_length, max_bytes=settings.stream_bytes)
        thread = threading.Thread(target=relay.run, args=(stop,), name="relay", daemon=True)
        thread.start()
        queues.run_worker(valkey, [QueueName.INDEX], name=f"indexer-{socket.gethostname()}-{os.getpid()}")
        stop.set()
        thread.join(3)
    return 0
