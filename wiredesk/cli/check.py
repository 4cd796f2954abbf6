"""``wiredesk feeds check``: a doctor for one feed."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from wiredesk.cli.common import DataOption, JsonOption, desk, moment, print_json, say, settings_for, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.fetcher.checkup import Checkup
    from shared.database import Connection
    from shared.settings import Settings

SHOWN_ENTRIES = 5
_MARKS = {"good": "ok", "note": "note", "warning": "warning", "problem": "PROBLEM"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    source: Annotated[str, typer.Argument(help="A feed's id or URL, or the URL of a feed or website not here yet.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at one feed: what its site answers, what is wrong with it, and when it is polled next. Changes nothing."""
    from wiredesk import doctor

    settings = settings_for(data)
    with _registry(settings, data) as connection:
        found = doctor.check(settings, connection, source, say=say)
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)
    if not found.ok:
        sys.exit(1)


@contextmanager
def _registry(settings: Settings, data: Path | None) -> Iterator[Connection | None]:
    """The registry where there is one: looking at a feed needs none."""
    if settings.database_url is None and not (settings.data / "postgres").is_dir():
        yield None
        return
    with desk(data) as opened:
        yield opened.connection


def _print(found: Checkup) -> None:
    facts: list[list[object]] = [["url", found.url]]
    if found.response is not None:
        about = found.response
        facts.append(
            ["answer", f"{about['status']}, {about['bytes']:,} bytes in {about['ms']} ms, from {about['url']}"]
        )
        facts += [[name, value] for name, value in about["headers"].items()]
    if found.feed is not None:
        about = found.feed
        facts += [[name.replace("_", " "), about[name]] for name in ("format", "title", "language", "site_url")]
        facts.append(["entries", f"{about['entries']}, {about['with_full_text']} with full text"])
        facts.append(["dated", f"{moment(about['oldest'])} to {moment(about['newest'])}" if about["newest"] else None])
        hints = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in about["hints"].items())
        facts.append(["asks for", hints or None])
        facts.append(["push", ", ".join(about["hub_urls"]) or None])
    facts.append(["next poll", f"{moment(found.next_poll['at'])}: {found.next_poll['why']}"])
    table(None, ["", ""], [[name, value] for name, value in facts if value is not None])
    table("Findings", ["", ""], [[_MARKS[finding.level], finding.text] for finding in found.findings])
    if found.entries:
        shown = found.entries[:SHOWN_ENTRIES]
        rows = [[moment(entry["at"]), entry["title"], entry["link"]] for entry in shown]
        table(f"First {len(shown)} of {len(found.entries)} entries", ["at", "title", "link"], rows)
