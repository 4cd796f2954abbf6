"""Wiredesk's processes, and what processes cost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def workers(environment: Mapping[str, str], *commands: tuple[str, ...]) -> Iterator[list[int]]:
    """``wiredesk worker`` with each of these ``commands``, as containers run it; gives their process ids."""
    processes = [
        subprocess.Popen([sys.executable, "-m", "wiredesk", "worker", *command], env=dict(environment))  # noqa: S603 - ourselves
        for command in commands
    ]
    try:
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def cpu_seconds(pids: dict[str, list[int]]) -> dict[str, float]:
    """CPU of each group of processes with their children, those that have ended included."""
    stats = {int(path.name): _stat(path) for path in Path("/proc").iterdir() if path.name.isdecimal()}
    return {
        name: sum(
            sum(map(int, fields[11:15])) / TICKS
            for pid, fields in stats.items()
            if fields and (pid in group or int(fields[1]) in group)
        )
        for name, group in pids.items()
    }


def _stat(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def rss_mib(pid: int) -> float:
    """Resident memory."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    if found is None:
        raise SystemExit(f"process {pid} has ended")
    return int(found[1]) / 1024
