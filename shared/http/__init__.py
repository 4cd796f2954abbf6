"""The guarded HTTP client: all of httpcore, and every request to the outside world, stays behind this package."""

from __future__ import annotations

from shared.http.client import GuardedClient
from shared.http.names import Resolver, system_addresses
from shared.http.proxy import Proxy
from shared.http.reasons import FetchReason
from shared.http.response import Headers, Response, Validators

__all__ = [
    "FetchReason",
    "GuardedClient",
    "Headers",
    "Proxy",
    "Resolver",
    "Response",
    "Validators",
    "system_addresses",
]
