"""Whether a site's 304 is believed. Pure.

Validators lie: a cache in front of a site answers 304 long after the feed has changed, and its news would be lost
without a trace (rss-fetcher turned conditional requests off for all feeds because of a few). So now and then a 304 is
followed by a request for the whole feed; where that shows something new, the feed's validators are not used for a
month.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from shared.records import Instant, rfc3339

SAMPLED_SHARE = 0.01
"""Of the 304s, how many are looked into; NewsBlur's share."""
MOST_UNCHANGED = 50
"""So many 304s in a row are looked into whatever chance says: a feed that is silent for that long may be stuck."""
DISTRUST = timedelta(days=30)
KEY = "validators"
"""Where it is kept in a feed's ``poll_state``."""


class Look(Enum):
    """How a poll came to its answer."""

    PLAIN = "plain"
    """No 304 was said."""
    TOLD = "told"
    """A 304, taken at its word."""
    CHECKED = "checked"
    """A 304, and after it the whole feed."""


class Trust(BaseModel):
    """What is remembered of a feed's 304s; an empty object is a feed that has said none."""

    # Not a Record: a worker of an older version must be able to read what a newer one wrote.
    model_config = ConfigDict(frozen=True, extra="ignore")

    unchanged: Annotated[int, Field(ge=0)] = 0
    """304s in a row since the feed was last seen in full."""
    distrusted_until: Instant | None = None
    """Kept when it is over, until a 304 has been found to be true."""

    @classmethod
    def of(cls, poll_state: dict[str, Any]) -> Trust:
        """What a feed's ``poll_state`` holds of it."""
        return cls.model_validate(poll_state.get(KEY) or {})

    def kept(self) -> dict[str, Any]:
        """What goes into ``poll_state``: nothing where there is nothing to remember."""
        told = self.model_dump(mode="json", exclude_defaults=True)
        return {KEY: told} if told else {}

    def may_ask(self, now: datetime) -> bool:
        """Whether the feed's validators are sent at all."""
        return self.distrusted_until is None or now >= self.distrusted_until

    def wants_proof(self, chance: float) -> bool:
        """Whether the 304 that has just come is to be looked into. ``chance``: in [0, 1)."""
        return self.distrusted_until is not None or self.unchanged + 1 >= MOST_UNCHANGED or chance < SAMPLED_SHARE

    def after(self, look: Look, *, new_entries: int, now: datetime) -> tuple[Trust, str | None]:
        """What is remembered after a poll that succeeded, and what is to be said about it.

        Only entries that nobody had seen disprove a 304: pages that are built for each request differ in a date or a
        counter, and would rightly be called unchanged.
        """
        if look is Look.TOLD:
            return self.model_copy(update={"unchanged": self.unchanged + 1}), None
        if look is Look.PLAIN:
            return self.model_copy(update={"unchanged": 0}), None
        if not new_entries:
            return Trust(), None
        until = now + DISTRUST
        note = (
            f"said to be unchanged (304), yet {new_entries} entries were new: its validators are not used until"
            f" {rfc3339(until)}"
        )
        return Trust(distrusted_until=until), note
