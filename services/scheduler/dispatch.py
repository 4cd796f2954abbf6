"""Turning ledger rows that may run now into jobs: the one place that decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any, LiteralString

import redis

from services.scheduler.due import Allowed, DueSite, Work, due_sites
from services.scheduler.losses import Again, GiveUp, Wait, judge_fetch
from services.scheduler.parses import EXTENSION_SECONDS, take_up_lost_parses
from services.scheduler.subscriptions import Subscriptions
from shared import queues
from shared.database import Connection, Database
from shared.jobs import JobFate, JobRecord, QueueName
from shared.ledger import giving_up, leases, polls, sitelooks, sites, timeline
from shared.politeness import Politeness, Token
from shared.settings import Settings

# A site whose tokens are all out is looked at again after this at the latest; giving one back wakes it earlier.
LONGEST_WAIT_SECONDS = 5.0

_LEASE_FEED: LiteralString = """
    UPDATE feeds SET lease = lease + 1, leased_at = now(), due_at = now() + make_interval(secs => %(seconds)s),
        lost = %(breakdowns)s
    WHERE id = %(id)s
"""
_LEASE_PAGE: LiteralString = f"""
    UPDATE entries SET lease = lease + 1, leased_at = now(), due_at = now() + make_interval(secs => %(seconds)s),
        attempts = %(breakdowns)s, timeline = CASE WHEN %(lost)s THEN {timeline.SQL} ELSE timeline END
    WHERE id = %(id)s
