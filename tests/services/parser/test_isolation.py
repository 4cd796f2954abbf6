"""A page that hangs, crashes or takes all memory costs its own attempts and nobody else's: with real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis

from services.parser.attempts import HUNG_CODE, MEMORY_CODE, Ended, Ending, blamed, ended, verdict
from services.parser.service import _forked
from services.parser.slip import Slip
from services.parser.stored import parse_stored
from services.parser.upkeep import Upkeep, clear_caches
from services.parser.worker import _context, worker_name
from shared import queues
from shared.jobs import IndexResult, JobState, ParsePage, ParseResult, QueueName, RejectionResult
from shared.pagestore import PageMetadata, PageStore, StoredPage, encode
from shared.records import RejectionReason
from shared.settings import Settings
from tests.services.parser.misbehaving import GOOD

ROOT = Path(__file__).parents[3]
URL = "https://bote.example/lokales/4711-bruecke/"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENCE_SECONDS = 60
SCRIPT = """
import sys
from services.parser.service import run
from shared.settings import Settings
from tests.services.parser.misbehaving import parse
settings = Settings.model_validate_json(sys.argv[1])
sys.exit(run(settings, redis_url=settings.redis_url, parse=parse))
"""

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux does the service fork")


def key(number: int) -> str:
    return f"{number}/page.warc.gz"


def put(settings: Settings, valkey: redis.Redis, bodies: Sequence[bytes]) -> None:
    """Store pages, numbered from 1, and have them parsed in this order."""
    store = PageStore(settings.page_store_location)
    metadata = PageMetadata(entry_id=1, url=URL, final_url=URL, fetched_at=NOW, discovered_at=NOW)
    for number, body in enumerate(bodies, 1):
        store.put(key(number), StoredPage(200, body, metadata, (("Content-Type", "text/html"),)))
    enqueue(settings, valkey, len(bodies))


def enqueue(settings: Settings, valkey: redis.Redis, count: int) -> None:
    jobs = [ParsePage(entry_id=n, lease=1, site="bote.example", page_key=key(n)) for n in range(1, count + 1)]
    queues.enqueue(valkey, jobs, settings, timeout=settings.parse_timeout_seconds)


def results(valkey: redis.Redis, count: int) -> dict[int, ParseResult]:
    """What the indexer is given, by the page's number, once there are ``count`` of them."""
    found: dict[int, ParseResult] = {}
    until = time.monotonic() + PATIENCE_SECONDS
    while len(found) < count:
        assert time.monotonic() < until, f"no result but for {sorted(found)}"
        job_id = valkey.lpop(f"rq:queue:{QueueName.INDEX.value}")
        if job_id is None:
            time.sleep(0.05)
            continue
        assert isinstance(job_id, bytes)
        data = valkey.hget(f"rq:job:{job_id.decode()}", "data")
        assert isinstance(data, bytes)
        index = IndexResult.model_validate(json.loads(zlib.decompress(data))[2][0])
        found[index.entry_id] = index.result
    return found


def said(result: ParseResult) -> str:
    return str(result.rejection.reason) if isinstance(result, RejectionResult) else result.kind


