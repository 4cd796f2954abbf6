"""What shall become of work whose lease ran out. Pure.

Only work that began and broke down counts against its row: a job that nobody took, that a broken engine ended, or whose
successor got lost on the way, is issued again however often that happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from shared.jobs import JobFate, JobState
from shared.records import RejectionReason


@dataclass(frozen=True)
class Wait:
    """It still waits or runs."""


@dataclass(frozen=True)
class Again:
    """Issue it again; it has broken down ``breakdowns`` times so far."""

    breakdowns: int


class Part(Enum):
    """The part of the pipeline in which work broke down."""

    FETCH = auto()
    PARSE = auto()
    INDEX = auto()


@dataclass(frozen=True)
class GiveUp:
    """It broke down ``breakdowns`` times in ``part``: it must not go on ending workers. ``failure``: its last error."""

    part: Part
    breakdowns: int
    failure: str | None = None


Verdict = Wait | Again | GiveUp


def judge_fetch(fate: JobFate | None, *, breakdowns: int, most: int) -> Verdict:
    """A poll or download. ``fate`` is ``None`` where no job was issued yet; ``breakdowns``: earlier ones."""
    if fate is not None and fate.is_alive:
        return Wait()
    if fate is None or fate.state is not JobState.BROKEN:
        return Again(breakdowns)
    if breakdowns + 1 >= most:
        return GiveUp(Part.FETCH, breakdowns + 1, fate.failure)
    return Again(breakdowns + 1)


def judge_parse(parse: JobFate | None, index: JobFate | None, *, breakdowns: int, most: int) -> Verdict:
    """A parse, and the writing of its result; both ``None`` where no job was issued yet."""
    if any(fate is not None and fate.is_alive for fate in (parse, index)):
        return Wait()
    for part, fate in ((Part.INDEX, index), (Part.PARSE, parse)):
        if fate is not None and fate.state is JobState.BROKEN:
            if breakdowns + 1 >= most:
                return GiveUp(part, breakdowns + 1, fate.failure)
            return Again(breakdowns + 1)
    return Again(breakdowns)


def reason_for_broken_parse(failure: str | None) -> RejectionReason:
    """Why a page is rejected whose parse raised ``failure``; ``None`` where its worker never came back."""
    if failure is None or failure.startswith("JobTimeoutException"):
        return RejectionReason.PARSER_TIMEOUT
    if failure.startswith("MemoryError"):
        return RejectionReason.PARSER_MEMORY
    return RejectionReason.PARSER_ERROR
