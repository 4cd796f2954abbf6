"""What containers run: ``worker``, ``api``, ``dashboard``, ``migrate``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wiredesk.cli.common import DataOption, say, settings_for

if TYPE_CHECKING:
    from shared.engines import Engines
    from shared.settings import Settings


class Service(StrEnum):
    """The workers."""

    SCHEDULER = "scheduler"
    FETCHER = "fetcher"
    PARSER = "parser"
    INDEXER = "indexer"


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(worker)
    app.command()(api)
    app.command()(dashboard)
    app.command()(migrate)


def worker(
    service: Annotated[Service, typer.Argument(help="Which one.")],
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=512, help="Fetcher: requests in flight in this process.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Run one worker until SIGTERM: what containers run."""
    from shared.engines import open_engines

    settings = _start(data, service)
    # The parser needs no PostgreSQL, and must work in a network that has none.
    with open_engines(settings, without_database=service is Service.PARSER) as engines:
        code = _work(service, settings, engines, concurrency)
    sys.exit(code)


def _work(service: Service, settings: Settings, engines: Engines, concurrency: int | None) -> int:
    """Run the worker to its end. Each import waits until it is needed: a fetcher has no use for trafilatura."""
    redis_url, database_url = engines.redis_url, engines.database_url
    match service:
        case Service.SCHEDULER:
            from services.scheduler.service import run as run_scheduler

            run_scheduler(settings, redis_url=redis_url, database_url=database_url)
            return 0
        case Service.FETCHER:
            from services.fetcher.service import run as run_fetcher

            return run_fetcher(settings, redis_url=redis_url, database_url=database_url, concurrency=concurrency)
        case Service.PARSER:
            from services.parser.service import run as run_parser

            return run_parser(settings, redis_url=redis_url)
        case Service.INDEXER:
            from services.indexer.service import run as run_indexer

            return run_indexer(settings, redis_url=redis_url, database_url=database_url)


def api(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")] = None,
    data: DataOption = None,
) -> None:
    """Serve the HTTP API and the console."""
    from services.api.service import run
    from shared.engines import open_engines

    settings = _start(data, "api")
    with open_engines(settings) as engines:
        run(
            settings,
            redis_url=engines.redis_url,
            database_url=engines.database_url,
            host=host or settings.api_host,
            port=settings.api_port if port is None else port,
        )


def dashboard(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")] = None,
    data: DataOption = None,
) -> None:
    """Serve rq-dashboard over the queues."""
    from shared.engines import open_engines
    from wiredesk.dashboard import run

    settings = _start(data, "dashboard")
    with open_engines(settings, without_database=True) as engines:
        run(
            settings,
            redis_url=engines.redis_url,
            host=host or settings.dashboard_host,
            port=settings.dashboard_port if port is None else port,
        )


def migrate(data: DataOption = None) -> None:
    """Create or upgrade the database's tables; run it before workers of a new version start."""
    from shared.database import migrate as run_migrations
    from shared.engines import open_engines

    settings = settings_for(data)
    with open_engines(settings, without_valkey=True) as engines:
        say(f"database at revision {run_migrations(engines.database_url)}")


def _start(data: Path | None, service: str) -> Settings:
    from shared.telemetry import configure_logging

    settings = settings_for(data)
    configure_logging(settings, service=service)
    return settings
