"""How a run shows itself: a live bar on a terminal, plain lines elsewhere, a table at the end. All on stderr."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from wiredesk.account import Account

LINE_SECONDS = 2.0


class RunProgress:
    """Shows the account of a run as it grows."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._last_line = ""
        self._last_at = 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description:<8}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[note]}"),
                TimeElapsedColumn(),
                console=self._console,
            )
            self._tasks = {name: self._bar.add_task(name, total=None, note="") for name in ("feeds", "pages")}
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, account: Account) -> None:
        """The account as it stands now; call it as often as you like."""
        note = f"articles {account.indexed}  rejected {account.rejected}"
        if account.failed:
            note += f"  failed {account.failed}"
        if self._bar is not None:
            self._bar.update(self._tasks["feeds"], total=account.feeds, completed=account.feeds_done)
            self._bar.update(self._tasks["pages"], total=account.discovered, completed=account.pages, note=note)
            return
        line = f"feeds {account.feeds_done}/{account.feeds}  pages {account.pages}/{account.discovered}  {note}"
        if line != self._last_line and time.monotonic() - self._last_at >= LINE_SECONDS:
            self._last_line, self._last_at = line, time.monotonic()
            self._console.print(line, markup=False, highlight=False)


def summary_rows(summary: Mapping[str, Any]) -> list[list[Any]]:
    """The closing table: each figure, and below the ends the reasons for them."""
    rows: list[list[Any]] = [
        ["feeds read", summary["feeds_ok"]],
        ["feeds failed", summary["feeds_failed"]],
        ["entries discovered", summary["discovered"]],
    ]
    for name in ("indexed", "duplicate", "rejected", "failed", "pending"):
        rows.append([f"  {name}", summary[name]])
        rows += [
            [f"    {why.partition(': ')[2]}", count]
            for why, count in summary["reasons"].items()
            if why.startswith(f"{name}: ")
        ]
    if summary["earlier"]:
        rows.append(["finished from earlier runs", summary["earlier"]])
    rows.append(["seconds", summary["seconds"]])
    return rows
