"""Turning ledger rows that may run now into jobs: the one place that decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import redis

from shared import queues
from shared.database import Connection, Database
from shared.jobs import FetchPage, JobRecord, ParsePage, PollFeed, QueueName
from shared.ledger import entries, sites, timeline
from shared.politeness import Politeness
from shared.queues import JobState
from shared.settings import Settings

SITES_PER_TICK = 500
PARSES_PER_TICK = 500
# A site whose tokens are all out is looked at again after this at the latest; giving one back wakes it earlier.
LONGEST_WAIT_SECONDS = 5.0
EPOCH_KEY = "wiredesk:epoch"
# With Valkey's memory gone, so is that of the last requests: no site is asked again before its interval is over.
AFTER_FLUSH_SECONDS = 2.0


@dataclass(frozen=True)
class Tick:
    """What one look at the ledger brought."""

    issued: int
    lost: int
    flushed: bool = False


@dataclass(frozen=True)
class Work:
    """One row of a site that is due: a feed to poll, or a page to download."""

    kind: str
    id: int
    site: str
    title: str | None
    lease: int
    leased: bool
    lost: int

    @property
    def job_id(self) -> str:
        """The RQ job of the dispatch that the row's lease stands for."""
        return f"{self.kind}-{self.id}-{self.lease}"

    def job(self) -> JobRecord:
        """The job of the next dispatch."""
        if self.kind == "feed":
            return PollFeed(feed_id=self.id, lease=self.lease + 1, site=self.site, title=self.title)
        return FetchPage(entry_id=self.id, lease=self.lease + 1, site=self.site, title=self.title)


