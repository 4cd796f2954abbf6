"""What passes between whoever asks sites and the gates before them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

# The longest that a request keeps its place unless it says for how long: a fetcher that was killed gives none back.
PLACE_SECONDS = 65.0


@dataclass(frozen=True)
class Reservation:
    """How many of the asked-for requests may be issued now, and in how many seconds to ask for the next."""

    granted: int
    wait_seconds: float


@dataclass(frozen=True)
class Token:
    """A place at a site that ``holder`` has for ``seconds`` more, unless it gives it back."""

    site: str
    holder: str
    seconds: float


@dataclass(frozen=True)
class Turn:
    """Who wants to send a request, and where: the job ``holder``, to ``site`` and, where there is a rule for it, to
    ``host``. Without a holder the request is paced, but takes no place.

    ``again``: the site was asked for the same page or feed before, for its robots.txt or by a redirect, and
    ``again_at_host``: so was the host; ``delay``: the
    seconds that its robots.txt wants between two pages, ``None`` where that is not known; ``place``: how long the
    request may take.
    """

    site: str
    host: str | None = None
    holder: str = ""
    again: bool = False
    again_at_host: bool = False
    delay_seconds: float | None = None
    place_seconds: float = PLACE_SECONDS


class Heard(StrEnum):
    """What a request brought, as far as it says anything about the whole site."""

    DATA = "data"
    """What was asked for: the only thing that makes us ask more often again."""
    ANSWER = "answer"
    """Some other answer; the site lives."""
    BUSY = "busy"
    """The site says that it is too much."""
    FORBIDDEN = "forbidden"
    """The page is refused; many in a row mean that it is too much."""
    DEAD = "dead"
    """No answer."""


@dataclass(frozen=True)
class Report:
    """What one request brought. ``reason``: the fixed code of the answer or error; ``page``: the address asked;
    ``seconds``: how long it took.

    For what may be too much: ``rest_seconds``, the first rest in a row of them, and ``asked_seconds``, the site's own
    wish.
    """

    heard: Heard
    reason: str
    page: str
    seconds: float
    rest_seconds: float = 0.0
    asked_seconds: float = 0.0


@dataclass(frozen=True)
class Consequence:
    """What follows from a report: the site is left alone for ``held_seconds`` from now, 0: no longer than it was
    already. ``outage``: sites that answered a while ago give no answer all at once, so that it is hardly this one's
    fault.
    """

    held_seconds: float = 0.0
    outage: bool = False


@dataclass(frozen=True)
class SiteState:
    """How a site stands, for a person. ``interval_seconds``: between two pages, as it is now; ``held_for``: the code of
    the answer or error that has it left alone for ``held_seconds`` more; ``breaker``: ``half-open`` lets one request
    through.
    """

    site: str
    interval_seconds: float
    crawl_delay_seconds: float | None
    latency_seconds: float | None
    places: int
    places_taken: int
    held_seconds: float
    held_for: str | None
    failures: int
    breaker: Literal["closed", "open", "half-open"]
