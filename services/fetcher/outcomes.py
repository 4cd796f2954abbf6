"""What a page's download is worth: pure decisions over what came back."""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import FetchError

RETRY_FACTOR = 4.0
LONGEST_RETRY_SECONDS = 6 * 3600.0
# What is refused for good: the same request can only bring the same answer.
FINAL_FETCH_REASONS = frozenset({"blocked_address", "bad_url", "too_many_redirects", "bad_redirect", "robots"})
# How long a site that says "too much" without saying until when is left alone; story-indexer waits 30 s after a 429.
HOLD_SECONDS = {429: 30.0, 503: 5.0}
RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


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
        return float(min(self.first_wait_seconds * RETRY_FACTOR ** min(self.failed, 20), LONGEST_RETRY_SECONDS))


@dataclass(frozen=True)
class Stored:
    """The page is worth keeping."""


@dataclass(frozen=True)
class TryLater:
    """Come back in ``seconds``.

    ``hold_seconds``: leave the whole site alone for so long; ``counts``: whether it used up a try.
    """

    reason: str
    seconds: float
    detail: str
    hold_seconds: float = 0.0
    counts: bool = True


@dataclass(frozen=True)
class GaveUp:
    """It will not get better; ``rejected``: because it may not be fetched, rather than because it could not."""

    reason: str
    detail: str
    rejected: bool = False


PageOutcome = Stored | TryLater | GaveUp


def judge_status(status: int, *, url: str, retry_after: float | None, tries: Tries) -> PageOutcome:
    """What an answer means. ``retry_after``: seconds the site asked for."""
    if 200 <= status < 300:
        return Stored()
    reason = f"http_{status}"
    detail = f"{url} answered {status}"
    if status not in RETRIED_STATUSES:
        return GaveUp(reason, detail)
    if tries.is_last:
        return GaveUp(reason, f"{detail}, {tries.failed + 1} times")
    asked = min(retry_after or 0.0, LONGEST_RETRY_SECONDS)
    # Not the page's own wait, which grows: one page that always answers 503 must not close its site for an hour.
    hold = max(asked, HOLD_SECONDS[status]) if status in HOLD_SECONDS else 0.0
    return TryLater(reason, max(tries.wait_seconds, asked), detail, hold_seconds=hold)


def judge_error(error: FetchError, tries: Tries) -> TryLater | GaveUp:
    """What a request that brought no answer means."""
    detail = str(error)
    if error.reason in FINAL_FETCH_REASONS:
        return GaveUp(error.reason, detail)
    if tries.is_last:
        return GaveUp(error.reason, f"{detail}, {tries.failed + 1} times")
    return TryLater(error.reason, tries.wait_seconds, detail)