class Dispatcher:
    """Issues due work within every site's budget and takes lost work up again."""

    def __init__(self, database: Database, valkey: redis.Redis, settings: Settings) -> None:
        self._database = database
        self._valkey = valkey
        self._settings = settings
        self._politeness = Politeness(
            valkey, interval_seconds=settings.site_interval_seconds, concurrency=settings.site_concurrency
        )

    @property
    def _looked_at(self) -> int:
        return self._politeness.concurrency + 1

    def tick(self) -> Tick:
        """One look at everything that is due."""
        if self._notice_flush():
            return Tick(0, 0, flushed=True)
        waiting = queues.depths(self._valkey)
        limit = self._settings.queue_limit
        issued = lost = 0
        if waiting[QueueName.PARSE] + waiting[QueueName.INDEX] < limit:
            lost += self._take_up_lost_parses()
            # Pages that nobody could parse yet would only pile up: the whole pipeline slows down with its last part.
            if max(waiting[QueueName.FEEDS], waiting[QueueName.PAGES]) < limit:
                issued, more = self._issue_for_sites()
                lost += more
        return Tick(issued, lost)

    def repair(self) -> int:
        """Rebuild the sites' wake-ups; returns the sites with work."""
        with self._database.transaction() as connection:
            return sites.wake_all(connection)

    def _notice_flush(self) -> bool:
        """Valkey that lost its memory has lost every job: all leases are void, rather than waited for."""
        if self._valkey.set(EPOCH_KEY, "1", nx=True) is None:
            return False
        with self._database.transaction() as connection:
            voided = entries.void_leases(connection)
            if voided:
                connection.execute(
                    "UPDATE sites SET due_at = now() + make_interval(secs => %s) WHERE due_at IS NOT NULL",
                    [AFTER_FLUSH_SECONDS],
                )
        return True

    def _take_up_lost_parses(self) -> int:
        """Parses whose lease ran out: extended while their job waits or runs, else issued again, at last given up."""
        jobs: list[JobRecord] = []
        with self._database.transaction() as connection:
            rows = connection.execute(
                """
                SELECT id, site, title, lease, attempts, page_key, leased_at IS NOT NULL AS leased FROM entries
                WHERE stage = 'parse' AND due_at <= now() ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
                """,
                [PARSES_PER_TICK],
            ).fetchall()
            alive = self._alive_parses(rows)
            for row in rows:
                if row["id"] in alive:
                    self._extend(connection, "entries", [row["id"]])
                elif row["leased"] and row["attempts"] + 1 >= self._settings.parse_attempts:
                    entries.parser_gave_up(connection, row["id"], attempts=row["attempts"] + 1)
                else:
                    jobs.append(self._reissue_parse(connection, row))
        queues.enqueue(self._valkey, jobs, self._settings, timeout=self._settings.parse_timeout_seconds)
        return len(jobs)

    def _alive_parses(self, rows: Sequence[dict[str, Any]]) -> set[int]:
        ids = [f"{kind}-{row['id']}-{row['lease']}" for row in rows for kind in ("parse", "index")]
        states = queues.job_states(self._valkey, ids) if ids else []
        pairs = zip(states[::2], states[1::2], strict=True)
        return {
            row["id"]
            for row, pair in zip(rows, pairs, strict=True)
            if row["leased"] and any(state is not JobState.GONE for state in pair)
        }

    def _reissue_parse(self, connection: Connection, row: dict[str, Any]) -> JobRecord:
        connection.execute(
            f"""
            UPDATE entries SET lease = lease + 1, leased_at = now(), attempts = attempts + %(lost)s,
                due_at = now() + make_interval(secs => %(seconds)s), timeline = {timeline.SQL}
            WHERE id = %(id)s
            """,  # noqa: S608 - a constant
            {
                "id": row["id"],
                "lost": int(row["leased"]),
                "seconds": self._settings.parse_lease_seconds,
                "step": timeline.step("parse issued again"),
            },
        )
        return ParsePage(
            entry_id=row["id"], lease=row["lease"] + 1, site=row["site"], title=row["title"], page_key=row["page_key"]
        )

    def _issue_for_sites(self) -> tuple[int, int]:
        """Visit the sites that are due, and issue for each what its budget allows, oldest first."""
        jobs: list[JobRecord] = []
        lost = 0
        with self._database.transaction() as connection:
            due = connection.execute(
                "SELECT site FROM sites WHERE due_at <= now() ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED",
                [SITES_PER_TICK],
            ).fetchall()
            if not due:
                return 0, 0
            work = self._work_of(connection, [row["site"] for row in due])
            alive = self._alive([item for items in work.values() for item in items if item.leased])
            for site, items in work.items():
                issued, taken_up = self._issue_for_site(connection, site, items, alive)
                jobs += issued
                lost += taken_up
        # After the commit: a job that is lost between the two is taken up when its lease has run out.
        queues.enqueue(self._valkey, jobs, self._settings, timeout=self._fetch_timeout())
        return len(jobs), lost

    def _work_of(self, connection: Connection, names: Sequence[str]) -> dict[str, list[Work]]:
        """For each site its oldest due rows, one more than it may ever be issued at once."""
        rows = connection.execute(
            """
            SELECT s.site, w.* FROM unnest(%(names)s::text[]) AS s(site) LEFT JOIN LATERAL (
                (SELECT 'feed' AS kind, id, COALESCE(title, url) AS title, lease, leased_at IS NOT NULL AS leased, lost,
                        due_at
                 FROM feeds WHERE feeds.site = s.site AND status = 'active' AND due_at <= now()
                 ORDER BY due_at LIMIT %(most)s)
                UNION ALL
                (SELECT 'page', id, title, lease, leased_at IS NOT NULL, attempts, due_at
                 FROM entries WHERE entries.site = s.site AND stage = 'fetch' AND due_at <= now()
                 ORDER BY due_at LIMIT %(most)s)
                ORDER BY due_at LIMIT %(most)s
            ) w ON true
            """,
            {"names": list(names), "most": self._looked_at},
        ).fetchall()
        work: dict[str, list[Work]] = {name: [] for name in names}
        for row in rows:
            row.pop("due_at")
            if row["id"] is not None:
                work[row["site"]].append(Work(**row))
        return work

    def _alive(self, items: Sequence[Work]) -> set[tuple[str, int]]:
        states = queues.job_states(self._valkey, [item.job_id for item in items]) if items else []
        return {(item.kind, item.id) for item, state in zip(items, states, strict=True) if state is not JobState.GONE}

    def _issue_for_site(
        self, connection: Connection, site: str, items: Sequence[Work], alive: set[tuple[str, int]]
    ) -> tuple[list[JobRecord], int]:
        for item in items:
            if (item.kind, item.id) in alive:
                self._extend(connection, "feeds" if item.kind == "feed" else "entries", [item.id])
        wanted = [item for item in items if (item.kind, item.id) not in alive and not self._give_up(connection, item)]
        if not wanted:
            self._sleep_until_next(connection, site)
            return [], 0
        reservation = self._politeness.reserve(
            site, [item.job().job_id for item in wanted], ttl_seconds=self._settings.fetch_lease_seconds
        )
        granted = wanted[: reservation.granted]
        for item in granted:
            self._lease(connection, item)
        if len(granted) < len(wanted) or len(items) == self._looked_at:
            self._wake_after(connection, site, reservation.wait_seconds)
        else:
            self._sleep_until_next(connection, site)
        return [item.job() for item in granted], sum(item.leased for item in granted)

    def _give_up(self, connection: Connection, item: Work) -> bool:
        """A page that was lost again and again ends here, so that it cannot kill fetchers for ever."""
        if item.kind == "feed" or not item.leased or item.lost + 1 < self._settings.page_attempts:
            return False
        return entries.finish(
            connection,
            item.id,
            None,
            state="failed",
            reason="lost",
            detail=f"its download was lost {item.lost + 1} times",
        )

    def _lease(self, connection: Connection, item: Work) -> None:
        # A lost dispatch counts as an attempt, so that a page which kills its fetcher cannot do so for ever.
        table, counter = ("feeds", "lost") if item.kind == "feed" else ("entries", "attempts")
        connection.execute(
            f"""
            UPDATE {table} SET lease = lease + 1, leased_at = now(), {counter} = {counter} + %(lost)s,
                due_at = now() + make_interval(secs => %(seconds)s)
            WHERE id = %(id)s
            """,  # type: ignore[arg-type]  # noqa: S608 - two constants
            {"id": item.id, "lost": int(item.leased), "seconds": self._settings.fetch_lease_seconds},
        )

    def _extend(self, connection: Connection, table: str, ids: Sequence[int]) -> None:
        seconds = self._settings.fetch_lease_seconds if table == "feeds" else self._settings.parse_lease_seconds
        connection.execute(
            f"UPDATE {table} SET due_at = now() + make_interval(secs => %s) WHERE id = ANY(%s)",  # type: ignore[arg-type]  # noqa: S608
            [min(seconds, 30), list(ids)],
        )

    def _wake_after(self, connection: Connection, site: str, seconds: float) -> None:
        connection.execute(
            "UPDATE sites SET due_at = now() + make_interval(secs => %s) WHERE site = %s",
            [min(max(seconds, 0.02), LONGEST_WAIT_SECONDS), site],
        )

    def _sleep_until_next(self, connection: Connection, site: str) -> None:
        connection.execute(
            """
            UPDATE sites SET due_at = LEAST(
                (SELECT min(due_at) FROM feeds WHERE site = %(site)s AND status = 'active'),
                (SELECT min(due_at) FROM entries WHERE site = %(site)s AND stage = 'fetch'))
            WHERE site = %(site)s
            """,
            {"site": site},
        )

    def _fetch_timeout(self) -> int:
        return int(self._settings.deadline_seconds) + queues.JOB_TIMEOUT_MARGIN
