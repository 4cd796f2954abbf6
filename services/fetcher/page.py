"""Downloading one page: claim, ask politely, keep, hand on to the parser."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from services.fetcher.context import FetcherContext, SiteBusyError
from services.fetcher.outcomes import (
    GaveUp,
    Stored,
    Tries,
    TryLater,
    judge_bot_wall,
    judge_error,
    judge_status,
    judge_unreachable_robots,
)
from services.fetcher.robots import RobotsForbidError, RobotsGate, RobotsUnreachableError
from services.fetcher.sending import Sending
from services.fetcher.visit import Visit
from shared import queues
from shared.errors import FetchError
from shared.http import Response
from shared.jobs import FetchPage, ParsePage
from shared.ledger import entries
from shared.ledger.entries import EntryForFetch
from shared.pagestore import PageMetadata, StoredPage, page_key

ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"


@dataclass(frozen=True)
class Fetched:
    """A page that is worth keeping, as it came."""

    response: Response
    robots: str | None
    at: datetime


def download(context: FetcherContext, job: FetchPage) -> str:
    """Download the page of ``job``'s entry, if the dispatch is still the current one."""
    lease_seconds = context.settings.fetch_lease_seconds
    # Over before the row is written: writing it wakes the site, and the scheduler must find the token free then.
    with Visit(context, job.site, job.job_id) as visit:
        with context.database.statement() as connection:
            entry = entries.claim_fetch(connection, job.entry_id, job.lease, lease_seconds=lease_seconds)
        if entry is None:
            return "superseded"
        outcome = _ask(context, visit, entry)
    if isinstance(outcome, Fetched):
        return _keep(context, job, entry, outcome)
    if isinstance(outcome, TryLater):
        return _try_later(context, job, outcome)
    return _give_up(context, job, outcome)


def _ask(context: FetcherContext, visit: Visit, entry: EntryForFetch) -> Fetched | TryLater | GaveUp:
    settings = context.settings
    tries = Tries(entry.attempts, settings.page_attempts, settings.page_retry_seconds)
    agent = visit.user_agent(entry.url)
    sent = Sending.with_page(context, entry.id) if entry.has_requests else Sending()
    context = sent.means(context)
    gate = RobotsGate(context, visit, agent)
    try:
        response = context.client.get(
            entry.url,
            max_bytes=settings.page_max_bytes,
            headers={"Accept": ACCEPT, "User-Agent": agent},
            credentials=sent.credentials,
            before_request=gate,
        )
    except SiteBusyError as busy:
        return TryLater("site_busy", busy.seconds, str(busy), counts=False)
    except RobotsForbidError as forbidden:
        return GaveUp("robots", str(forbidden), rejected=True)
    except RobotsUnreachableError as unknown:
        return judge_unreachable_robots(str(unknown), seconds=unknown.seconds, asked=unknown.asked, tries=tries)
    except FetchError as error:
        visit.failed(error)
        return judge_error(error, tries, outage=visit.outage)
    visit.answered(response)
    now = datetime.now(UTC)
    if response.bot_wall is not None:
        return judge_bot_wall(response.bot_wall, url=response.url, tries=tries)
    judged = judge_status(
        response.status, url=response.url, retry_after=response.retry_after(now), tries=tries, words=response.words
    )
    return Fetched(response, gate.rule, now) if isinstance(judged, Stored) else judged


def _keep(context: FetcherContext, job: FetchPage, entry: EntryForFetch, fetched: Fetched) -> str:
    response, now = fetched.response, fetched.at
    sha256 = hashlib.sha256(response.body).hexdigest()
    if entry.is_recheck and sha256 == entry.page_sha256:
        with context.database.transaction() as connection:
            entries.finish(connection, entry.id, job.lease, state=entry.state, detail="page unchanged")
        return "unchanged"
    key = page_key(entry.id, job.lease, now)
    page = StoredPage(
        status=response.status,
        headers=tuple(response.headers.items()),
        body=response.body,
        metadata=PageMetadata(
            entry_id=entry.id,
            url=entry.url,
            final_url=response.url,
            fetched_at=now,
            discovered_at=entry.discovered_at,
            truncated=response.truncated,
            robots=fetched.robots,
            hints=entry.hints,
        ),
    )
    context.store.put(key, page)
    with context.database.statement() as connection:
        lease = entries.fetched(
            connection,
            entry.id,
            job.lease,
            page_key=key,
            page_sha256=sha256,
            lease_seconds=context.settings.parse_lease_seconds,
            detail="truncated" if response.truncated else None,
        )
    if lease is None:
        return "superseded"
    parse = ParsePage(entry_id=entry.id, lease=lease, site=job.site, title=entry.title, page_key=key)
    # After the commit: a job that is lost between the two is taken up when its lease has run out.
    queues.enqueue(context.valkey, [parse], context.settings, timeout=context.settings.parse_timeout_seconds)
    return f"fetched {len(response.body):,} bytes"


def _try_later(context: FetcherContext, job: FetchPage, outcome: TryLater) -> str:
    with context.database.transaction() as connection:
        entries.try_later(
            connection,
            job.entry_id,
            job.lease,
            reason=outcome.reason,
            seconds=outcome.seconds,
            counts=outcome.counts,
            detail=outcome.detail,
        )
    return f"{outcome.reason}, again in {outcome.seconds:.0f} s"


def _give_up(context: FetcherContext, job: FetchPage, outcome: GaveUp) -> str:
    state = "rejected" if outcome.rejected else "failed"
    with context.database.transaction() as connection:
        entries.finish(connection, job.entry_id, job.lease, state=state, reason=outcome.reason, detail=outcome.detail)
    return f"{state}: {outcome.reason}"
