"""``wiredesk feeds``: the registry."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wiredesk.cli import alerts, check, requests, views
from wiredesk.cli.common import DataOption, FeedArgument, JsonOption, desk, print_json, say

if TYPE_CHECKING:
    from shared.database import Connection

app = typer.Typer(
    help="Feeds: add, import, list, show, check, alerts, set, pause, resume, remove, export, parse.",
    no_args_is_help=True,
)
alerts.register(app)
check.register(app)
requests.register(app)
views.register(app)
SourceArgument = Annotated[list[str], typer.Argument(help="Feed or website URLs, or OPML files.", metavar="SOURCE...")]


@app.command()
def add(
    sources: SourceArgument,
    separate: Annotated[
        bool, typer.Option("--separate", help="An address that a feed has moved from is a feed of its own after all.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add feeds; a website's feed is found at its first poll."""
    from wiredesk.sources import add_sources

    with desk(data) as opened:
        added, errors = add_sources(opened.connection, sources, separate=separate)
    _report(added, errors, as_json=as_json)


@app.command(name="import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="OPML files.", metavar="FILE...")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import the feeds of OPML files with their categories."""
    from wiredesk.sources import add_sources

    with desk(data) as opened:
        added, errors = add_sources(opened.connection, [str(path) for path in files], files_only=True)
    _report(added, errors, as_json=as_json)


def _report(added: list[Any], errors: list[str], *, as_json: bool) -> None:
    from shared.wording import counted

    new = sum(feed.created for feed in added)
    if as_json:
        feeds = [{"id": feed.id, "url": feed.url, "created": feed.created} for feed in added]
        print_json({"added": new, "known": len(added) - new, "feeds": feeds, "errors": errors})
    else:
        known = len(added) - new
        say(f"{counted(new, 'feed')} added, {known} {'was' if known == 1 else 'were'} here already")
    for error in errors:
        say(f"wiredesk: {error}")
    if errors:
        sys.exit(1)


@app.command()
def remove(feed: FeedArgument, data: DataOption = None) -> None:
    """Stop polling a feed; its articles stay, and what it has shown does not come back as new."""
    from shared.ledger import feeds as registry

    with desk(data) as opened:
        registry.remove(opened.connection, _resolve(opened.connection, feed))
    say(f"{feed} removed")


@app.command()
def pause(feed: FeedArgument, data: DataOption = None) -> None:
    """Stop polling a feed for now."""
    from shared.ledger import feeds as registry

    with desk(data) as opened:
        registry.set_paused(opened.connection, _resolve(opened.connection, feed), paused=True)
    say(f"{feed} paused")


@app.command()
def resume(feed: FeedArgument, data: DataOption = None) -> None:
    """Poll a paused feed again."""
    from shared.ledger import feeds as registry

    with desk(data) as opened:
        registry.set_paused(opened.connection, _resolve(opened.connection, feed), paused=False)
    say(f"{feed} resumed")


def _resolve(connection: Connection, feed: str) -> int:
    from shared.reading.feeds import resolve_feed

    return resolve_feed(connection, feed)


@app.command()
def export(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; stdout when not given.")] = None,
    data: DataOption = None,
) -> None:
    """All feeds as OPML, nested by category."""
    from shared.opml import OpmlFeed, write_opml
    from shared.reading.feeds import list_feeds

    with desk(data) as opened:
        # The parts of a sitemap index come with it.
        feeds = [feed for feed in list_feeds(opened.connection, limit=1_000_000) if feed["parent_id"] is None]
    document = write_opml(
        [
            OpmlFeed(
                url=feed["url"], title=feed["title"], site_url=feed["site_url"], categories=tuple(feed["categories"])
            )
            for feed in feeds
        ]
    )
    if output is None:
        sys.stdout.buffer.write(document)
    else:
        output.write_bytes(document)
        say(f"{len(feeds)} feeds written to {output}")


@app.command()
def parse(
    files: Annotated[list[Path], typer.Argument(help="Feed documents.", metavar="FILE...")],
    url: Annotated[str | None, typer.Option(help="Where the document came from, for relative links.")] = None,
) -> None:
    """The feed reader alone: prints one JSON object a file, needs no engines."""
    from services.fetcher.errors import NotAFeedError
    from services.fetcher.reader import read_feed

    failed = False
    for path in files:
        try:
            feed = read_feed(path.read_bytes(), url=url)
        except (NotAFeedError, OSError) as error:
            failed = True
            reason = error.strerror if isinstance(error, OSError) else str(error)
            say(f"wiredesk: {path}: {reason}")
            continue
        print_json({"file": str(path), **feed.model_dump(mode="json")})
    if failed:
        sys.exit(1)
