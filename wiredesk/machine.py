"""``wiredesk up``: the engines, every worker, the API and rq-dashboard of one machine, until it is told to stop."""

from __future__ import annotations

import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from shared import queues
from shared.database import Database, migrate
from shared.engines import Engines, open_engines, up_lock
from shared.ledger import leases
from shared.pagestore import PageStore
from shared.politeness import Politeness
from shared.ports import check_port
from shared.settings import Settings
from shared.siterules import SiteRules
from wiredesk import dashboard
from wiredesk.sources import add_sources
from wiredesk.supervisor import Supervisor
from wiredesk.workers import machine_programs, worker_environment

LOOK_SECONDS = 0.2
READY_SECONDS = 60.0


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; the second SIGINT interrupts at once."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            signal.default_int_handler(number, frame)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop


def run_machine(
    settings: Settings,
    sources: Sequence[str],
    *,
    say: Callable[[str], None],
    stop: threading.Event,
    look: Callable[[Database], None] | None = None,
) -> list[str]:
    """Run everything until ``stop``. ``look`` is called several times a second, for a demo's running commentary.

    Returns one line for each source that could not be added.

    :raises ConfigurationError: when the sites file cannot be used.
    :raises UsageError: when the folder is taken by another ``up``, or a port by anything.
    :raises EngineError: when an engine does not start.
    """
    # The workers would say so as well, each by itself and again and again.
    SiteRules.load(settings.sites_file)
    with up_lock(settings.data):
        with_dashboard = _check_ports(settings, say)
        return _run(settings, sources, say=say, stop=stop, look=look, with_dashboard=with_dashboard)


def _check_ports(settings: Settings, say: Callable[[str], None]) -> bool:
    """Tell of a taken port before any engine starts. Returns whether there is a dashboard to run."""
    check_port(settings.api_host, settings.api_port, setting="WIREDESK_API_PORT")
    if not dashboard.installed():
        say("rq-dashboard is not installed, going on without it: pip install 'wiredesk[dashboard]'")
        return False
    check_port(settings.dashboard_host, settings.dashboard_port, setting="WIREDESK_DASHBOARD_PORT")
    return True


def _run(
    settings: Settings,
    sources: Sequence[str],
    *,
    say: Callable[[str], None],
    stop: threading.Event,
    look: Callable[[Database], None] | None,
    with_dashboard: bool,
) -> list[str]:
    PageStore(settings.page_store_location).check()
    with open_engines(settings) as engines:
        migrate(engines.database_url)
        environment = worker_environment(settings, engines)
        if with_dashboard and settings.dashboard_url is None:
            environment["WIREDESK_DASHBOARD_URL"] = f"http://{{host}}:{settings.dashboard_port}/"
        with Database(engines.database_url, max_size=2) as database:
            errors = _prepare(settings, engines, database, sources)
            for line in errors:
                say(f"wiredesk: {line}")
            supervisor = Supervisor(machine_programs(settings, dashboard=with_dashboard), environment)
            supervisor.start()
            try:
                _watch(settings, supervisor, database, say=say, stop=stop, look=look, with_dashboard=with_dashboard)
            finally:
                say("stopping: running requests and parses are finished first")
                killed = supervisor.stop()
                if killed:
                    say(f"ended after waiting: {', '.join(killed)}; their work is taken up again at the next start")
    say("stopped")
    return errors


def _prepare(settings: Settings, engines: Engines, database: Database, sources: Sequence[str]) -> list[str]:
    with database.transaction() as connection:
        if engines.alone:
            # Nothing can be running: what the last run left half done need not wait for its lease to run out.
            leases.void_leases(connection)
        _, errors = add_sources(connection, sources)
    if engines.alone:
        with queues.connect(engines.redis_url) as valkey:
            Politeness.of(valkey, settings).forget_tokens()
    return errors


def _watch(
    settings: Settings,
    supervisor: Supervisor,
    database: Database,
    *,
    say: Callable[[str], None],
    stop: threading.Event,
    look: Callable[[Database], None] | None,
    with_dashboard: bool,
) -> None:
    began = time.monotonic()
    told = False
    while not stop.wait(LOOK_SECONDS):
        supervisor.look()
        if not told and (_is_ready(settings) or time.monotonic() - began > READY_SECONDS):
            told = True
            say(f"console and API   {_address(settings.api_host, settings.api_port)}")
            if with_dashboard:
                say(f"rq-dashboard      {_address(settings.dashboard_host, settings.dashboard_port)}")
            say("Ctrl-C stops")
        if look is not None:
            look(database)


def _is_ready(settings: Settings) -> bool:
    with (
        suppress(urllib.error.URLError, OSError),
        urllib.request.urlopen(f"{_address(settings.api_host, settings.api_port)}readyz", timeout=1) as answer,  # noqa: S310
    ):
        return bool(answer.status == 200)
    return False


def _address(host: str, port: int) -> str:
    name = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/"
