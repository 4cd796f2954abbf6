"""The relay: puts the change feed onto the Valkey stream, each event under the id ``SEQ-0``.

The stream's own last id is the relay's only memory. A batch is appended in one step inside Valkey, and only to the id
that it was read for: a relay that is killed anywhere, two relays at once, or a flush in between neither lose nor repeat
an event, nor leave a gap.

The stream is bounded by events and by bytes, because Valkey evicts nothing: full, it would take no job either. What is
trimmed stays readable over HTTP.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import psycopg_pool
import redis
import structlog

from shared.database import Database
from shared.errors import EngineError
from shared.reading.events import STREAM, Event, head, read_events
from shared.settings import MIB, Settings
from shared.text import storable_json
from shared.wording import one_line

log = structlog.get_logger("relay")

BATCH = 200
# What goes to Valkey in one step: the step's own arguments count as its memory too.
STEP_BYTES = 2 * MIB
# Looking at each node of a stream of 200 MiB takes Valkey some 10 ms, so it is done when this part of it is new.
LOOK_SHARE = 20
# A stream that is too large is cut to this part of what it may take, not at every event anew.
CUT_SHARE = 0.9
# The stream's share of a small Valkey.
VALKEY_SHARE = 4
PAUSE_SECONDS = 0.2
TROUBLE_PAUSE_SECONDS = 1.0
AHEAD_PAUSE_SECONDS = 30.0

_APPEND = """
local last = '0-0'
if redis.call('EXISTS', KEYS[1]) == 1 then
    local info = redis.call('XINFO', 'STREAM', KEYS[1])
    for i = 1, #info, 2 do
        if info[i] == 'last-generated-id' then last = info[i + 1] end
    end
end
if last ~= ARGV[1] then return 0 end
for i = 3, #ARGV, 4 do
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], ARGV[i],
               'type', ARGV[i + 1], 'subject', ARGV[i + 2], 'event', ARGV[i + 3])
end
return 1
"""


class StreamAheadError(EngineError):
    """The stream holds events that the database does not know: one of the two was restored or replaced."""


DEFAULT_BYTES: int = Settings.model_fields["stream_bytes"].default


class Relay:
    """Publishes events above the stream's last id, in order.

    The newest ``length`` are kept, and no more than fit in ``max_bytes`` and in a quarter of Valkey's own limit.
    """

    def __init__(self, database: Database, valkey: redis.Redis, *, length: int, max_bytes: int = DEFAULT_BYTES) -> None:
        self._database = database
        self._valkey = valkey
        self._length = length
        self._max_bytes = max_bytes
        self._append = valkey.register_script(_APPEND)
        self._allowed = 0
        self._unseen = 0

    def run(self, stop: threading.Event) -> None:
        """Publish until ``stop``; a broken engine is waited for."""
        pause = 0.0
        while not stop.wait(pause):
            try:
                pause = 0.0 if self.publish() == BATCH else PAUSE_SECONDS
            except redis.OutOfMemoryError as error:
                pause = 0.0 if self._make_room() else TROUBLE_PAUSE_SECONDS
                log.warning("Valkey is full", stream_was_cut=not pause, error=one_line(error))
            except StreamAheadError as error:
                log.error(str(error))  # noqa: TRY400 - the message says it all
                pause = AHEAD_PAUSE_SECONDS
            except (psycopg.Error, psycopg_pool.PoolTimeout, redis.RedisError) as error:
                log.warning("an engine does not answer, trying again", error=one_line(error))
                pause = TROUBLE_PAUSE_SECONDS

    def publish(self) -> int:
        """Publish the next batch. Returns how many events were read.

        :raises StreamAheadError: when publishing would give a seq that consumers know to another event.
        """
        self._trim()
        # The stream first: a relay beside this one may publish what the database has got since.
        last = self._last()
        with self._database.transaction() as connection:
            newest = head(connection)
            if last > newest:
                raise StreamAheadError(
                    f"the stream {STREAM} is at {last}, the database at {newest}: one of the two is from another time. "
                    f"Delete the stream (DEL {STREAM}) to fill it anew, and have its consumers start again"
                )
            if last == newest:
                return 0
            # An empty stream (new, or flushed) starts with what it would have kept, not with the beginning of time.
            after = max(last, newest - self._length)
            events = read_events(connection, after=after, limit=BATCH)
        for step in _steps(events):
            arguments: list[str | int] = [f"{last}-0", self._length]
            for seq, fields in step:
                arguments += [f"{seq}-0", *fields]
            if not self._append(keys=[STREAM], args=arguments):
                # Another relay was faster, or the stream was flushed; the next round starts from where it is then.
                log.debug("the stream has moved on", last=last)
                break
            last = step[-1][0]
            self._unseen += sum(_size(fields) for _, fields in step)
            self._trim()
        return len(events)

    def _trim(self) -> None:
        """Cut the oldest events where the stream takes more than it may; looks when enough is new."""
        if self._unseen * LOOK_SHARE < self._allowed:
            return
        most = int(self._valkey.info("memory").get("maxmemory", 0))
        self._allowed = min(self._max_bytes, most // VALKEY_SHARE) if most else self._max_bytes
        self._unseen = 0
        taken = self._bytes()
        while taken > self._allowed:
            length = int(self._valkey.xlen(STREAM))
            # By whole nodes (of a hundred events, or 4 KiB): others free nothing. The newest event is kept.
            keep = max(1, min(int(length * CUT_SHARE * self._allowed / taken), length - 1))
            if length <= keep or not self._valkey.xtrim(STREAM, maxlen=keep, approximate=True, limit=0):
                return
            taken = self._bytes()

    def _bytes(self) -> int:
        return int(self._valkey.memory_usage(STREAM, samples=0) or 0)

    def _make_room(self) -> bool:
        """Cut the stream by half: deleting is what a full Valkey still allows. Returns whether that brought any."""
        length = int(self._valkey.xlen(STREAM))
        return bool(length and self._valkey.xtrim(STREAM, maxlen=length // 2, approximate=False))

    def _last(self) -> int:
        if not self._valkey.exists(STREAM):
            return 0
        try:
            return int(self._valkey.xinfo_stream(STREAM)["last-generated-id"].partition(b"-")[0])
        except redis.ResponseError as error:
            if "no such key" in str(error):
                return 0
            raise


def _fields(event: Event) -> tuple[str, str, str]:
    return event.type, event.subject, storable_json(event.envelope())


def _steps(events: list[Event]) -> Iterator[list[tuple[int, tuple[str, str, str]]]]:
    """The events with their fields, in portions of a bounded size."""
    step: list[tuple[int, tuple[str, str, str]]] = []
    size = 0
    for event in events:
        fields = _fields(event)
        if step and size + _size(fields) > STEP_BYTES:
            yield step
            step, size = [], 0
        step.append((event.seq, fields))
        size += _size(fields)
    if step:
        yield step


def _size(fields: tuple[str, str, str]) -> int:
    return sum(len(field.encode()) for field in fields)
