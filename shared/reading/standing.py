"""How the site that a feed or page waits for stands, for a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import redis

from shared.errors import ConfigurationError
from shared.politeness import Politeness
from shared.settings import Settings
from shared.urls import site_of

_TOLD = (
    "site",
    "interval_seconds",
    "places_taken",
    "places",
    "held_seconds",
    "held_for",
    "latency_seconds",
    "breaker",
)


def standing_of(valkey: redis.Redis, settings: Settings, url: str) -> dict[str, Any] | None:
    """How the site of ``url`` stands now; ``None`` where Valkey does not answer, or the sites file cannot be used."""
    try:
        state = asdict(Politeness.of(valkey, settings).state(site_of(url)))
    except (redis.RedisError, ConfigurationError):
        return None
    return {name: round(state[name], 3) if isinstance(state[name], float) else state[name] for name in _TOLD}


def told(standing: dict[str, Any]) -> str:
    """``standing`` in a line."""
    taken, places, pause = standing["places_taken"], standing["places"], standing["interval_seconds"]
    line = f"site {standing['site']}: {taken} of {places} place{'s' * (places != 1)} taken, "
    line += f"one page every {pause:.3g} s" if pause else "no interval"
    if standing["held_seconds"]:
        line += f", held {standing['held_seconds']:.0f} s more for {standing['held_for']}"
    elif standing["breaker"] != "closed":
        line += ", asked one thing at a time until it answers"
    return line
