"""One job at the sites that it asks: it waits for its turn, keeps its places, and tells what it heard."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from services.fetcher.context import FetcherContext, SiteBusyError
from services.fetcher.outcomes import report_error, report_status
from shared.errors import FetchError
from shared.http import Response
from shared.ledger import sites
from shared.politeness import Heard, Report, Turn
from shared.urls import site_of

# Beyond the deadline of its request a place is kept for this long: for what happens around the request.
MARGIN_SECONDS = 5.0
# What is over this soon need not outlive Valkey. An answer to a request that was on its way may end it at once, and
# what stands in the ledger nobody takes back.
PASSING_SECONDS = 300.0
REDIRECTED = 302


@dataclass(frozen=True)
class _Asked:
    """A request that is on its way, and since when."""

    url: str
    site: str
    began: float


class Visit:
    """Stands before every request of one job, robots.txt and redirects included, and after it.

    As ``before_request`` of the guarded client it waits until an address may be asked, with a place at its site; the
    job's own place, which the scheduler has taken, counts. What came is told by :meth:`answered` or :meth:`failed`, and
    changes how the site is asked from then on. At its end all places are given back and what sites asked for is
    written into the ledger, where it outlives Valkey.

    ``outage``: the last request brought no answer, and other sites have fallen silent too, so that it is hardly its
    fault.
    """

    def __init__(self, context: FetcherContext, site: str, holder: str) -> None:
        self.outage = False
        self._context = context
        self._holder = holder
        self._places: set[tuple[str, str | None]] = {(site, None)}
        self._asked_before: set[str] = set()
        self._hosts_before: set[str | None] = set()
        self._under_way: _Asked | None = None
        self._holds: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.leave()

    def __call__(self, url: str, *, delay_seconds: float | None = None) -> None:
        """Wait until ``url`` may be asked. ``delay_seconds``: what its robots.txt wants between two pages.

        :raises SiteBusyError: when that is more than a few seconds away, or all places at its site are taken.
        """
        self.redirected()
        politeness = self._context.politeness
        site, host = site_of(url), politeness.rules.host_of(url)
        budget = politeness.rules.budget_of(site)
        # Before it is taken: a place that was taken just before an error must be given back all the same.
        self._places.add((site, host))
        reservation = politeness.pace(
            Turn(
                site,
                host,
                holder=self._holder,
                again=budget in self._asked_before,
                again_at_host=host in self._hosts_before,
                delay_seconds=delay_seconds,
                place_seconds=self._context.settings.deadline_seconds + MARGIN_SECONDS,
            )
        )
        if not reservation.granted:
            raise SiteBusyError(site, reservation.wait_seconds)
        self._asked_before.add(budget)
        self._hosts_before.add(host)
        if reservation.wait_seconds:
            time.sleep(reservation.wait_seconds)
        self._under_way = _Asked(url, site, time.monotonic())

    def user_agent(self, url: str) -> str:
        """Who asks for ``url``, and for whatever it redirects to."""
        return self._context.politeness.rules.user_agent(url) or self._context.settings.user_agent

    def redirected(self) -> None:
        """The request that was on its way, if one was, was answered with a redirect."""
        self._heard(REDIRECTED, None)

    def answered(self, response: Response) -> None:
        """The last request was answered with ``response``."""
        self._heard(response.status, response.retry_after(datetime.now(UTC)))

    def failed(self, error: FetchError) -> None:
        """The last request brought no answer; a site that was not even asked has nothing to do with it."""
        asked, self._under_way = self._under_way, None
        if asked is not None:
            self._report(asked, report_error(error.reason, url=asked.url, seconds=time.monotonic() - asked.began))

    def leave(self) -> None:
        """Give all places back, and write down who is to be left alone, and for how long."""
        for site, host in self._places:
            self._context.politeness.release(site, self._holder, host=host)
        if not self._holds:
            return
        with self._context.database.transaction() as connection:
            for site, seconds in sorted(self._holds.items()):
                sites.hold(connection, site, seconds)
        self._holds.clear()

    def _heard(self, status: int, retry_after: float | None) -> None:
        asked, self._under_way = self._under_way, None
        if asked is not None:
            seconds = time.monotonic() - asked.began
            self._report(asked, report_status(status, url=asked.url, retry_after=retry_after, seconds=seconds))

    def _report(self, asked: _Asked, report: Report | None) -> None:
        self.outage = False
        if report is None:
            return
        politeness = self._context.politeness
        follows = politeness.report(asked.site, report)
        # The breaker's own rest, rather than one that the site asked for, is over as soon as there is an answer.
        passes = report.heard is Heard.DEAD and follows.held_seconds <= PASSING_SECONDS
        if follows.held_seconds and not passes:
            budget = politeness.rules.budget_of(asked.site)
            self._holds[budget] = max(follows.held_seconds, self._holds.get(budget, 0.0))
        self.outage = follows.outage
