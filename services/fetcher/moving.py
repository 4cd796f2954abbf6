"""What a poll's answer means for where its feed is: evidence kept, a feed moved, two feeds made one.

Looked at before anything is locked, since most polls change nothing; where something is to be done, the rows are locked
in the ledger's order, and looked at once more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from services.fetcher import moves
from services.fetcher.answer import NotModified, PollResult, Read, Unreadable
from services.fetcher.moves import Redirect, Twin
from services.fetcher.parts import is_index
from services.fetcher.seen import seen_entries
from shared.database import Connection
from shared.ledger import addresses, alerts, kinship
from shared.ledger import moves as ledger
from shared.ledger.alerts import AlertKind
from shared.ledger.polls import FeedForPoll, PollRecord
from shared.records import rfc3339
from shared.urls import canonical_url, same_site, site_of

NOT_MODIFIED = HTTPStatus.NOT_MODIFIED


@dataclass(frozen=True)
class Stay:
    """Nothing is to be done. ``note``: why a redirect is not followed; ``alert``: whether someone should look at it."""

    note: str | None = None
    alert: bool = False


@dataclass(frozen=True)
class Promote:
    """The feed's address is ``url`` now; ``absorbs``: a row that has it, and is not polled."""

    url: str
    note: str
    absorbs: int | None = None


@dataclass(frozen=True)
class Merge:
    """The feed ``loser`` is the feed ``survivor``, one of them the one that was polled."""

    loser: int
    survivor: int
    note: str


@dataclass(frozen=True)
class Outlook:
    """What is known after a poll, and what follows from it."""

    redirect: Redirect | None = None
    twin: Twin | None = None
    step: Stay | Promote | Merge = field(default_factory=Stay)

    @property
    def touches(self) -> set[int]:
        """The rows beside the feed's own that change."""
        if isinstance(self.step, Merge):
            return {self.step.loser, self.step.survivor}
        return {self.step.absorbs} if isinstance(self.step, Promote) and self.step.absorbs is not None else set()

    def noted(self, record: PollRecord) -> PollRecord:
        """The poll's record with what is to be said of it."""
        notes = [note for note in (record.detail, self.step.note) if note]
        return replace(record, detail="; ".join(notes) or None)


def foresee(connection: Connection, feed: FeedForPoll, result: PollResult) -> Outlook:
    """What ``result`` says of the feed's address, before its entries are taken in.

    Where something follows from it, addresses and the rows concerned are locked until the end of the transaction.
    """
    if isinstance(result, Unreadable) and result.alternates and feed.may_move:
        # It will be pointed at another address.
        addresses.lock(connection)
    outlook = _look(connection, feed, result)
    if isinstance(outlook.step, Stay):
        return outlook
    locked = {feed.id, *outlook.touches}
    addresses.lock_all(connection, locked)
    again = _look(connection, feed, result)
    # Where the rows have changed in between, the next poll sees to it.
    return again if again.touches <= locked else replace(again, step=Stay())


def carry_out(connection: Connection, feed: FeedForPoll, outlook: Outlook) -> None:
    """Do what was foreseen, in the same transaction, after the poll's own record."""
    redirect, twin = _kept(outlook.redirect), _kept(outlook.twin)
    if feed.twin and ledger.SEPARATE in feed.twin:
        twin = {**(twin or {}), ledger.SEPARATE: feed.twin[ledger.SEPARATE]}
    if (redirect, twin) != (feed.redirect, feed.twin):
        ledger.remember(connection, feed.id, redirect=redirect, twin=twin)
    step = outlook.step
    if isinstance(step, Stay) and step.alert:
        alerts.open_alert(connection, feed.id, AlertKind.FEED_MOVED, step.note)
    elif feed.redirect is not None and not (outlook.redirect is not None and outlook.redirect.is_strange):
        alerts.close_alerts(connection, feed.id, [AlertKind.FEED_MOVED])
    if isinstance(step, Merge):
        ledger.merge(connection, step.loser, step.survivor)
    elif isinstance(step, Promote):
        if step.absorbs is not None:
            ledger.merge(connection, step.absorbs, feed.id)
        ledger.promote(connection, feed.id, step.url)


def _kept(evidence: Redirect | Twin | None) -> dict[str, object] | None:
    return evidence.model_dump(mode="json") if evidence is not None else None


def _look(connection: Connection, feed: FeedForPoll, result: PollResult) -> Outlook:
    redirect = Redirect.model_validate(feed.redirect) if feed.redirect else None
    twin, apart = moves.read_twin(feed.twin)
    if not isinstance(result, NotModified | Read) or result.way is None:
        # Not read as a feed: a login page, an error, a captive portal. It proves nothing.
        return Outlook(redirect, twin)
    target = result.way.moved_to
    known = redirect is not None and target is not None and redirect.leads_to(target)
    if result.status == NOT_MODIFIED and result.way.redirected and not known:
        # A page that never was a feed says so too, of validators that came along from elsewhere.
        return Outlook(redirect, twin)
    if target is not None:
        return _look_at_redirect(connection, feed, result, redirect, target, twin, apart)
    twin = _look_for_twin(connection, feed, result, result.way.url, twin, apart)
    other = kinship.other_feed(connection, twin.feed) if twin is not None and twin.is_ripe else None
    if twin is None or other is None or other.status != "active" or other.id in apart:
        return Outlook(None, twin)
    note = f"the same {twin.documents} documents as feed {other.id} ({other.url}) since {rfc3339(twin.first_at)}"
    if moves.survives((feed.id, feed.url), (other.id, other.url)):
        return Outlook(None, twin, Merge(other.id, feed.id, f"{note}: that one is merged into this one"))
    return Outlook(None, twin, Merge(feed.id, other.id, f"{note}: merged into that one"))


