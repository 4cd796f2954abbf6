"""What a person names as a source: a feed URL, a website URL, or an OPML file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.credentials import shown
from shared.database import Connection
from shared.errors import UsageError
from shared.ledger import feeds, moves
from shared.ledger.feeds import AddedFeed
from shared.opml import is_cut_off, read_opml

OPML_MAX_BYTES = 20 * 1024 * 1024
# Nobody else adds or moves feeds while feeds are added.
FEEDS_AT_ONCE = 200


def add_sources(
    connection: Connection, sources: Sequence[str], *, files_only: bool = False, separate: bool = False
) -> tuple[list[AddedFeed], list[str]]:
    """Add every source that can be added. Returns the feeds, each once, and one line for each source that could not."""
    added: dict[int, AddedFeed] = {}
    errors: list[str] = []
    for source in sources:
        try:
            found, unusable = _add(connection, source, files_only=files_only)
        except UsageError as error:
            errors.append(str(error))
            continue
        errors += unusable
        for feed in found:
            added.setdefault(feed.id, feed)
    return list(added.values()), errors


def _add(connection: Connection, source: str, *, files_only: bool) -> tuple[list[AddedFeed], list[str]]:
    """The feeds of one source, and one line for each that its list names in vain or has lost.

    :raises UsageError: when nothing can be made of the source.
    """
    if "://" in source and not files_only:
        try:
            return [feeds.add(connection, source)], []
        except ValueError as error:
            raise UsageError(f"{shown(source)}: {error}") from None
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
    added = []
    unusable = []
    if is_cut_off(body):
        unusable.append(f"{source}: is cut off before its end: feeds may be missing, fetch it again")
    for feed in listed:
        try:
            added.append(
                feeds.add(connection, feed.url, title=feed.title, site_url=feed.site_url, categories=feed.categories)
            )
        except ValueError as error:
            unusable.append(f"{source}: {shown(feed.url)!r}: {error}")
    return added, unusable
