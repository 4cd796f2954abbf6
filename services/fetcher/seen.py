"""From what a feed lists to what the ledger keeps: identity, URL, and what can not be fetched at all. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from services.fetcher.identity import entry_fingerprint, identities
from services.fetcher.stamps import stamp
from shared.ledger.discovery import SeenEntry
from shared.ledger.polls import FeedForPoll
from shared.records import DocumentFacts, FeedEntry, ParsedFeed, RejectionReason
from shared.urls import absolute_url, canonical_url, is_aggregator_link, site_of

# What is shown of a link that leads nowhere; a feed may give any length.
LONGEST_LINK = 2048


def seen_entries(parsed: ParsedFeed, feed: FeedForPoll, *, polled_at: datetime | None = None) -> list[SeenEntry]:
    """Every entry that has an identity, once; later ones with the same identity are the same entry.

    ``polled_at``: when the document was asked for, where it is the feed's own and not what its hub delivered: its
    entries then know whether its dates are theirs.
    """
    listed: dict[str, FeedEntry] = {}
    for entry, identity in zip(parsed.entries, identities(parsed.entries), strict=True):
        if identity is not None:
            listed.setdefault(identity, entry)
    seen = [_see(entry, identity, feed) for identity, entry in listed.items()]
    if polled_at is None:
        return seen
    facts = _facts(listed.values(), polled_at)
    return [replace(item, document=facts) for item in seen]


def _facts(entries: Collection[FeedEntry], polled_at: datetime) -> DocumentFacts:
    published = ((one.published_at, one.published_precision, one.published_raw) for one in entries)
    updated = ((one.updated_at, one.updated_precision, one.updated_raw) for one in entries)
    return DocumentFacts(
        polled_at=polled_at,
        published_stamp=stamp(published, polled_at=polled_at),
        updated_stamp=stamp(updated, polled_at=polled_at),
    )


def _see(entry: FeedEntry, identity: str, feed: FeedForPoll) -> SeenEntry:
    fingerprint = entry_fingerprint(entry)
    link = absolute_url(feed.url, entry.link) if entry.link else None
    if link is None:
        return _unfetchable(entry, identity, fingerprint, feed, RejectionReason.NO_LINK, "the entry has no web address")
    try:
        key = canonical_url(link)
    except ValueError as error:
        return _unfetchable(entry, identity, fingerprint, feed, RejectionReason.NO_LINK, f"{link[:200]}: {error}")
    if is_aggregator_link(key):
        reason = RejectionReason.UNRESOLVABLE_AGGREGATOR
        return SeenEntry(
            identity, fingerprint, entry, link, key, site_of(key), reason, "a wrapper around the real link"
        )
    return SeenEntry(identity, fingerprint, entry, link, key, site_of(key))


def _unfetchable(
    entry: FeedEntry, identity: str, fingerprint: str, feed: FeedForPoll, reason: RejectionReason, detail: str
) -> SeenEntry:
    digest = hashlib.sha256(f"{feed.id}\n{identity}".encode()).hexdigest()[:32]
    key = f"entry:{feed.id}:{digest}"
    return SeenEntry(identity, fingerprint, entry, (entry.link or key)[:LONGEST_LINK], key, feed.site, reason, detail)
