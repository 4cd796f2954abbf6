"""What the fetcher's jobs share within a process: one pooled client, one page store, one pool of connections."""

from __future__ import annotations

from dataclasses import dataclass

import redis

from shared.database import Database
from shared.errors import EngineError
from shared.http import GuardedClient
from shared.pagestore import PageStore
from shared.politeness import Politeness
from shared.settings import Settings


class SiteBusyError(Exception):
    """The site may be asked only in ``seconds``; the job steps aside. Never leaves the fetcher."""

    def __init__(self, site: str, seconds: float) -> None:
        super().__init__(f"{site} may be asked in {seconds:.1f} s")
        self.site = site
        self.seconds = seconds


@dataclass(frozen=True)
class FetcherContext:
    """The fetcher's means."""

    settings: Settings
    database: Database
    valkey: redis.Redis
    client: GuardedClient
    store: PageStore
    politeness: Politeness


_context: FetcherContext | None = None


def set_context(context: FetcherContext) -> None:
    """Give the process its means; the worker does so before it takes its first job."""
    global _context  # noqa: PLW0603 - RQ calls jobs as plain functions: the process is their only scope
    _context = context


def get_context() -> FetcherContext:
    """The process's means.

    :raises EngineError: in a process that is no fetcher.
    """
    if _context is None:
        raise EngineError("this job needs a fetcher: wiredesk worker fetcher")
    return _context