def _look_at_redirect(
    connection: Connection,
    feed: FeedForPoll,
    result: NotModified | Read,
    before: Redirect | None,
    target: str,
    twin: Twin | None,
    apart: Collection[int],
) -> Outlook:
    proven = before is not None and before.kin and before.leads_to(target)
    kin = proven or same_site(feed.url, target) or _is_kin(connection, feed, result, before, target)
    redirect = moves.observe_redirect(before, target, feed.now, kin=kin)
    other = addresses.find(connection, canonical_url(target))
    known = other is not None and other.is_own and other.status == "active" and other.id != feed.id
    at_once = known and moves.are_variants(feed.url, target)
    if redirect is None or not (redirect.is_ripe or at_once):
        return Outlook(redirect, twin)
    return Outlook(redirect, twin, _follow(connection, feed, redirect, other, apart))


def _is_kin(
    connection: Connection, feed: FeedForPoll, result: NotModified | Read, before: Redirect | None, target: str
) -> bool:
    """Whether the target shows what the feed has always shown: a parked domain's advertisements are a feed too."""
    if isinstance(result, NotModified):
        # Byte for byte the document of the time before the redirect, unless other redirects came first.
        return before is None
    if is_index(result):
        # Its parts are feeds, and of its own site.
        return False
    seen = seen_entries(result.feed, feed)
    shown = kinship.has_shown(
        connection,
        feed.id,
        before=moves.away_since(before, target, feed.now),
        identities=[item.identity for item in seen if moves.is_unique(item.identity)],
        # The key of an entry without an address holds no more than its identity.
        url_keys=[item.url_key for item in seen if "://" in item.url_key],
    )
    # One that has never listed anything has never been anything else.
    return shown is not False


def _follow(
    connection: Connection,
    feed: FeedForPoll,
    redirect: Redirect,
    other: addresses.Located | None,
    apart: Collection[int],
) -> Stay | Promote | Merge:
    """What a redirect that is to be believed comes to."""
    target = redirect.target
    seen = f"redirected there for good {redirect.count} times since {rfc3339(redirect.first_at)}"
    if not redirect.kin:
        return Stay(
            f"{target}: {seen}, but nothing there was ever listed by this feed: not followed, see whether it is the"
            " same feed and add it if it is",
            alert=True,
        )
    moved = f"moved: {feed.url} -> {target}, {seen}"
    if other is None or other.id == feed.id:
        holder = other.holder if other is not None else None
        return Promote(target, moved, absorbs=holder if holder != feed.id else None)
    if other.id in apart:
        return Stay(f"{target}: {seen}; that is feed {other.id}, from which this one is kept apart")
    if other.status == "paused":
        return Stay(f"{target}: {seen}; that is feed {other.id}, which is paused")
    # At an address where another feed was, or a website stood, the other feed need not be any more.
    if other.status == "active" and (
        other.is_own or kinship.share_entries(connection, feed.id, other.id, before=redirect.since)
    ):
        return Merge(feed.id, other.id, f"{moved}; merged into feed {other.id}, which is there")
    return Promote(target, moved, absorbs=other.holder)


def _look_for_twin(
    connection: Connection,
    feed: FeedForPoll,
    result: NotModified | Read,
    reached: str,
    before: Twin | None,
    apart: Collection[int],
) -> Twin | None:
    document = result.document.get("sha256") or feed.body_sha256
    if document is None:
        return before
    other = kinship.with_document(
        connection,
        feed.id,
        document,
        on=sorted({feed.site, site_of(reached)}),
        besides=before.feed if before is not None else None,
        never=apart,
    )
    if other is not None:
        # Empty documents are alike by nature.
        listed = isinstance(result, Read) and bool(result.feed.entries)
        if listed or (before is not None and (before.feed, before.sha256) == (other.id, document)):
            return moves.observe_twin(before, other.id, document, feed.now)
    if before is None or (other is not None and other.id == before.feed):
        return before
    return before if _may_still_be(connection, feed, before, document) else None


def _may_still_be(connection: Connection, feed: FeedForPoll, before: Twin, document: str) -> bool:
    """Whether a twin that has another document may just not have been polled since this feed changed."""
    other = kinship.other_feed(connection, before.feed)
    if other is None or other.status == "removed":
        return False
    polled_since = (
        other.last_success_at is not None
        and feed.last_success_at is not None
        and other.last_success_at > feed.last_success_at
    )
    return not polled_since or other.body_sha256 in (feed.body_sha256, document)
