"""The fetcher as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import redis


def test_a_fetcher_that_has_grown_too_large_ends_to_be_started_anew(
    database_url: str, valkey: redis.Redis, redis_url: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wiredesk", "worker", "fetcher", "--concurrency", "2"],
        env={
            **os.environ,
            "WIREDESK_DATA": str(tmp_path),
            "WIREDESK_DATABASE_URL": database_url,
            "WIREDESK_REDIS_URL": redis_url,
            # Less than the libraries take.
            "WIREDESK_FETCHER_MEMORY_MIB": "64",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "grown too large" in done.stderr) == (0, True), done.stderr
    assert valkey.smembers("rq:workers") == set()
