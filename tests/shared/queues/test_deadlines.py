"""The time limit of jobs on threads: raised where the job runs, and never after it is over."""

from __future__ import annotations

import threading
import time

import pytest
from rq.timeouts import JobTimeoutException  # noqa: TID251 - what jobs meet

from shared.queues.deadlines import LOOK_SECONDS, WatchedDeathPenalty


def busy(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.01)


def test_what_takes_too_long_is_ended_in_its_own_thread() -> None:
    ended: list[str] = []

    def run(seconds: float) -> None:
        try:
            with WatchedDeathPenalty(1, JobTimeoutException):
                busy(seconds)
        except JobTimeoutException:
            ended.append(threading.current_thread().name)

    threads = [threading.Thread(target=run, args=(seconds,), name=str(seconds)) for seconds in (0.1, 20.0, 0.2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert ended == ["20.0"]


def test_what_is_over_is_left_alone() -> None:
    with WatchedDeathPenalty(1, JobTimeoutException):
        busy(0.1)
    busy(1 + 2 * LOOK_SECONDS)


def test_no_limit_is_none() -> None:
    with WatchedDeathPenalty(-1, JobTimeoutException):
        busy(2 * LOOK_SECONDS)


def test_dozens_of_jobs_need_one_watcher() -> None:
    def watchers() -> int:
        return sum(thread.name == "deadlines" for thread in threading.enumerate())

    penalties = [WatchedDeathPenalty(60, JobTimeoutException) for _ in range(50)]
    for penalty in penalties:
        penalty.setup_death_penalty()
    assert watchers() == 1
    for penalty in penalties:
        penalty.cancel_death_penalty()
    with pytest.raises(JobTimeoutException), WatchedDeathPenalty(1, JobTimeoutException):
        busy(20)
