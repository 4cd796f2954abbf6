"""``wiredesk feeds alerts``: what somebody should know about feeds and sites."""

from __future__ import annotations

from typing import Annotated

import typer

from wiredesk.cli.common import DataOption, JsonOption, desk, moment, print_json_lines, say, table


def register(app: typer.Typer) -> None:
    """Add the command to ``wiredesk feeds``."""
    app.command()(alerts)


def alerts(
    everything: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 1000,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Feeds that fail, are gone, had gaps or fell silent, sites that changed; the newest alert first."""
    from shared.ledger.alerts import list_alerts

    with desk(data) as opened:
        found = list_alerts(opened.connection, open_only=not everything, limit=limit)
    if as_json:
        print_json_lines(found)
        return
    if not found:
        say("no alerts" if everything else "no open alerts")
        return
    columns = ["opened", "closed", "alert", "feed", "title", "url or site", "what"]
    times = ["opened_at", "closed_at"]
    names = ["kind", "feed_id", "feed_title"]
    rows = [
        [
            *(moment(alert[name]) for name in times),
            *(alert[name] for name in names),
            alert["feed_url"] or alert["site"],
            alert["detail"],
        ]
        for alert in found
    ]
    table(None, columns, rows)
