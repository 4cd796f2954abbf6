"""What the pipeline's tests share: a web to read and a desk to read it at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.desk import Desk
from wiredesk.testweb import NewsWeb


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb() as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with engines of its own, as ``wiredesk`` starts and stops them."""
    yield from _open(Desk(tmp_path / "desk"))


@pytest.fixture
def quick_desk(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Desk]:
    """A desk on the engines of all tests, with a database of its own: what the two URLs are for."""
    yield from _open(Desk(tmp_path / "desk", WIREDESK_DATABASE_URL=database_url, WIREDESK_REDIS_URL=redis_url))


def _open(opened: Desk) -> Iterator[Desk]:
    try:
        yield opened
    finally:
        opened.close()
