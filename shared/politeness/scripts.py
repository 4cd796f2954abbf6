"""What runs inside Valkey for :mod:`shared.politeness.budgets`, by its clock: each script is one uninterrupted step.

Of a site there are: ``inflight``, who has a place there and until when; ``next``, when the scheduler may issue again;
``gate``, when any request may leave again; ``visits``, when the first request of another page or feed may; ``mood``,
what its answers have shown; and ``forbidden``, the pages that it refused lately. Of all sites together: ``unanswered``,
which have fallen silent since any last answered, and ``line``, when that was, how many answers there were before, and
when the first of them fell silent. All times are milliseconds.
"""

from __future__ import annotations

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function whole(number) return string.format('%.0f', number) end
local function at(key) return tonumber(redis.call('GET', key) or '0') end
"""

# The mood decides how far apart two visits are, and how many at once: a site that answers slowly is asked less often,
# so that half of its places are taken on average, and one that did not answer is asked by one at a time.
_MOOD = """
local function mood(key, interval, most, longest)
    local read = redis.call('HMGET', key, 'latency', 'delay', 'held_until', 'opened', 'probe', 'probe_until')
    local found = {
        held = tonumber(read[3] or '0'), opened = tonumber(read[4] or '0'),
        probe = read[5] or '', probe_until = tonumber(read[6] or '0'),
        pause = math.max(interval, tonumber(read[2] or '0')), most = most
    }
    if interval > 0 then
        local spacing = tonumber(read[1] or '0') / math.max(1, most / 2)
        found.pause = math.max(found.pause, math.min(spacing, longest))
    end
    if found.opened > 0 then found.most = 1 end
    return found
end
"""

RESERVE = (
    _NOW
    + _MOOD
    + """
local inflight, next_key, visits, mood_key, quiet, epoch = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local interval, most, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local ttl, horizon = tonumber(ARGV[4]), tonumber(ARGV[5])
if ARGV[6] == '1' and redis.call('EXISTS', epoch) == 0 then return {0, horizon} end
local site = mood(mood_key, interval, most, longest)
redis.call('ZREMRANGEBYSCORE', inflight, '-inf', now)
local slot = math.max(now, at(next_key), at(visits), at(quiet), site.held)
local held = redis.call('ZCARD', inflight)
local granted = 0
for i = 7, #ARGV do
    if held >= site.most or slot > now + horizon then break end
    redis.call('ZADD', inflight, now + ttl, ARGV[i])
    held = held + 1
    granted = granted + 1
    slot = slot + site.pause
end
if granted > 0 then
    redis.call('PEXPIRE', inflight, ttl + 1000)
    redis.call('SET', next_key, whole(slot), 'PX', whole(math.max(1000, slot - now + 1000)))
end
local wait = slot - now - horizon
if held >= site.most then
    local first = redis.call('ZRANGE', inflight, 0, 0, 'WITHSCORES')
    wait = math.max(wait, tonumber(first[2]) - now)
end
return {granted, math.max(0, math.floor(wait))}
"""
)

# For a site and, where KEYS has three more, for a host within it. A wait counts from now, and whoever is granted sleeps
# it; who has no place yet takes one, and who has one keeps it for as long as the request may take. An interval longer
# than a hop's stands between two visits only.
PACE = (
    _NOW
    + _MOOD
    + """
local inflight, gate, visits, mood_key, quiet_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local host_inflight, host_gate, host_visits = KEYS[6], KEYS[7], KEYS[8]
local interval, most, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local patience, rest, ttl = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local holder, again, delay, no_place = ARGV[7], ARGV[8] == '1', tonumber(ARGV[9]), tonumber(ARGV[10])
local host_interval, host_most, keep = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13])
local longest_hop, host_again = tonumber(ARGV[14]), ARGV[15] == '1'

local quiet = tonumber(redis.call('GET', quiet_key) or '-1')
if quiet < 0 then
    quiet = now + rest
    redis.call('SET', quiet_key, whole(quiet))
