"""The relay: puts the change feed onto the Valkey stream, each event under the id ``SEQ-0``.

The stream's own last id is the relay's only memory. Valkey refuses an id that is not above the last one, so that a
relay that is killed anywhere, or two relays at once, neither lose nor repeat an event.
"""

from __future__ import annotations

import threading

import psycopg
import psycopg_pool
import redis
import structlog

from shared.database import Database
from shared.reading.events import STREAM, Event, head, read_events
from shared.text import storable_json

log = structlog.get_logger("relay")

BATCH = 200
PAUSE_SECONDS = 0.2


class Relay:
    """Publishes events above the stream's last id, in order; ``length`` events are kept."""

    def __init__(self, database: Database, valkey: redis.Redis, *, length: int) -> None:
        self._database = database
        self._valkey = valkey
        self._length = length

    def run(self, stop: threading.Event) -> None:
        """Publish until ``stop``; a broken engine is waited for."""
        pause = 0.0
        while not stop.wait(pause):
            try:
                pause = 0.0 if self.publish() == BATCH else PAUSE_SECONDS
            except (psycopg.Error, psycopg_pool.PoolTimeout, redis.RedisError) as error:
                log.warning("an engine does not answer, trying again", error=" ".join(str(error).split())[:200])
                pause = 1.0

    def publish(self) -> int:
        """Publish the next batch. Returns how many events were read."""
        with self._database.transaction() as connection:
            newest = head(connection)
            last = self._last()
            if last >= newest:
                return 0
            # An empty stream (new, or flushed) starts with what it would have kept, not with the beginning of time.
            after = max(last, newest - self._length)
            events = read_events(connection, after=after, limit=BATCH)
        with self._valkey.pipeline(transaction=False) as pipeline:
            for event in events:
                pipeline.xadd(STREAM, _fields(event), id=f"{event.seq}-0", maxlen=self._length, approximate=True)
            results = pipeline.execute(raise_on_error=False)
        for result in results:
            if isinstance(result, redis.ResponseError):
                # Another relay was faster; the next round starts from where it got to.
                log.debug("published by another relay", error=str(result))
                break
            if isinstance(result, Exception):
                raise result
        return len(events)

    def _last(self) -> int:
        try:
            return int(self._valkey.xinfo_stream(STREAM)["last-generated-id"].partition(b"-")[0])
        except redis.ResponseError:
            return 0


def _fields(event: Event) -> dict[str | bytes, str | bytes]:
    return {"type": event.type, "subject": event.subject, "event": storable_json(event.envelope())}
