"""What every command shares: the data folder, engines, output, and errors in one line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import redis

    from shared.database import Connection
    from shared.settings import Settings

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of engines and pages.", envvar="WIREDESK_DATA", show_default="./wiredesk-data"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output, alone on stdout.")]
FeedArgument = Annotated[str, typer.Argument(help="The feed's id or URL.", metavar="FEED")]


def settings_for(data: Path | None) -> Settings:
    """The settings, with ``--data`` where it was given."""
    from shared.settings import get_settings

    if data is not None:
        os.environ["WIREDESK_DATA"] = str(data)
        get_settings.cache_clear()
    return get_settings()


@dataclass(frozen=True)
class Desk:
    """Opened engines, for a command that reads or administers."""

    settings: Settings
    connection: Connection
    valkey: redis.Redis


@contextmanager
def desk(data: Path | None) -> Iterator[Desk]:
    """The engines of the data folder, joined where they run and started (then stopped) where they do not.

    The transaction is committed at the end.
    """
    from shared import queues
    from shared.database import connect, is_migrated
    from shared.engines import open_engines
    from shared.errors import EngineError
    from shared.telemetry import configure_logging

    settings = settings_for(data)
    # To stderr: stdout belongs to results.
    configure_logging(settings, service="wiredesk")
    with open_engines(settings) as engines, queues.connect(engines.redis_url) as valkey:
        connection = connect(engines.database_url)
        with connection:
            if not is_migrated(connection):
                raise EngineError("the database has no tables yet: wiredesk migrate")
            # The command begins its own transaction, and may choose how far it is isolated.
            connection.commit()
            yield Desk(settings, connection, valkey)


def say(text: str) -> None:
    """A line for a person, on stderr: stdout belongs to results."""
    typer.echo(text, err=True)


def print_json(value: Mapping[str, Any] | list[Any]) -> None:
    """A result for a machine, one line on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def print_json_lines(values: Iterator[Mapping[str, Any]] | list[dict[str, Any]]) -> None:
    """Results for a machine, one a line on stdout."""
    for value in values:
        print_json(value)


def moment(at: str | None) -> str | None:
    """A time as people read it, to the minute."""
    return f"{at[:10]} {at[11:16]}" if at else None


def span(seconds: float) -> str:
    """A length of time in its most fitting unit."""
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} s"


def table(title: str | None, columns: list[str], rows: list[list[Any]]) -> None:
    """A table for a person on stdout."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(
        title=title, title_justify="left", header_style="bold", box=None, pad_edge=False, show_header=any(columns)
    )
    for name in columns:
        drawn.add_column(name, overflow="fold")
    for row in rows:
        # Text from feeds may look like rich's markup.
        drawn.add_row(*[escape("" if cell is None else str(cell)) for cell in row])
    # A pipe has no width: cutting at 80 columns would lose what a person greps for.
    Console(width=None if sys.stdout.isatty() else 200).print(drawn)
