"""``up``, ``run`` and ``demo``: the whole pipeline on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wiredesk.cli.common import DataOption, JsonOption, print_json, say, settings_for, table

if TYPE_CHECKING:
    from shared.database import Connection

PATIENCE_SECONDS = 15.0


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (up, run, demo):
        app.command()(command)


def up(
    feeds: Annotated[list[str] | None, typer.Option(help="OPML file or URL to add; may be repeated.")] = None,
    data: DataOption = None,
) -> None:
    """Run everything on this machine until Ctrl-C: engines, workers, API, console, rq-dashboard."""
    from shared.telemetry import configure_logging
    from wiredesk.machine import run_machine, stop_on_signals

    stop = stop_on_signals()
    settings = settings_for(data)
    configure_logging(settings, service="up")
    errors = run_machine(settings, feeds or [], say=say, stop=stop)
    sys.exit(1 if errors else 0)


def run(
    sources: Annotated[list[str], typer.Argument(help="Feed or website URLs, or OPML files.", metavar="SOURCE...")],
    once: Annotated[bool, typer.Option("--once", help="Poll each source once (the only way so far).")] = True,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File for the run's articles (JSON lines).")] = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds that a retry or a site that asked to wait is waited for.")
    ] = PATIENCE_SECONDS,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll each source once, work off what it brings, print a summary. Exit code 1 if any source failed."""
    from rich.console import Console

    from shared.telemetry import configure_logging
    from wiredesk.machine import stop_on_signals
    from wiredesk.once import Stopped, run_once
    from wiredesk.progress import RunProgress

    assert once
    # Somebody is waiting: a page that failed is tried again soon, and what is told is told in the summary.
    os.environ.setdefault("WIREDESK_PAGE_RETRY_SECONDS", "5")
    os.environ.setdefault("WIREDESK_LOG_LEVEL", "WARNING")
    stop = stop_on_signals()
    settings = settings_for(data)
    configure_logging(settings, service="run")
    if out is not None:
        # Now, not after the run, a file that cannot be written is told.
        out.open("w").close()
    stopped = False
    with RunProgress(Console(stderr=True)) as progress:
        try:
            summary = run_once(
                settings,
                sources,
                patience_seconds=patience,
                show=progress.show,
                stop=stop,
                after=None if out is None else partial(_write_articles, out),
            )
        except Stopped as error:
            summary, stopped = error.summary, True
    _print_summary(summary, as_json=as_json)
    if stopped:
        sys.exit(130)
    sys.exit(1 if summary["feeds_failed"] else 0)


def _print_summary(summary: dict[str, Any], *, as_json: bool) -> None:
    from wiredesk.progress import summary_rows

    for line in summary["errors"]:
        say(f"wiredesk: {line}")
    for feed in summary["failed_feeds"]:
        say(f"wiredesk: {feed['url']}: {feed['why']}")
    if as_json:
        print_json(summary)
    else:
        table(None, ["", ""], summary_rows(summary))


def _write_articles(path: Path, connection: Connection, before: int, feed_ids: Sequence[int]) -> None:
    """The articles of these feeds that were created or changed after ``before``, each once, as it is now."""
    import json

    from shared.reading.articles import get_article
    from shared.reading.events import read_events

    written: set[str] = set()
    with path.open("w", encoding="utf-8") as target:
        while events := read_events(connection, after=before, limit=500):
            before = events[-1].seq
            for subject in dict.fromkeys(event.subject for event in events if event.subject not in written):
                article = get_article(connection, subject)
                if article is not None and any(feed["feed_id"] in feed_ids for feed in article["feeds"]):
                    written.add(subject)
                    target.write(json.dumps(article, ensure_ascii=False) + "\n")


def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop when the newspapers are read, with a summary.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder to keep; else a temporary one.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The same on sample newspapers that this command serves on loopback: needs no internet."""
    import tempfile

    from shared.telemetry import configure_logging
    from wiredesk.demo.show import run_demo
    from wiredesk.machine import stop_on_signals

    # Invented news has no business in the engines and folders of real ones.
    for name in ("REDIS_URL", "DATABASE_URL", "PAGE_STORE", "DATA"):
        os.environ.pop(f"WIREDESK_{name}", None)
    # Their presses stand next door: no need to spare them, nor to wait ten minutes for the second edition.
    for name, value in {
        "ALLOWED_NETWORKS": "127.0.0.0/8",
        "SITE_INTERVAL_SECONDS": "0.1",
        "POLL_FLOOR_SECONDS": "10",
        "POLL_CEILING_SECONDS": "20",
        "PAGE_RETRY_SECONDS": "2",
        "LOG_LEVEL": "WARNING",
    }.items():
        os.environ.setdefault(f"WIREDESK_{name}", value)
    stop = stop_on_signals()
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wiredesk-demo-")))
        settings = settings_for(data)
        configure_logging(settings, service="demo")
        summary = run_demo(settings, say=say, stop=stop, once=once)
    if summary is not None:
        _print_summary(summary, as_json=as_json)