@contextmanager
def service(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The parser's service, in a process group of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, settings.model_dump_json()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def short(settings: Settings) -> Settings:
    """A page may take two seconds and 256 MiB."""
    return settings.model_copy(update={"parse_timeout_seconds": 2, "parser_memory_mib": 256})


@linux
def test_pages_that_hang_crash_or_grow_are_rejected_and_their_neighbours_parsed(short, valkey):
    put(short, valkey, [GOOD, b"HANG", GOOD, b"CRASH", GOOD, b"GROW", GOOD])

    with service(short) as process:
        found = results(valkey, 7)
        assert process.poll() is None

    assert {number: said(result) for number, result in found.items()} == {
        1: "article",
        2: "parser_timeout",
        3: "article",
        4: "parser_error",
        5: "article",
        6: "parser_memory",
        7: "article",
    }
    details = {n: result.rejection.detail for n, result in found.items() if isinstance(result, RejectionResult)}
    assert details == {
        2: "the page took more than 2 s, and again when it was parsed alone",
        4: "the page crashed the parser (SIGSEGV), and again when it was parsed alone",
        6: "the page took more than 256 MiB of memory, and again when it was parsed alone",
    }
    hung = found[2]
    assert isinstance(hung, RejectionResult)
    assert hung.rejection.page.key == key(2)
    assert hung.rejection.parsed_at is not None


@linux
def test_a_page_that_only_broke_down_in_company_is_parsed_alone(short, valkey, tmp_path):
    put(short, valkey, [f"CRASH-ONCE {tmp_path / 'seen'}".encode(), GOOD])

    with service(short):
        found = results(valkey, 2)

    assert {number: said(result) for number, result in found.items()} == {1: "article", 2: "article"}
    assert (tmp_path / "seen").exists()


@linux
def test_neighbours_do_not_wait_for_the_page_that_is_tried_alone(settings, valkey):
    patient = settings.model_copy(update={"parse_timeout_seconds": 6})
    put(patient, valkey, [b"HANG", *[GOOD] * 5])

    with service(patient):
        neighbours = results(valkey, 5)
        assert set(neighbours) == {2, 3, 4, 5, 6}
        assert {said(result) for result in neighbours.values()} == {"article"}
        assert said(results(valkey, 1)[1]) == "parser_timeout"


@linux
def test_a_page_that_keeps_the_watchdog_from_running_is_ended_from_outside(short, valkey):
    put(short, valkey, [b"STUCK", GOOD])

    with service(short):
        found = results(valkey, 2)

    assert {number: said(result) for number, result in found.items()} == {1: "parser_timeout", 2: "article"}


@linux
def test_asked_to_end_while_a_page_keeps_the_worker_from_hearing_it_the_service_ends_all_the_same(
    short, valkey, tmp_path
):
    put(short, valkey, [f"STUCK {tmp_path / 'begun'}".encode()])

    with service(short) as process:
        wait_for((tmp_path / "begun").exists)
        process.terminate()
        assert process.wait(10) == 0


@linux
def test_no_page_is_blamed_for_a_valkey_that_falls_silent(settings, valkey, tmp_path):
    brief = settings.model_copy(update={"parse_timeout_seconds": 4})
    put(brief, valkey, [f"SLEEP 2 {tmp_path / 'begun'}".encode()])

    with service(brief) as process:
        wait_for((tmp_path / "begun").exists)
        valkey.client_pause(8000)
        assert process.wait(20) == 1

    assert valkey.llen(f"rq:queue:{QueueName.INDEX.value}") == 0


@linux
def test_a_page_whose_lone_attempt_somebody_killed_is_not_rejected(settings, valkey, tmp_path):
    put(settings, valkey, [f"SLEEP 600 {tmp_path / 'begun'}".encode(), GOOD])

    with service(settings) as process:
        wait_for((tmp_path / "begun").exists)
        (worker,) = children(process.pid)
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: children(process.pid) not in ([], [worker]))
        # Of the two that follow, the lone attempt is the first.
        os.kill(min(set(children(process.pid)) - {worker}), signal.SIGKILL)
        assert said(results(valkey, 1)[2]) == "article"
        time.sleep(0.5)
        assert valkey.llen(f"rq:queue:{QueueName.INDEX.value}") == 0
        assert process.poll() is None


@linux
def test_a_signal_right_after_its_birth_ends_a_process():
    held = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        for _ in range(20):
            process = _forked(lambda: time.sleep(5) or 0)
            os.kill(process, signal.SIGTERM)
            assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGTERM
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)


@pytest.mark.parametrize(("given", "found"), [(None, "1"), ("7", "7")])
def test_the_store_has_one_thread_whatever_the_machine_has_unless_somebody_wants_more(
    settings, redis_url, monkeypatch, given, found
):
    monkeypatch.setenv("TOKIO_WORKER_THREADS", given or "")
    if given is None:
        monkeypatch.delenv("TOKIO_WORKER_THREADS")

    _context(settings, redis_url, parse_stored)

    assert os.environ["TOKIO_WORKER_THREADS"] == found


def test_no_worker_has_the_name_of_one_before():
    assert len({worker_name() for _ in range(10)}) == 10


@linux
def test_a_worker_that_has_done_its_share_makes_room_for_a_fresh_one(settings, valkey):
    put(settings, valkey, [GOOD] * 4)
    seen = set()

    with service(settings.model_copy(update={"parser_max_jobs": 1})) as process:
        for _ in range(4):
            results(valkey, 1)
            seen.update(children(process.pid))
        assert process.poll() is None

    assert len(seen) > 1


@linux
def test_a_worker_that_has_grown_makes_room_too_and_loses_nothing(settings, valkey):
    put(settings, valkey, [b"HOARD", GOOD])

    with service(settings.model_copy(update={"parser_memory_mib": 600})) as process:
        wait_for(lambda: children(process.pid))
        (grown,) = children(process.pid)
        found = results(valkey, 2)
        wait_for(lambda: children(process.pid) not in ([], [grown]))

    assert {number: said(result) for number, result in found.items()} == {1: "article", 2: "article"}
    assert queues.job_fates(valkey, [(QueueName.PARSE, "parse-1-1")])[0].state is JobState.DONE


@linux
def test_asked_to_end_the_service_ends_with_its_worker(settings, valkey):
    put(settings, valkey, [GOOD])

    with service(settings) as process:
        results(valkey, 1)
        (worker,) = children(process.pid)
        process.terminate()
        assert process.wait(10) == 0
        assert not Path(f"/proc/{worker}").exists()


@linux
def test_a_service_that_is_killed_takes_its_worker_along(settings, valkey):
    put(settings, valkey, [GOOD])

    with service(settings) as process:
        results(valkey, 1)
        (worker,) = children(process.pid)
        process.kill()
        process.wait()
        wait_for(lambda: not Path(f"/proc/{worker}").exists())


