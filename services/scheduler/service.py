"""The scheduler's loop: lead, look, issue; nothing here decides anything."""

from __future__ import annotations

import math
import os
import signal
import socket
import threading
import time

import psycopg
import psycopg_pool
import redis
import structlog

from services.scheduler.dispatch import Dispatcher
from services.scheduler.leader import LEASE_SECONDS, Leadership
from shared import queues
from shared.database import Database
from shared.settings import Settings
from shared.wording import one_line

log = structlog.get_logger("scheduler")

TICK_SECONDS = 0.1
IDLE_TICK_SECONDS = 0.25
REPAIR_SECONDS = 300.0
# 20 sites each time, some tenths of a second for all of them.
LOOK_SECONDS = 300.0
ENGINE_TROUBLE = (psycopg.Error, psycopg_pool.PoolTimeout, redis.RedisError)


def run(settings: Settings, *, redis_url: str, database_url: str) -> None:
    """Schedule until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Database(database_url, max_size=2) as database, queues.connect(redis_url) as valkey:
        Scheduler(Dispatcher(database, valkey, settings), Leadership(database, holder_name())).run(stop)


def holder_name() -> str:
    """A name that no other scheduler has, nor this process at its next start."""
    return f"{socket.gethostname()}-{os.getpid()}-{time.monotonic_ns()}"


class Scheduler:
    """Ticks while it leads, waits while another one does, and outlives broken engines."""

    def __init__(self, dispatcher: Dispatcher, leadership: Leadership) -> None:
        self._dispatcher = dispatcher
        self._leadership = leadership
        self._leads_until = 0.0
        self._repaired_at = -math.inf
        self._looked_at = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Tick until ``stop``."""
        pause = 0.0
        while not stop.wait(pause):
            try:
                pause = self._step()
            except ENGINE_TROUBLE as error:
                log.warning("an engine does not answer, trying again", error=one_line(error))
                pause = 1.0
        if self._leads_until:
            try:
                self._leadership.step_down()
            except ENGINE_TROUBLE:
                log.info("could not step down, another scheduler takes over when the lease has run out")

    def _step(self) -> float:
        now = time.monotonic()
        # Renewed well before it runs out, so that a slow PostgreSQL does not change the leader at every hiccup.
        if now > self._leads_until - LEASE_SECONDS * 0.6:
            if not self._leadership.hold():
                self._leads_until = 0.0
                return 1.0
            if not self._leads_until:
                log.info("leading")
                self._repaired_at = -math.inf
            self._leads_until = now + LEASE_SECONDS
        if now - self._repaired_at > REPAIR_SECONDS:
            self._dispatcher.repair()
            self._repaired_at = now
        if now - self._looked_at > LOOK_SECONDS:
            # Before it is done: what one site's pages make PostgreSQL fail at must not hold up everything else.
            self._looked_at = now
            self._dispatcher.look_at_sites()
        tick = self._dispatcher.tick()
        if tick.flushed:
            log.warning("Valkey has lost its memory: what waited in it is issued again")
        if tick.lost:
            log.warning("lost work issued again", jobs=tick.lost)
        return TICK_SECONDS if tick.issued else IDLE_TICK_SECONDS
