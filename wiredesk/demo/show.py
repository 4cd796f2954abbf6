"""``wiredesk demo``: the sample newspapers served next door, and the pipeline reading them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from shared.database import Database
from shared.ledger import audit
from shared.reading.events import Event, read_events
from shared.settings import Settings
from wiredesk.demo import build_demo
from wiredesk.machine import run_machine
from wiredesk.once import run_once
from wiredesk.progress import RunProgress
from wiredesk.testweb import NewsWeb

ONCE_PATIENCE_SECONDS = 10.0


def run_demo(
    settings: Settings, *, say: Callable[[str], None], stop: threading.Event, once: bool
) -> dict[str, Any] | None:
    """Serve the newspapers and read them: until ``stop``, or ``once`` to the end. Returns the summary of the latter."""
    with NewsWeb() as web:
        papers = build_demo(web, now=datetime.now(UTC))
        say(f"{len(papers.feeds)} feeds of invented newspapers at {papers.opml_url}")
        if once:
            with RunProgress(Console(stderr=True)) as progress:
                return run_once(
                    settings, papers.feeds, patience_seconds=ONCE_PATIENCE_SECONDS, show=progress.show, stop=stop
                )
        run_machine(settings, papers.feeds, say=say, stop=stop, look=Commentary(say).look)
    return None


class Commentary:
    """Tells each event as it is published, and once, when all is read, how the books stand."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._after = 0
        self._told = False

    def look(self, database: Database) -> None:
        """Tell what is new since the last look."""
        with database.transaction() as connection:
            events = read_events(connection, after=self._after, limit=100)
            totals = audit.totals(connection)
        for event in events:
            self._after = event.seq
            self._say(tell(event))
        if not self._told and totals["discovered"] and not totals["pending"]:
            self._told = True
            ends = ", ".join(f"{totals[name]} {name}" for name in ("indexed", "duplicate", "rejected", "failed"))
            self._say(f"all read: {totals['discovered']} entries discovered = {ends}. The feeds stay watched for news.")
        sys.stderr.flush()


def tell(event: Event) -> str:
    """One line about an event."""
    data = event.data or {}
    source = (data.get("source") or {}).get("name") or (data.get("source") or {}).get("domain") or "unknown source"
    what = event.type.removeprefix("article.")
    return f"{event.seq:>4}  {what:<9} {data.get('title') or 'untitled'} ({source}, {data.get('language') or '?'})"
