"""What a person names as a source, taken into the registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.database import Database, connect
from shared.ledger import addresses
from wiredesk.sources import FEEDS_AT_ONCE, add_sources


def opml(path: Path, *urls: str) -> str:
    outlines = "".join(f'<outline type="rss" xmlUrl="{url}"/>' for url in urls)
    path.write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    return str(path)


def kept(database: Database) -> int:
    with database.transaction() as connection:
        return len(connection.execute("SELECT id FROM feeds").fetchall())


def test_a_long_list_is_committed_by_and_by(database: Database, database_url: str, tmp_path: Path) -> None:
    urls = [f"https://paper.example/{number}" for number in range(2 * FEEDS_AT_ONCE + 1)]
    with connect(database_url) as connection:
        added, errors = add_sources(connection, [opml(tmp_path / "feeds.opml", *urls)], files_only=True)
        assert (len(added), errors) == (len(urls), [])
        assert kept(database) == 2 * FEEDS_AT_ONCE
    assert kept(database) == len(urls)


def test_nobody_waits_while_a_file_is_read(database: Database, database_url: str, tmp_path: Path) -> None:
    with connect(database_url) as connection:
        add_sources(connection, ["https://paper.example/1", str(tmp_path / "not-there.opml")])
        with database.transaction() as other:
            other.execute("SET LOCAL lock_timeout = '1s'")
            addresses.lock(other)
    assert kept(database) == 1


@pytest.mark.parametrize("separate", [False, True])
def test_a_source_that_cannot_be_added_loses_none_of_the_others(
    database: Database, database_url: str, tmp_path: Path, separate: bool
) -> None:
    listed = opml(tmp_path / "feeds.opml", "https://paper.example/1", "https://user:a%0Ab@paper.example/2")
    with connect(database_url) as connection:
        sources = ["https://paper.example/3", "https://user:geheim@/", str(tmp_path / "none"), listed, "ftp://a/b"]
        added, errors = add_sources(connection, sources, separate=separate)
    assert [feed.url for feed in added] == ["https://paper.example/3", "https://paper.example/1"]
    assert len(errors) == 4
    assert "geheim" not in " ".join(errors)
    assert kept(database) == 2
