"""How a feed is: one word from its row and its open alerts, and a sentence for whoever is on call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, LiteralString, get_args

State = Literal["paused", "removed", "new", "gone", "failing", "quiet", "gap", "ok"]
STATES: tuple[State, ...] = get_args(State)

# The worst first: a feed that is gone also fails, and one that fails is quiet as well.
STATE_SQL: LiteralString = """
    CASE WHEN f.status <> 'active' THEN f.status
         WHEN f.last_polled_at IS NULL THEN 'new'
         WHEN 'feed_gone' = ANY(alerts.kinds) THEN 'gone'
         WHEN f.last_outcome = 'failed' THEN 'failing'
         WHEN 'feed_quiet' = ANY(alerts.kinds) THEN 'quiet'
         WHEN 'feed_gap' = ANY(alerts.kinds) THEN 'gap'
         ELSE 'ok' END
"""
ALERTS_SQL: LiteralString = """
    LEFT JOIN LATERAL (
        SELECT COALESCE(array_agg(a.kind ORDER BY a.kind), '{}') AS kinds,
               COALESCE(array_agg(a.detail ORDER BY a.kind), '{}') AS details
        FROM alerts a WHERE a.feed_id = f.id AND a.closed_at IS NULL) alerts ON true
"""
# What the last week's polls brought. Seven days: a paper's weekend is in it.
WEEK_SQL: LiteralString = """
    LEFT JOIN LATERAL (
        SELECT count(*) AS week_polls, count(*) FILTER (WHERE p.outcome = 'failed') AS week_failed_polls,
               count(*) FILTER (WHERE p.new_entries > 0) AS week_polls_with_news,
               COALESCE(sum(p.new_entries), 0)::bigint AS week_new_entries,
               max(p.at) FILTER (WHERE p.new_entries > 0) AS last_new_at
        FROM feed_polls p WHERE p.feed_id = f.id AND p.at > now() - interval '7 days') week ON true
"""


def why(feed: Mapping[str, Any], details: Sequence[str | None]) -> str:
    """What is behind a feed's state, in a few words.

    ``feed``: a row of :mod:`shared.reading.feeds`, times as text; ``details``: of its open alerts, in their order.
    """
    state: State = feed["health"]
    told = dict(zip(feed["alerts"], details, strict=True))
    match state:
        case "paused" | "removed":
            return "not polled"
        case "new":
            return "never polled yet"
        case "failing" | "gone":
            since = f"last success {feed['last_success_at']}" if feed["last_success_at"] else "never worked"
            return f"{feed['last_error'] or 'the last poll failed'}; {since}"
        case "quiet":
            return told.get("feed_quiet") or "it used to publish, and stopped"
        case "gap":
            return told.get("feed_gap") or "entries may have been missed between two polls"
        case "ok":
            polls, entries = feed["week_polls"], feed["week_new_entries"]
            return f"{entries} new in {polls} poll{'' if polls == 1 else 's'} of the last 7 days"
