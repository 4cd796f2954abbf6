"""What ``wiredesk parse --compare`` does, and what it shares with the rest of the command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from wiredesk.cli.common import desk, print_json, say

if TYPE_CHECKING:
    from wiredesk.comparing import Found, Tally
    from wiredesk.pages import Page, Pages

SAVED = (".jsonl", ".ndjson")
COMPLAINTS = 10
"""Lines about input that cannot be read; of more only the number is told."""


class Complaints:
    """What could not be read, told in a line each until there are too many."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, what: str) -> None:
        """One more."""
        self.count += 1
        if self.count <= COMPLAINTS:
            say(f"wiredesk: {what}")

    def close(self) -> None:
        """Say how many were not told."""
        if self.count > COMPLAINTS:
            say(f"wiredesk: and {self.count - COMPLAINTS} more that could not be read")


def readable(read: Pages, names: list[str], complaints: Complaints) -> Iterator[Page]:
    """The pages that can be read; the others are complained about."""
    from wiredesk.pages import Unread

    for page in read.read(names):
        if isinstance(page, Unread):
            complaints(f"{page.name}: {page.why}")
        else:
            yield page


def compare_files(
    old: str, names: list[str], read: Pages, limit: int | None, examples: int, complaints: Complaints
) -> Tally:
    """Records in files, and pages as today's parser makes them, against the records in the file ``old``."""
    from wiredesk.comparing import Tally
    from wiredesk.comparing.run import compare_with_saved
    from wiredesk.comparing.saved import SavedIndex

    tally = Tally(examples=examples)
    with SavedIndex(Path(old), complaints) as index, counting("compared") as seen:
        compare_with_saved(index, islice(_found(names, read, complaints), limit), tally, seen)
    tally.leave_out("unread", complaints.count)
    return tally


def _found(names: list[str], read: Pages, complaints: Complaints) -> Iterator[Found]:
    """The records of files that hold such, and of pages as today's parser makes them."""
    from services.parser.decisions import unwatched
    from wiredesk.comparing import Found
    from wiredesk.comparing.saved import SavedRecords

    for name in names:
        if name.endswith(SAVED):
            try:
                yield from SavedRecords(Path(name), complaints)
            except OSError as error:
                complaints(f"{name}: {error.strerror}")
        else:
            for page in readable(read, [name], complaints):
                yield Found(page.name, page.examine(unwatched).record)


def compare_indexed(
    data: Path | None,
    site: str | None,
    since: datetime | None,
    limit: int | None,
    examples: int,
    complaints: Complaints,
) -> Tally:
    """What the data folder's database has against a fresh parse of the stored pages."""
    from shared.pagestore import PageStore
    from shared.reading.pages import iterate_made
    from shared.siterules import SiteRules
    from wiredesk.comparing import Tally
    from wiredesk.comparing.run import compare_with_indexed

    tally = Tally(examples=examples)
    with desk(data) as opened, counting("compared") as seen:
        made = iterate_made(
            opened.connection, site=site, since=since.replace(tzinfo=since.tzinfo or UTC) if since else None
        )
        store = PageStore(opened.settings.page_store_location)
        rules = SiteRules.load(opened.settings.sites_file)
        compare_with_indexed(islice(made, limit), store, tally, bad=complaints, rules=rules, seen=seen)
    tally.leave_out("unread", complaints.count)
    return tally


@contextmanager
def counting(done: str) -> Iterator[Callable[[int], None]]:
    """A count of pages on a terminal; nothing elsewhere."""
    from rich.console import Console

    with Console(stderr=True).status(f"0 pages {done}") as status:
        yield lambda count: status.update(f"{count:,} pages {done}")


def report(tally: Tally, *, as_json: bool) -> None:
    """Print what changed."""
    from wiredesk.comparing.shown import shown
    from wiredesk.explaining import print_rich

    told = tally.report()
    if as_json:
        print_json(told.as_dict())
    else:
        print_rich(*shown(told))