end
if delay >= 0 and delay ~= tonumber(redis.call('HGET', mood_key, 'delay') or '0') then
    redis.call('HSET', mood_key, 'delay', delay)
    if redis.call('PTTL', mood_key) < keep then redis.call('PEXPIRE', mood_key, keep) end
end
local site = mood(mood_key, interval, most, longest)

if site.opened > 0 and site.probe_until > now and site.probe ~= holder then
    return {0, math.max(site.probe_until - now, site.held - now)}
end
local function is_full(places, limit)
    redis.call('ZREMRANGEBYSCORE', places, '-inf', now)
    return not redis.call('ZSCORE', places, holder) and redis.call('ZCARD', places) >= limit
end
local slot = math.max(now, at(gate), quiet, site.held)
if not again then slot = math.max(slot, at(visits)) end
if host_gate then slot = math.max(slot, at(host_gate)) end
if host_gate and not host_again then slot = math.max(slot, at(host_visits)) end
local wait = slot - now
if wait > patience then return {0, wait} end
if holder ~= '' then
    if is_full(inflight, site.most) or (host_inflight and is_full(host_inflight, host_most)) then
        return {0, math.max(wait, no_place)}
    end
end

local function book(key, time)
    redis.call('SET', key, whole(time), 'PX', whole(math.max(1000, time - now + 1000)))
end
local function take(places)
    redis.call('ZADD', places, wait + now + ttl, holder)
    if redis.call('PTTL', places) < wait + ttl + 1000 then redis.call('PEXPIRE', places, whole(wait + ttl + 1000)) end
end
book(gate, slot + math.min(interval, longest_hop))
book(visits, slot + site.pause)
if holder ~= '' then take(inflight) end
if host_gate then
    book(host_gate, slot + math.min(host_interval, longest_hop))
    book(host_visits, slot + host_interval)
    if holder ~= '' then take(host_inflight) end
end
if site.opened > 0 then redis.call('HSET', mood_key, 'probe', holder, 'probe_until', whole(slot + ttl)) end
return {1, wait}
"""
)

_HELD = """
local function hold(key, milliseconds, why, by)
    local till = now + milliseconds
    if till <= tonumber(redis.call('HGET', key, 'held_until') or '0') then return 0 end
    redis.call('HSET', key, 'held_until', whole(till), 'held_for', why, 'held_by', by)
    if redis.call('PTTL', key) < milliseconds + 1000 then
        redis.call('PEXPIRE', key, whole(milliseconds + 1000))
    end
    return milliseconds
end
"""

# What one answer, or none, means for the whole site. Returns for how long it is to be left alone from now, 0 where
# nothing new follows, and whether it looks as if it were not the site that is dead, but our own line: where several
# sites have fallen silent since the last answer of any, there was one shortly before, and not for long. A site that was
# silent while another one answered is dead itself, and says nothing about our line.
REPORT = (
    _NOW
    + _HELD
    + """
local key, forbidden, unanswered, line = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local kind, why, page, latency = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local base, asked, longest_hold = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local burst, window = tonumber(ARGV[8]), tonumber(ARGV[9])
local failures_to_open, first_open, longest_open = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local keep, dead_sites, believed = tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15])
local read = redis.call(
    'HMGET', key, 'latency', 'busy', 'busy_until', 'failures', 'opened', 'held_until', 'held_by', 'served'
)
local average, busy, busy_until = tonumber(read[1] or '-1'), tonumber(read[2] or '0'), tonumber(read[3] or '0')
local failures, opened, held_until = tonumber(read[4] or '0'), tonumber(read[5] or '0'), tonumber(read[6] or '0')
local held, outage = 0, false

-- Errors that come fast must not speed us up: only what the site has really served lets the average fall.
local latest = average < 0 and latency or average + 0.25 * (latency - average)
if latest > average or kind == 'data' then redis.call('HSET', key, 'latency', whole(latest)) end

