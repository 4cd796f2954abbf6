"""The doctor for one feed: asks its site as a poll would, and changes nothing anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from services.fetcher.answer import PollResult, Read, Unreadable, read_response
from services.fetcher.checkup import Checkup, check_up
from services.fetcher.limits import ReadLimits, most_bytes, sitemap_bytes
from services.fetcher.poll import ACCEPT, decide
from services.fetcher.seen import seen_entries
from services.fetcher.sending import Sending
from services.fetcher.website import look_further
from shared.credentials import Credentials, shown
from shared.database import Connection
from shared.errors import FetchError, UsageError
from shared.http import GuardedClient, Response, Validators
from shared.ledger import polls, requests
from shared.ledger.discovery import Discovery, compare
from shared.ledger.polls import FeedForPoll
from shared.reading.feeds import resolve_feed
from shared.settings import Settings
from shared.siterules import SiteRules
from shared.urls import canonical_url, site_of


def check(settings: Settings, connection: Connection | None, source: str, *, say: Callable[[str], None]) -> Checkup:
    """Look at the feed that ``source`` (an id, or a URL that need not be known) means.

    ``connection``: to the registry, where there is one. A web page leads to the feed that a poll would find.

    :raises UsageError: when ``source`` can be no feed.
    """
    feed = _feed(connection, source)
    with GuardedClient(settings) as client:
        doctor = _Doctor(settings, connection, client)
        found, leads_to = doctor.look(feed)
        if leads_to is None:
            return found
        say(f"{feed.url} is a web page: looking at its feed, {leads_to}")
        return doctor.look(_unknown(leads_to))[0]


class _Doctor:
    """Asks one thing after the other, a site's interval apart; what a site answers is held against nobody."""

    def __init__(self, settings: Settings, connection: Connection | None, client: GuardedClient) -> None:
        self._settings = settings
        self._connection = connection
        self._client = client
        self._rules = SiteRules.load(settings.sites_file)
        self._has_asked = False

    def get(self, url: str, max_bytes: int, before: Callable[[str], None]) -> Response:
        """See :class:`services.fetcher.asking.Asker`."""

        def turn(at: str) -> None:
            before(at)
            self._wait(at)

        agent = {"User-Agent": self.user_agent(url)}
        return self._client.get(url, max_bytes=max_bytes, headers=agent, before_request=turn)

    def user_agent(self, url: str) -> str:
        """See :class:`services.fetcher.asking.Asker`."""
        return self._rules.user_agent(url) or self._settings.user_agent

    def robots(self, url: str) -> str:
        """See :class:`services.fetcher.asking.Asker`."""
        return self._rules.robots(url) or self._settings.robots

    def look(self, feed: FeedForPoll) -> tuple[Checkup, str | None]:
        """What a poll of ``feed`` would come to; where it is a web page, also the feed that it leads to."""
        settings = self._settings
        sent = Sending.of(requests.for_poll(self._connection, feed.id) if self._connection is not None else None)
        client = self._client.through(sent.proxy)
        began = time.monotonic()
        response = again = None
        result: PollResult
        try:
            response, result = self._read(client, feed, sent.credentials)
            seconds = time.monotonic() - began
            if response.is_success and response.validators.headers():
                again = self._ask(client, feed, sent.credentials, len(response.body) + 1, response.validators)
        except FetchError as error:
            seconds = time.monotonic() - began
            if response is None:
                result = Unreadable(error.reason, str(error))
        if isinstance(result, Unreadable):
            result = look_further(self, settings, feed, result)
        plan = decide(settings, feed, result, self._compare(feed, result), ms=round(seconds * 1000))
        found = check_up(feed.url, result, plan, now=feed.now, response=response, again=again, seconds=seconds)
        return found, next(iter(result.alternates), None) if isinstance(result, Unreadable) else None

    def _read(
        self, client: GuardedClient, feed: FeedForPoll, credentials: Credentials | None
    ) -> tuple[Response, PollResult]:
        limits = ReadLimits.of(self._settings, feed.now)
        # As if it were new, so that its entries are seen, and a 304 is none.
        afresh = replace(feed, etag=None, last_modified=None, body_sha256=None)
        response = self._ask(client, feed, credentials, most_bytes(feed.url, feed.format, self._settings))
        result = read_response(response, afresh, max_entries=limits.max_entries, sitemaps=limits.sitemaps)
        if isinstance(result, Unreadable) and result.is_cut_sitemap:
            response = self._ask(client, feed, credentials, sitemap_bytes(self._settings))
            result = read_response(response, afresh, max_entries=limits.max_entries, sitemaps=limits.sitemaps)
        return response, result

    def _ask(
        self,
        client: GuardedClient,
        feed: FeedForPoll,
        credentials: Credentials | None,
        max_bytes: int,
        conditional: Validators | None = None,
    ) -> Response:
        return client.get(
            feed.url,
            max_bytes=max_bytes,
            headers={"Accept": ACCEPT, "User-Agent": self.user_agent(feed.url)},
            conditional=conditional,
            credentials=credentials,
            before_request=self._wait,
        )

    def _wait(self, _url: str) -> None:
        if self._has_asked:
            time.sleep(self._settings.site_interval_seconds)
        self._has_asked = True

    def _compare(self, feed: FeedForPoll, result: PollResult) -> Discovery:
        """What of it is new."""
        if not isinstance(result, Read):
            return Discovery(0, 0, 0)
        seen = seen_entries(result.feed, feed)
        if self._connection is None or not feed.id:
            return Discovery(len(seen), len(seen), 0)
        return compare(self._connection, feed.id, seen)


def _feed(connection: Connection | None, source: str) -> FeedForPoll:
    if "://" not in source:
        if connection is None:
            missing = "there is no registry here to look it up in; a URL starts with http:// or https://"
            raise UsageError(f"{shown(source)}: {missing}")
        return polls.look(connection, resolve_feed(connection, source)) or _unknown(source)
    try:
        known = None if connection is None else polls.look(connection, resolve_feed(connection, source))
    except UsageError:
        known = None
    return known or _unknown(source)


def _unknown(url: str) -> FeedForPoll:
    """A feed as it is when it has just been added."""
    try:
        site = site_of(canonical_url(url))
    except ValueError as error:
        raise UsageError(f"{shown(url)}: {error}") from None
    return FeedForPoll(
        id=0,
        url=url.strip(),
        site=site,
        etag=None,
        last_modified=None,
        body_sha256=None,
        poll_state={},
        ever_succeeded=False,
        now=datetime.now(UTC),
    )
