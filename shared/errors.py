"""What can go wrong, named by what shall happen next.

WiredeskError
├── UsageError            the person asked for something that cannot be: exit code 1, one line
├── ConfigurationError    a setting is wrong: exit code 1, one line
├── EngineError           Valkey or PostgreSQL is missing, busy or broken: the job fails, the ledger retries
└── FetchError            the outside world: an outcome on the row, never a failed job
"""

from __future__ import annotations


class WiredeskError(Exception):
    """Root of all errors that Wiredesk raises on purpose."""


class UsageError(WiredeskError):
    """What was asked for does not exist or cannot be read; the message says how to mend it."""


class ConfigurationError(WiredeskError):
    """A setting has a value that cannot work; the message names the setting."""


class EngineError(WiredeskError):
    """An engine (Valkey, PostgreSQL) could not be started or reached."""


class FetchError(WiredeskError):
    """A request to the outside world that brought no usable answer.

    ``reason`` is a short fixed code (it is a metric label); ``url`` is the address that failed, which after
    redirects need not be the one asked for.
    """

    def __init__(self, reason: str, message: str, *, url: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.url = url

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_fetch_error, (self.reason, str(self), self.url))


def _rebuild_fetch_error(reason: str, message: str, url: str) -> FetchError:
    return FetchError(reason, message, url=url)
