"""What a page's download is worth."""

from __future__ import annotations

import pytest

from services.fetcher.outcomes import (
    LONGEST_WAIT_SECONDS,
    UNASKED_REASONS,
    UNREACHED_REASONS,
    GaveUp,
    PageOutcome,
    Stored,
    Tries,
    TryLater,
    judge_error,
    judge_status,
    judge_unreachable_robots,
    report_error,
    report_status,
)
from shared.errors import FetchError
from shared.http.reasons import FetchReason
from shared.politeness import Heard, Report

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
    ("status", "heard"),
    [
        (200, Heard.DATA),
        (206, Heard.DATA),
        (302, Heard.ANSWER),
        (304, Heard.ANSWER),
        (404, Heard.ANSWER),
        (500, Heard.ANSWER),
        (403, Heard.FORBIDDEN),
        (429, Heard.BUSY),
        (503, Heard.BUSY),
        # Its gateway has found nobody behind it.
        (502, Heard.DEAD),
        (504, Heard.DEAD),
        (522, Heard.DEAD),
    ],
)
def test_an_answer_says_something_about_its_whole_site(status: int, heard: Heard) -> None:
    report = report_status(status, url=URL, retry_after=None, seconds=1.5)
    assert (report.heard, report.reason, report.page, report.seconds) == (heard, f"http_{status}", URL, 1.5)


@pytest.mark.parametrize(
    ("status", "retry_after", "asked"),
    [
        (429, None, 0),
        (429, 1000, 1000),
        (503, 1000, 1000),
        # A header that says "next year" must not lose a site its news.
        (429, 10**9, LONGEST_WAIT_SECONDS),
        (403, 1000, 0),
        (404, 1000, 0),
        (500, 1000, 0),
    ],
)
def test_only_a_busy_site_has_a_say_in_how_long_it_is_left_alone(
    status: int, retry_after: float | None, asked: float
) -> None:
    assert report_status(status, url=URL, retry_after=retry_after, seconds=0).asked_seconds == asked


@pytest.mark.parametrize(("status", "seconds"), [(429, 30), (403, 30), (503, 5), (404, 0)])
def test_the_first_rest_goes_by_the_status(status: int, seconds: float) -> None:
    assert report_status(status, url=URL, retry_after=None, seconds=0).rest_seconds == seconds


@pytest.mark.parametrize("reason", ["connect", "connect_timeout", "dns_temporary", "tls", "reset", "read_timeout"])
def test_no_answer_means_that_the_site_may_be_dead(reason: str) -> None:
    report = report_error(reason, url=URL, seconds=20)
    assert report == Report(Heard.DEAD, reason, URL, 20)


@pytest.mark.parametrize("reason", ["protocol", "headers_too_large", "decode", "too_many_redirects", "bad_redirect"])
def test_a_strange_answer_is_an_answer(reason: str) -> None:
    report = report_error(reason, url=URL, seconds=1)
    assert report is not None
    assert report.heard is Heard.ANSWER


@pytest.mark.parametrize("reason", ["blocked_address", "bad_url", "dns"])
def test_a_site_that_was_not_asked_has_shown_nothing(reason: str) -> None:
    assert report_error(reason, url=URL, seconds=1) is None


def test_every_reason_for_no_answer_is_known_here() -> None:
    """A new one must not count as an answer unnoticed."""
    answered = {"protocol", "headers_too_large", "decode", "too_many_redirects", "bad_redirect"}
    assert UNREACHED_REASONS | UNASKED_REASONS | answered >= {reason.value for reason in FetchReason}


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
