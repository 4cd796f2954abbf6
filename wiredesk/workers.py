"""Which programs make up a machine, and what they must be told."""

from __future__ import annotations

import os

from shared.engines import Engines
from shared.settings import Settings
from wiredesk.supervisor import Program


def worker_programs(settings: Settings) -> list[Program]:
    """The workers behind the scheduler: one fetcher, a parser for each core, one indexer."""
    parsers = settings.parser_processes or os.cpu_count() or 1
    return [
        Program("fetcher", ("worker", "fetcher")),
        *(Program(f"parser-{number}", ("worker", "parser")) for number in range(1, parsers + 1)),
        Program("indexer", ("worker", "indexer")),
    ]


def machine_programs(settings: Settings, *, dashboard: bool) -> list[Program]:
    """Everything that ``wiredesk up`` runs beside the engines."""
    programs = [Program("scheduler", ("worker", "scheduler")), *worker_programs(settings), Program("api", ("api",))]
    if dashboard:
        programs.append(Program("dashboard", ("dashboard",)))
    return programs


def worker_environment(settings: Settings, engines: Engines) -> dict[str, str]:
    """What a worker process must know that its own environment may not say."""
    return {
        "WIREDESK_DATA": str(settings.data.resolve()),
        "WIREDESK_REDIS_URL": engines.redis_url,
        "WIREDESK_DATABASE_URL": engines.database_url,
        "WIREDESK_PAGE_STORE": settings.page_store or str((settings.data / "pages").resolve()),
    }
