"""Whose fault a loss is: only work that began and broke down counts against its row."""

from __future__ import annotations

import pytest

from services.scheduler.losses import (
    Again,
    GiveUp,
    Part,
    Verdict,
    Wait,
    judge_fetch,
    judge_parse,
    reason_for_broken_parse,
)
from shared.jobs import JobFate, JobState
from shared.records import RejectionReason

WAITING, RUNNING, LOST, DONE = (
    JobFate(state) for state in (JobState.WAITING, JobState.RUNNING, JobState.LOST, JobState.DONE)
)
BROKEN = JobFate(JobState.BROKEN, "KeyError: x")


@pytest.mark.parametrize(
    ("fate", "breakdowns", "verdict"),
    [
        (None, 4, Again(4)),
        (WAITING, 4, Wait()),
        (RUNNING, 4, Wait()),
        (LOST, 4, Again(4)),
        (DONE, 4, Again(4)),
        (BROKEN, 0, Again(1)),
        (BROKEN, 3, Again(4)),
        (BROKEN, 4, GiveUp(Part.FETCH, 5, "KeyError: x")),
    ],
)
def test_a_download(fate: JobFate | None, breakdowns: int, verdict: Verdict) -> None:
    assert judge_fetch(fate, breakdowns=breakdowns, most=5) == verdict


@pytest.mark.parametrize(
    ("parse", "index", "breakdowns", "verdict"),
    [
        (None, None, 2, Again(2)),
        (WAITING, LOST, 2, Wait()),
        (DONE, WAITING, 2, Wait()),
        (BROKEN, RUNNING, 2, Wait()),
        (LOST, LOST, 2, Again(2)),
        (DONE, LOST, 2, Again(2)),
        (BROKEN, LOST, 0, Again(1)),
        (BROKEN, LOST, 2, GiveUp(Part.PARSE, 3, "KeyError: x")),
        (DONE, BROKEN, 1, Again(2)),
        (DONE, BROKEN, 2, GiveUp(Part.INDEX, 3, "KeyError: x")),
        (JobFate(JobState.BROKEN), LOST, 2, GiveUp(Part.PARSE, 3, None)),
    ],
)
def test_a_parse(parse: JobFate | None, index: JobFate | None, breakdowns: int, verdict: Verdict) -> None:
    assert judge_parse(parse, index, breakdowns=breakdowns, most=3) == verdict


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (None, RejectionReason.PARSER_TIMEOUT),
        ("JobTimeoutException: Task exceeded maximum timeout value (30 seconds)", RejectionReason.PARSER_TIMEOUT),
        ("MemoryError", RejectionReason.PARSER_MEMORY),
        ("RecursionError: maximum recursion depth exceeded", RejectionReason.PARSER_ERROR),
    ],
)
def test_the_reason_for_a_rejection(failure: str | None, reason: RejectionReason) -> None:
    assert reason_for_broken_parse(failure) is reason
