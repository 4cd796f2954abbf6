"""robots.txt for the pages we download (RFC 9309): fetched through the guarded client, cached in Valkey."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.fetcher.context import FetcherContext
from services.fetcher.outcomes import FINAL_FETCH_REASONS, UNASKED_REASONS
from services.fetcher.visit import Visit
from shared.errors import FetchError
from shared.robots import RobotsDecision, RobotsRules, product_of

# RFC 9309, 2.4: not longer than a day. An unreachable file forbids everything, so it is asked for again soon.
CACHE_SECONDS = 24 * 3600
UNREACHABLE_CACHE_SECONDS = 15 * 60
MAX_BYTES = 512 * 1024
# Valkey also holds the queues and refuses writes when it is full: what one origin may take of it, compressed. Of the
# part that is meant for us half a megabyte of real rules fits.
MAX_CACHED_BYTES = 64 * 1024
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
    """Stands before each request for one page, those of its redirects included: asks robots.txt, then has ``visit``
    wait for the site's turn.

    ``rule`` is the one that decided over the address asked last. ``user_agent`` asks, wherever the page leads: the
    rules are those for the name that is really sent.
    """

    def __init__(self, context: FetcherContext, visit: Visit, user_agent: str) -> None:
        self.rule: str | None = None
        self._context = context
        self._visit = visit
        self._user_agent = user_agent

    def __call__(self, url: str) -> None:
        """Wait until ``url`` may be asked.

        :raises RobotsForbidError: when it may not be.
        :raises RobotsUnreachableError: when nobody knows.
        :raises SiteBusyError: when it, or its robots.txt, must wait for its site.
        :raises FetchError: when there can be no page at such an address.
        """
        self._visit.redirected()
        decision, delay = self._decide(url)
        self.rule = decision.rule
        self._visit(url, delay_seconds=delay)

    def _decide(self, url: str) -> tuple[RobotsDecision, float]:
        mode = self._context.politeness.rules.robots(url) or self._context.settings.robots
        if mode == "off":
            return RobotsDecision(allowed=True, rule="not asked"), 0.0
        known = self._rules(url)
        decision = known.rules.decision(url, self._user_agent)
        if mode == "honour" and not decision.allowed:
            if decision.temporary:
                raise RobotsUnreachableError(f"{url}: {decision.rule}", known.seconds, asked=known.asked)
            raise RobotsForbidError(f"{url}: {decision.rule}")
        # How fast is asked even where it is only recorded what may be asked.
        return decision, min(known.rules.crawl_delay(self._user_agent) or 0.0, LONGEST_CRAWL_DELAY_SECONDS)

    def _rules(self, url: str) -> _Known:
        context, agent = self._context, self._user_agent
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        key = f"wiredesk:robots:{product_of(agent)}:{origin}"
        cached = context.valkey.get(key)
        if isinstance(cached, bytes):
            status, _, packed = cached.partition(b" ")
            rules = RobotsRules.parse(zlib.decompress(packed).decode(), int(status))
            # A second more, so that it has gone by then.
            return _Known(rules, max(context.valkey.ttl(key), 0) + 1.0, asked=False)
        status_now, text, seconds = self._fetch(origin)
        rules = RobotsRules.parse(text, status_now)
        context.valkey.set(key, b"%d %s" % (status_now, _pack(rules.excerpt(agent))), ex=seconds)
        return _Known(rules, seconds + 1.0, asked=True)

    def _fetch(self, origin: str) -> tuple[int, str, int]:
        """Status and text to go by, and for how many seconds."""
        try:
            response = self._context.client.get(
                f"{origin}/robots.txt",
                max_bytes=MAX_BYTES,
                headers={"User-Agent": self._user_agent},
                before_request=self._visit,
            )
        except FetchError as error:
            self._visit.failed(error)
            if self._visit.outage or (error.reason in UNASKED_REASONS and error.url.startswith(f"{origin}/")):
                # Something is wrong with the address itself, and so with every page there; or with our own line, which
                # no site is to be left alone for.
                raise
            if error.reason in FINAL_FETCH_REASONS:
                # RFC 9309, 2.3.1.2: a redirect that leads nowhere is no robots.txt; that says nothing about the pages.
                return 404, "", UNREACHABLE_CACHE_SECONDS
            return 503, "", UNREACHABLE_CACHE_SECONDS
        self._visit.answered(response)
        if response.status >= 500 or response.status == 429:
            # RFC 9309 reads 429 like any 4xx, as "no rules"; a site that asks to be left alone does not mean that.
            return 503, "", UNREACHABLE_CACHE_SECONDS
        return response.status, response.body.decode("utf-8", "replace"), CACHE_SECONDS


def _pack(text: str) -> bytes:
    """``text`` compressed, without its last lines where it would be too large."""
    packed = zlib.compress(text.encode())
    while len(packed) > MAX_CACHED_BYTES:
        text = text[: text.rfind("\n", 0, len(text) * MAX_CACHED_BYTES // len(packed)) + 1]
        packed = zlib.compress(text.encode())
    return packed
