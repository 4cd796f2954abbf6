"""``wiredesk feeds list`` and ``feeds show``: the registry as people and scripts see it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from wiredesk.cli.common import (
    DataOption,
    FeedArgument,
    JsonOption,
    desk,
    moment,
    print_json,
    print_json_lines,
    span,
    table,
)


def register(app: typer.Typer) -> None:
    """Add ``feeds list`` and ``feeds show``."""
    app.command(name="list")(list_)
    app.command()(show)


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
