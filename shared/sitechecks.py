"""What the keys of a table of the sites file may say about how a site is asked. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Literal

RobotsMode = Literal["honour", "record", "off"]
ROBOTS_MODES = ("honour", "record", "off")
LONGEST_INTERVAL_SECONDS = 3600.0
_HEADER = re.compile(r"[\x20-\x7e]+")


def _interval(value: object) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if number and 0 <= float(value) <= LONGEST_INTERVAL_SECONDS:  # type: ignore[arg-type] # a number, as just found
        return None
    return f"must be a number of seconds from 0 to {LONGEST_INTERVAL_SECONDS:g}"


def _concurrency(value: object) -> str | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return None if fits else "must be a whole number from 1"


def _user_agent(value: object) -> str | None:
    fits = isinstance(value, str) and _HEADER.fullmatch(value) is not None
    return None if fits else "must be a line of ASCII, as it goes into a header"


def _robots(value: object) -> str | None:
    return None if value in ROBOTS_MODES else f"must be one of {', '.join(ROBOTS_MODES)}"


CHECKS: dict[str, Callable[[object], str | None]] = {
    "interval_seconds": _interval,
    "concurrency": _concurrency,
    "user_agent": _user_agent,
    "robots": _robots,
}
"""What each key of a site's table may say: the objection, or ``None`` where there is none."""
