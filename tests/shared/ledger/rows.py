"""Rows of a ledger, made the way the services make them."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from shared.credentials import Credentials, read_origin
from shared.database import Connection, Database
from shared.ledger import entries, feeds
from shared.ledger.discovery import SeenEntry, record_entries
from shared.records import FeedEntry
from shared.urls import canonical_url, site_of

FEED_URL = "https://paper.example/feed.xml"


def add_feed(database: Database, url: str = FEED_URL) -> int:
    with database.transaction() as connection:
        return feeds.add(connection, url).id


def seen(path: str, *, site: str = "paper.example", fingerprint: str = "1", **facts: Any) -> SeenEntry:
    url = f"https://{site}/{path}"
    entry = FeedEntry(entry_id=path, link=url, title=f"About {path}")
    return SeenEntry(path, fingerprint, entry, url, url, site, **facts)


def seen_at(url: str) -> SeenEntry:
    """An entry as a poll sees it that has nothing but an address."""
    key = canonical_url(url)
    return SeenEntry(url, "1", FeedEntry(entry_id=url, link=url, title="A title"), url, key, site_of(key))


def discover(database: Database, feed_id: int, *items: SeenEntry) -> None:
    with database.transaction() as connection:
        record_entries(connection, feed_id, items)


def entry(database: Database, path: str = "a", *, site: str = "paper.example") -> dict[str, Any]:
    with database.transaction() as connection:
        row = connection.execute("SELECT * FROM entries WHERE url_key = %s", [f"https://{site}/{path}"]).fetchone()
    assert row is not None
    return row


def feed(database: Database, feed_id: int) -> dict[str, Any]:
    with database.transaction() as connection:
        row = connection.execute("SELECT * FROM feeds WHERE id = %s", [feed_id]).fetchone()
    assert row is not None
    return row


def lease(connection: Connection, entry_id: int) -> int:
    """What the scheduler does when it issues a row."""
    row = connection.execute(
        """
        UPDATE entries SET lease = lease + 1, leased_at = now(), due_at = now() + interval '1 minute' WHERE id = %s
        RETURNING lease
        """,
        [entry_id],
    ).fetchone()
    assert row is not None
    return int(row["lease"])


def download(database: Database, entry_id: int, *, sha256: str = "s") -> tuple[str, int]:
    """Lease, claim and store a page. Returns its key and the lease of its parse."""
    with database.transaction() as connection:
        number = lease(connection, entry_id)
        assert entries.claim_fetch(connection, entry_id, number, lease_seconds=60)
        key = f"{entry_id}-{number}.warc.gz"
        parse = entries.fetched(connection, entry_id, number, page_key=key, page_sha256=sha256, lease_seconds=60)
    assert parse is not None
    return key, parse


def steps(row: dict[str, Any]) -> list[str]:
    return [step["what"] for step in row["timeline"]]


def credentials_for(url: str) -> Credentials:
    """One of everything that requests may carry, for the origin of ``url``."""
    return Credentials(
        origin=read_origin(url),
        headers={"X-Key": SecretStr("k-123")},
        cookies={"sid": SecretStr("sid-456")},
        username=SecretStr("user"),
        password=SecretStr("geheim"),
    )
