"""When an article was published and modified: the witnesses' dates weighed. Pure.

The order is the order of belief: JSON-LD, then the publication dates of meta tags, then dates marked up in the page,
then the feed, then what a search of the page found. A later witness never overrules an earlier one's day; it may make
it more exact where both say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from services.parser import dates
from services.parser.dates import FUTURE_TOLERANCE, Moment, Precision
from services.parser.witness import FEED, MAX_CANDIDATES, Witness, provenance
from shared.records import FieldProvenance

DISAGREEMENT = timedelta(days=7)
"""Beyond this two statements of one publication date cannot both be right, whatever was updated when."""

_SAME = timedelta(seconds=90)
_LARGEST_OFFSET = timedelta(hours=14)
_ZONE_STEP = timedelta(minutes=15)


@dataclass(frozen=True)
class Dated:
    """A date for the record. ``at`` is UTC; with precision ``day`` it is the midnight that stands for the day."""

    at: datetime | None = None
    precision: Precision | None = None
    provenance: FieldProvenance | None = None
    suspect: bool = False


@dataclass(frozen=True)
class _Statement:
    witness: Witness
    moment: Moment


def choose(
    witnesses: tuple[Witness, ...],
    *,
    clocks: tuple[Witness, ...] = (),
    feed: Witness | None = None,
    latest: datetime | None = None,
) -> Dated:
    """The publication date among ``witnesses``, in their order, with the feed's statement to lean on.

    ``clocks`` are dates of the page that may belong to anything: they only show in which zone the site tells the time.

    ``latest``: when the page was fetched; what lies more than a day beyond it is no publication date, and is flagged.
    """
    everyone = witnesses if feed is None else (*witnesses, feed)
    statements = [_Statement(witness, moment) for witness in everyone if (moment := _read(witness, latest)) is not None]
    credible = [one for one in statements if not _is_future(one.moment, latest)]
    suspect = len(credible) < len(statements)
    if not credible:
        return Dated(provenance=provenance(None, everyone), suspect=suspect)
    first = credible[0]
    suspect = suspect or any(_disagree(first.moment, other.moment) for other in credible[1:] if other.witness != feed)
    shown = [_Statement(witness, moment) for witness in clocks if (moment := _read(witness, latest)) is not None]
    best, moment = _sharpened(first, credible[1:], shown)
    instant = moment.instant
    at = instant or datetime(moment.day.year, moment.day.month, moment.day.day, tzinfo=UTC)
    return Dated(
        at=at.astimezone(UTC),
        precision=moment.precision if instant is not None else "day",
        provenance=provenance(best, everyone, offset=moment.offset),
        suspect=suspect,
    )


def with_candidates(date: Dated, earlier: Dated) -> Dated:
    """``date``, with what an earlier choice had to refuse kept beside it."""
    if date.provenance is None or earlier.provenance is None:
        return replace(date, suspect=date.suspect or earlier.suspect)
    candidates = (*date.provenance.candidates, *earlier.provenance.candidates)[:MAX_CANDIDATES]
    return replace(
        date,
        provenance=date.provenance.model_copy(update={"candidates": candidates}),
        suspect=date.suspect or earlier.suspect,
    )


def modified(witnesses: tuple[Witness, ...], *, published: Dated, latest: datetime | None = None) -> Dated:
    """The last modification: only where somebody names an instant that is neither before publication nor ahead of now.

    The record has no precision for it, so that a mere day says too little; a clock time without a zone is taken to
    be in the zone that the publication date was given in, where both are the page's.
    """
    for witness in witnesses:
        moment = _read(witness, latest)
        if moment is None or _is_future(moment, latest):
            continue
        instant = moment.instant or _in_zone_of(moment, witness, published)
        if instant is None or (published.at is not None and instant < published.at):
            continue
        return Dated(
            at=instant.astimezone(UTC),
            precision=moment.precision,
            provenance=provenance(witness, witnesses, offset=moment.offset),
        )
    return Dated(provenance=provenance(None, witnesses))


def _read(witness: Witness, latest: datetime | None) -> Moment | None:
    return dates.parse(witness.iso or witness.value, latest=latest)


def _is_future(moment: Moment, latest: datetime | None) -> bool:
    if latest is None:
        return False
    if moment.instant is not None:
        return moment.instant > latest + FUTURE_TOLERANCE
    return moment.day > (latest.astimezone(UTC) + FUTURE_TOLERANCE).date()


def _disagree(one: Moment, other: Moment) -> bool:
    return abs(one.day - other.day) > DISAGREEMENT


def _sharpened(first: _Statement, others: list[_Statement], shown: list[_Statement]) -> tuple[Witness, Moment]:
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
        if abs(instant.replace(tzinfo=None) - said.clock) <= _SAME:
            return other.witness, other.moment
        zone = _zone_between(said.clock, instant)
        if zone is not None:
            return first.witness, Moment(said.raw, said.clock.replace(tzinfo=zone), said.precision)
    return first.witness, said


def _localised(first: _Statement, others: list[_Statement]) -> tuple[Witness, Moment]:
    """An instant that was given in UTC, as the site's own clock shows it where that can be seen: it is then known on
    which day its readers saw it. The instant stays what it is.
    """
    said = first.moment
    for other in others:
        clock = other.moment
        if clock.instant is not None:
            if clock.offset != "+00:00" and abs(clock.instant - said.clock) <= _SAME:
                return other.witness, clock
        elif clock.precision == "second" == said.precision:
            zone = _zone_between(clock.clock, said.clock)
            if zone is not None and zone != UTC:
                return first.witness, Moment(said.raw, said.clock.astimezone(zone), said.precision)
    return first.witness, said


def _zone_between(clock: datetime, instant: datetime) -> timezone | None:
    """The offset at which a clock shows ``clock`` at ``instant``, where there is a zone with such an offset."""
    difference = clock - instant.astimezone(UTC).replace(tzinfo=None)
    steps = round(difference / _ZONE_STEP)
    if abs(difference) > _LARGEST_OFFSET or abs(difference - steps * _ZONE_STEP) > _SAME:
        return None
    return timezone(steps * _ZONE_STEP)


def _in_zone_of(moment: Moment, witness: Witness, published: Dated) -> datetime | None:
    said = published.provenance
    if said is None or said.offset is None or moment.precision == "day":
        return None
    if FEED in {said.source, witness.source}:
        return None
    return moment.clock.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00:00{said.offset}").tzinfo)
