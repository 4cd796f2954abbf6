"""What this process takes of the machine's memory (proc(5), statm)."""

from __future__ import annotations

import resource
from pathlib import Path


def address_space() -> int | None:
    """Bytes of addresses that the process has, used or not; ``None`` on a system that does not tell."""
    return _pages(0)


def resident() -> int | None:
    """Bytes that really stand in memory; ``None`` on a system that does not tell."""
    return _pages(1)


def _pages(field: int) -> int | None:
    try:
        return int(Path("/proc/self/statm").read_text().split()[field]) * resource.getpagesize()
    except OSError:
        return None
