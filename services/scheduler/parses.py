"""Taking up parses, and the writing of their results, that were lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import redis

from services.scheduler.losses import Again, GiveUp, Part, Verdict, judge_parse, reason_for_broken_parse
from shared import queues
from shared.database import Connection, Database
from shared.jobs import JobFate, JobRecord, ParsePage, QueueName
from shared.ledger import giving_up, timeline
from shared.settings import Settings

PARSES_PER_TICK = 500
# A job that is overdue but still waits or runs is asked after again in this time.
EXTENSION_SECONDS = 30


def take_up_lost_parses(database: Database, valkey: redis.Redis, settings: Settings) -> int:
    """Look after the parses whose lease ran out. Returns how many were issued again."""
    jobs: list[JobRecord] = []
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT id, site, title, lease, attempts, page_key, leased_at IS NOT NULL AS leased FROM entries
            WHERE stage = 'parse' AND due_at <= now() ORDER BY due_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
            """,
            [PARSES_PER_TICK],
        ).fetchall()
        fates = _fates(valkey, [row for row in rows if row["leased"]])
        for row in rows:
            parse, index = fates.get(row["id"], (None, None))
            verdict = judge_parse(parse, index, breakdowns=row["attempts"], most=settings.parse_attempts)
            jobs += _carry_out(connection, row, verdict, settings)
    # After the commit: a job that is lost between the two is taken up when its lease has run out.
    queues.enqueue(valkey, jobs, settings, timeout=settings.parse_timeout_seconds)
    return len(jobs)


def _fates(valkey: redis.Redis, rows: Sequence[dict[str, Any]]) -> dict[int, tuple[JobFate, JobFate]]:
    if not rows:
        return {}
    names = (QueueName.PARSE, QueueName.INDEX)
    fates = queues.job_fates(valkey, [(name, f"{name}-{row['id']}-{row['lease']}") for row in rows for name in names])
    return {row["id"]: (parse, index) for row, parse, index in zip(rows, fates[::2], fates[1::2], strict=True)}


def _carry_out(connection: Connection, row: dict[str, Any], verdict: Verdict, settings: Settings) -> list[JobRecord]:
    if isinstance(verdict, Again):
        return [_issue_again(connection, row, verdict.breakdowns, settings)]
    if isinstance(verdict, GiveUp):
        _give_up(connection, row["id"], verdict)
    else:
        connection.execute(
            "UPDATE entries SET due_at = now() + make_interval(secs => %s) WHERE id = %s",
            [min(settings.parse_lease_seconds, EXTENSION_SECONDS), row["id"]],
        )
    return []


def _give_up(connection: Connection, entry_id: int, verdict: GiveUp) -> None:
    if verdict.part is Part.INDEX:
        giving_up.index_gave_up(connection, entry_id, attempts=verdict.breakdowns, detail=verdict.failure)
    else:
        giving_up.parser_gave_up(
            connection,
            entry_id,
            attempts=verdict.breakdowns,
            reason=reason_for_broken_parse(verdict.failure),
            detail=verdict.failure,
        )


def _issue_again(connection: Connection, row: dict[str, Any], breakdowns: int, settings: Settings) -> JobRecord:
    connection.execute(
        f"""
        UPDATE entries SET lease = lease + 1, leased_at = now(), attempts = %(breakdowns)s,
            due_at = now() + make_interval(secs => %(seconds)s), timeline = {timeline.SQL}
        WHERE id = %(id)s
        """,  # noqa: S608 - a constant
        {
            "id": row["id"],
            "breakdowns": breakdowns,
            "seconds": settings.parse_lease_seconds,
            "step": timeline.step("parse issued again", breakdowns=breakdowns or None),
        },
    )
    return ParsePage(
        entry_id=row["id"], lease=row["lease"] + 1, site=row["site"], title=row["title"], page_key=row["page_key"]
    )
