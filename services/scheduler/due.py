"""What may run now, as the ledger has it: the sites that are due, and of each its oldest rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, LiteralString, NamedTuple

from shared.database import Connection
from shared.jobs import FetchPage, JobRecord, PollFeed, QueueName
from shared.ledger import sites

SITES_PER_TICK = 500
OVERDUE_PER_TICK = 1000

Kind = Literal["feed", "page"]

# A run over named sources polls these, what they turn out to be, the parts of sitemap indexes, and no others.
_ASKED_FOR: LiteralString = """
    (%(only)s::bigint[] IS NULL OR id = ANY(%(only)s) OR id IN (SELECT same_as FROM feeds WHERE id = ANY(%(only)s))
        OR parent_id IN (SELECT id FROM feeds WHERE id = ANY(%(only)s) OR parent_id = ANY(%(only)s)))
"""
_FEED: LiteralString = (
    "'feed' AS kind, id, site, COALESCE(title, url) AS title, lease, leased_at IS NOT NULL AS leased, lost"
)
_PAGE: LiteralString = "'page' AS kind, id, site, title, lease, leased_at IS NOT NULL AS leased, attempts AS lost"
_DUE_FEEDS: LiteralString = f"""
    SELECT w.* FROM unnest(%(names)s::text[]) AS s(site) CROSS JOIN LATERAL (
        SELECT {_FEED} FROM feeds
        WHERE feeds.site = s.site AND status = 'active' AND leased_at IS NULL AND due_at <= now() AND {_ASKED_FOR}
        ORDER BY due_at LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED) w
"""  # noqa: S608 - constants
_DUE_PAGES: LiteralString = f"""
    SELECT w.* FROM unnest(%(names)s::text[]) AS s(site) CROSS JOIN LATERAL (
        SELECT {_PAGE} FROM entries
        WHERE entries.site = s.site AND stage = 'fetch' AND leased_at IS NULL AND due_at <= now()
        ORDER BY due_at LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED) w
"""  # noqa: S608 - constants
# Apart from what was never issued: behind a backlog that has waited for longer, lost work would keep the site's tokens
# until they expire.
_OVERDUE_FEEDS: LiteralString = f"""
    SELECT {_FEED} FROM feeds
    WHERE site = ANY(%(names)s) AND status = 'active' AND leased_at IS NOT NULL AND due_at <= now() AND {_ASKED_FOR}
    ORDER BY due_at LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
"""  # noqa: S608 - constants
_OVERDUE_PAGES: LiteralString = f"""
    SELECT {_PAGE} FROM entries
    WHERE site = ANY(%(names)s) AND stage = 'fetch' AND leased_at IS NOT NULL AND due_at <= now()
    ORDER BY due_at LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
"""  # noqa: S608 - constants


@dataclass(frozen=True)
class Work:
    """One row of a site that is due: a feed to poll, or a page to download. ``lost``: attempts that came to nothing."""

    kind: Kind
    id: int
    site: str
    title: str | None
    lease: int
    leased: bool
    lost: int

    @property
    def job_id(self) -> str:
        """The RQ job of the dispatch that the row's lease stands for."""
        return f"{self.kind}-{self.id}-{self.lease}"

    @property
    def queue(self) -> QueueName:
        """The queue of that job."""
        return QueueName.FEEDS if self.kind == "feed" else QueueName.PAGES

    def next_job(self) -> JobRecord:
        """The job of the next dispatch."""
        if self.kind == "feed":
            return PollFeed(feed_id=self.id, lease=self.lease + 1, site=self.site, title=self.title)
        return FetchPage(entry_id=self.id, lease=self.lease + 1, site=self.site, title=self.title)


class Allowed(NamedTuple):
    """What may be issued at a tick."""

    feeds: bool = True
    pages: bool = True


@dataclass(frozen=True)
class DueSite:
    """A site that is due, with what it may be asked for: its work whose lease ran out, and of what was not issued yet
    each kind's oldest rows, one more than are ever issued.
    """

    name: str
    fed: bool
    overdue: Sequence[Work]
    feeds: Sequence[Work]
    pages: Sequence[Work]


def due_sites(
    connection: Connection,
    allowed: Allowed,
    *,
    budget_of: Callable[[str], str],
    most: int,
    only_feeds: list[int] | None,
) -> list[DueSite]:
    """The sites that are due and not held, with at most ``most`` rows of each kind that was not issued yet; all locked.

    ``budget_of``: the name under which a site's budget is kept. ``only_feeds``: of all feeds these alone.
    """
    rows = connection.execute(
        """
        SELECT site, fed FROM sites WHERE due_at <= now() AND (held_until IS NULL OR held_until <= now())
        ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
        """,
        [SITES_PER_TICK],
    ).fetchall()
    budgets = {row["site"]: budget_of(row["site"]) for row in rows}
    held = sites.put_off_members(connection, {name: other for name, other in budgets.items() if name != other})
    rows = [row for row in rows if row["site"] not in held]
    names = [row["site"] for row in rows]
    if not names:
        return []
    found: dict[str, dict[str, list[Work]]] = {name: {} for name in names}
    queries = {
        "overdue": ([_OVERDUE_FEEDS] * allowed.feeds + [_OVERDUE_PAGES] * allowed.pages, OVERDUE_PER_TICK),
        "feeds": ([_DUE_FEEDS] * allowed.feeds, most),
        "pages": ([_DUE_PAGES] * allowed.pages, most),
    }
    for kind, (asked, limit) in queries.items():
        for query in asked:
            for row in connection.execute(query, {"names": names, "most": limit, "only": only_feeds}):
                found[row["site"]].setdefault(kind, []).append(Work(**row))
    return [DueSite(row["site"], row["fed"], *(found[row["site"]].get(kind, ()) for kind in queries)) for row in rows]
