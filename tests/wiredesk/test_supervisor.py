"""The supervisor's workers end with it, however it ends and at whatever moment."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared import queues

START_A_PARSER = """
import sys, threading, time
from wiredesk.supervisor import Program, Supervisor
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
supervisor = Supervisor([Program("parser", ("worker", "parser"))], {})
supervisor.start()
print(*supervisor.pids.values(), flush=True)
time.sleep(60)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no parent's death is told on this system")


def is_gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until_gone(pid: int, *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not is_gone(pid):
        assert time.monotonic() < until, f"process {pid} lives on"
        time.sleep(0.02)


@pytest.mark.parametrize("when", ["at once", "at work"])
def test_a_worker_ends_with_a_killed_supervisor(redis_url: str, tmp_path: Path, when: str) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", START_A_PARSER],
        env={**os.environ, "WIREDESK_REDIS_URL": redis_url, "WIREDESK_DATA": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert supervisor.stdout is not None
        worker = int(supervisor.stdout.readline())
        with queues.connect(redis_url) as valkey:
            while when == "at work" and not queues.workers(valkey):
                assert not is_gone(worker)
                time.sleep(0.05)
    finally:
        supervisor.kill()
        supervisor.communicate()
    wait_until_gone(worker, seconds=10)


def test_a_worker_whose_supervisor_is_gone_before_it_begins_does_not_begin() -> None:
    """The supervisor may die between the fork and the worker's word to the kernel, which then tells it nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "wiredesk", "--help"],
        env={**os.environ, "WIREDESK_SUPERVISOR_PID": "1"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "wiredesk: the supervisor (process 1) is gone\n"
