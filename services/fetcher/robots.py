"""robots.txt for the pages we download (RFC 9309): fetched through the guarded client, cached in Valkey."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from services.fetcher.context import FetcherContext
from services.fetcher.outcomes import FINAL_FETCH_REASONS, hold_for
from shared.errors import FetchError
from shared.ledger import sites
from shared.robots import RobotsDecision, RobotsRules, product_of
from shared.urls import site_of

# RFC 9309, 2.4: not longer than a day. An unreachable file forbids everything, so it is asked for again soon.
CACHE_SECONDS = 24 * 3600
UNREACHABLE_CACHE_SECONDS = 15 * 60
MAX_BYTES = 512 * 1024
# Valkey also holds the queues and refuses writes when it is full: what one origin may take of it, compressed. Of the
# part that is meant for us half a megabyte of real rules fits.
MAX_CACHED_BYTES = 64 * 1024
# What is wrong with the address itself, and so with every page there.
ADDRESS_REASONS = frozenset({"blocked_address", "bad_url", "dns"})
# Some files ask for a day, or an hour, between two requests; nobody's news would be read.
LONGEST_CRAWL_DELAY_SECONDS = 60.0


class RobotsForbidError(Exception):
    """robots.txt forbids an address on a page's way. Never leaves the fetcher."""


class RobotsUnreachableError(Exception):
    """robots.txt could not be had, which forbids everything for ``seconds``; ``asked``: now, not by an earlier page.
    Never leaves the fetcher.
    """

    def __init__(self, rule: str, seconds: float, *, asked: bool) -> None:
        super().__init__(rule)
        self.seconds = seconds
        self.asked = asked


@dataclass(frozen=True)
class _Known:
    """The rules of an origin, for ``seconds`` more."""

    rules: RobotsRules
    seconds: float
    asked: bool


class RobotsGate:
    """Stands before each request for one page, those of its redirects included: asks robots.txt, then paces.

    ``rule`` is the one that decided over the address asked last. A redirect to another site takes that site's pace,
    but not one of its places for requests at once: the scheduler, which gives those out, cannot know of it.
    """

    def __init__(self, context: FetcherContext) -> None:
        self.rule: str | None = None
        self._context = context
        self._delays: dict[str, float] = {}

    def __call__(self, url: str) -> None:
        """Wait until ``url`` may be asked.

        :raises RobotsForbidError: when it may not be.
        :raises RobotsUnreachableError: when nobody knows.
        :raises SiteBusyError: when it, or its robots.txt, must wait for its site.
        :raises FetchError: when there can be no page at such an address.
        """
        decision, delay = self._decide(url)
        if not decision.allowed:
            raise RobotsForbidError(f"{url}: {decision.rule}")
        self.rule = decision.rule
        self._context.pace(url)
        if delay:
            site = site_of(url)
            self._delays[site] = max(delay, self._delays.get(site, 0.0))

    def rest(self) -> None:
        """Let the sites that were asked rest for their Crawl-delay, now that the page is there.

        Not between a page and its redirect: the page would give up its turn there, again and again.
        """
        for site, seconds in self._delays.items():
            self._context.politeness.hold(site, seconds)
        self._delays.clear()

    def _decide(self, url: str) -> tuple[RobotsDecision, float]:
        settings = self._context.settings
        if settings.robots == "off":
            return RobotsDecision(allowed=True, rule="not asked"), 0.0
        known = _rules(self._context, url)
        decision = known.rules.decision(url, settings.user_agent)
        if decision.temporary and not decision.allowed:
            raise RobotsUnreachableError(f"{url}: {decision.rule}", known.seconds, asked=known.asked)
        delay = known.rules.crawl_delay(settings.user_agent) or 0.0
        return decision, min(delay, LONGEST_CRAWL_DELAY_SECONDS) if delay > settings.site_interval_seconds else 0.0


def _rules(context: FetcherContext, url: str) -> _Known:
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    agent = context.settings.user_agent
    key = f"wiredesk:robots:{product_of(agent)}:{origin}"
    cached = context.valkey.get(key)
    if isinstance(cached, bytes):
        status, _, packed = cached.partition(b" ")
        rules = RobotsRules.parse(zlib.decompress(packed).decode(), int(status))
        # A second more, so that it has gone by then.
        return _Known(rules, max(context.valkey.ttl(key), 0) + 1.0, asked=False)
    status_now, text, seconds = _fetch(context, origin)
    rules = RobotsRules.parse(text, status_now)
    context.valkey.set(key, b"%d %s" % (status_now, _pack(rules.excerpt(agent))), ex=seconds)
    return _Known(rules, seconds + 1.0, asked=True)


def _pack(text: str) -> bytes:
    """``text`` compressed, without its last lines where it would be too large."""
    packed = zlib.compress(text.encode())
    while len(packed) > MAX_CACHED_BYTES:
        text = text[: text.rfind("\n", 0, len(text) * MAX_CACHED_BYTES // len(packed)) + 1]
        packed = zlib.compress(text.encode())
    return packed


def _fetch(context: FetcherContext, origin: str) -> tuple[int, str, int]:
    """Status and text to go by, and for how many seconds."""
    try:
        response = context.client.get(f"{origin}/robots.txt", max_bytes=MAX_BYTES, before_request=context.pace)
    except FetchError as error:
        if error.reason in ADDRESS_REASONS and error.url.startswith(f"{origin}/"):
            raise
        if error.reason in FINAL_FETCH_REASONS:
            # RFC 9309, 2.3.1.2: a redirect that leads nowhere is no robots.txt; that says nothing about the pages.
            return 404, "", UNREACHABLE_CACHE_SECONDS
        return 503, "", UNREACHABLE_CACHE_SECONDS
    if response.status >= 500 or response.status == 429:
        # RFC 9309 reads 429 like any 4xx, as "no rules"; a site that asks to be left alone does not mean that.
        hold = hold_for(response.status, url=response.url, retry_after=response.retry_after(datetime.now(UTC)))
        if hold is not None:
            context.politeness.hold(hold.site, hold.seconds)
            with context.database.transaction() as connection:
                sites.hold(connection, hold.site, hold.seconds)
        return 503, "", UNREACHABLE_CACHE_SECONDS
    return response.status, response.body.decode("utf-8", "replace"), CACHE_SECONDS
