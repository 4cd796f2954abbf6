"""Every command in docs/parsing.md works, in the order in which it stands there."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from services.parser.stored import parse_stored
from shared.database import Database
from shared.pagestore import PageMetadata, PageStore, StoredPage, encode
from shared.settings import Settings
from tests.shared.reading.newsroom import Newsroom

DOCUMENT = Path(__file__).parents[2] / "docs" / "parsing.md"
URL = "https://gazette.example/harbour/crane-moves"
KEY = "2026/03/01/7-1.warc.gz"
PAGE = b"""<html lang="en"><head><title>The crane moves again | The Gazette</title></head><body><article>
<h1>The crane moves again</h1><p>The crane at the old harbour moved on Tuesday for the first time in forty years.</p>
<p>Its driver, who is eighty, had kept the key in a tin, and nobody had asked him for it until last week.</p>
<p>The council voted to sell the quay in the winter, and the crane was to be scrapped with it.</p></article>"""

# One process for all of them: most of what each costs is to start.
RUN = """
import shlex, sys
from wiredesk.cli.main import app
for line in sys.argv[1:]:
    command, _, file = line.partition(" < ")
    sys.stdin = open(file) if file else sys.__stdin__
    try:
        code = app(shlex.split(command)[1:], standalone_mode=False)
    except SystemExit as end:
        code = end.code
    if code:
        print("failed:", line, file=sys.stderr)
"""


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_every_command_of_the_document_works(settings: Settings, database: Database, tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    metadata = PageMetadata(entry_id=7, url=URL, final_url=URL, fetched_at=now, discovered_at=now)
    stored = StoredPage(status=200, body=PAGE, metadata=metadata)
    newsroom = Newsroom(database)
    newsroom.publish(parse_stored(stored, key=None))
    with database.transaction() as connection:
        key = connection.execute("SELECT page_key FROM entries").fetchone()["page_key"]
    store = PageStore(settings.page_store_location)
    for place in (KEY, key):
        store.put(place, stored)
    (tmp_path / "archive.warc.gz").write_bytes(encode(stored) * 2)
    for name in ("page.html", "other.html"):
        (tmp_path / name).write_bytes(PAGE)
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(PAGE))

    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    environment = clean | {
        "WIREDESK_DATA": str(settings.data),
        "WIREDESK_DATABASE_URL": str(settings.database_url),
        "WIREDESK_REDIS_URL": str(settings.redis_url),
        "PYTHONPATH": str(DOCUMENT.parents[1]),
    }
    listed = commands()
    assert len(listed) > 10
    done = subprocess.run(
        [sys.executable, "-c", RUN, *listed],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if " records in " not in line] == []
    assert "2 pages compared: 2 unchanged" in done.stdout
    assert "1 page compared: 1 unchanged" in done.stdout
