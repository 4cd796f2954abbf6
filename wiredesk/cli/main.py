"""The command line. Imports wait until a command needs them: ``--help`` must not cost half a second."""

from __future__ import annotations

import os
import sys

import typer

from wiredesk.cli import articles, feeds, inspect, parse, run, serve, sites

app = typer.Typer(
    name="wiredesk",
    help="Give it a list of feeds; other services get a complete, clean, versioned stream of articles.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(feeds.app, name="feeds")
app.add_typer(articles.app, name="articles")
for module in (run, serve, inspect, parse, sites):
    module.register(app)


def main() -> None:
    """Run the command line; every expected error is one clear line and exit code 1."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our pipe has seen enough; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        line = _expected(error)
        if line is None:
            raise
        typer.echo(f"wiredesk: {line}", err=True)
        sys.exit(1)


def _expected(error: Exception) -> str | None:
    """The one line for an error that a person can mend, ``None`` for a defect of ours."""
    from shared.errors import WiredeskError

    if isinstance(error, WiredeskError):
        return str(error)
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    module = type(error).__module__.partition(".")[0]
    if module in ("psycopg", "psycopg_pool"):
        return f"PostgreSQL: {' '.join(str(error).split())[:300]}"
    if module == "redis":
        return f"Valkey: {' '.join(str(error).split())[:300]}"
    return None
