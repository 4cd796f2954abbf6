"""What a page's download is worth."""

from __future__ import annotations

import pytest

from services.fetcher.outcomes import (
    LONGEST_RETRY_SECONDS,
    GaveUp,
    PageOutcome,
    Stored,
    Tries,
    TryLater,
    judge_error,
    judge_status,
)
from shared.errors import FetchError

URL = "https://paper.example/a"


def tries(failed: int = 0, most: int = 5) -> Tries:
    return Tries(failed=failed, most=most, first_wait_seconds=60)


def judge(status: int, *, failed: int = 0, retry_after: float | None = None) -> PageOutcome:
    return judge_status(status, url=URL, retry_after=retry_after, tries=tries(failed))


@pytest.mark.parametrize("status", [200, 203, 206])
def test_a_success_is_stored(status: int) -> None:
    assert judge(status) == Stored()


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 451, 501])
def test_an_answer_that_will_not_change_is_final(status: int) -> None:
    assert judge(status) == GaveUp(f"http_{status}", f"{URL} answered {status}")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 522])
def test_an_answer_that_may_change_is_waited_for(status: int) -> None:
    outcome = judge(status)
    assert isinstance(outcome, TryLater)
    assert (outcome.reason, outcome.seconds) == (f"http_{status}", 60)


def test_each_wait_is_longer_up_to_six_hours() -> None:
    waits = [tries(failed, most=20).wait_seconds for failed in range(10)]
    assert waits == sorted(waits)
    assert waits[:2] == [60, 240]
    assert waits[-1] == LONGEST_RETRY_SECONDS


def test_the_last_try_ends_it_and_says_how_often() -> None:
    outcome = judge(503, failed=4)
    assert isinstance(outcome, GaveUp)
    assert "5 times" in outcome.detail


def test_a_site_s_own_wait_counts_when_it_is_longer() -> None:
    waits = [judge(503, retry_after=seconds) for seconds in (None, 1, 1000, 10**9)]
    assert [outcome.seconds for outcome in waits if isinstance(outcome, TryLater)] == [
        60,
        60,
        1000,
        LONGEST_RETRY_SECONDS,
    ]


@pytest.mark.parametrize("status", [429, 503])
def test_too_much_holds_the_whole_site(status: int) -> None:
    outcome = judge(status, retry_after=1000)
    assert isinstance(outcome, TryLater)
    assert outcome.hold_seconds == 1000


def test_a_broken_page_holds_only_itself() -> None:
    outcome = judge(500, retry_after=1000)
    assert isinstance(outcome, TryLater)
    assert outcome.hold_seconds == 0


@pytest.mark.parametrize("reason", ["read_timeout", "dns_temporary", "connect", "reset", "tls"])
def test_a_request_that_brought_nothing_is_tried_again(reason: str) -> None:
    error = FetchError(reason, "no answer", url=URL)
    assert judge_error(error, tries()) == TryLater(reason, 60, "no answer")
    assert isinstance(judge_error(error, tries(4)), GaveUp)


@pytest.mark.parametrize("reason", ["blocked_address", "bad_url", "too_many_redirects", "bad_redirect"])
def test_what_was_refused_is_not_asked_again(reason: str) -> None:
    outcome = judge_error(FetchError(reason, "no", url=URL), tries())
    assert isinstance(outcome, GaveUp)
    assert outcome.reason == reason
