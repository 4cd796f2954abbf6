"""Downloading one page: claim, ask politely, keep, hand on to the parser."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from shared.http import Response

from services.fetcher.context import FetcherContext, SiteBusyError
from services.fetcher.outcomes import GaveUp, Stored, TryLater, judge_error, judge_status
from services.fetcher.robots import allowed_by_robots
from shared import queues
from shared.errors import FetchError
from shared.jobs import FetchPage, ParsePage
from shared.ledger import entries
from shared.ledger.entries import EntryForFetch
from shared.pagestore import PageMetadata, StoredPage, page_key

ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"


def download(context: FetcherContext, job: FetchPage) -> str:
    """Download the page of ``job``'s entry, if the dispatch is still the current one."""
    settings = context.settings
    with context.database.transaction() as connection:
        entry = entries.claim_fetch(connection, job.entry_id, job.lease, lease_seconds=settings.fetch_lease_seconds)
    if entry is None:
        context.politeness.release(job.site, job.job_id)
        return "superseded"
    try:
        robots = allowed_by_robots(context, entry.url)
        if not robots.allowed:
            return _give_up(context, job, GaveUp("robots", robots.rule), rejected=True)
        response = context.client.get(
            entry.url,
            max_bytes=settings.page_max_bytes,
            headers={"Accept": ACCEPT},
            before_request=context.pace,
        )
    except SiteBusyError as busy:
        later = TryLater("site_busy", busy.seconds, str(busy))
        return _try_later(context, job, later, counts=False)
    except FetchError as error:
        outcome = judge_error(
            error,
            attempts=entry.attempts,
            most_attempts=settings.page_attempts,
            first_retry=settings.page_retry_seconds,
        )
    else:
        now = datetime.now(UTC)
        outcome = judge_status(
            response.status,
            url=response.url,
            attempts=entry.attempts,
            most_attempts=settings.page_attempts,
            retry_after=response.retry_after(now),
            first_retry=settings.page_retry_seconds,
        )
        if isinstance(outcome, Stored):
            return _keep(context, job, entry, response, robots.rule, now)
    finally:
        # Before the row is written: writing it wakes the site, and the scheduler must find the token free then.
        context.politeness.release(job.site, job.job_id)
    if isinstance(outcome, TryLater):
        return _try_later(context, job, outcome, counts=True)
    assert isinstance(outcome, GaveUp)
    return _give_up(context, job, outcome, rejected=False)


def _keep(
    context: FetcherContext, job: FetchPage, entry: EntryForFetch, response: Response, robots: str, now: datetime
) -> str:
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
            robots=robots,
            hints=entry.hints,
        ),
    )
    context.store.put(key, page)
    with context.database.transaction() as connection:
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


def _try_later(context: FetcherContext, job: FetchPage, outcome: TryLater, *, counts: bool) -> str:
    if outcome.hold_site:
        context.politeness.hold(job.site, outcome.seconds)
    with context.database.transaction() as connection:
        entries.try_later(
            connection,
            job.entry_id,
            job.lease,
            reason=outcome.reason,
            seconds=outcome.seconds,
            counts=counts,
            detail=outcome.detail,
        )
    return f"{outcome.reason}, again in {outcome.seconds:.0f} s"


def _give_up(context: FetcherContext, job: FetchPage, outcome: GaveUp, *, rejected: bool) -> str:
    with context.database.transaction() as connection:
        entries.finish(
            connection,
            job.entry_id,
            job.lease,
            state="rejected" if rejected else "failed",
            reason=outcome.reason,
            detail=outcome.detail,
        )
    return f"{'rejected' if rejected else 'failed'}: {outcome.reason}"
