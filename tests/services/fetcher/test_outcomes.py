"""What a page's download is worth."""

from __future__ import annotations

import pytest

from services.fetcher.outcomes import (
    LONGEST_WAIT_SECONDS,
    GaveUp,
    Hold,
    PageOutcome,
    Stored,
    Tries,
    TryLater,
    hold_for,
    judge_error,
    judge_status,
    judge_unreachable_robots,
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


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 451, 501])
def test_an_answer_that_will_not_change_is_final(status: int) -> None:
    assert judge(status) == GaveUp(f"http_{status}", f"{URL} answered {status}")


@pytest.mark.parametrize("status", [403, 408, 429, 500, 502, 503, 504, 522])
def test_an_answer_that_may_change_is_waited_for(status: int) -> None:
    outcome = judge(status)
    assert isinstance(outcome, TryLater)
    assert (outcome.reason, outcome.seconds) == (f"http_{status}", 60)


def test_each_wait_is_longer_up_to_six_hours() -> None:
    waits = [tries(failed, most=20).wait_seconds for failed in range(10)]
    assert waits == sorted(waits)
    assert waits[:2] == [60, 240]
    assert waits[-1] == LONGEST_WAIT_SECONDS


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
        LONGEST_WAIT_SECONDS,
    ]


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [
        (429, None, 30),
        (429, 0, 30),
        (429, 1000, 1000),
        (429, 10**9, LONGEST_WAIT_SECONDS),
        (503, None, 5),
        (503, 1000, 1000),
        # One forbidden page is no reason to leave the others unread for long, whatever it says.
        (403, None, 5),
        (403, 1000, 5),
    ],
)
def test_too_much_holds_the_site_that_answered(status: int, retry_after: float | None, seconds: float) -> None:
    hold = hold_for(status, url="https://www.paper.example/a", retry_after=retry_after)
    assert hold == Hold("paper.example", seconds)


@pytest.mark.parametrize("failed", [0, 4])
def test_the_last_try_holds_the_site_like_the_first(failed: int) -> None:
    outcome = judge(429, failed=failed, retry_after=1000)
    assert isinstance(outcome, TryLater | GaveUp)
    assert outcome.hold == Hold("paper.example", 1000)


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_a_broken_page_holds_only_itself(status: int) -> None:
    outcome = judge(status, retry_after=1000)
    assert isinstance(outcome, TryLater)
    assert (outcome.hold, outcome.seconds) == (None, 1000)


def test_a_page_waits_for_robots_txt_until_it_is_asked_for_again() -> None:
    assert judge_unreachable_robots("no", seconds=900, asked=True, tries=tries()) == TryLater(
        "robots_unreachable", 900, "no"
    )
    late = judge_unreachable_robots("no", seconds=900, asked=True, tries=tries(3))
    assert isinstance(late, TryLater)
    assert late.seconds == tries(3).wait_seconds > 900
    assert isinstance(judge_unreachable_robots("no", seconds=900, asked=True, tries=tries(4)), GaveUp)


def test_what_another_page_found_out_about_robots_txt_is_no_try() -> None:
    assert judge_unreachable_robots("no", seconds=300, asked=False, tries=tries(4)) == TryLater(
        "robots_unreachable", 300, "no", counts=False
    )


@pytest.mark.parametrize("reason", ["read_timeout", "dns_temporary", "connect", "reset", "tls"])
def test_a_request_that_brought_nothing_is_tried_again(reason: str) -> None:
    error = FetchError(reason, "no answer", url=URL)
    assert judge_error(error, tries()) == TryLater(reason, 60, "no answer")
    assert isinstance(judge_error(error, tries(4)), GaveUp)


@pytest.mark.parametrize("reason", ["blocked_address", "bad_url", "dns", "too_many_redirects", "bad_redirect"])
def test_what_was_refused_is_not_asked_again(reason: str) -> None:
    outcome = judge_error(FetchError(reason, "no", url=URL), tries())
    assert isinstance(outcome, GaveUp)
    assert outcome.reason == reason
