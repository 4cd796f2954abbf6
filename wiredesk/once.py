"""One run over given sources: poll each once, work off what they bring, stop. What a cron job or a notebook calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import redis

from services.scheduler.dispatch import Dispatcher
from services.scheduler.leader import Leadership
from services.scheduler.service import Scheduler, holder_name
from shared import queues
from shared.database import Connection, Database, migrate, one
from shared.engines import Engines, is_up, open_engines, up_lock
from shared.errors import EngineError
from shared.jobs import QueueName
from shared.ledger import feeds, leases
from shared.pagestore import PageStore
from shared.politeness import Politeness
from shared.reading.events import head, published
from shared.settings import Settings
from shared.siterules import SiteRules
from wiredesk.account import Account, polled_feeds, read_account, read_earlier, read_reasons
from wiredesk.sources import add_sources
from wiredesk.supervisor import Supervisor
from wiredesk.workers import worker_environment, worker_programs

LOOK_SECONDS = 0.25
WORKERS_SECONDS = 2.0
# A worker that has ended so often right after its start will not do better at the next.
CRASHES_TO_END = 5
# The relay publishes five times a second; a consumer of the stream finds the run complete when it ends.
RELAY_SECONDS = 3.0

Show = Callable[[Account], None]
After = Callable[[Connection, int, Sequence[int]], None]
"""Takes a connection, the ``seq`` before the run, and the ids of its feeds."""


class Stopped(Exception):  # noqa: N818 - no error: somebody pressed Ctrl-C
    """The run was stopped before it was done; ``summary`` says how far it came."""

    def __init__(self, summary: dict[str, Any]) -> None:
        super().__init__("stopped")
        self.summary = summary


def run_once(
    settings: Settings,
    sources: Sequence[str],
    *,
    patience_seconds: float,
    show: Show,
    stop: threading.Event,
    after: After | None = None,
) -> dict[str, Any]:
    """Run over ``sources`` and return the summary.

    :param patience_seconds: work that is due later than this (a site that asked to wait, a retry) stays pending.
    :param after: called at the end, to hand out what the run brought.
    :raises Stopped: when ``stop`` was set before the end.
    """
    began = time.monotonic()
    PageStore(settings.page_store_location).check()
    SiteRules.load(settings.sites_file)
    with open_engines(settings) as engines, queues.connect(engines.redis_url) as valkey:
        migrate(engines.database_url)
        with Database(engines.database_url, max_size=3) as database:
            with database.transaction() as connection:
                since = one(connection.execute("SELECT clock_timestamp() AS at").fetchone())["at"]
                before = head(connection)
                added, errors = add_sources(connection, sources)
                feeds.poll_now(connection, [feed.id for feed in added])
            run = _Run(settings, engines, database, valkey, [feed.id for feed in added], since, patience_seconds)
            account = run.work(show, stop)
            with database.transaction() as connection:
                polled = polled_feeds(connection, [feed.id for feed in added])
                reasons = read_reasons(connection, polled, since=since)
                earlier = read_earlier(connection, polled, since=since)
                if after is not None:
                    after(connection, before, polled)
    account = replace(account, feeds_failed=account.feeds_failed + len(errors), reasons=reasons)
    seconds = round(time.monotonic() - began, 1)
    summary = {**account.as_dict(), "earlier": earlier, "errors": errors, "seconds": seconds}
    if stop.is_set():
        raise Stopped(summary)
    return summary


@dataclass(frozen=True)
class _Workers:
    """The workers of a run: processes, and the scheduler on a thread of this one."""

    supervisor: Supervisor
    scheduler: threading.Thread
    log: Path

    def look(self) -> None:
        """Start again what has ended.

        :raises EngineError: when one ends at every start, or the scheduler has, which nobody could start again.
        """
        self.supervisor.look()
        if crashing := self.supervisor.crashing(CRASHES_TO_END):
            raise EngineError(f"{', '.join(crashing)} cannot be kept running: {self.log} says why")
        if not self.scheduler.is_alive():
            raise EngineError("the scheduler of this run ended: nothing more will be issued")


class _Run:
    def __init__(
        self,
        settings: Settings,
        engines: Engines,
        database: Database,
        valkey: redis.Redis,
        feed_ids: Sequence[int],
        since: datetime,
        patience_seconds: float,
    ) -> None:
        self._settings = settings
        self._engines = engines
        self._database = database
        self._valkey = valkey
        self._feed_ids = feed_ids
        self._since = since
        self._patience = patience_seconds

    def work(self, show: Show, stop: threading.Event) -> Account:
        """Have everything done that may be done now. Returns the closing account."""
        account = self._account()
        workers: _Workers | None = None
        look_at = 0.0
        with ExitStack() as stack:
            while account.open and not stop.is_set():
                # Where workers run already (``wiredesk up``, containers), they do the work and this process only
                # watches; should they end before it is done, it goes on with its own.
                if workers is None and time.monotonic() >= look_at:
                    look_at = time.monotonic() + WORKERS_SECONDS
                    if not self._has_workers():
                        workers = stack.enter_context(self._own_workers())
                stop.wait(LOOK_SECONDS)
                if workers is not None:
                    workers.look()
                account = self._account()
                show(account)
            if not stop.is_set():
                self._wait_for_relay()
        return account

    def _account(self) -> Account:
        with self._database.transaction() as connection:
            return read_account(connection, self._feed_ids, since=self._since, patience_seconds=self._patience)

    def _has_workers(self) -> bool:
        served = {queue for worker in queues.workers(self._valkey) for queue in worker["queues"]}
        return is_up(self._settings.data) or (not self._engines.alone and served >= {name.value for name in QueueName})

    @contextmanager
    def _own_workers(self) -> Iterator[_Workers]:
        environment = worker_environment(self._settings, self._engines)
        log = Path(self._settings.data) / "workers.log"
        stop = threading.Event()
        # Only this run's: a cron job's would grow for years.
        with up_lock(self._settings.data), log.open("wb") as errors:
            if self._engines.alone:
                with self._database.transaction() as connection:
                    leases.void_leases(connection)
                Politeness(self._valkey, interval_seconds=0, concurrency=1).forget_tokens()
            supervisor = Supervisor(worker_programs(self._settings), environment, log=errors)
            supervisor.start()
            dispatcher = Dispatcher(self._database, self._valkey, self._settings, only_feeds=self._feed_ids)
            scheduler = Scheduler(dispatcher, Leadership(self._database, holder_name()))
            thread = threading.Thread(target=scheduler.run, args=(stop,), name="scheduler", daemon=True)
            thread.start()
            try:
                yield _Workers(supervisor, thread, log)
            finally:
                stop.set()
                thread.join(5)
                supervisor.stop()

    def _wait_for_relay(self) -> None:
        until = time.monotonic() + RELAY_SECONDS
        while time.monotonic() < until:
            with self._database.transaction() as connection:
                newest = head(connection)
            if published(self._valkey) >= newest:
                return
            time.sleep(0.05)