@linux
def test_a_page_of_two_gigabytes_is_refused_without_being_unpacked(short, valkey):
    store = Path(short.page_store_location)
    page = store / key(1)
    page.parent.mkdir(parents=True)
    page.write_bytes(two_gigabytes())
    assert page.stat().st_size < 4_000_000
    enqueue(short, valkey, 1)

    with service(short):
        result = results(valkey, 1)[1]

    assert isinstance(result, RejectionResult)
    assert result.rejection.reason is RejectionReason.TOO_LARGE
    assert result.rejection.detail == "the page has 2,147,483,648 bytes, more than 26,214,400"


def two_gigabytes() -> bytes:
    """A page file that unpacks to 2 GiB of blanks: one compressed block over and over."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    start = compressor.compress(
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
        b"Content-Length: 2147483648\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"
    ) + compressor.flush(zlib.Z_FULL_FLUSH)
    block = compressor.compress(b" " * 2**20) + compressor.flush(zlib.Z_FULL_FLUSH)
    return start + block * 2048 + compressor.flush()


def test_what_a_store_keeps_of_an_ordinary_page_is_never_taken_for_too_large(page):
    metadata = PageMetadata(entry_id=1, url=URL, final_url=URL, fetched_at=NOW, discovered_at=NOW)
    from services.parser.jobs import _declared

    body = page()
    assert len(body) < _declared(encode(StoredPage(200, body, metadata))) < len(body) + 2000
    assert _declared(b"no archive at all") == 0


@pytest.mark.parametrize(
    ("status", "ending", "blamed"),
    [
        (0, Ending.DONE, None),
        (1 << 8, Ending.FAULT, None),
        (HUNG_CODE << 8, Ending.HUNG, "parser_timeout"),
        (MEMORY_CODE << 8, Ending.MEMORY, "parser_memory"),
        (signal.SIGKILL, Ending.MEMORY, "parser_memory"),
        (signal.SIGSEGV, Ending.CRASHED, "parser_error"),
        (signal.SIGABRT, Ending.CRASHED, "parser_error"),
        (signal.SIGTERM, Ending.FAULT, None),
    ],
)
def test_how_a_process_ended_says_whether_it_was_the_page(status, ending, blamed):
    job = ParsePage(entry_id=1, lease=1, site="bote.example", page_key=key(1))

    end = ended(status)
    rejection = verdict(end, job, Settings())

    assert end.ending is ending
    assert (rejection and rejection.reason) == blamed
    assert end.may_be_the_page is (blamed is not None)


@pytest.mark.parametrize(
    ("end", "was_parsing", "kernel_kills", "found"),
    [
        (Ended(Ending.HUNG), True, 0, Ending.HUNG),
        (Ended(Ending.HUNG), False, 0, Ending.FAULT),
        (Ended(Ending.CRASHED, "SIGSEGV"), True, 0, Ending.CRASHED),
        (Ended(Ending.MEMORY), True, 0, Ending.MEMORY),
        (Ended(Ending.MEMORY, "SIGKILL"), True, 1, Ending.MEMORY),
        (Ended(Ending.MEMORY, "SIGKILL"), True, 0, Ending.FAULT),
        (Ended(Ending.MEMORY, "SIGKILL"), True, None, Ending.MEMORY),
        (Ended(Ending.DONE), False, 0, Ending.DONE),
    ],
)
def test_a_page_is_blamed_only_for_what_happened_while_it_was_parsed_and_for_no_kill_of_anybody_else(
    end, was_parsing, kernel_kills, found
):
    assert blamed(end, was_parsing=was_parsing, kernel_kills=kernel_kills).ending is found


def test_each_note_on_the_slip_has_another_number():
    slip, job = Slip(), ParsePage(entry_id=1, lease=1, site="bote.example", page_key=key(1))
    assert slip.turn is None
    slip.write(job)
    first = slip.turn
    slip.clear()
    assert slip.turn is None
    slip.write(job)
    assert None not in (first, slip.turn)
    assert slip.turn != first


def test_the_slip_holds_one_job_at_a_time():
    slip = Slip()
    first = ParsePage(entry_id=1, lease=1, site="bote.example", title="Brücke \ud800", page_key=key(1))
    assert slip.read() is None

    slip.write(first)
    assert slip.read() == first
    slip.write(first.model_copy(update={"title": "x" * 100_000}))
    assert slip.read() == first.model_copy(update={"title": None})
    slip.clear()
    assert slip.read() is None


def test_a_process_that_has_grown_shall_end_and_one_that_has_not_shall_go_on():
    grown, lean = Upkeep(-1), Upkeep(10**12)

    assert any(grown.after_page() for _ in range(50))
    assert not any(lean.after_page() for _ in range(1_000))


def test_what_trafilatura_remembers_of_pages_is_forgotten():
    from trafilatura.utils import line_processing, trim

    trim("some words of an earlier page")
    line_processing("some words of an earlier page")
    clear_caches()

    assert trim.cache_info().currsize == line_processing.cache_info().currsize == 0
