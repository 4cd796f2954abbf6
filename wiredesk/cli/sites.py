"""``wiredesk sites``: how the pages of each site are read, beside how they were."""

from __future__ import annotations

from typing import Annotated

import typer

from wiredesk.cli.common import DataOption, JsonOption, desk, moment, print_json_lines, say, table


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sites)


def sites(
    state: Annotated[list[str] | None, typer.Option(help="Only sites of this state, e.g. changed.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sites, and whether their pages are read worse than they were: no dates any more, no text, only listings."""
    from shared.errors import UsageError
    from shared.reading.sites import STATES, list_sites

    wanted = [one for one in STATES if one in (state or STATES)]
    unknown = set(state or ()) - set(STATES)
    if unknown:
        raise UsageError(f"no state {', '.join(sorted(unknown))}: one of {', '.join(STATES)}")
    with desk(data) as opened:
        found = list_sites(opened.connection, limit=1_000_000, states=wanted if state else None)
    if as_json:
        print_json_lines(found)
        return
    if not found:
        say("no sites were looked at yet" if not state else "no such sites")
        return
    columns = ["site", "state", "since", "what", "looked at"]
    rows = [
        [one["site"], one["state"], moment(one["changed_since"]), one["why"], moment(one["looked_at"])] for one in found
    ]
    table(None, columns, rows)
