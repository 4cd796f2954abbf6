"""What runs in the processes that the parser's service forks: the worker, and a page alone."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import uuid

from services.parser.jobs import Parse, ParserContext, parse_page, set_context
from services.parser.slip import Slip
from services.parser.stored import parse_stored
from services.parser.upkeep import Upkeep
from shared import memory, queues
from shared.jobs import ParsePage, QueueName
from shared.pagestore import PageStore
from shared.settings import MIB, Settings
from shared.sitesfile import SitesFile

_PR_SET_PDEATHSIG = 1
# A worker that has used up this share of what a page may take ends, for a fresh one to go on.
_GROWN = 3


def work(settings: Settings, *, redis_url: str, slip: Slip | None = None, parse: Parse = parse_stored) -> int:
    """Parse one page after another until SIGTERM or SIGINT, or until it is time for a fresh process: exit code 0.

    :param slip: where the page that is being parsed is noted, for the process that forked this one.
    """
    most = settings.parser_memory_mib * MIB
    context = _context(settings, redis_url, parse, slip=slip, upkeep=Upkeep(most // _GROWN))
    queues.check(context.valkey)
    set_context(context)
    _limit_memory(most)
    queues.run_worker(
        context.valkey,
        [QueueName.PARSE],
        name=worker_name(),
        max_jobs=settings.parser_max_jobs,
        # A moment before RQ's own timeout, which raises within the job, where trafilatura may swallow it.
        hang_seconds=max(0.5, settings.parse_timeout_seconds - 1),
    )
    return 0


def work_alone(job: ParsePage, settings: Settings, *, redis_url: str, slip: Slip, parse: Parse = parse_stored) -> int:
    """Parse one page and nothing else. Returns the exit code."""
    set_context(_context(settings, redis_url, parse, slip=slip))
    _limit_memory(settings.parser_memory_mib * MIB)
    parse_page(job.model_dump(mode="json"))
    return 0


def worker_name() -> str:
    """A name that no worker had before: RQ refuses one that a killed worker still holds for two minutes, and in a
    container that is started again process ids repeat.
    """
    return f"parser-{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"


def end_with(parent: int) -> None:
    """Have the kernel end this process when ``parent`` does, however that ends.

    :raises SystemExit: when it has ended already.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(1)


def _context(
    settings: Settings, redis_url: str, parse: Parse, *, slip: Slip | None = None, upkeep: Upkeep | None = None
) -> ParserContext:
    # One reader is enough for one page after another. By default there is one a core, each with 17 MB of addresses,
    # which count as the page's: on 64 cores they take two thirds of them.
    os.environ.setdefault("TOKIO_WORKER_THREADS", "1")
    return ParserContext(
        settings=settings,
        valkey=queues.connect(redis_url),
        store=PageStore(settings.page_store_location),
        sites=SitesFile(settings.sites_file),
        parse=parse,
        slip=slip,
        upkeep=upkeep,
    )


def _limit_memory(more: int) -> None:
    """Let the process grow by ``more`` bytes: a page that wants more fails with MemoryError, not the machine."""
    now = memory.address_space()
    if now is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = now + more
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
