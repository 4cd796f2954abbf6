"""The invariant, and the figures that follow from it: everything discovered is accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.database import Connection, one

COUNTS = """
    count(*) AS discovered,
    count(*) FILTER (WHERE state = 'indexed') AS indexed,
    count(*) FILTER (WHERE state = 'duplicate') AS duplicate,
    count(*) FILTER (WHERE state = 'rejected') AS rejected,
    count(*) FILTER (WHERE state = 'failed') AS failed,
    count(*) FILTER (WHERE state IN ('discovered', 'fetched')) AS pending
"""


@dataclass(frozen=True)
class Problem:
    """Something that must not be; ``what`` is one line."""

    check: str
    what: str


@dataclass(frozen=True)
class FeedDay:
    """The account of one feed and day (UTC)."""

    feed_id: int
    feed_url: str
    day: date
    discovered: int
    indexed: int
    duplicate: int
    rejected: int
    failed: int
    pending: int

    @property
    def balanced(self) -> bool:
        """Discovered = indexed + duplicate + rejected + failed + pending."""
        return self.discovered == self.indexed + self.duplicate + self.rejected + self.failed + self.pending


def accounts(connection: Connection, *, days: int = 30) -> list[FeedDay]:
    """The account of every feed and day with discoveries in the last ``days`` days."""
    rows = connection.execute(
        f"""
        SELECT e.feed_id, f.url AS feed_url, (e.discovered_at AT TIME ZONE 'UTC')::date AS day, {COUNTS}
        FROM entries e JOIN feeds f ON f.id = e.feed_id
        WHERE e.discovered_at > now() - make_interval(days => %s)
        GROUP BY e.feed_id, f.url, day ORDER BY day, e.feed_id
        """,  # noqa: S608 - a constant
        [days],
    ).fetchall()
    return [FeedDay(**row) for row in rows]


# Each returns one row per defect. The ledger's count alone could not fail, since every row has one state: what is
# checked is that each state is true.
CHECKS: dict[str, str] = {
    "indexed entries have their article": """
        SELECT format('entry %s (%s) is indexed but its article is missing', e.id, e.url) AS what
        FROM entries e LEFT JOIN articles a ON a.id = e.article_id
        WHERE e.state IN ('indexed', 'duplicate') AND a.id IS NULL""",
    "articles have exactly one indexed entry": """
        SELECT format('article %s has %s indexed entries', a.id, count(e.id)) AS what
        FROM articles a LEFT JOIN entries e ON e.article_id = a.id AND e.state = 'indexed'
        GROUP BY a.id HAVING count(e.id) <> 1""",
    "entries that ended say why": """
        SELECT format('entry %s (%s) is %s without a reason', id, url, state) AS what
        FROM entries WHERE state IN ('rejected', 'failed') AND reason IS NULL""",
    "pending entries have work to come": """
        SELECT format('entry %s (%s) is %s but nothing will ever happen to it', id, url, state) AS what
        FROM entries WHERE state IN ('discovered', 'fetched') AND stage IS NULL""",
    "work is not overdue by an hour": """
        SELECT format('entry %s (%s) has been due since %s', id, url, due_at) AS what
        FROM entries WHERE stage = 'parse' AND due_at < now() - interval '1 hour'""",
    # A site whose work is due is looked at every few seconds, so that a minute means: never.
    "sites with work are watched": """
        SELECT format('site %s has work since %s but the scheduler looks at it at %s', w.site, w.due_at,
                      COALESCE(s.due_at::text, 'no time')) AS what
        FROM (
            SELECT site, min(due_at) AS due_at FROM (
                SELECT site, due_at FROM entries WHERE stage = 'fetch'
                UNION ALL SELECT site, due_at FROM feeds WHERE status = 'active'
            ) work GROUP BY site
        ) w LEFT JOIN sites s ON s.site = w.site
        WHERE (s.due_at IS NULL OR s.due_at > GREATEST(w.due_at, now()) + interval '1 minute')
            AND NOT EXISTS (SELECT 1 FROM wakeups u WHERE u.site = w.site)""",
    "every entry was seen in a feed": """
        SELECT format('entry %s (%s) has no sighting', e.id, e.url) AS what
        FROM entries e WHERE NOT EXISTS (SELECT 1 FROM sightings s WHERE s.entry_id = e.id)""",
    "the change feed has no gap": """
        SELECT format('%s events but the last seq is %s', count(*), (SELECT seq FROM event_head)) AS what
        FROM events HAVING count(*) <> (SELECT seq FROM event_head)
            OR COALESCE(max(seq), 0) <> (SELECT seq FROM event_head)""",
    "articles and events agree": """
        SELECT format('article %s is at version %s, seq %s; its last event is not', a.id, a.version, a.seq) AS what
        FROM articles a LEFT JOIN events e ON e.seq = a.seq AND e.article_id = a.id AND e.version = a.version
        WHERE e.seq IS NULL""",
    "articles have all their versions": """
        SELECT format('article %s is at version %s but has %s', a.id, a.version, count(v.version)) AS what
        FROM articles a LEFT JOIN article_versions v ON v.article_id = a.id AND v.version <= a.version
        GROUP BY a.id HAVING count(v.version) <> a.version""",
    "articles were created once": """
        SELECT format('article %s was created %s times', article_id, count(*)) AS what
        FROM events WHERE type = 'article.created' GROUP BY article_id HAVING count(*) <> 1""",
}


def problems(connection: Connection, *, limit: int = 20) -> list[Problem]:
    """Everything that must not be, at most ``limit`` of each kind; empty when the books are in order."""
    found: list[Problem] = []
    for name, query in CHECKS.items():
        rows = connection.execute(f"SELECT what FROM ({query}) defects LIMIT {int(limit)}")  # noqa: S608 - constants
        found += [Problem(name, row["what"]) for row in rows]
    found += [
        Problem("each feed and day adds up", f"feed {day.feed_id} on {day.day}: {day}")
        for day in accounts(connection)
        if not day.balanced
    ]
    return found


def totals(connection: Connection) -> dict[str, int]:
    """The ledger in one line of figures."""
    return one(connection.execute(f"SELECT {COUNTS} FROM entries").fetchone())  # noqa: S608 - a constant


def reasons(connection: Connection) -> list[dict[str, Any]]:
    """Why entries were rejected or failed, most frequent first."""
    return connection.execute(
        """
        SELECT state, reason, count(*) AS entries FROM entries
        WHERE state IN ('rejected', 'failed') GROUP BY state, reason ORDER BY entries DESC, reason
        """
    ).fetchall()