if kind == 'dead' then
    local answers = redis.call('HGET', line, 'answers') or '0'
    redis.call('HSETNX', key, 'silent_since', answers)
    if redis.call('HGET', key, 'silent_since') == answers then
        redis.call('SADD', unanswered, key)
        redis.call('HSETNX', line, 'silent_at', whole(now))
    end
    redis.call('PEXPIRE', unanswered, whole(keep))
    redis.call('PEXPIRE', line, whole(keep))
    local answered_at = tonumber(redis.call('HGET', line, 'answered_at') or '0')
    local silent_at = tonumber(redis.call('HGET', line, 'silent_at') or '0')
    outage = redis.call('SCARD', unanswered) >= dead_sites
        and silent_at - answered_at <= believed and now - silent_at < believed
    -- Requests that were on their way when it opened say nothing new.
    if opened == 0 or now >= held_until then
        failures = failures + 1
        redis.call('HSET', key, 'failures', failures)
        redis.call('HDEL', key, 'probe', 'probe_until')
        if opened > 0 or failures >= failures_to_open then
            if opened == 0 or not outage then opened = opened + 1 end
            redis.call('HSET', key, 'opened', opened)
            held = hold(key, math.min(first_open * 2 ^ math.min(opened - 1, 30), longest_open), why, 'breaker')
        end
    end
else
    redis.call('DEL', unanswered)
    redis.call('HINCRBY', line, 'answers', 1)
    redis.call('HSET', line, 'answered_at', whole(now))
    redis.call('HDEL', line, 'silent_at')
    redis.call('PEXPIRE', line, whole(keep))
    redis.call('HDEL', key, 'silent_since')
    if failures > 0 or opened > 0 then
        redis.call('HDEL', key, 'failures', 'opened', 'probe', 'probe_until')
        if read[7] == 'breaker' then redis.call('HDEL', key, 'held_until', 'held_for', 'held_by') end
    end
end

if kind == 'forbidden' then
    redis.call('ZADD', forbidden, now, page)
    redis.call('ZREMRANGEBYSCORE', forbidden, '-inf', now - window)
    redis.call('PEXPIRE', forbidden, whole(window))
    -- One that is refused right after a rest for the same is no new burst, but the old one going on.
    if (busy > 0 and not read[8]) or redis.call('ZCARD', forbidden) >= burst then kind = 'busy' end
end
if kind == 'busy' then
    -- Those on their way when the site first said so are no second word.
    if now >= busy_until then busy = busy + 1 end
    local wait = math.max(asked, math.min(base * 2 ^ math.min(busy - 1, 30), longest_hold))
    busy_until = math.max(busy_until, now + wait)
    redis.call('HSET', key, 'busy', busy, 'busy_until', whole(busy_until))
    redis.call('HDEL', key, 'served')
    held = hold(key, wait, why, 'site')
elseif kind == 'data' then
    redis.call('DEL', forbidden)
    if busy > 0 and now >= busy_until then redis.call('HSET', key, 'busy', busy - 1, 'served', 1) end
end
if redis.call('PTTL', key) < keep then redis.call('PEXPIRE', key, whole(keep)) end
return {whole(held), outage and 1 or 0}
"""
)

REMEMBER = (
    _NOW
    + """
local quiet = now + tonumber(ARGV[1])
if at(KEYS[2]) < quiet then redis.call('SET', KEYS[2], whole(quiet)) end
for i = 3, #KEYS do
    local ttl = tonumber(ARGV[2 * i - 4])
    redis.call('ZADD', KEYS[i], now + ttl, ARGV[2 * i - 3])
    if redis.call('PTTL', KEYS[i]) < ttl + 1000 then redis.call('PEXPIRE', KEYS[i], ttl + 1000) end
end
redis.call('SET', KEYS[1], whole(now))
return 1
"""
)
