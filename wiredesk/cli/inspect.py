"""What happened, and why: ``events``, ``status``, ``explain``, ``audit``."""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import typer

from wiredesk.cli.common import DataOption, JsonOption, desk, print_json, say, table

BATCH = 500
FOLLOW_SECONDS = 0.5


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (events, status, explain, audit):
        app.command()(command)


def events(
    after: Annotated[int, typer.Option(min=0, help="Start above this seq.")] = 0,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with new events until Ctrl-C.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """The change feed, one event a line (``--json``: CloudEvents)."""
    from shared.reading.events import read_events

    left = limit
    with desk(data) as opened:
        while left is None or left > 0:
            found = read_events(opened.connection, after=after, limit=min(BATCH, left or BATCH))
            # Each look must see what was committed since.
            opened.connection.commit()
            for event in found:
                if as_json:
                    print_json(event.envelope())
                else:
                    title = (event.data or {}).get("title") or ""
                    typer.echo(f"{event.seq}\t{event.type}\t{event.subject}\tv{event.version}\t{title}")
                after = event.seq
            if left is not None:
                left -= len(found)
            if not found:
                if not follow:
                    return
                sys.stdout.flush()
                time.sleep(FOLLOW_SECONDS)


def status(data: DataOption = None, as_json: JsonOption = False) -> None:
    """How the pipeline stands: ledger, feeds, queues, workers, change feed."""
    from shared.reading.status import status as read_status

    with desk(data) as opened:
        found = read_status(opened.connection, opened.valkey)
    if as_json:
        print_json(found)
        return
    table("Entries", list(found["entries"]), [list(found["entries"].values())])
    if found["reasons"]:
        rows = [[row["state"], row["reason"], row["entries"]] for row in found["reasons"]]
        table("Rejected and failed", ["state", "reason", "entries"], rows)
    table("Feeds", list(found["feeds"]), [list(found["feeds"].values())])
    table("Jobs waiting", list(found["queues"]), [list(found["queues"].values())])
    workers: dict[tuple[str, str], int] = {}
    for worker in found["workers"]:
        kind = (",".join(worker["queues"]), worker["state"])
        workers[kind] = workers.get(kind, 0) + 1
    table("Workers", ["queues", "state", "workers"], [[*kind, count] for kind, count in sorted(workers.items())])
    say(
        f"leader: {found['leader'] or 'none'}; last article indexed: {found['last_indexed_at'] or 'never'}; "
        f"seq {found['seq']}, stream behind by {found['stream_behind']}"
    )


def explain(
    name: Annotated[str, typer.Argument(help="A feed's id or URL, an article's URL or id.", metavar="FEED|URL")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Why a feed or URL is in the state it is in, and what happens next."""
    from shared.reading.explain import explain as read_explanation
    from shared.reading.standing import standing_of, told

    with desk(data) as opened:
        found = read_explanation(
            opened.connection, name, standing=lambda url: standing_of(opened.valkey, opened.settings, url)
        )
    if as_json:
        print_json(found)
        return
    typer.echo(found["summary"])
    if found["standing"]:
        typer.echo(f"  {told(found['standing'])}")
    if found["kind"] == "entry":
        for sighting in found["seen_in"]:
            title = sighting["feed_title"] or "untitled"
            typer.echo(
                f"  seen in feed {sighting['feed_id']} {title} <{sighting['feed_url']}> {sighting['discovered_at']}"
            )
        for step in found["timeline"]:
            typer.echo(f"  {step['at']}  {step['what']}{_facts(step)}")
        if found["page_key"]:
            typer.echo(f"  what the parser makes of its page, and why: wiredesk parse --explain {found['page_key']}")
    else:
        for poll in found["polls"]:
            typer.echo(f"  {poll['at']}  {poll['outcome']}  {poll['why']}")


def _facts(step: dict[str, Any]) -> str:
    facts = [f"{name}={value}" for name, value in step.items() if name not in ("at", "what")]
    return f"  ({', '.join(facts)})" if facts else ""


def audit(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Check that nothing was lost: the invariant per feed and day, and that every state is true. Exit code 1 if not."""
    from shared.ledger import audit as books

    with desk(data) as opened:
        problems = books.problems(opened.connection)
        totals = books.totals(opened.connection)
        days = len(books.accounts(opened.connection))
    if as_json:
        found = [{"check": problem.check, "what": problem.what} for problem in problems]
        print_json({"ok": not problems, "problems": found, "checks": len(books.CHECKS) + 1, **totals})
    else:
        for problem in problems:
            typer.echo(f"{problem.check}: {problem.what}")
        parts = " + ".join(
            f"{totals[name]} {name}" for name in ("indexed", "duplicate", "rejected", "failed", "pending")
        )
        typer.echo(f"{totals['discovered']} discovered = {parts}; {days} accounts of a feed and day")
        typer.echo(f"{len(books.CHECKS) + 1} checks, {len(problems)} problems")
    if problems:
        sys.exit(1)
