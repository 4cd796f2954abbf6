"""When a feed has moved for good, and when two feeds are one. Pure.

A redirect that says "permanent" is often a slip of a deployment: Miniflux took on the first one it met (miniflux#1387),
Feedbin wants 577. Here it must have been seen three times over two days, by polls that brought a feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from shared.ledger.moves import SEPARATE
from shared.records import Instant
from shared.urls import canonical_url
from shared.webaddress import DEFAULT_PORTS, WebAddress, web_address

PERMANENT = frozenset({301, 308})
OBSERVATIONS = 3
SPAN = timedelta(hours=48)
TWIN_POLLS = 3
TWIN_DOCUMENTS = 2
TWIN_SPAN = timedelta(hours=24)


class _Evidence(BaseModel):
    # Not a Record: a worker of an older version must be able to read what a newer one wrote.
    model_config = ConfigDict(frozen=True, extra="ignore")

    count: Annotated[int, Field(ge=0)] = 0
    """Polls that said so."""
    first_at: Instant
    last_at: Instant


class Redirect(_Evidence):
    """A permanent redirect that polls have met; kept as JSON."""

    target: str
    since: Instant
    """Since when the feed has led away from what it was, by whatever redirect: what it listed before is its own."""
    kin: bool = False
    """Whether the target has shown to belong to the feed."""

    @property
    def is_ripe(self) -> bool:
        """Whether it was seen often and long enough."""
        return self.count >= OBSERVATIONS and self.last_at - self.first_at >= SPAN

    def leads_to(self, target: str) -> bool:
        """Whether ``target`` is its target, however spelt."""
        return canonical_url(self.target) == canonical_url(target)

    @property
    def is_strange(self) -> bool:
        """Whether it would be followed, did it lead to anything that the feed is known by."""
        return self.is_ripe and not self.kin


class Twin(_Evidence):
    """Another feed that delivered the same documents, byte for byte; kept as JSON."""

    feed: int
    documents: Annotated[int, Field(ge=0)] = 0
    """Different ones: a file that never changes may well lie in two places."""
    sha256: str = ""
    """Of the last one."""

    @property
    def is_ripe(self) -> bool:
        """Whether it was seen often and long enough."""
        enough = self.count >= TWIN_POLLS and self.documents >= TWIN_DOCUMENTS
        return enough and self.last_at - self.first_at >= TWIN_SPAN


def read_twin(kept: dict[str, Any] | None) -> tuple[Twin | None, frozenset[int]]:
    """What ``feeds.twin`` holds: the evidence, and the feeds that an operator keeps apart from this one."""
    kept = kept or {}
    return Twin.model_validate(kept) if "feed" in kept else None, frozenset(kept.get(SEPARATE, ()))


def permanent_target(url: str, redirects: Sequence[tuple[int, str]], final: str) -> str | None:
    """Where the permanent redirects at the beginning of a chain lead; ``None`` where that is no other address.

    What follows a temporary one is the site's own business of the day, and nobody is led from https back to http.

    :param redirects: status and address of each that redirected, as in :class:`shared.http.Response`.
    :param final: the address that answered.
    """
    reached = web_address(url)
    onward = [*(address for _, address in redirects), final][1:]
    for (status, _), address in zip(redirects, onward, strict=True):
        target = web_address(address)
        if status not in PERMANENT or (reached.scheme, target.scheme) == ("https", "http"):
            break
        reached = target
    try:
        moved = canonical_url(str(reached)) != canonical_url(url)
    except ValueError:
        return None
    return str(reached) if moved else None


def away_since(before: Redirect | None, target: str, now: datetime) -> datetime:
    """Since when the feed has led away from what it was, as of a poll that led to ``target``."""
    follows = before is not None and (not before.kin or before.leads_to(target))
    return before.since if before is not None and follows else now


def observe_redirect(
    before: Redirect | None, target: str | None, now: datetime, *, kin: bool = False
) -> Redirect | None:
    """What is known after a poll that was permanently redirected to ``target``, or was not."""
    if target is None:
        return None
    since = away_since(before, target, now)
    if before is None or not before.leads_to(target):
        return Redirect(target=target, count=1, first_at=now, last_at=now, since=since, kin=kin)
    return before.model_copy(update={"count": before.count + 1, "last_at": now, "kin": before.kin or kin})


def observe_twin(before: Twin | None, other: int, sha256: str, now: datetime) -> Twin:
    """What is known after a poll whose document is the one that the feed ``other`` had last."""
    if before is None or before.feed != other:
        return Twin(feed=other, count=1, documents=1, sha256=sha256, first_at=now, last_at=now)
    news = int(before.sha256 != sha256)
    return before.model_copy(
        update={"count": before.count + 1, "documents": before.documents + news, "sha256": sha256, "last_at": now}
    )


def is_unique(identity: str) -> bool:
    """Whether an entry's identity (:mod:`services.fetcher.identity`) names it in all the world: by an address, a tag
    or a urn. "101" is an article of every content management system there is.
    """
    kind, _, name = identity.partition(":")
    if kind == "id" and name.lower().startswith(("tag:", "urn:")):
        return True
    return kind in {"id", "link", "id+link"} and "://" in name


def are_variants(url: str, target: str) -> bool:
    """Whether a redirect between these says no more than "with www." or "by https": nobody needs to see that twice."""
    return _without_manner(web_address(url)) == _without_manner(web_address(target))


def survives(one: tuple[int, str], other: tuple[int, str]) -> bool:
    """Of two feeds that are one, given by id and address, whether ``one`` stays: https before http, then the older."""

    def rank(feed: tuple[int, str]) -> tuple[bool, int]:
        return web_address(feed[1]).scheme != "https", feed[0]

    return rank(one) < rank(other)


def _without_manner(address: WebAddress) -> tuple[str, int, str, str | None]:
    port = 0 if address.port == DEFAULT_PORTS[address.scheme] else address.port
    return address.host.removeprefix("www."), port, address.path, address.query
