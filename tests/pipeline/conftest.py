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
    opened = Desk(tmp_path / "desk")
    try:
        yield opened
    finally:
        opened.close()
