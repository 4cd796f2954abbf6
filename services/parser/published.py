"""When an article was published and modified: the witnesses' dates weighed. Pure.

The order is the order of belief. A later witness never overrules an earlier one's day; it may make it more exact where
both say the same. The one exception is :func:`reissued`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from services.parser.dates import NOWHERE, Locale, Moment, Precision
from services.parser.dates.statements import SAME, Statement, sharpened, statements, zone_between
from services.parser.witness import FEED, MAX_CANDIDATES, Witness, provenance, refused
from shared.records import FieldProvenance

DISAGREEMENT = timedelta(days=7)
"""Beyond this two statements of one publication date cannot both be right, whatever was updated when."""
FEED_DISAGREEMENT = timedelta(hours=36)
"""The same for the feed's: it and the page are made by one publisher, of one database."""

IN_FUTURE = "lies in the future"
APART = "the page's own dates are weeks apart"
FEED_APART = "page and feed are more than a day apart"
BEFORE_PUBLICATION = "modified before it was published"


@dataclass(frozen=True)
class Dated:
    """A date for the record. ``at`` is UTC; with precision ``day`` it is the midnight that stands for the day.

    ``doubts``: what speaks against it, in words.
    """

    at: datetime | None = None
    precision: Precision | None = None
    provenance: FieldProvenance | None = None
    doubts: tuple[str, ...] = ()

    @property
    def suspect(self) -> bool:
        """Whether anything speaks against it."""
        return bool(self.doubts)


def choose(
    witnesses: tuple[Witness, ...],
    *,
    clocks: tuple[Witness, ...] = (),
    beside: tuple[Witness, ...] = (),
    feed: Witness | None = None,
    modified: tuple[Witness, ...] = (),
    latest: datetime | None = None,
    locale: Locale = NOWHERE,
) -> Dated:
    """The publication date among ``witnesses``, in their order, with the feed's statement to lean on.

    ``clocks`` are dates of the page that may belong to anything, ``beside`` those beside its headline: they only show
    in which zone the site tells the time. ``modified``: a feed that tells of the last change does not contradict.

    ``latest``: when the page was fetched; what lies more than a day beyond it is no publication date, and is a doubt.
    """
    everyone = witnesses if feed is None else (*witnesses, feed)
    said = statements(everyone, latest=latest, locale=locale)
    credible = [one for one in said if not one.moment.is_after(latest)]
    ahead = frozenset(one.witness for one in said if one.moment.is_after(latest))
    everyone = tuple(refused(one, IN_FUTURE) if one in ahead else one for one in everyone)
    doubts = [IN_FUTURE] if ahead else []
    if not credible:
        return Dated(provenance=provenance(None, everyone), doubts=tuple(doubts))
    first = credible[0]
    if any(_apart(first.moment, other.moment, DISAGREEMENT) for other in credible[1:] if other.witness != feed):
        doubts.append(APART)
    if first.witness != feed and credible[-1].witness == feed:
        excuses = [first, *statements(modified, latest=latest, locale=locale)]
        if all(_apart(one.moment, credible[-1].moment, FEED_DISAGREEMENT) for one in excuses):
            doubts.append(FEED_APART)
    exact = [one for one in statements(clocks, latest=latest, locale=locale) if one.moment.precision == "second"]
    shown = [*statements(beside, latest=latest, locale=locale), *exact]
    best, moment = sharpened(first, credible[1:], shown)
    instant = moment.instant
    at = instant or datetime(moment.day.year, moment.day.month, moment.day.day, tzinfo=UTC)
    return Dated(
        at=at.astimezone(UTC),
        precision=moment.precision if instant is not None else "day",
        provenance=_provenance(best, everyone, moment),
        doubts=tuple(doubts),
    )


def with_candidates(date: Dated, earlier: Dated) -> Dated:
    """``date``, with what an earlier choice had to refuse kept beside it."""
    doubts = tuple(dict.fromkeys((*earlier.doubts, *date.doubts)))
    if date.provenance is None or earlier.provenance is None:
        return replace(date, doubts=doubts)
    candidates = (*date.provenance.candidates, *earlier.provenance.candidates)[:MAX_CANDIDATES]
    return replace(date, provenance=date.provenance.model_copy(update={"candidates": candidates}), doubts=doubts)


def reissued(
    first: Moment, shown: Statement, changes: tuple[Statement, ...], *, upheld: tuple[date, ...]
) -> Witness | None:
    """The date that the page prints beside its headline, where it was published anew; ``None`` where it was not.

    A page whose tags name an older day, and that shows the day of its last change beside the headline without calling
    it one, was published again under that date: shops' guides, running stories. ``upheld``: the days that address and
    feed name; where one of them is the older day, it stays.
    """
    if shown.moment.day <= first.day or any(abs((day - first.day).days) <= 1 for day in upheld):
        return None
    for change in changes:
        instant = change.moment.instant
        if instant is None or instant <= (first.instant or instant - timedelta(1)):
            continue
        zone = zone_between(shown.moment.clock, instant) if shown.moment.precision != "day" else None
        if shown.moment.instant is not None and abs(shown.moment.instant - instant) <= SAME:
            return shown.witness
        if zone is not None:
            return replace(shown.witness, iso=instant.astimezone(zone).isoformat())
        if shown.moment.day == change.moment.day:
            return replace(shown.witness, iso=shown.moment.day.isoformat())
    return None


def modified(witnesses: tuple[Witness, ...], *, published: Dated, latest: datetime | None = None) -> Dated:
    """The last modification: only where somebody names an instant that is neither before publication nor ahead of now.

    The record has no precision for it, so that a mere day says too little; a clock time without a zone is taken to
    be in the zone that the publication date was given in, where both are the page's.
    """
    doubts: list[str] = []
    for one in statements(witnesses, latest=latest):
        if one.moment.is_after(latest):
            continue
        instant = one.moment.instant or _in_zone_of(one.moment, one.witness, published)
        if instant is None:
            continue
        if published.at is not None and instant < published.at:
            if published.at - instant > timedelta(days=1) and one.witness.source != FEED:
                doubts.append(BEFORE_PUBLICATION)
            continue
        return Dated(
            at=instant.astimezone(UTC),
            precision=one.moment.precision,
            provenance=_provenance(one.witness, witnesses, one.moment),
        )
    return Dated(provenance=provenance(None, witnesses), doubts=tuple(dict.fromkeys(doubts)))


def _provenance(winner: Witness, witnesses: tuple[Witness, ...], moment: Moment) -> FieldProvenance | None:
    told = provenance(winner, witnesses, offset=moment.offset)
    precision = moment.precision if moment.instant is not None else "day"
    return told.model_copy(update={"precision": precision}) if told is not None else None


def _apart(one: Moment, other: Moment, limit: timedelta) -> bool:
    if one.instant is not None and other.instant is not None:
        return abs(one.instant - other.instant) > limit
    return abs(one.day - other.day) > limit


def _in_zone_of(moment: Moment, witness: Witness, published: Dated) -> datetime | None:
    said = published.provenance
    if said is None or said.offset is None or moment.precision == "day":
        return None
    if FEED in {said.source, witness.source}:
        return None
    return moment.clock.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00:00{said.offset}").tzinfo)
