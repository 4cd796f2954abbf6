"""Why a feed or URL is in the state it is in, what happens next, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from psycopg import sql

from shared.credentials import shown, without_userinfo
from shared.database import Connection
from shared.errors import UsageError
from shared.ledger import addresses
from shared.reading.feeds import feed_at, feed_number, get_feed
from shared.records import rfc3339
from shared.text import storable
from shared.urls import canonical_url


def explain(
    connection: Connection, name: str, *, standing: Callable[[str], dict[str, Any] | None] | None = None
) -> dict[str, Any]:
    """Everything the ledger knows about a feed (URL or id), an entry's or article's URL, or an article id.

    ``standing``: how the site of a URL stands, asked for a feed, and for an entry that waits for its download.

    :raises UsageError: when it knows nothing.
    """
    found = _explain(connection, name)
    waits = found["kind"] == "feed" or (found["next"] or {}).get("stage") == "fetch"
    return {**found, "standing": standing(found["url"]) if standing is not None and waits else None}


def _explain(connection: Connection, name: str) -> dict[str, Any]:
    name = storable(name) or ""
    number = feed_number(name)
    if number is not None:
        return _explain_feed(connection, number)
    entry = _entry_of_article(connection, "id", name)
    if entry is not None:
        return _about_entry(connection, entry)
    if "://" not in name:
        raise UsageError(f"{shown(name)} is neither a URL nor the id of a feed or an article here")
    try:
        key = canonical_url(without_userinfo(name) or "")
    except ValueError as error:
        raise UsageError(f"{shown(name)}: {error}") from None
    feed = addresses.find(connection, key)
    if feed is not None:
        return _explain_feed(connection, feed.id)
    entry = connection.execute("SELECT *, now() AS now FROM entries WHERE url_key = %s", [key]).fetchone()
    # An article's own address may be one that only a redirect or the page itself named.
    entry = entry or _entry_of_article(connection, "url_key", key)
    if entry is None and (named := feed_at(connection, key)) is not None:
        return _explain_feed(connection, named)
    if entry is None:
        raise UsageError(f"{key} was never discovered: no feed here has listed it")
    return _about_entry(connection, entry)


def _explain_feed(connection: Connection, feed_id: int) -> dict[str, Any]:
    feed = get_feed(connection, feed_id)
    if feed is None:
        raise UsageError(f"no feed {feed_id} here")
    return {"kind": "feed", "summary": _about_feed(feed), **feed}


def _entry_of_article(connection: Connection, column: Literal["id", "url_key"], value: str) -> dict[str, Any] | None:
    """The entry through which an article was indexed, rather than one of its duplicates."""
    return connection.execute(
        sql.SQL(
            """
            SELECT e.*, now() AS now FROM articles a JOIN entries e ON e.article_id = a.id AND e.state = 'indexed'
            WHERE a.{} = %s LIMIT 1
            """
        ).format(sql.Identifier(column)),
        [value],
    ).fetchone()


def _about_entry(connection: Connection, entry: dict[str, Any]) -> dict[str, Any]:
    sightings = connection.execute(
        """
        SELECT s.feed_id, f.url AS feed_url, f.title AS feed_title, s.identity, s.discovered_at
        FROM sightings s JOIN feeds f ON f.id = s.feed_id WHERE s.entry_id = %s ORDER BY s.discovered_at
        """,
        [entry["id"]],
    ).fetchall()
    return {
        "kind": "entry",
        "summary": _next_for_entry(entry),
        "id": entry["id"],
        "url": entry["url"],
        "canonical_url": entry["url_key"],
        "site": entry["site"],
        "title": entry["title"],
        "state": entry["state"],
        "reason": entry["reason"],
        "detail": entry["detail"],
        "attempts": entry["attempts"],
        "article_id": entry["article_id"],
        "page_key": entry["page_key"],
        "next": {"stage": entry["stage"], "at": rfc3339(entry["due_at"])} if entry["stage"] else None,
        "seen_in": [{**row, "discovered_at": rfc3339(row["discovered_at"])} for row in sightings],
        "timeline": [{**step, "at": rfc3339(datetime.fromisoformat(step["at"]))} for step in entry["timeline"]],
    }


def _next_for_entry(entry: dict[str, Any]) -> str:
    state = entry["state"]
    because = f" ({entry['reason']})" + (f": {entry['detail']}" if entry["detail"] else "")
    told = {
        "indexed": f"indexed as article {entry['article_id']}",
        "duplicate": f"a duplicate of article {entry['article_id']}",
        "rejected": f"rejected{because}",
        "failed": f"failed for good{because}",
        "discovered": "discovered, not downloaded yet",
        "fetched": "downloaded, not parsed yet",
    }[state]
    if entry["stage"] is None:
        return told
    verb = "download" if entry["stage"] == "fetch" else "parse"
    if entry["leased_at"] is not None:
        return f"{told}; a {verb} is under way, taken up again by {rfc3339(entry['due_at'])} if it is lost"
    why = f" after {entry['reason']}" if entry["reason"] and state in ("discovered", "fetched") else ""
    when = rfc3339(entry["due_at"]) if entry["due_at"] > entry["now"] else "as soon as its site may be asked"
    return f"{told}; next {verb}{why}: {when}"


def _about_feed(feed: dict[str, Any]) -> str:
    if feed["status"] != "active":
        return f"{feed['status']}: not polled"
    if feed["polling"]:
        return f"a poll is under way, taken up again by {feed['next_poll_at']} if it is lost"
    last = feed["polls"][0] if feed["polls"] else None
    if last is None:
        return "never polled yet; due as soon as its site may be asked"
    told = f"last poll {last['at']}: {last['outcome']}"
    if last["outcome"] == "failed":
        told += f" ({last['detail']})"
    return f"{told}; {last['why']}; next poll {feed['next_poll_at']}"
