"""Looking at how the pages of a site are read: a sample of its entries, judged, kept, and told as an alert.

A look reads some 400 of a site's pages, whatever it publishes: a few of every six hours of the four weeks before the
last one, and the latest. Old pages, as they come from archives and sitemaps, are left out: they were made
otherwise than today's.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString

import psycopg
import structlog

from shared import drift
from shared.database import Connection, Database, one
from shared.drift import Reading, Standing, State, Verdict
from shared.ledger import alerts
from shared.ledger.alerts import AlertKind
from shared.records import RejectionReason
from shared.text import storable_detail, storable_json
from shared.wording import one_line

log = structlog.get_logger(__name__)

SITES_AT_ONCE = 20
SECONDS_AT_ONCE = 2.0
"""No further look is begun after these. Nothing else is scheduled meanwhile, and a leader is replaced after ten."""
MOST_MS = 2_000
"""Of one query: there are three in a look."""
EVERY = timedelta(hours=6)
RECENT = timedelta(days=7)
PAST = timedelta(days=28)

_SLOT = timedelta(hours=6)
_OF_A_PAST_SLOT = 3
_OF_A_LATE_SLOT = 16
_LATEST = 50
"""Where the last day has fewer pages, the latest so many of the week are looked at."""
# What a page was when it was asked for says nothing about how it was read.
_UNREADABLE = [
    reason.value
    for reason in RejectionReason
    if reason
    not in (
        RejectionReason.NO_LINK,
        RejectionReason.UNRESOLVABLE_AGGREGATOR,
        RejectionReason.ROBOTS,
        RejectionReason.AI_OPT_OUT,
    )
]

# Of each slot the latest pages. The inner limit bounds what a slot full of an archive's pages costs. A record is
# unpacked once, by jsonb_to_record: each -> would do it again.
_PAGES: LiteralString = """
    SELECT page.finished_at AS at, page.state,
        (record.title IS NULL) AS no_title, (record.published_at IS NULL) AS no_date,
        (COALESCE(jsonb_array_length(record.authors), 0) = 0) AS no_author,
        record.content_source <> 'page' AS not_from_page, record.word_count AS words,
        record.quality -> 'flags' AS flags, record.provenance -> 'site_rule' -> 'candidates' AS missed,
        record.extraction ->> 'version' AS version
    FROM generate_series(%(since)s::timestamptz, %(until)s::timestamptz - interval '1 microsecond', %(slot)s) AS slot
    CROSS JOIN LATERAL (
        SELECT newest.* FROM (
            SELECT finished_at, state, article_id FROM entries
            WHERE site = %(site)s AND finished_at >= slot AND finished_at < LEAST(slot + %(slot)s, %(until)s)
                AND (state = 'indexed' OR (state = 'rejected' AND reason = ANY(%(unreadable)s)))
            ORDER BY finished_at DESC LIMIT 200
        ) newest LEFT JOIN articles ON articles.id = newest.article_id
        WHERE articles.published_at IS NULL OR articles.published_at > newest.finished_at - interval '30 days'
        ORDER BY newest.finished_at DESC LIMIT %(most)s
    ) page
    LEFT JOIN article_versions version ON version.article_id = page.article_id AND version.version = 1
    LEFT JOIN LATERAL jsonb_to_record(version.record) AS record(
        title text, published_at text, authors jsonb, content_source text, word_count int, quality jsonb,
        provenance jsonb, extraction jsonb) ON true
    WHERE page.state = 'rejected' OR version.version IS NOT NULL
    ORDER BY page.finished_at
