"""``wiredesk feeds``: the registry."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wiredesk.cli import alerts, check, requests
from wiredesk.cli.common import DataOption, JsonOption, desk, moment, print_json, print_json_lines, say, span, table

if TYPE_CHECKING:
    from shared.database import Connection

app = typer.Typer(
    help="Feeds: add, import, list, show, check, alerts, set, pause, resume, remove, export, parse.",
    no_args_is_help=True,
)
alerts.register(app)
check.register(app)
requests.register(app)
SourceArgument = Annotated[list[str], typer.Argument(help="Feed or website URLs, or OPML files.", metavar="SOURCE...")]
FeedArgument = Annotated[str, typer.Argument(help="The feed's id or URL.", metavar="FEED")]


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
    new = sum(feed.created for feed in added)
    if as_json:
        feeds = [{"id": feed.id, "url": feed.url, "created": feed.created} for feed in added]
        print_json({"added": new, "known": len(added) - new, "feeds": feeds, "errors": errors})
    else:
        say(f"{new} feeds added, {len(added) - new} were here already")
    for error in errors:
        say(f"wiredesk: {error}")
    if errors:
        sys.exit(1)


@app.command(name="list")
def list_(
    health: Annotated[bool, typer.Option("--health", help="How each feed is, and why.")] = False,
    state: Annotated[list[str] | None, typer.Option(help="Only feeds of this health, e.g. failing.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """All feeds with the account of their entries, or with their health."""
    from shared.errors import UsageError
    from shared.reading.feeds import list_feeds
    from shared.reading.health import STATES

    wanted = [name for name in STATES if name in (state or STATES)]
    unknown = set(state or ()) - set(STATES)
    if unknown:
        raise UsageError(f"no health {', '.join(sorted(unknown))}: one of {', '.join(STATES)}")
    with desk(data) as opened:
        feeds = list_feeds(opened.connection, limit=1_000_000, states=wanted if state else None)
    if as_json:
        print_json_lines(feeds)
    elif health or state:
        columns = [
            "id",
            "title",
            "health",
            "why",
            "every",
            "last poll",
            "next poll",
            "new in 7 days",
            "polls",
            "failed",
        ]
        table(None, columns, [_health(feed) for feed in feeds])
    else:
        columns = ["id", "title", "url", "last poll", "discovered", "indexed", "dup", "rejected", "failed", "pending"]
        table(None, columns, [_account(feed) for feed in feeds])


def _account(feed: dict[str, Any]) -> list[Any]:
    last = feed["last_outcome"] if feed["status"] == "active" else feed["status"]
    counts = (feed[name] for name in ("discovered", "indexed", "duplicate", "rejected", "failed", "pending"))
    return [feed["id"], feed["title"], feed["url"], last, *counts]


def _health(feed: dict[str, Any]) -> list[Any]:
    every = feed["interval_seconds"]
    return [
        feed["id"],
        feed["title"] or feed["url"],
        feed["health"],
        feed["health_why"],
        span(every) if every else None,
        moment(feed["last_polled_at"]),
        "under way" if feed["polling"] else moment(feed["next_poll_at"]),
        feed["week_new_entries"],
        feed["week_polls"],
        feed["week_failed_polls"],
    ]


@app.command()
def show(feed: FeedArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """One feed with its last polls."""
    from shared.reading.feeds import get_feed, resolve_feed
    from shared.reading.standing import standing_of

    with desk(data) as opened:
        found = get_feed(opened.connection, resolve_feed(opened.connection, feed)) or {}
        found["standing"] = standing_of(opened.valkey, opened.settings, found["url"]) if found else None
    if as_json:
        print_json(found)
        return
    _show(found)


def _push(push: dict[str, Any] | None) -> str | None:
    if push is None:
        return None
    until = f" until {moment(push['lease_ends_at'])}" if push["state"] == "active" else ""
    last = f", the last {moment(push['last_push_at'])}" if push["last_push_at"] else ""
    why = f" ({push['detail']})" if push["detail"] else ""
    return f"{push['state']}{until} at {push['hub']}, {push['pushes']} deliveries{last}{why}"


def _show(feed: dict[str, Any]) -> None:
    from shared.reading.standing import told

    every = feed["interval_seconds"]
    facts = {
        "feed": f"{feed['id']}  {feed['title'] or 'untitled'}",
        "url": feed["url"],
        "website": feed["site_url"],
        "format": feed["format"],
        "language": feed["language"],
        "categories": ", ".join(feed["categories"]) or None,
        "part of": feed["parent_id"],
        "health": f"{feed['health']}: {feed['health_why']}",
        "alerts": ", ".join(feed["alerts"]) or None,
        "added": moment(feed["added_at"]),
        "polled every": span(every) if every else None,
        "next poll": "under way" if feed["polling"] else moment(feed["next_poll_at"]),
        "site": told(feed["standing"]).removeprefix("site ") if feed["standing"] else None,
        "push": _push(feed["push"]),
        "entries": ", ".join(
            f"{feed[name]} {name}" for name in ("discovered", "indexed", "duplicate", "rejected", "failed", "pending")
        ),
    }
    table(None, ["", ""], [[name, value] for name, value in facts.items() if value is not None])
    columns = ["at", "outcome", "status", "entries", "new", "edited", "gap", "ms", "why", "detail"]
    names = ["outcome", "status", "entries", "new_entries", "edited_entries", "gap", "ms", "why", "detail"]
    rows = [
        [moment(poll["at"]), *(None if poll[name] is False else poll[name] for name in names)] for poll in feed["polls"]
    ]
    table("Last polls", columns, rows)


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
