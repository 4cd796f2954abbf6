"""The guarded HTTP client: all of httpcore, and every request to the outside world, stays behind this package."""

from __future__ import annotations

from shared.http.client import GuardedClient
from shared.http.network import Resolver, system_addresses
from shared.http.reasons import FetchReason
from shared.http.response import Headers, Response, Validators

__all__ = ["FetchReason", "GuardedClient", "Headers", "Resolver", "Response", "Validators", "system_addresses"]
