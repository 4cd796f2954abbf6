"""The sites file as a long-lived process follows it: read at the start, and again whenever it has changed."""

from __future__ import annotations

import time
from pathlib import Path

import structlog

from shared.errors import ConfigurationError
from shared.siterules import SiteRules

log = structlog.get_logger(__name__)

Stamp = tuple[int, int, int]

SETTLED_SECONDS = 0.5
"""A file that was written to later than this may be half of what it is going to be, and half a rule is one too."""


class SitesFile:
    """The rules in the file at ``path``, none without one.

    A change that cannot be read is told in the log once, and the rules that were read before stay in force: a worker
    must not end for a mistake that is mended in a minute.

    :raises ConfigurationError: when the file cannot be read at the start.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen = self._stamp()
        self._rules = SiteRules.load(path)

    def rules(self) -> SiteRules:
        """The rules as the file has them now. Costs one look at its folder."""
        stamp = self._stamp()
        if stamp != self._seen and not _is_being_written(stamp):
            self._seen = stamp
            try:
                self._rules = SiteRules.load(self._path)
            except ConfigurationError as error:
                log.warning("the sites file has changed and cannot be used, the rules of before stay", error=str(error))
            else:
                log.info("the sites file has changed, its rules are in force", rules=len(self._rules.parsing))
        return self._rules

    def _stamp(self) -> Stamp | None:
        if self._path is None:
            return None
        try:
            there = self._path.stat()
        except OSError:
            return None
        return there.st_mtime_ns, there.st_size, there.st_ino


def _is_being_written(stamp: Stamp | None) -> bool:
    return stamp is not None and 0 <= time.time() - stamp[0] / 1e9 < SETTLED_SECONDS
