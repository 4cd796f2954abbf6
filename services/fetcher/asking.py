"""How a site is asked: by a poll, which takes its turn there and remembers what it hears, or by who only looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from services.fetcher.context import FetcherContext
from services.fetcher.visit import Visit
from shared.errors import FetchError
from shared.http import Response


class Asker(Protocol):
    """How a site is asked: as a poll does it, at its turn and with what that remembers, or by a doctor."""

    def get(self, url: str, max_bytes: int, before: Callable[[str], None]) -> Response:
        """The answer; ``before`` is called with the address before every request, redirects included.

        :raises FetchError: when none came.
        :raises SiteBusyError: when the site may not be asked now.
        """

    def user_agent(self, url: str) -> str:
        """Who asks there."""

    def robots(self, url: str) -> str:
        """What robots.txt means there: ``honour``, ``record`` or ``off``."""


@dataclass(frozen=True)
class PollAsker:
    """The way of a poll."""

    context: FetcherContext
    visit: Visit

    def get(self, url: str, max_bytes: int, before: Callable[[str], None]) -> Response:
        """See :class:`Asker`."""

        def turn(at: str) -> None:
            before(at)
            self.visit(at)

        try:
            response = self.context.client.get(
                url, max_bytes=max_bytes, headers={"User-Agent": self.user_agent(url)}, before_request=turn
            )
        except FetchError as error:
            self.visit.failed(error)
            raise
        self.visit.answered(response)
        return response

    def user_agent(self, url: str) -> str:
        """See :class:`Asker`."""
        return self.visit.user_agent(url)

    def robots(self, url: str) -> str:
        """See :class:`Asker`."""
        return self.context.politeness.rules.robots(url) or self.context.settings.robots
