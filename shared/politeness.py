"""What a site is asked to bear: tokens in Valkey that all processes on all machines share.

A site is a registered domain (:func:`shared.urls.site_of`). Two gates stand in a row. The scheduler *reserves* before
it issues a job, so that only work that may run is ever enqueued; the fetcher *paces* right before each request,
redirect hops included, so that a delay between the two cannot bunch requests up. Both run as scripts inside Valkey
and use its clock.

Valkey may lose its memory (``FLUSHALL``, a new volume) while requests are on their way. Whoever has used it before
notices that the marks are gone and lets all sites rest until the requests that were granted before are over; the
scheduler puts back the tokens of those that still run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import redis

# A reservation this far ahead may be issued already: the pacing gate spaces it exactly, and the scheduler need not
# tick faster than the shortest interval.
HORIZON_MS = 250
# The longest that a fetcher waits for its turn at a site, so the furthest ahead that a request may have been granted.
PATIENCE_SECONDS = 3.0
EPOCH_KEY = "wiredesk:epoch"
QUIET_KEY = "wiredesk:quiet"

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

_RESERVE = (
    _NOW
    + """
local interval, most, ttl, horizon = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if ARGV[5] == '1' and redis.call('EXISTS', KEYS[4]) == 0 then return {0, horizon} end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local slot = math.max(now, tonumber(redis.call('GET', KEYS[2]) or '0'), tonumber(redis.call('GET', KEYS[3]) or '0'))
local held = redis.call('ZCARD', KEYS[1])
local granted = 0
for i = 6, #ARGV do
    if held >= most or slot > now + horizon then break end
    redis.call('ZADD', KEYS[1], now + ttl, ARGV[i])
    held = held + 1
    granted = granted + 1
    slot = slot + interval
end
if granted > 0 then
    redis.call('PEXPIRE', KEYS[1], ttl + 1000)
    redis.call('SET', KEYS[2], string.format('%.0f', slot), 'PX', math.max(1000, slot - now + 1000))
end
local wait = slot - now - horizon
if held >= most then
    local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
    wait = math.max(wait, tonumber(first[2]) - now)
end
return {granted, math.max(0, math.floor(wait))}
"""
)

_PACE = (
    _NOW
    + """
local quiet = tonumber(redis.call('GET', KEYS[2]) or '-1')
if quiet < 0 then
    quiet = now + tonumber(ARGV[3])
    redis.call('SET', KEYS[2], string.format('%.0f', quiet))
end
local slot = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'), quiet)
local wait = slot - now
if wait > tonumber(ARGV[2]) then return {0, wait} end
local free = slot + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', free), 'PX', math.max(1000, free - now + 1000))
return {1, wait}
"""
)

_HOLD = (
    _NOW
    + """
local free = now + tonumber(ARGV[1])
for _, key in ipairs(KEYS) do
    if tonumber(redis.call('GET', key) or '0') < free then
        redis.call('SET', key, string.format('%.0f', free), 'PX', tonumber(ARGV[1]) + 1000)
    end
end
return 1
"""
)

_REMEMBER = (
    _NOW
    + """
local quiet = now + tonumber(ARGV[1])
if tonumber(redis.call('GET', KEYS[2]) or '0') < quiet then
    redis.call('SET', KEYS[2], string.format('%.0f', quiet))
end
for i = 3, #KEYS do
    local ttl = tonumber(ARGV[2 * i - 4])
    redis.call('ZADD', KEYS[i], now + ttl, ARGV[2 * i - 3])
    if redis.call('PTTL', KEYS[i]) < ttl + 1000 then redis.call('PEXPIRE', KEYS[i], ttl + 1000) end
