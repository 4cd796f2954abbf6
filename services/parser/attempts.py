"""How a parser's process ended, and what that says of the page it had on its desk. Pure."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from enum import Enum, auto

from services.parser.recording import EXTRACTION
from shared.jobs import ParsePage
from shared.records import Page, Rejection, RejectionReason
from shared.settings import Settings

HUNG_CODE = 70
"""The exit code of a worker that ended itself because a job hung (:mod:`shared.queues.workers`)."""
MEMORY_CODE = 71
"""The exit code of a process that got no more memory."""


class Ending(Enum):
    """What ended a process."""

    DONE = auto()
    HUNG = auto()
    MEMORY = auto()
    CRASHED = auto()
    FAULT = auto()
    """An engine that failed it, an error of ours, or somebody who stopped it: no page's fault."""


@dataclass(frozen=True)
class Ended:
    """A process that has ended; ``by`` names the signal that did it."""

    ending: Ending
    by: str | None = None

    @property
    def may_be_the_page(self) -> bool:
        """Whether the page may have done it."""
        return self.ending in (Ending.HUNG, Ending.MEMORY, Ending.CRASHED)


def ended(status: int) -> Ended:
    """What the status that ``waitpid`` returned says."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return Ended({0: Ending.DONE, HUNG_CODE: Ending.HUNG, MEMORY_CODE: Ending.MEMORY}.get(code, Ending.FAULT))
    name = _name(-code)
    if -code in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        return Ended(Ending.FAULT, name)
    # That is mostly the kernel, where the machine or the container has no memory left.
    return Ended(Ending.MEMORY if -code == signal.SIGKILL else Ending.CRASHED, name)


def blamed(end: Ended, *, was_parsing: bool, kernel_kills: int | None) -> Ended:
    """``end`` as far as the page may be blamed for it.

    :param was_parsing: whether the page was being parsed: not read from a store, or handed on to a Valkey, that is
        silent.
    :param kernel_kills: how many processes the kernel has ended for their memory meanwhile; ``None``: not known.
    """
    killed = end.by == signal.SIGKILL.name and kernel_kills == 0
    return Ended(Ending.FAULT, end.by) if end.may_be_the_page and (killed or not was_parsing) else end


def verdict(end: Ended, job: ParsePage, settings: Settings) -> Rejection | None:
    """Why the page is rejected whose parse in a process of its own came to such an end; ``None``: it is not."""
    if end.ending is Ending.HUNG:
        reason = RejectionReason.PARSER_TIMEOUT
        what = f"took more than {settings.parse_timeout_seconds} s"
    elif end.ending is Ending.MEMORY:
        reason = RejectionReason.PARSER_MEMORY
        what = f"took more than {settings.parser_memory_mib:,} MiB of memory"
    elif end.ending is Ending.CRASHED:
        reason = RejectionReason.PARSER_ERROR
        what = f"crashed the parser ({end.by})"
    else:
        return None
    return Rejection(
        reason=reason,
        detail=f"the page {what}, and again when it was parsed alone",
        page=Page(key=job.page_key),
        extraction=EXTRACTION,
    )


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
