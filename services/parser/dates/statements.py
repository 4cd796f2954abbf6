"""What witnesses say of a date, understood; and one of them made more exact by the others. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from services.parser.dates import reading
from services.parser.dates.locale import NOWHERE, Locale
from services.parser.dates.moment import Moment
from services.parser.witness import Witness

SAME = timedelta(seconds=90)
# Hours east of Greenwich at which there are clocks (IANA tz database, since 1980).
_OFFSETS = frozenset(
    timedelta(hours=hours)
    for hours in (
        *range(-12, 15), -9.5, -4.5, -3.5, -2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.5, 8.75, 9.5, 10.5, 11.5, 12.75, 13.75,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """What a witness says, understood."""

    witness: Witness
    moment: Moment


def statements(
    witnesses: tuple[Witness, ...], *, latest: datetime | None, locale: Locale = NOWHERE
) -> tuple[Statement, ...]:
    """Those of ``witnesses`` that name a date; what could be two days is settled where another names one of them."""
    witnesses = tuple(one for one in witnesses if one.reason is None)
    moments = [reading.parse(one.iso or one.value, latest=latest, locale=locale) for one in witnesses]
    days = {moment.day for moment in moments if moment is not None}
    found: list[Statement] = []
    for one, moment in zip(witnesses, moments, strict=True):
        understood = moment
        if moment is None and one.iso is None and days:
            understood = next((two for two in reading.either(one.value, latest=latest) if two.day in days), None)
        if understood is not None:
            found.append(Statement(one, understood))
    return tuple(found)


def sharpened(first: Statement, others: list[Statement], shown: list[Statement]) -> tuple[Witness, Moment]:
    """The same date said more exactly by somebody else, if anybody does."""
    said = first.moment
    if said.instant is not None:
        return _localised(first, [*others, *shown]) if said.offset == "+00:00" else (first.witness, said)
    for other in others:
        instant = other.moment.instant
        if instant is None:
            continue
        if said.precision == "day":
            if other.moment.day == said.day:
                return other.witness, other.moment
            continue
        if abs(instant.replace(tzinfo=None) - said.clock) <= SAME:
            return other.witness, other.moment
        zone = zone_between(said.clock, instant)
        if zone is not None:
            return first.witness, Moment(said.raw, said.clock.replace(tzinfo=zone), said.precision)
    return first.witness, said


def _localised(first: Statement, others: list[Statement]) -> tuple[Witness, Moment]:
    """An instant that was given in UTC, as the site's own clock shows it where that can be seen: it is then known on
    which day its readers saw it. The instant stays what it is.
    """
    said = first.moment
    for other in others:
        clock = other.moment
        if clock.instant is not None:
            if clock.offset != "+00:00" and abs(clock.instant - said.clock) <= SAME:
                return other.witness, clock
        elif clock.precision != "day":
            zone = zone_between(clock.clock, said.clock)
            if zone is not None and zone != UTC:
                return first.witness, Moment(said.raw, said.clock.astimezone(zone), said.precision)
    return first.witness, said


def zone_between(clock: datetime, instant: datetime) -> timezone | None:
    """The offset at which a clock shows ``clock`` at ``instant``, where there is a zone with such an offset."""
    difference = clock.replace(tzinfo=None) - instant.astimezone(UTC).replace(tzinfo=None)
    nearest = min(_OFFSETS, key=lambda offset: abs(difference - offset))
    return timezone(nearest) if abs(difference - nearest) <= SAME else None