end
redis.call('SET', KEYS[1], string.format('%.0f', now))
return 1
"""
)


@dataclass(frozen=True)
class Reservation:
    """How many of the asked-for requests may be issued now, and in how many seconds to ask for the next."""

    granted: int
    wait_seconds: float


@dataclass(frozen=True)
class Token:
    """A place at a site that ``holder`` has for ``seconds`` more, unless it gives it back."""

    site: str
    holder: str
    seconds: float


class Politeness:
    """The budget of every site: ``interval_seconds`` between requests, ``concurrency`` at once."""

    def __init__(self, valkey: redis.Redis, *, interval_seconds: float, concurrency: int) -> None:
        self._valkey = valkey
        self._interval_ms = round(interval_seconds * 1000)
        self._concurrency = concurrency
        self._reserve = valkey.register_script(_RESERVE)
        self._pace = valkey.register_script(_PACE)
        self._hold = valkey.register_script(_HOLD)
        self._remember = valkey.register_script(_REMEMBER)
        # What this object knows of Valkey's memory: a mark that it has seen and that is gone means a loss.
        self._has_reserved = False
        self._has_paced = False

    @property
    def concurrency(self) -> int:
        """Requests at once to one site."""
        return self._concurrency

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
            arguments += [max(1, round(token.seconds * 1000)), token.holder]
        self._remember(keys=[EPOCH_KEY, QUIET_KEY, *(_inflight(token.site) for token in held)], args=arguments)

    def reserve(self, site: str, holders: Sequence[str], *, ttl_seconds: float) -> Reservation:
        """Take tokens for as many of ``holders`` as the site's budget allows, in their order.

        A token that nobody gives back expires after ``ttl_seconds``, unless it is renewed.
        """
        granted, wait = self._reserve(
            keys=[_inflight(site), _next(site), QUIET_KEY, EPOCH_KEY],
            args=[
                self._interval_ms,
                self._concurrency,
                round(ttl_seconds * 1000),
                HORIZON_MS,
                int(self._has_reserved),
                *holders,
            ],
        )
        return Reservation(int(granted), int(wait) / 1000)

    def renew(self, site: str, holder: str, *, ttl_seconds: float) -> None:
        """Keep the token of work that still waits or runs for ``ttl_seconds`` from now."""
        ttl_ms = round(ttl_seconds * 1000)
        seconds, microseconds = self._valkey.time()
        with self._valkey.pipeline() as pipeline:
            # Only one that is there: work that ends at this moment has just given it back.
            pipeline.zadd(_inflight(site), {holder: seconds * 1000 + microseconds // 1000 + ttl_ms}, xx=True)
            pipeline.pexpire(_inflight(site), ttl_ms + 1000)
            pipeline.execute()

    def release(self, site: str, holder: str) -> None:
        """Give a token back; giving it back twice does no harm."""
        self._valkey.zrem(_inflight(site), holder)

    def pace(self, site: str, *, patience_seconds: float = PATIENCE_SECONDS) -> Reservation:
        """Ask to send one request now. Granted: sleep ``wait_seconds``, then send. Else: come back after that time.

        A wait that the site's own requests cause is always granted: a page with redirects would otherwise give up
        its place between two hops, for ever, at a site with a longer interval than ``patience_seconds``.
        """
        patience_ms = max(round(patience_seconds * 1000), self._interval_ms * self._concurrency)
        granted, wait = self._pace(
            keys=[_gate(site), QUIET_KEY],
            args=[self._interval_ms, patience_ms, self._rest_ms(patience_seconds) if self._has_paced else 0],
        )
        self._has_paced = True
        return Reservation(int(granted), int(wait) / 1000)

    def _rest_ms(self, patience_seconds: float) -> int:
        return max(round(patience_seconds * 1000), self._interval_ms * self._concurrency) + self._interval_ms

    def hold(self, site: str, seconds: float) -> None:
        """Send nothing to ``site`` for ``seconds``: it asked for that."""
        self._hold(keys=[_next(site), _gate(site)], args=[max(1, round(seconds * 1000))])

    def forget_tokens(self) -> None:
        """Drop the tokens of workers that cannot exist any more; waiting times asked for by sites stay."""
        for key in self._valkey.scan_iter("wiredesk:site:*:inflight", count=1000):
            self._valkey.delete(key)


def _inflight(site: str) -> str:
    return f"wiredesk:site:{site}:inflight"


def _next(site: str) -> str:
    return f"wiredesk:site:{site}:next"


def _gate(site: str) -> str:
    return f"wiredesk:site:{site}:gate"
