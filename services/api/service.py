"""The API's process."""

from __future__ import annotations

import signal

import uvicorn

from services.api.app import create_app
from services.api.dependencies import ApiContext
from shared import queues
from shared.database import Database
from shared.ports import check_port
from shared.settings import Settings


def run(settings: Settings, *, redis_url: str, database_url: str, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT.

    :raises UsageError: in one line, when the port is taken.
    """
    check_port(host, port, setting="WIREDESK_API_PORT")
    with Database(database_url, max_size=16) as database, queues.connect(redis_url) as valkey:
        app = create_app(ApiContext(settings, database, valkey))
        # Logging is configured already, and uvicorn's own configuration would bypass it.
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        )

        def stop(*_: object) -> None:
            server.should_exit = True

        # uvicorn drains, puts back these handlers and raises the signal once more: with the default ones in place it
        # would kill the process before the engines that were started for it are stopped.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        server.run()
