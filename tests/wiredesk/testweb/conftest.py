"""The news web that other tests rely on, open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wiredesk.testweb import NewsWeb


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb() as opened:
        yield opened
