"""What an answer is worth, for its page and for the whole site that gave it: pure decisions over what came back."""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import FetchError
from shared.urls import site_of

RETRY_FACTOR = 4.0
# The longest that a page or a whole site is put off, whatever its Retry-After says: a header that says "next year"
# must not lose a site its news.
LONGEST_WAIT_SECONDS = 6 * 3600.0
# What is refused for good: the same request can only bring the same answer.
FINAL_FETCH_REASONS = frozenset({"blocked_address", "bad_url", "dns", "too_many_redirects", "bad_redirect"})
# How long a site that says "too much" without saying until when is left alone; story-indexer waits 30 s after a 429.
# A 403 may be about one page: a few seconds stop a burst of them, and are no harm to the other pages.
HOLD_SECONDS = {403: 5.0, 429: 30.0, 503: 5.0}
# Retry-After is about the whole site only where the status says that it is too busy (RFC 9110 10.2.3, RFC 6585 4).
BUSY_STATUSES = frozenset({429, 503})
RETRIED_STATUSES = frozenset({403, 408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


@dataclass(frozen=True)
class Tries:
    """How often a page has failed so far, how often it may, and how long its second try waits (then four times it)."""

    failed: int
    most: int
    first_wait_seconds: float

    @property
    def is_last(self) -> bool:
        """Whether the try that is being judged is the last one."""
        return self.failed + 1 >= self.most

    @property
    def wait_seconds(self) -> float:
        """The wait before the next try."""
        return float(min(self.first_wait_seconds * RETRY_FACTOR ** min(self.failed, 20), LONGEST_WAIT_SECONDS))


@dataclass(frozen=True)
class Hold:
    """Leave ``site``, the one that answered, alone for ``seconds``."""

    site: str
    seconds: float


@dataclass(frozen=True)
class Stored:
    """The page is worth keeping."""


@dataclass(frozen=True)
class TryLater:
    """Come back in ``seconds``. ``counts``: whether it used up a try."""

    reason: str
    seconds: float
    detail: str
    hold: Hold | None = None
    counts: bool = True


@dataclass(frozen=True)
class GaveUp:
    """It will not get better; ``rejected``: because it may not be fetched, rather than because it could not."""

    reason: str
    detail: str
    rejected: bool = False
    hold: Hold | None = None


PageOutcome = Stored | TryLater | GaveUp


def hold_for(status: int, *, url: str, retry_after: float | None) -> Hold | None:
    """How long the site of ``url``, which answered with ``status``, is to be left alone.

    ``retry_after``: seconds the site asked for. Never longer than :data:`LONGEST_WAIT_SECONDS`, and never so long as
    the page waits, which grows: one page that always answers 503 must not close its site for an hour.
    """
    if status not in HOLD_SECONDS:
        return None
    asked = retry_after or 0.0 if status in BUSY_STATUSES else 0.0
    return Hold(site_of(url), min(max(asked, HOLD_SECONDS[status]), LONGEST_WAIT_SECONDS))


def judge_status(status: int, *, url: str, retry_after: float | None, tries: Tries) -> PageOutcome:
    """What an answer from ``url`` means. ``retry_after``: seconds the site asked for."""
    if 200 <= status < 300:
        return Stored()
    reason = f"http_{status}"
    detail = f"{url} answered {status}"
    if status not in RETRIED_STATUSES:
        return GaveUp(reason, detail)
    hold = hold_for(status, url=url, retry_after=retry_after)
    if tries.is_last:
        return GaveUp(reason, f"{detail}, {tries.failed + 1} times", hold=hold)
    asked = min(retry_after or 0.0, LONGEST_WAIT_SECONDS)
    return TryLater(reason, max(tries.wait_seconds, asked), detail, hold=hold)


def judge_error(error: FetchError, tries: Tries) -> TryLater | GaveUp:
    """What a request that brought no answer means."""
    detail = str(error)
    if error.reason in FINAL_FETCH_REASONS:
        return GaveUp(error.reason, detail)
    if tries.is_last:
        return GaveUp(error.reason, f"{detail}, {tries.failed + 1} times")
    return TryLater(error.reason, tries.wait_seconds, detail)


def judge_unreachable_robots(detail: str, *, seconds: float, asked: bool, tries: Tries) -> TryLater | GaveUp:
    """What it means that the site's robots.txt could not be had, which forbids the page for now (RFC 9309 2.3.1.4).

    ``seconds``: until it is asked for again, before which the page need not come back; ``asked``: whether it was asked
    for now. What another page found out a moment ago is no try of this one.
    """
    reason = "robots_unreachable"
    if not asked:
        return TryLater(reason, seconds, detail, counts=False)
    if tries.is_last:
        return GaveUp(reason, f"{detail}, {tries.failed + 1} times")
    return TryLater(reason, max(tries.wait_seconds, seconds), detail)
