"""What a person names as a source: a feed URL, a website URL, or an OPML file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.credentials import shown
from shared.database import Connection
from shared.errors import UsageError
from shared.ledger import feeds, moves
from shared.ledger.feeds import AddedFeed
from shared.opml import OpmlFeed, is_cut_off, read_opml

OPML_MAX_BYTES = 20 * 1024 * 1024
# While some are added and not committed, polls that move a feed or read a sitemap index wait.
FEEDS_AT_ONCE = 200


def add_sources(
    connection: Connection, sources: Sequence[str], *, files_only: bool = False, separate: bool = False
) -> tuple[list[AddedFeed], list[str]]:
    """Add every source that can be added. Returns the feeds, each once, and one line for each source that could not.

    Commits by and by, and with the feeds whatever else the transaction holds.

    :param separate: a URL that a feed has left for another becomes a feed of its own again.
    """
    added: dict[int, AddedFeed] = {}
    errors: list[str] = []
    count = 0
    for source in sources:
        is_url = "://" in source and not files_only
        if not is_url:
            # Reading a file may take its time.
            connection.commit()
        try:
            listed, lost = ([OpmlFeed(source)], []) if is_url else _read(source, files_only=files_only)
        except UsageError as error:
            errors.append(str(error))
            continue
        errors += lost
        for feed in listed:
            try:
                found = moves.separate(connection, source) if is_url and separate else _add(connection, feed)
            except ValueError as error:
                errors.append(f"{shown(source)}: {error}" if is_url else f"{source}: {shown(feed.url)!r}: {error}")
                continue
            added.setdefault(found.id, found)
            count += 1
            if count % FEEDS_AT_ONCE == 0:
                connection.commit()
    return list(added.values()), errors


def _add(connection: Connection, feed: OpmlFeed) -> AddedFeed:
    return feeds.add(connection, feed.url, title=feed.title, site_url=feed.site_url, categories=feed.categories)


def _read(source: str, *, files_only: bool) -> tuple[list[OpmlFeed], list[str]]:
    """The feeds of an OPML file, and one line where some may be lost.

    :raises UsageError: when nothing can be made of the file.
    """
    path = Path(source)
    try:
        if path.stat().st_size > OPML_MAX_BYTES:
            raise UsageError(f"{source}: larger than {OPML_MAX_BYTES // 2**20} MiB, split it")
        body = path.read_bytes()
    except OSError as error:
        hint = "" if files_only else "; a URL starts with http:// or https://"
        raise UsageError(f"{source}: {error.strerror or error}{hint}") from None
    try:
        listed = read_opml(body)
    except UsageError as error:
        raise UsageError(f"{source}: {error}") from None
    cut = f"{source}: is cut off before its end: feeds may be missing, fetch it again"
    return listed, [cut] if is_cut_off(body) else []
