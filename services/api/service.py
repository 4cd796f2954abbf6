"""The API's process."""

from __future__ import annotations

import signal
import socket

import uvicorn

from services.api.app import create_app
from services.api.dependencies import ApiContext
from shared import queues
from shared.database import Database
from shared.errors import UsageError
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


def check_port(host: str, port: int, *, setting: str) -> None:
    """Ask whether a port is free.

    :raises UsageError: in one line, naming the setting that mends it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"port {port} on {host} cannot be used ({error.strerror}): choose another one with {setting}"
            ) from None
