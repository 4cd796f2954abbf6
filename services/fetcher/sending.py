"""What is sent along with a feed's requests, and with those for its pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from services.fetcher.context import FetcherContext
from shared.credentials import Credentials
from shared.http import Proxy
from shared.ledger import requests
from shared.ledger.requests import FeedRequests


@dataclass(frozen=True)
class Sending:
    """For one feed or page: ``credentials`` go to their own origin only, ``proxy`` leads everywhere."""

    credentials: Credentials | None = None
    proxy: Proxy | None = None

    @classmethod
    def of(cls, found: FeedRequests | None) -> Self:
        """What was set, ready to be sent."""
        if found is None:
            return cls()
        return cls(found.credentials, Proxy.at(found.proxy) if found.proxy is not None else None)

    @classmethod
    def with_feed(cls, context: FetcherContext, feed_id: int) -> Self:
        """What goes with the requests for a feed."""
        with context.database.statement() as connection:
            return cls.of(requests.for_poll(connection, feed_id))

    @classmethod
    def with_page(cls, context: FetcherContext, entry_id: int) -> Self:
        """What goes with the request for an entry's page; with that for its robots.txt, the proxy alone."""
        with context.database.statement() as connection:
            return cls.of(requests.of_entry(connection, entry_id))

    def means(self, context: FetcherContext) -> FetcherContext:
        """The fetcher's means, with a client that takes the way of these requests."""
        return replace(context, client=context.client.through(self.proxy)) if self.proxy is not None else context
