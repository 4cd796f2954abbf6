"""What the guide for consumers says is held against the API."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import redis

from services.indexer.relay import Relay
from shared.database import Database
from shared.reading.events import STREAM
from shared.records import Article
from tests.services.api.served import Served
from tests.shared.reading.newsroom import Newsroom, make_article

GUIDE = (Path(__file__).parents[3] / "docs" / "consuming.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", GUIDE, re.DOTALL)
REQUESTS = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
COMMANDS = [line for kind, block in BLOCKS if kind == "text" for line in block.splitlines()]


@pytest.mark.parametrize("name", Article.model_fields)
def test_every_field_of_the_record_is_explained(name: str) -> None:
    assert re.search(rf"^\|[^|]*`{name}`", GUIDE, re.MULTILINE)


def test_every_endpoint_is_named(idle: Served) -> None:
    for path in idle.get("/openapi.json").json()["paths"]:
        assert path in GUIDE


def test_every_request_works_as_it_is_written(idle: Served) -> None:
    assert len(REQUESTS) > 5
    for line in REQUESTS:
        found = re.fullmatch(r"curl (?:-H '(\S+): (\S+)' )?'http://127\.0\.0\.1:8700(\S+)'", line)
        assert found, line
        headers = {found[1]: found[2]} if found[1] else {}
        assert idle.get(found[3], headers=headers).status == 200, line


def test_every_stream_command_works_as_it_is_written(
    newsroom: Newsroom, database: Database, valkey: redis.Redis
) -> None:
    newsroom.publish(make_article())
    Relay(database, valkey, length=10).publish()
    assert len(COMMANDS) > 4
    for line in COMMANDS:
        command = line.partition("     ")[0].replace("BLOCK 5000", "BLOCK 50").split()
        assert "wiredesk:articles" in command
        valkey.execute_command(*command)  # type: ignore[no-untyped-call]
    kept: Any = valkey.xrange(STREAM)
    ((entry_id, fields),) = kept
    assert entry_id == b"1-0"
    assert set(fields) == {b"type", b"subject", b"event"}
