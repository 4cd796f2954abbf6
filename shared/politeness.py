"""What a site is asked to bear: tokens in Valkey that all processes on all machines share.

A site is a registered domain (:func:`shared.urls.site_of`). Two gates stand in a row. The scheduler *reserves* before
it issues a job, so that only work that may run is ever enqueued; the fetcher *paces* right before each request,
redirect hops included, so that a delay between the two cannot bunch requests up. Both run as scripts inside Valkey
and use its clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import redis

# A reservation this far ahead may be issued already: the pacing gate spaces it exactly, and the scheduler need not
# tick faster than the shortest interval.
HORIZON_MS = 250

_RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval, most, ttl, horizon = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local slot = math.max(now, tonumber(redis.call('GET', KEYS[2]) or '0'))
local held = redis.call('ZCARD', KEYS[1])
local granted = 0
for i = 5, #ARGV do
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

_PACE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local slot = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local wait = slot - now
if wait > tonumber(ARGV[2]) then return {0, wait} end
local free = slot + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', free), 'PX', math.max(1000, free - now + 1000))
return {1, wait}
"""

_HOLD = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local free = now + tonumber(ARGV[1])
for _, key in ipairs(KEYS) do
    if tonumber(redis.call('GET', key) or '0') < free then
        redis.call('SET', key, string.format('%.0f', free), 'PX', tonumber(ARGV[1]) + 1000)
    end
end
return 1
"""


@dataclass(frozen=True)
class Reservation:
    """How many of the asked-for requests may be issued now, and in how many seconds to ask for the next."""

    granted: int
    wait_seconds: float


class Politeness:
    """The budget of every site: ``interval_seconds`` between requests, ``concurrency`` at once."""

    def __init__(self, valkey: redis.Redis, *, interval_seconds: float, concurrency: int) -> None:
        self._valkey = valkey
        self._interval_ms = round(interval_seconds * 1000)
        self._concurrency = concurrency
        self._reserve = valkey.register_script(_RESERVE)
        self._pace = valkey.register_script(_PACE)
        self._hold = valkey.register_script(_HOLD)

    @property
    def concurrency(self) -> int:
        """Requests at once to one site."""
        return self._concurrency

    def reserve(self, site: str, holders: Sequence[str], *, ttl_seconds: float) -> Reservation:
        """Take tokens for as many of ``holders`` as the site's budget allows, in their order.

        A token that is never given back (a killed worker) expires after ``ttl_seconds``.
        """
        granted, wait = self._reserve(
            keys=[_inflight(site), _next(site)],
            args=[self._interval_ms, self._concurrency, round(ttl_seconds * 1000), HORIZON_MS, *holders],
        )
        return Reservation(int(granted), int(wait) / 1000)

    def release(self, site: str, holder: str) -> None:
        """Give a token back; giving it back twice does no harm."""
        self._valkey.zrem(_inflight(site), holder)

    def pace(self, site: str, *, patience_seconds: float) -> Reservation:
        """Ask to send one request now. Granted: sleep ``wait_seconds``, then send. Else: come back after that time."""
        granted, wait = self._pace(keys=[_gate(site)], args=[self._interval_ms, round(patience_seconds * 1000)])
        return Reservation(int(granted), int(wait) / 1000)

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
