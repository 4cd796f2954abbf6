"""What this process takes of the machine's memory (proc(5), statm), and what the machine did for want of it."""

from __future__ import annotations

import resource
from pathlib import Path


def address_space() -> int | None:
    """Bytes of addresses that the process has, used or not; ``None`` on a system that does not tell."""
    return _pages(0)


def resident() -> int | None:
    """Bytes that really stand in memory; ``None`` on a system that does not tell."""
    return _pages(1)


def kernel_kills() -> int | None:
    """How many processes the kernel has ended since the machine's start because there was no memory left, in it or in
    a container; ``None`` on a system that does not tell (Linux does since 4.13, proc_vmstat(5)).
    """
    try:
        fields = Path("/proc/vmstat").read_text().split()
        return int(fields[fields.index("oom_kill") + 1])
    except (OSError, ValueError):
        return None


def _pages(field: int) -> int | None:
    try:
        return int(Path("/proc/self/statm").read_text().split()[field]) * resource.getpagesize()
    except OSError:
        return None