"""  # noqa: S608 - constants


@dataclass(frozen=True)
class Tick:
    """What one look at the ledger brought."""

    issued: int
    lost: int
    flushed: bool = False


def take_turns(feeds_due: Sequence[Work], pages_due: Sequence[Work], *, fed: bool) -> list[Work]:
    """The due rows of one site, feeds and pages alternating, beginning with what was not issued last.

    By age alone, a site's backlog of a million pages would keep its feeds from being polled for days.
    """
    first, second = (pages_due, feeds_due) if fed else (feeds_due, pages_due)
    return [item for item in chain.from_iterable(zip_longest(first, second)) if item is not None]


class Dispatcher:
    """Issues due work within every site's budget and takes lost work up again.

    With ``only_feeds``, of all feeds these alone are polled; pages are downloaded whoever listed them.
    """

    def __init__(
        self, database: Database, valkey: redis.Redis, settings: Settings, *, only_feeds: Sequence[int] | None = None
    ) -> None:
        self._database = database
        self._only_feeds = None if only_feeds is None else list(only_feeds)
        self._valkey = valkey
        self._settings = settings
        self._politeness = Politeness.of(valkey, settings)
        self._subscriptions = Subscriptions(database, valkey, settings, self._politeness)

    def tick(self) -> Tick:
        """One look at everything that is due."""
        if self._notice_flush():
            return Tick(0, 0, flushed=True)
        waiting = queues.depths(self._valkey)
        limit = self._settings.queue_limit
        lost = 0
        # Pages that nobody could parse yet would only pile up: the pipeline slows down with its last part. Feeds are
        # polled all the same, because what leaves a feed unseen is lost.
        parsing = waiting[QueueName.PARSE] + waiting[QueueName.INDEX] < limit
        if parsing:
            lost += take_up_lost_parses(self._database, self._valkey, self._settings)
        allowed = Allowed(feeds=waiting[QueueName.FEEDS] < limit, pages=parsing and waiting[QueueName.PAGES] < limit)
        # Before the sites: what hubs have delivered makes feeds due.
        asked = self._subscriptions.tick() if allowed.feeds and self._only_feeds is None else 0
        issued, more = self._issue_for_sites(allowed) if any(allowed) else (0, 0)
        return Tick(asked + issued, lost + more)

    def repair(self) -> int:
        """Rebuild the sites' wake-ups; returns the sites with work."""
        with self._database.transaction() as connection:
            return sites.wake_all(connection)

    def look_at_sites(self) -> int:
        """Compare how the pages of some sites were read lately with how they were before; returns how many sites."""
        return sitelooks.look_at_due(self._database) if self._only_feeds is None else 0

    def _notice_flush(self) -> bool:
        """Valkey that lost its memory has lost every job: their leases are void, rather than waited for.

        Returns whether there was anything to lose; a new Valkey has no memory either.
        """
        if self._politeness.has_memory():
            return False
        with self._database.transaction() as connection:
            voided = leases.void_unclaimed_leases(connection)
            running = leases.under_way(connection)
        # After the commit: a scheduler that is killed in between leaves the flush to be noticed again.
        self._politeness.remember(
            [Token(work.site, work.job_id, work.seconds) for work in running], rest=bool(voided or running)
        )
        return bool(voided or running)

    def _issue_for_sites(self, allowed: Allowed) -> tuple[int, int]:
        """Visit the sites that are due, and issue for each what its budget allows, oldest first."""
        jobs: list[JobRecord] = []
        lost = 0
        with self._database.transaction() as connection:
            sites.take_wake_ups(connection)
            due = due_sites(
                connection,
                allowed,
                budget_of=self._politeness.rules.budget_of,
                most=self._looked_at,
                only_feeds=self._only_feeds,
            )
            fates = self._fates([item for site in due for item in site.overdue])
            for site in due:
                issued = self._issue_for_site(connection, site, fates, allowed)
                jobs += [item.next_job() for item in issued]
                lost += sum(item.leased for item in issued)
        # After the commit: a job that is lost between the two is taken up when its lease has run out.
        queues.enqueue(self._valkey, jobs, self._settings, timeout=self._fetch_timeout())
        return len(jobs), lost

    @property
    def _looked_at(self) -> int:
        return self._politeness.concurrency + 1

    def _fates(self, items: Sequence[Work]) -> dict[str, JobFate]:
        fates = queues.job_fates(self._valkey, [(item.queue, item.job_id) for item in items]) if items else []
        return {item.job_id: fate for item, fate in zip(items, fates, strict=True)}

    def _issue_for_site(
        self, connection: Connection, site: DueSite, fates: Mapping[str, JobFate], allowed: Allowed
    ) -> list[Work]:
        wanted: list[tuple[Work, int]] = []
        for item in (*site.overdue, *take_turns(site.feeds, site.pages, fed=site.fed)):
            breakdowns = self._breakdowns(connection, item, fates.get(item.job_id))
            if breakdowns is not None:
                wanted.append((item, breakdowns))
        granted, wait = 0, 0.0
        if wanted:
            reservation = self._politeness.reserve(
                site.name, [item.next_job().job_id for item, _ in wanted], ttl_seconds=self._token_seconds
            )
            granted, wait = reservation.granted, reservation.wait_seconds
        for item, breakdowns in wanted[:granted]:
            self._lease(connection, item, breakdowns)
        issued = [item for item, _ in wanted[:granted]]
        fed = issued[-1].kind == "feed" if issued else site.fed
        if granted < len(wanted) or self._looked_at in (len(site.feeds), len(site.pages)):
            self._wake_after(connection, site.name, wait, fed=fed)
        elif not all(allowed):
            self._wake_after(connection, site.name, LONGEST_WAIT_SECONDS, fed=fed)
        else:
            self._sleep_until_next(connection, site.name, fed=fed)
        return issued

    def _breakdowns(self, connection: Connection, item: Work, fate: JobFate | None) -> int | None:
        """How often ``item`` has broken down, where it is to be issued now; ``None`` where it is not."""
        most = polls.LOSSES_TO_PUT_OFF if item.kind == "feed" else self._settings.page_attempts
        verdict = judge_fetch(fate, breakdowns=item.lost, most=most)
        if isinstance(verdict, Wait):
            self._extend(connection, item)
            return None
        if item.leased:
            # Whoever had it can not be running any more: its place at the site is free.
            self._politeness.release(item.site, item.job_id)
        if isinstance(verdict, GiveUp):
            self._give_up(connection, item, verdict)
            return None
        assert isinstance(verdict, Again)
        return verdict.breakdowns

    def _give_up(self, connection: Connection, item: Work, verdict: GiveUp) -> None:
        if item.kind == "feed":
            polls.put_off(connection, item.id, lost=verdict.breakdowns, detail=verdict.failure)
        else:
            giving_up.fetch_gave_up(connection, item.id, attempts=verdict.breakdowns, detail=verdict.failure)

    def _lease(self, connection: Connection, item: Work, breakdowns: int) -> None:
        values: dict[str, Any] = {
            "id": item.id,
            "breakdowns": breakdowns,
            "seconds": self._settings.fetch_lease_seconds,
            "lost": item.leased,
            "step": timeline.step("download issued again", breakdowns=breakdowns or None),
        }
        connection.execute(_LEASE_FEED if item.kind == "feed" else _LEASE_PAGE, values)

    def _extend(self, connection: Connection, item: Work) -> None:
        table = "feeds" if item.kind == "feed" else "entries"
        connection.execute(
            f"UPDATE {table} SET due_at = now() + make_interval(secs => %s) WHERE id = %s",  # noqa: S608 - two constants
            [min(self._settings.fetch_lease_seconds, EXTENSION_SECONDS), item.id],
        )
        self._politeness.renew(item.site, item.job_id, ttl_seconds=self._token_seconds)

    def _wake_after(self, connection: Connection, site: str, seconds: float, *, fed: bool) -> None:
        connection.execute(
            "UPDATE sites SET fed = %s, due_at = now() + make_interval(secs => %s) WHERE site = %s",
            [fed, min(max(seconds, 0.02), LONGEST_WAIT_SECONDS), site],
        )

    def _sleep_until_next(self, connection: Connection, site: str, *, fed: bool) -> None:
        # Whatever this run was asked for: feeds that it does not poll are due for whoever schedules next.
        connection.execute(
            """
            UPDATE sites SET fed = %(fed)s, due_at = CASE WHEN next.at IS NOT NULL THEN
                GREATEST(next.at, now() + make_interval(secs => %(least)s)) END
            FROM (SELECT LEAST(
                (SELECT min(due_at) FROM feeds WHERE site = %(site)s AND status = 'active'),
                (SELECT min(due_at) FROM entries WHERE site = %(site)s AND stage = 'fetch')) AS at) next
            WHERE site = %(site)s
            """,
            {"site": site, "fed": fed, "least": 0.0 if self._only_feeds is None else 1.0},
        )

    @property
    def _token_seconds(self) -> float:
        # A token lives as long as its lease, which a claim makes anew: it is given back by whoever ends the work, the
        # fetcher or, where that was killed, this dispatcher. This only bounds what both have missed.
        return 2 * self._settings.fetch_lease_seconds + queues.JOB_TIMEOUT_MARGIN

    def _fetch_timeout(self) -> int:
        # For robots.txt and for the page; beyond its lease a job could bring nothing about.
        longest = 2 * int(self._settings.deadline_seconds) + queues.JOB_TIMEOUT_MARGIN
        return min(longest, self._settings.fetch_lease_seconds)
