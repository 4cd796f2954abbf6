"""The common form of everything that crosses a border."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer


class Record(BaseModel):
    """A frozen, validated value; unknown fields are refused so that a misspelt one is seen."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


def _to_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        msg = "a time without a zone"
        raise ValueError(msg)
    return value.astimezone(UTC)


def rfc3339(value: datetime) -> str:
    """``value`` as RFC 3339 in UTC with ``Z``, fractions only where there are any."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[datetime, AfterValidator(_to_utc), PlainSerializer(rfc3339, when_used="json")]
"""A point in time: any zone comes in, UTC is kept, RFC 3339 goes out."""
