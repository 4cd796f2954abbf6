"""The parser's service: keeps one worker going, and sees to the page that one died of.

It forks the worker, which parses one page after another, long-lived. One that hangs, crashes or runs out of memory has
left on its slip which page it was at: a fresh worker goes on with the others, and the page is tried once more in a
process of its own. If that dies too it is the page, which is rejected; if not, it was the company it kept.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import redis
import structlog

from services.parser import extract, language, stages
from services.parser.attempts import Ended, Ending, blamed, ended, verdict
from services.parser.jobs import Parse, hand_on
from services.parser.slip import Slip
from services.parser.stored import parse_stored
from services.parser.worker import end_with, work, work_alone
from shared import memory, queues
from shared.errors import WiredeskError
from shared.jobs import ParsePage, RejectionResult
from shared.settings import Settings

log = structlog.get_logger("parser")

LOOK_SECONDS = 0.1
GRACE_SECONDS = 1
"""For a worker to end itself, or its job, before it is ended."""
_STOPPING = (signal.SIGTERM, signal.SIGINT)
_FIRST_PAGE = b"<html><body><h1>A page to begin with</h1><p>%s</p></body></html>" % (b"It has some words. " * 20)


def run(settings: Settings, *, redis_url: str, parse: Parse = parse_stored) -> int:
    """Parse until SIGTERM or SIGINT. Returns the exit code: 1 where the worker failed for no page's fault.

    Where processes cannot be forked beside threads (anywhere but on Linux) the worker is this process, and a page that
    ends it is tried again when the scheduler misses it.
    """
    valkey = queues.connect(redis_url)
    queues.check(valkey)
    valkey.close()
    if not sys.platform.startswith("linux"):
        return work(settings, redis_url=redis_url, parse=parse)
    # What is loaded here is there in every process forked from this one, and in memory once.
    language.load()
    stages.load()
    extract(_FIRST_PAGE, url="https://paper.example/a.html")
    gc.freeze()
    return _Keeper(settings, redis_url, parse).run()


@dataclass
class _Trial:
    """A page being parsed alone."""

    job: ParsePage
    process: int
    ends: float
    kills_before: int | None


class _Keeper:
    def __init__(self, settings: Settings, redis_url: str, parse: Parse) -> None:
        self._settings = settings
        self._redis_url = redis_url
        self._parse = parse
        self._slip = Slip()
        self._slip_alone = Slip()
        self._worker: int | None = None
        self._turn: int | None = None
        self._turn_began = 0.0
        self._suspects: deque[ParsePage] = deque()
        self._trial: _Trial | None = None
        self._stopping = False

    def run(self) -> int:
        for number in _STOPPING:
            signal.signal(number, lambda *_: self._stop())
        code = 0
        while not self._stopping:
            if self._worker is None:
                self._start_worker()
            time.sleep(LOOK_SECONDS)
            if (end := self._ended_worker()) is not None and not self._is_to_go_on(end):
                code = 1
                break
            self._look_after_trial()
        self._wind_up()
        return code

    def _stop(self) -> None:
        self._stopping = True
        if self._worker is not None:
            _send(self._worker, signal.SIGTERM)

    def _start_worker(self) -> None:
        self._slip.clear()
        self._worker = _forked(
            lambda: work(self._settings, redis_url=self._redis_url, slip=self._slip, parse=self._parse)
        )
        if self._stopping:  # asked while it was being forked
            _send(self._worker, signal.SIGTERM)

    def _ended_worker(self) -> Ended | None:
        assert self._worker is not None
        end = _ended(self._worker)
        if end is None and self._is_stuck():
            _kill(self._worker)
            end = Ended(Ending.HUNG)
        if end is not None:
            self._worker = None
        return end

    def _is_stuck(self) -> bool:
        """Whether the worker is at one page for too long and does not end itself: what never lets go of Python's lock
        (a regular expression, Unicode's normal forms) keeps its watchdog from running, and its signal handlers.
        """
        now, turn = time.monotonic(), self._slip.turn
        if turn != self._turn:
            self._turn, self._turn_began = turn, now
        return turn is not None and now - self._turn_began > self._settings.parse_timeout_seconds + GRACE_SECONDS

    def _is_to_go_on(self, end: Ended) -> bool:
        job = self._slip.read()
        if end.may_be_the_page and job is not None:
            log.warning("a page ended the worker: it is tried alone", how=end.ending.name, by=end.by, page=job.page_key)
            self._suspects.append(job)
            return True
        if end.ending is not Ending.DONE:
            log.error("the worker failed", how=end.ending.name, by=end.by)
        return end.ending is Ending.DONE

    def _look_after_trial(self) -> None:
        if self._trial is None:
            if self._suspects:
                self._begin_trial(self._suspects.popleft())
            return
        trial = self._trial
        end = _ended(trial.process)
        if end is None and time.monotonic() > trial.ends:
            _kill(trial.process)
            end = Ended(Ending.HUNG)
        if end is not None:
            self._trial = None
            self._judge(trial.job, self._blamed(trial, end))

    def _begin_trial(self, job: ParsePage) -> None:
        self._slip_alone.clear()
        kills = memory.kernel_kills()
        process = _forked(
            lambda: work_alone(job, self._settings, redis_url=self._redis_url, slip=self._slip_alone, parse=self._parse)
        )
        self._trial = _Trial(job, process, time.monotonic() + self._settings.parse_timeout_seconds, kills)

    def _blamed(self, trial: _Trial, end: Ended) -> Ended:
        before, now = trial.kills_before, memory.kernel_kills()
        kills = None if before is None or now is None else now - before
        return blamed(end, was_parsing=self._slip_alone.turn is not None, kernel_kills=kills)

    def _judge(self, job: ParsePage, end: Ended) -> None:
        rejection = verdict(end, job, self._settings)
        outcome = rejection.reason if rejection else end.ending.name.lower()
        log.warning("a page was tried alone", page=job.page_key, outcome=outcome)
        if rejection is None:
            return
        result = RejectionResult(rejection=rejection.model_copy(update={"parsed_at": datetime.now(UTC)}))
        valkey = queues.connect(self._redis_url)
        try:
            hand_on(valkey, self._settings, job, result)
        except (redis.RedisError, WiredeskError) as error:
            # No traceback: an engine is down, and whoever runs it knows more.
            log.error("a rejection is lost: the page is parsed again later", error=str(error))  # noqa: TRY400
        finally:
            valkey.close()

    def _wind_up(self) -> None:
        """What is being tried alone is left to the scheduler; the worker ends with its page."""
        if self._trial is not None:
            _kill(self._trial.process)
        while self._worker is not None and self._ended_worker() is None:
            time.sleep(LOOK_SECONDS)


def _forked(work_there: Callable[[], int]) -> int:
    """The id of a new process that does ``work_there``, ends with the code that it returns, and never outlives us."""
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    # A signal that the new process gets before it has handlers of its own would be taken by ours, and lost.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        process = os.fork()
    except OSError:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        raise
    if process:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        return process
    code = 1
    try:
        for number in _STOPPING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        end_with(parent)
        code = work_there()
    except WiredeskError as error:
        log.error("the worker cannot go on", error=str(error))  # noqa: TRY400 - it says all in one line
    except BaseException:  # noqa: BLE001 - whatever it is, it must not run on into what the parent would do
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ended(process: int) -> Ended | None:
    found, status = os.waitpid(process, os.WNOHANG)
    return ended(status) if found else None


def _send(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # waited for a moment ago
        os.kill(process, number)


def _kill(process: int) -> None:
    _send(process, signal.SIGKILL)
    os.waitpid(process, 0)