"""


def look_at_due(database: Database, *, most: int = SITES_AT_ONCE, seconds: float = SECONDS_AT_ONCE) -> int:
    """Look at the sites that are due, the longest unseen first. Returns how many were looked at.

    A site that PostgreSQL cannot be asked about, in time or for what its records hold, has had its turn: it would be
    the first at every look, and no other's turn would ever come.
    """
    until = time.monotonic() + seconds
    with database.transaction() as connection:
        sites = due(connection, most=most)
    looked_at = 0
    for site in sites:
        try:
            with database.transaction() as connection:
                look_at(connection, site)
        except (psycopg.errors.QueryCanceled, psycopg.DataError) as error:
            log.warning("a site could not be looked at", site=site, error=one_line(error))
            with database.transaction() as connection:
                _keep_failure(connection, site, one_line(error))
        looked_at += 1
        if time.monotonic() >= until:
            break
    return looked_at


def due(connection: Connection, *, most: int) -> list[str]:
    """Sites of which something has come to an end since they were last looked at, six hours ago or longer.

    One that was found changed and has nothing new is looked at once a day, until it has nothing recent either.
    """
    rows = connection.execute(
        """
        SELECT s.site FROM sites s LEFT JOIN site_looks l ON l.site = s.site
        WHERE (l.looked_at IS NULL OR l.looked_at < now() - %(every)s)
            AND ((l.changed_since IS NOT NULL AND l.looked_at < now() - interval '1 day')
                -- Not EXISTS: where one site has most of the entries, that reads all of them for every other site.
                OR (SELECT max(e.finished_at) FROM entries e WHERE e.site = s.site AND e.finished_at IS NOT NULL)
                    > COALESCE(l.looked_at, now() - %(recent)s))
        ORDER BY l.looked_at NULLS FIRST, s.site LIMIT %(most)s
        """,
        {"every": EVERY, "recent": RECENT, "most": most},
    ).fetchall()
    return [row["site"] for row in rows]


def look_at(connection: Connection, site: str) -> Verdict:
    """Look at a site now: judge it, keep what was found, and open or close its alert."""
    # A query gone wrong must not hold up the scheduler.
    connection.execute(f"SET LOCAL statement_timeout = {MOST_MS}")
    now = one(connection.execute("SELECT now() AS at").fetchone())["at"]
    verdict = drift.drift(*_sample(connection, site, now))
    row = connection.execute(
        "SELECT changed_since AS since, alarm FROM site_looks WHERE site = %s FOR NO KEY UPDATE", [site]
    ).fetchone()
    standing = drift.after(Standing(**row) if row is not None else Standing(), verdict.state, now)
    _keep(connection, site, verdict, standing)
    if standing.alarm:
        alerts.open_site_alert(connection, site, AlertKind.SITE_DRIFT, verdict.told)
    else:
        alerts.close_site_alerts(connection, site, [AlertKind.SITE_DRIFT])
    return verdict


def _sample(connection: Connection, site: str, now: datetime) -> tuple[list[Reading], list[Reading]]:
    before = _pages(connection, site, now - RECENT - PAST, now - RECENT, most=_OF_A_PAST_SLOT)
    latest = _pages(connection, site, now - timedelta(days=1), now, most=_OF_A_LATE_SLOT)
    if len(latest) < _LATEST:
        latest = _pages(connection, site, now - RECENT, now, most=_OF_A_LATE_SLOT)[-_LATEST:]
    return before, latest


def _pages(connection: Connection, site: str, since: datetime, until: datetime, *, most: int) -> list[Reading]:
    """Pages that ended between two moments, ``most`` of every six hours, the oldest first."""
    values = {"site": site, "since": since, "until": until, "slot": _SLOT, "most": most, "unreadable": _UNREADABLE}
    return [_reading(row) for row in connection.execute(_PAGES, values).fetchall()]


def _reading(row: dict[str, Any]) -> Reading:
    if row["state"] == "rejected":
        return Reading(row["at"], frozenset({drift.REJECTED}))
    marks = {mark for mark in ("no_title", "no_date", "no_author", "not_from_page") if row[mark]}
    marks.update(row["flags"] or ())
    if _misses(row["missed"] or ()):
        marks.add(drift.RULE_MISSED)
    return Reading(row["at"], frozenset(marks), row["words"] or 0, row["version"])


def _misses(missed: Sequence[dict[str, str]]) -> bool:
    """Whether a site's rule did not find what every article has; not every one has an author, or an advertisement."""
    return any(candidate["source"] in ("body", "title", "date") for candidate in missed)


def _keep(connection: Connection, site: str, verdict: Verdict, standing: Standing) -> None:
    measures = {
        measure.mark: {
            "before": round(measure.before.value, 3),
            "now": round(measure.now.value, 3),
            "limit": round(measure.limit, 3),
        }
        for measure in verdict.measures
    }
    connection.execute(
        """
        INSERT INTO site_looks (site, state, told, pages_before, pages_now, measures, changed_since, alarm)
        VALUES (%(site)s, %(state)s, %(told)s, %(before)s, %(now)s, %(measures)s, %(since)s, %(alarm)s)
        ON CONFLICT (site) DO UPDATE SET looked_at = now(), state = excluded.state, told = excluded.told,
            pages_before = excluded.pages_before, pages_now = excluded.pages_now, measures = excluded.measures,
            changed_since = excluded.changed_since, alarm = excluded.alarm
        """,
        {
            "site": site,
            "state": verdict.state.value,
            "told": storable_detail(verdict.told),
            "before": verdict.before,
            "now": verdict.now,
            "measures": storable_json(measures),
            "since": standing.since,
            "alarm": standing.alarm,
        },
    )


def _keep_failure(connection: Connection, site: str, why: str) -> None:
    """Nothing was found out: what was said before still counts."""
    connection.execute(
        """
        INSERT INTO site_looks (site, state, told, pages_before, pages_now, measures)
        VALUES (%(site)s, %(state)s, %(told)s, 0, 0, '{}')
        ON CONFLICT (site) DO UPDATE SET looked_at = now(), state = excluded.state, told = excluded.told
        """,
        {"site": site, "state": State.UNSURE.value, "told": storable_detail(f"it could not be looked at: {why}")},
    )
