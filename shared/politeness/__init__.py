"""The budgets of sites: who may ask one now, and what its answers change about that."""

from shared.politeness.budgets import (
    EPOCH_KEY,
    FAILURES_TO_OPEN,
    FIRST_OPEN_SECONDS,
    FORBIDDEN_PAGES,
    LONGEST_HOLD_SECONDS,
    LONGEST_HOP_SECONDS,
    LONGEST_OPEN_SECONDS,
    LONGEST_SPACING_SECONDS,
    LONGEST_WAIT_SECONDS,
    NO_PLACE_SECONDS,
    OUTAGE_SECONDS,
    OUTAGE_SITES,
    PATIENCE_SECONDS,
    Politeness,
)
from shared.politeness.records import Consequence, Heard, Report, Reservation, SiteState, Token, Turn

__all__ = [
    "EPOCH_KEY",
    "FAILURES_TO_OPEN",
    "FIRST_OPEN_SECONDS",
    "FORBIDDEN_PAGES",
    "LONGEST_HOLD_SECONDS",
    "LONGEST_HOP_SECONDS",
    "LONGEST_OPEN_SECONDS",
    "LONGEST_SPACING_SECONDS",
    "LONGEST_WAIT_SECONDS",
    "NO_PLACE_SECONDS",
    "OUTAGE_SECONDS",
    "OUTAGE_SITES",
    "PATIENCE_SECONDS",
    "Consequence",
    "Heard",
    "Politeness",
    "Report",
    "Reservation",
    "SiteState",
    "Token",
    "Turn",
]
