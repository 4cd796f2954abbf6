"""What an answer is worth, for its page and for the whole site that gave it: pure decisions over what came back."""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import FetchError
from shared.politeness import Heard, Report

RETRY_FACTOR = 4.0
# The longest that a page or a whole site is put off, whatever its Retry-After says: a header that says "next year"
# must not lose a site its news.
LONGEST_WAIT_SECONDS = 6 * 3600.0
# What is refused for good: the same request can only bring the same answer.
FINAL_FETCH_REASONS = frozenset({"blocked_address", "bad_url", "dns", "too_many_redirects", "bad_redirect"})
# For how long a site that says "too much" without saying until when is left alone the first time; then twice that, and
# so on. story-indexer waits 30 s after a 429. A single 403 is about its page, a burst of them is throttling (Reddit and
# Tumblr since 2026).
REST_SECONDS = {403: 30.0, 429: 30.0, 503: 5.0}
# Retry-After is about the whole site only where the status says that it is too busy (RFC 9110 10.2.3, RFC 6585 4).
BUSY_STATUSES = frozenset({429, 503})
# The site's own gateway found nobody behind it; 520 to 524 are Cloudflare's.
UNREACHED_STATUSES = frozenset({502, 504, 520, 521, 522, 523, 524})
# What a request met that brought no answer at all, and that another one soon would meet too.
UNREACHED_REASONS = frozenset(
    {"connect", "connect_timeout", "dns_temporary", "tls", "reset", "read_timeout", "deadline"}
)
# The address was refused, has nobody to ask, or could not be come to from here: the site has not seen a request.
UNASKED_REASONS = frozenset({"blocked_address", "bad_url", "dns", "proxy"})
BOT_WALL_WAIT_SECONDS = 3600.0
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
class Stored:
    """The page is worth keeping."""


@dataclass(frozen=True)
class TryLater:
    """Come back in ``seconds``. ``counts``: whether it used up a try."""

    reason: str
    seconds: float
    detail: str
    counts: bool = True


@dataclass(frozen=True)
class GaveUp:
    """It will not get better; ``rejected``: because it may not be fetched, rather than because it could not."""

    reason: str
    detail: str
    rejected: bool = False


PageOutcome = Stored | TryLater | GaveUp


def report_status(status: int, *, url: str, retry_after: float | None, seconds: float) -> Report:
    """What an answer from ``url`` after ``seconds`` says about its whole site. ``retry_after``: seconds it asked for;
    never more than :data:`LONGEST_WAIT_SECONDS` are given.
    """
    asked = min(retry_after or 0.0, LONGEST_WAIT_SECONDS) if status in BUSY_STATUSES else 0.0
    return Report(
        _heard(status),
        f"http_{status}",
        url,
        seconds,
        rest_seconds=REST_SECONDS.get(status, 0.0),
        asked_seconds=asked,
    )


def _heard(status: int) -> Heard:
    if status in BUSY_STATUSES:
        return Heard.BUSY
    if status == 403:
        return Heard.FORBIDDEN
    if status in UNREACHED_STATUSES:
        return Heard.DEAD
    return Heard.DATA if 200 <= status < 300 else Heard.ANSWER


def report_error(reason: str, *, url: str, seconds: float) -> Report | None:
    """What a request to ``url`` that ended with ``reason`` says about the whole site; ``None``: nothing."""
    if reason in UNASKED_REASONS:
        return None
    return Report(Heard.DEAD if reason in UNREACHED_REASONS else Heard.ANSWER, reason, url, seconds)


def judge_status(
    status: int, *, url: str, retry_after: float | None, tries: Tries, words: str | None = None
) -> PageOutcome:
    """What an answer from ``url`` means. ``retry_after``: seconds the site asked for; ``words``: more about it."""
    if 200 <= status < 300:
        return Stored()
    reason = f"http_{status}"
    detail = words or f"{url} answered {status}"
    if status not in RETRIED_STATUSES:
        return GaveUp(reason, detail)
    if tries.is_last:
        return GaveUp(reason, f"{detail}, {tries.failed + 1} times")
    asked = min(retry_after or 0.0, LONGEST_WAIT_SECONDS)
    return TryLater(reason, max(tries.wait_seconds, asked), detail)


def judge_bot_wall(vendor: str, *, url: str, tries: Tries) -> TryLater | GaveUp:
    """What it means that ``url`` lets only people in, as ``vendor`` tells them apart: walls come down, after hours."""
    detail = f"{url} lets no robots in ({vendor})"
    if tries.is_last:
        return GaveUp("bot_wall", f"{detail}, {tries.failed + 1} times")
    return TryLater("bot_wall", max(tries.wait_seconds, BOT_WALL_WAIT_SECONDS), detail)


def judge_error(error: FetchError, tries: Tries, *, outage: bool = False) -> TryLater | GaveUp:
    """What a request that brought no answer means. ``outage``: no site gives one, so that no page need pay for it."""
    detail = str(error)
    if error.reason in FINAL_FETCH_REASONS:
        return GaveUp(error.reason, detail)
    if outage:
        return TryLater(error.reason, tries.wait_seconds, detail, counts=False)
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
