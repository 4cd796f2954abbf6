"""Asking hubs: subscribe, renew, unsubscribe (WebSub 5.1). What they answer by calling back, the API hears."""

from __future__ import annotations

import random
from dataclasses import dataclass

from services.fetcher.context import FetcherContext, SiteBusyError
from services.fetcher.outcomes import FINAL_FETCH_REASONS, LONGEST_WAIT_SECONDS
from services.fetcher.visit import Visit
from shared.errors import FetchError
from shared.http import Response
from shared.jobs import AskHub
from shared.ledger import subscriptions
from shared.ledger.subscriptions import DAY, LEASE_ASKED, Subscription

# For a callback, and then for a hub that gave none or was not there: 10 minutes, an hour, six, a day, for ever.
FIRST_WAIT_SECONDS = 600.0
WAIT_FACTOR = 6.0
JITTER = 0.1
# A hub that does not hear of the end notices it by our answers, or when its lease is over.
ATTEMPTS_TO_END = 3
# To a request to end: it knows of no such subscription.
UNKNOWN_STATUSES = frozenset({404, 409, 410, 422})
# Of a hub's answer only the status counts; its words might repeat the secret that it was sent.
ANSWER_MAX_BYTES = 16 * 1024
NO_ADDRESS_SECONDS = 3600.0


@dataclass(frozen=True)
class Verdict:
    """What a request has come to: unless the hub calls back, ask again in ``seconds``, never where ``None``."""

    seconds: float | None
    detail: str | None = None


def ask(context: FetcherContext, job: AskHub) -> str:
    """Ask the hub of ``job``'s subscription, if the dispatch is still the current one."""
    with Visit(context, job.site, job.job_id) as visit:
        wanted = _claim(context, job)
        if wanted is None:
            return "superseded"
        verdict = _ask(context, visit, wanted)
    with context.database.transaction() as connection:
        if isinstance(verdict, SiteBusyError):
            subscriptions.step_aside(connection, wanted.id, job.lease, seconds=verdict.seconds)
            return str(verdict)
        subscriptions.asked(connection, wanted.id, job.lease, seconds=verdict.seconds, detail=verdict.detail)
    return verdict.detail or "asked: the hub is to call back"


def judge_answer(
    response: Response, *, ending: bool, attempts: int, retry_after: float | None, jitter: float
) -> Verdict:
    """What the hub's answer to request number ``attempts`` means. ``jitter``: in [0, 1)."""
    wait = wait_after(attempts, jitter)
    if response.is_success:
        # Accepted (5.1): "will now be verified", perhaps much later.
        return Verdict(None if ending and attempts >= ATTEMPTS_TO_END else wait)
    detail = f"{response.url} answered {response.status}"
    if ending and (attempts >= ATTEMPTS_TO_END or response.status in UNKNOWN_STATUSES):
        return Verdict(None, detail)
    return Verdict(max(wait, min(retry_after or 0.0, LONGEST_WAIT_SECONDS)), detail)


def judge_error(error: FetchError, *, ending: bool, attempts: int, jitter: float) -> Verdict:
    """What it means that the hub could not be asked."""
    final = error.reason in FINAL_FETCH_REASONS
    if ending and (final or attempts >= ATTEMPTS_TO_END):
        return Verdict(None, str(error))
    return Verdict(DAY * (1 + JITTER * jitter) if final else wait_after(attempts, jitter), str(error))


def wait_after(attempts: int, jitter: float) -> float:
    """Seconds until the next request after ``attempts`` to which the hub did not call back."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(FIRST_WAIT_SECONDS * WAIT_FACTOR**doublings, DAY) * (1 + JITTER * jitter)


def form(wanted: Subscription, callback: str) -> dict[str, str]:
    """The request (WebSub 5.1)."""
    fields = {"hub.callback": callback, "hub.topic": wanted.topic}
    if wanted.is_ending:
        return {**fields, "hub.mode": "unsubscribe"}
    return {
        **fields,
        "hub.mode": "subscribe",
        "hub.lease_seconds": str(int(LEASE_ASKED)),
        "hub.secret": wanted.secret,
    }


def _claim(context: FetcherContext, job: AskHub) -> Subscription | None:
    with context.database.transaction() as connection:
        return subscriptions.claim(
            connection, job.subscription_id, job.lease, lease_seconds=context.settings.fetch_lease_seconds
        )


def _ask(context: FetcherContext, visit: Visit, wanted: Subscription) -> Verdict | SiteBusyError:
    base = context.settings.public_url
    if not base:
        return Verdict(NO_ADDRESS_SECONDS, "this fetcher has no WIREDESK_PUBLIC_URL to be called back at")
    jitter = random.random()  # noqa: S311 - jitter
    try:
        response = context.client.post(
            wanted.hub,
            data=form(wanted, f"{base.rstrip('/')}/websub/{wanted.token}"),
            max_bytes=ANSWER_MAX_BYTES,
            headers={"User-Agent": visit.user_agent(wanted.hub)},
            before_request=visit,
        )
    except SiteBusyError as busy:
        return busy
    except FetchError as error:
        visit.failed(error)
        return judge_error(error, ending=wanted.is_ending, attempts=wanted.attempts, jitter=jitter)
    visit.answered(response)
    return judge_answer(
        response,
        ending=wanted.is_ending,
        attempts=wanted.attempts,
        retry_after=response.retry_after(wanted.now),
        jitter=jitter,
    )
