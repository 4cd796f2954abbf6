"""The relay: puts the change feed onto the Valkey stream, each event under the id ``SEQ-0``.

The stream's own last id is the relay's only memory. A batch is appended in one step inside Valkey, and only to the id
that it was read for: a relay that is killed anywhere, two relays at once, or a flush in between neither lose nor repeat
an event, nor leave a gap.
"""

from __future__ import annotations

import threading

import psycopg
import psycopg_pool
import redis
import structlog

from shared.database import Database
from shared.errors import EngineError
from shared.reading.events import STREAM, Event, head, read_events
from shared.text import storable_json

log = structlog.get_logger("relay")

BATCH = 200
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


class Relay:
    """Publishes events above the stream's last id, in order; ``length`` events are kept."""

    def __init__(self, database: Database, valkey: redis.Redis, *, length: int) -> None:
        self._database = database
        self._valkey = valkey
        self._length = length
        self._append = valkey.register_script(_APPEND)

    def run(self, stop: threading.Event) -> None:
        """Publish until ``stop``; a broken engine is waited for."""
        pause = 0.0
        while not stop.wait(pause):
            try:
                pause = 0.0 if self.publish() == BATCH else PAUSE_SECONDS
            except StreamAheadError as error:
                log.error(str(error))  # noqa: TRY400 - the message says it all
                pause = AHEAD_PAUSE_SECONDS
            except (psycopg.Error, psycopg_pool.PoolTimeout, redis.RedisError) as error:
                log.warning("an engine does not answer, trying again", error=" ".join(str(error).split())[:200])
                pause = TROUBLE_PAUSE_SECONDS

    def publish(self) -> int:
        """Publish the next batch. Returns how many events were read.

        :raises StreamAheadError: when publishing would give a seq that consumers know to another event.
        """
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
        arguments: list[str | int] = [f"{last}-0", self._length]
        for event in events:
            arguments += [f"{event.seq}-0", *_fields(event)]
        if not self._append(keys=[STREAM], args=arguments):
            # Another relay was faster, or the stream was flushed; the next round starts from where it is then.
            log.debug("the stream has moved on", last=last)
        return len(events)

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
