"""A scheduler at work on real engines, with a look into the queues."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

import redis

from services.scheduler.dispatch import Dispatcher, Tick
from shared.database import Database
from shared.jobs import QueueName
from shared.ledger import entries
from shared.politeness import EPOCH_KEY
from shared.settings import Settings


@dataclass
class Desk:
    database: Database
    valkey: redis.Redis
    settings: Settings

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self.database, self.valkey, self.settings)
        if not self.valkey.exists(EPOCH_KEY):
            self.dispatcher.tick()

    def with_settings(self, **changes: Any) -> Desk:
        return Desk(self.database, self.valkey, self.settings.model_copy(update=changes))

    def tick(self) -> Tick:
        return self.dispatcher.tick()

    def waiting(self, queue: QueueName) -> list[str]:
        return [job_id.decode() for job_id in self.valkey.lrange(f"rq:queue:{queue.value}", 0, -1)]

    def everything_waiting(self) -> list[str]:
        return [job_id for queue in QueueName for job_id in self.waiting(queue)]

    def take(self, queue: QueueName) -> str:
        """Take the next job off its queue, as a worker does at first; nothing else happens to it."""
        job_id = self.valkey.lpop(f"rq:queue:{queue.value}")
        assert isinstance(job_id, bytes)
        return job_id.decode()

    def begin(self, queue: QueueName, *, seconds_ago: float = 0.0) -> str:
        """Take the next job and mark it as begun, as a worker does before it runs it."""
        job_id = self.take(queue)
        began = self.sql(
            "SELECT to_char((now() - make_interval(secs => %s)) AT TIME ZONE 'UTC', %s) AS t",
            [seconds_ago, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'],
        )[0]["t"]
        self.valkey.hset(f"rq:job:{job_id}", mapping={"status": "started", "started_at": began})
        return job_id

    def fail(self, job_id: str, failure: str) -> None:
        self.valkey.hset(f"rq:job:{job_id}", mapping={"status": "failed", "wiredesk_failure": failure})

    def claim(self, job_id: str) -> bool:
        _, row_id, lease = job_id.split("-")
        with self.database.transaction() as connection:
            claimed = entries.claim_fetch(
                connection, int(row_id), int(lease), lease_seconds=self.settings.fetch_lease_seconds
            )
        return claimed is not None

    def expire_leases(self) -> None:
        """Let the time pass in which leases run out."""
        for table in ("entries", "feeds"):
            self.sql(f"UPDATE {table} SET due_at = now() - interval '1 second' WHERE leased_at IS NOT NULL")
        self.wake()

    def wake(self) -> None:
        self.sql("UPDATE sites SET due_at = now() - interval '1 second'")

    def sql(self, query: str, values: list[Any] | dict[str, Any] | None = None) -> list[dict[str, Any]]:
        with self.database.transaction() as connection:
            cursor = connection.execute(query, values)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def payload(self, job_id: str) -> Any:
        data = self.valkey.hget(f"rq:job:{job_id}", "data")
        assert isinstance(data, bytes)
        return json.loads(zlib.decompress(data))[2][0]
