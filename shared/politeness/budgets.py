"""What a site is asked to bear: tokens in Valkey that all processes on all machines share.

A site is a registered domain (:func:`shared.urls.site_of`), or what an operator makes of one
(:mod:`shared.siterules`). Two gates stand in a row. The scheduler *reserves* before it issues a job, so that only work
that may run is ever enqueued; the fetcher *paces* right before each request, redirect hops included, so that a delay
between the two cannot bunch requests up, and that a request to a site which the scheduler did not know of takes a place
there too. What the answers show is *reported*: a site that answers slowly is asked less often, one that says "too much"
is left alone, and one that does not answer at all is asked by one request now and then, until it does.

Both gates and the report run as scripts inside Valkey and use its clock. Valkey may lose its memory (``FLUSHALL``, a
new volume) while requests are on their way. Whoever has used it before notices that the marks are gone and lets all
sites rest until the requests that were granted before are over; the scheduler puts back the tokens of those that still
run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Self

import redis

from shared.politeness import scripts
from shared.politeness.records import Consequence, Report, Reservation, SiteState, Token, Turn
from shared.settings import Settings
from shared.siterules import SiteRules

# A reservation this far ahead may be issued already: the pacing gate spaces it exactly, and the scheduler need not
# tick faster than the shortest interval.
HORIZON_MS = 250
# The longest that a fetcher waits for its turn at a site, unless the site's own interval makes it wait.
PATIENCE_SECONDS = 3.0
# However long the interval: what a page's further requests, for redirects and after robots.txt, are apart; the longest
# that its first one waits for it; and the longest that any does, in a thread that does nothing else meanwhile.
LONGEST_HOP_SECONDS = 10.0
LONGEST_FIRST_WAIT_SECONDS = 20.0
LONGEST_WAIT_SECONDS = 30.0
# When a request that found no place at a site comes back: one of the requests there will be over by then.
NO_PLACE_SECONDS = 5.0
# However slowly a site answers, it is asked this often.
LONGEST_SPACING_SECONDS = 30.0
# "Too much" without a time to come back: each in a row doubles the rest, up to this.
LONGEST_HOLD_SECONDS = 3600.0
# Refused pages that are no more a matter of each page: so many different ones in so many seconds, none served between.
FORBIDDEN_PAGES = 5
FORBIDDEN_SECONDS = 60.0
# The breaker: so many requests in a row that brought no answer open it, for a time that doubles.
FAILURES_TO_OPEN = 5
FIRST_OPEN_SECONDS = 60.0
LONGEST_OPEN_SECONDS = 3600.0
# Where so many sites have fallen silent, and none has answered since, it is our own line that is dead: no site is to
# wait longer for that. Only where one had answered in the hour before, and for an hour: they may be dead indeed.
OUTAGE_SITES = 3
OUTAGE_SECONDS = 3600.0
# For how long what a site's answers have shown is kept after the last of them.
MOOD_SECONDS = 2 * 3600.0
_UNLIMITED = 1_000_000_000
EPOCH_KEY = "wiredesk:epoch"
QUIET_KEY = "wiredesk:quiet"
UNANSWERED_KEY = "wiredesk:unanswered"
LINE_KEY = "wiredesk:line"


class Politeness:
    """The budget of every site: ``interval_seconds`` between requests, ``concurrency`` at once, unless ``rules`` say
    otherwise. An interval of 0 asks as fast as the concurrency allows, however slowly the site answers.
    """

    def __init__(
        self, valkey: redis.Redis, *, interval_seconds: float, concurrency: int, rules: SiteRules | None = None
    ) -> None:
        self._valkey = valkey
        self._interval_seconds = interval_seconds
        self._concurrency = concurrency
        self.rules = rules or SiteRules()
        self._most = max([concurrency, *(rule.concurrency or 0 for rule in self.rules.sites.values())])
        self._reserve = valkey.register_script(scripts.RESERVE)
        self._pace = valkey.register_script(scripts.PACE)
        self._report = valkey.register_script(scripts.REPORT)
        self._remember = valkey.register_script(scripts.REMEMBER)
        # What this object knows of Valkey's memory: a mark that it has seen and that is gone means a loss.
        self._has_reserved = False
        self._has_paced = False

    @classmethod
    def of(cls, valkey: redis.Redis, settings: Settings) -> Self:
        """The budgets that the settings give, those of the sites file included.

        :raises ConfigurationError: when that file cannot be used.
        """
        return cls(
            valkey,
            interval_seconds=settings.site_interval_seconds,
            concurrency=settings.site_concurrency,
            rules=SiteRules.load(settings.sites_file),
        )

    @property
    def concurrency(self) -> int:
        """The most requests at once that any site is sent."""
        return self._most

    def has_memory(self) -> bool:
        """Whether Valkey still knows what was granted; false when it is new, or was flushed."""
        self._has_reserved = True
        return bool(self._valkey.exists(EPOCH_KEY))

    def remember(self, tokens: Iterable[Token], *, rest: bool) -> None:
        """Begin anew after :meth:`has_memory` was false, with ``tokens`` for the requests that are still on their way.

        :param rest: let all sites rest for as long as a request that was granted before may still be sent.
        """
        held = list(tokens)
        arguments: list[str | int] = [self._rest_ms(PATIENCE_SECONDS) if rest else 0]
        for token in held:
            arguments += [max(1, _ms(token.seconds)), token.holder]
        places = [self._key(token.site, "inflight") for token in held]
        self._remember(keys=[EPOCH_KEY, QUIET_KEY, *places], args=arguments)

    def reserve(self, site: str, holders: Sequence[str], *, ttl_seconds: float) -> Reservation:
        """Take tokens for as many of ``holders`` as the site's budget allows, in their order.

        A token that nobody gives back expires after ``ttl_seconds``, unless it is renewed.
        """
        budget = self.rules.budget_of(site)
        interval, most = self._limits(budget)
        keys = [_key(budget, part) for part in ("inflight", "next", "visits", "mood")]
        granted, wait = self._reserve(
            keys=[*keys, QUIET_KEY, EPOCH_KEY],
            args=[
                _ms(interval),
                most,
                _ms(LONGEST_SPACING_SECONDS),
                _ms(ttl_seconds),
                HORIZON_MS,
                int(self._has_reserved),
                *holders,
            ],
        )
        return Reservation(int(granted), int(wait) / 1000)

    def renew(self, site: str, holder: str, *, ttl_seconds: float) -> None:
        """Keep the token of work that still waits or runs for ``ttl_seconds`` from now."""
        key, ttl_ms = self._key(site, "inflight"), _ms(ttl_seconds)
        seconds, microseconds = self._valkey.time()
        with self._valkey.pipeline() as pipeline:
            # Only one that is there: work that ends at this moment has just given it back.
            pipeline.zadd(key, {holder: seconds * 1000 + microseconds // 1000 + ttl_ms}, xx=True)
            pipeline.pexpire(key, ttl_ms + 1000)
            pipeline.execute()

    def release(self, site: str, holder: str, *, host: str | None = None) -> None:
        """Give a token back, and the place at ``host``; giving it back twice does no harm."""
        self._valkey.zrem(self._key(site, "inflight"), holder)
        if host is not None:
            self._valkey.zrem(_key(host, "inflight"), holder)

    def pace(self, turn: Turn, *, patience_seconds: float = PATIENCE_SECONDS) -> Reservation:
        """Ask to send one request now. Granted: sleep ``wait_seconds``, then send. Else: come back after that time.

        A wait of up to 30 s that the site's own interval causes is granted: a page with redirects would otherwise give
        up its place between two hops, for ever, at a site with a longer interval than ``patience_seconds``. For the
        same reason further requests of a visit are never more than 10 s apart.
        """
        budget = self.rules.budget_of(turn.site)
        interval, most = self._limits(budget)
        keys = [_key(budget, part) for part in ("inflight", "gate", "visits", "mood")] + [QUIET_KEY]
        host_interval, host_most = 0.0, _UNLIMITED
        if turn.host is not None:
            rule = self.rules.hosts[turn.host]
            host_interval, host_most = rule.interval_seconds or 0.0, rule.concurrency or _UNLIMITED
            keys += [_key(turn.host, part) for part in ("inflight", "gate", "visits")]
        patience = max(patience_seconds, _longest_wait(interval, most, again=turn.again))
        if turn.again:
            # Only then: the scheduler, which spaces the site's jobs, knows nothing of the host's interval.
            patience = max(patience, _longest_wait(host_interval, min(host_most, most), again=turn.again_at_host))
        granted, wait = self._pace(
            keys=keys,
            args=[
                _ms(interval),
                most,
                _ms(LONGEST_SPACING_SECONDS),
                _ms(patience),
                self._rest_ms(patience_seconds) if self._has_paced else 0,
                _ms(turn.place_seconds),
                turn.holder,
                int(turn.again),
                -1 if turn.delay_seconds is None else _ms(turn.delay_seconds),
                _ms(NO_PLACE_SECONDS),
                _ms(host_interval),
                host_most,
                _ms(MOOD_SECONDS),
                _ms(LONGEST_HOP_SECONDS),
                int(turn.again_at_host),
            ],
        )
        self._has_paced = True
        return Reservation(int(granted), int(wait) / 1000)

    def report(self, site: str, report: Report) -> Consequence:
        """Take note of what a request to ``site`` brought."""
        budget = self.rules.budget_of(site)
        held, outage = self._report(
            keys=[_key(budget, "mood"), _key(budget, "forbidden"), UNANSWERED_KEY, LINE_KEY],
            args=[
                report.heard.value,
                report.reason,
                sha256(report.page.encode()).hexdigest()[:16],
                _ms(report.seconds),
                _ms(report.rest_seconds),
                _ms(report.asked_seconds),
                _ms(LONGEST_HOLD_SECONDS),
                FORBIDDEN_PAGES,
                _ms(FORBIDDEN_SECONDS),
                FAILURES_TO_OPEN,
                _ms(FIRST_OPEN_SECONDS),
                _ms(LONGEST_OPEN_SECONDS),
                _ms(MOOD_SECONDS),
                OUTAGE_SITES,
                _ms(OUTAGE_SECONDS),
            ],
        )
        return Consequence(int(held) / 1000, bool(outage))

    def state(self, site: str) -> SiteState:
        """How ``site`` stands now."""
        budget = self.rules.budget_of(site)
        interval, most = self._limits(budget)
        seconds, microseconds = self._valkey.time()
        now = seconds * 1000 + microseconds // 1000
        raw: Any = self._valkey.hgetall(_key(budget, "mood"))
        mood = {name.decode(): value.decode() for name, value in raw.items()}
        latency = float(mood["latency"]) / 1000 if "latency" in mood else None
        delay = float(mood.get("delay", 0)) / 1000
        spacing = min((latency or 0.0) / max(1.0, most / 2), LONGEST_SPACING_SECONDS) if interval else 0.0
        held = max(0.0, (float(mood.get("held_until", 0)) - now) / 1000)
        opened = int(mood.get("opened", 0)) > 0
        return SiteState(
            site=budget,
            interval_seconds=max(interval, delay, spacing),
            crawl_delay_seconds=delay or None,
            latency_seconds=latency,
            places=1 if opened else most,
            places_taken=int(self._valkey.zcount(_key(budget, "inflight"), now, "+inf")),
            held_seconds=held,
            held_for=mood.get("held_for") if held else None,
            failures=int(mood.get("failures", 0)),
            breaker=("open" if held else "half-open") if opened else "closed",
        )

    def forget_tokens(self) -> None:
        """Drop the tokens of workers that cannot exist any more; waiting times asked for by sites stay."""
        for key in self._valkey.scan_iter("wiredesk:site:*:inflight", count=1000):
            self._valkey.delete(key)

    def _limits(self, budget: str) -> tuple[float, int]:
        rule = self.rules.for_site(budget)
        interval = self._interval_seconds if rule.interval_seconds is None else rule.interval_seconds
        return interval, rule.concurrency or self._concurrency

    def _rest_ms(self, patience_seconds: float) -> int:
        """Until every request that was granted anywhere has left, and its interval has passed, or that between two
        hops: for one site with a long interval not all others are to wait.
        """
        limits = [(self._interval_seconds, self._concurrency), *map(self._limits, self.rules.sites)]
        hosts = [(rule.interval_seconds or 0.0, rule.concurrency or 1) for rule in self.rules.hosts.values()]
        waits = [_longest_wait(interval, most, again=True) for interval, most in limits + hosts]
        hops = [min(interval, LONGEST_HOP_SECONDS) for interval, _ in limits + hosts]
        return max(_ms(max(patience_seconds, wait) + hop) for wait, hop in zip(waits, hops, strict=True))

    def _key(self, site: str, part: str) -> str:
        return _key(self.rules.budget_of(site), part)


def _key(name: str, part: str) -> str:
    return f"wiredesk:site:{name}:{part}"


def _longest_wait(interval: float, most: int, *, again: bool) -> float:
    """For how many seconds a request may wait for those of its site that were granted before, ``most`` at once."""
    first = min(interval * most, LONGEST_FIRST_WAIT_SECONDS)
    hops = min(interval, LONGEST_HOP_SECONDS) * (most - 1) if again else 0.0
    return min(max(first + hops, 0.0), LONGEST_WAIT_SECONDS)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
