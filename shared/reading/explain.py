"""Why a feed or URL is in the state it is in, what happens next, and when."""

from __future__ import annotations

from typing import Any

from shared.database import Connection
from shared.errors import UsageError
from shared.reading.feeds import get_feed
from shared.records import rfc3339
from shared.urls import canonical_url


def explain(connection: Connection, name: str) -> dict[str, Any]:
    """Everything the ledger knows about a feed (URL or id), an article's URL, or an article id.

    :raises UsageError: when it knows nothing.
    """
    if name.isdecimal() and int(name) < 2**63:
        feed = get_feed(connection, int(name))
        if feed is not None:
            return {"kind": "feed", "summary": _about_feed(feed), **feed}
        raise UsageError(f"no feed {name} here")
    article = connection.execute("SELECT url_key FROM articles WHERE id = %s", [name]).fetchone()
    if article is None and "://" not in name:
        raise UsageError(f"{name} is neither a URL nor the id of a feed or an article here")
    try:
        key = article["url_key"] if article is not None else canonical_url(name)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
    row = connection.execute("SELECT id FROM feeds WHERE url_key = %s", [key]).fetchone()
    if row is not None:
        feed = get_feed(connection, row["id"]) or {}
        return {"kind": "feed", "summary": _about_feed(feed), **feed}
    entry = connection.execute(
        """
        SELECT e.*, now() AS now FROM entries e LEFT JOIN articles a ON a.id = e.article_id
        WHERE e.url_key = %(key)s OR (a.url_key = %(key)s AND e.state = 'indexed') ORDER BY e.url_key = %(key)s DESC LIMIT 1
        """,
        {"key": key},
    ).fetchone()
    if entry is None:
        raise UsageError(f"{key} was never discovered: no feed here has listed it")
    return _about_entry(connection, entry)


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
        "timeline": entry["timeline"],
    }


def _next_for_entry(entry: dict[str, Any]) -> str:
    state = entry["state"]
    told = {
        "indexed": f"indexed as article {entry['article_id']}",
        "duplicate": f"a duplicate of article {entry['article_id']}",
        "rejected": f"rejected ({entry['reason']}): {entry['detail']}",
        "failed": f"failed for good ({entry['reason']}): {entry['detail']}",
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
    last = feed["polls"][0] if feed["polls"] else None
    if last is None:
        return "never polled yet; due as soon as its site may be asked"
    told = f"last poll {last['at']}: {last['outcome']}"
    if last["outcome"] == "failed":
        told += f" ({last['detail']})"
    return f"{told}; {last['why']}; next poll {feed['next_poll_at']}"
