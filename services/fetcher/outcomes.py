"""What a page's download is worth: pure decisions over what came back."""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import FetchError

RETRY_FACTOR = 4.0
LONGEST_RETRY_SECONDS = 6 * 3600.0
# What is refused for good: the same request can only bring the same answer.
FINAL_FETCH_REASONS = frozenset({"blocked_address", "bad_url", "too_many_redirects", "bad_redirect", "robots"})
RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


@dataclass(frozen=True)
class Stored:
    """The page is worth keeping."""


@dataclass(frozen=True)
class TryLater:
    """Come back in ``seconds``; ``hold_site``: and leave the whole site alone until then."""

    reason: str
    seconds: float
    detail: str
    hold_site: bool = False


@dataclass(frozen=True)
class GaveUp:
    """It will not get better."""

    reason: str
    detail: str


PageOutcome = Stored | TryLater | GaveUp


def judge_status(
    status: int, *, url: str, attempts: int, most_attempts: int, retry_after: float | None, first_retry: float
) -> PageOutcome:
    """What an answer means. ``attempts``: how many have failed before; ``retry_after``: seconds the site asked for."""
    if 200 <= status < 300:
        return Stored()
    reason = f"http_{status}"
    detail = f"{url} answered {status}"
    if status not in RETRIED_STATUSES:
        return GaveUp(reason, detail)
    if attempts + 1 >= most_attempts:
        return GaveUp(reason, f"{detail}, {attempts + 1} times")
    seconds = max(_backoff(attempts, first_retry), min(retry_after or 0.0, LONGEST_RETRY_SECONDS))
    return TryLater(reason, seconds, detail, hold_site=status in (429, 503))


def judge_error(error: FetchError, *, attempts: int, most_attempts: int, first_retry: float) -> PageOutcome:
    """What a request that brought no answer means."""
    detail = str(error)
    if error.reason in FINAL_FETCH_REASONS:
        return GaveUp(error.reason, detail)
    if attempts + 1 >= most_attempts:
        return GaveUp(error.reason, f"{detail}, {attempts + 1} times")
    return TryLater(error.reason, _backoff(attempts, first_retry), detail)


def _backoff(attempts: int, first_retry: float) -> float:
    return float(min(first_retry * RETRY_FACTOR**attempts, LONGEST_RETRY_SECONDS))
