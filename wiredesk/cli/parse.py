"""``wiredesk parse``: the parser alone, on files, stored pages or URLs; its reasons, and what a new version changes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared.wording import counted
from wiredesk.cli.common import DataOption, desk, print_json, say, settings_for
from wiredesk.cli.comparing import Complaints, compare_files, compare_indexed, counting, readable, report

if TYPE_CHECKING:
    from wiredesk.pages import Page, Pages

INDEXED = "indexed"
QUICK_MS = 10_000
"""What takes longer than this is the page, not what was loaded for it."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(parse)


def parse(
    pages: Annotated[
        list[str] | None,
        typer.Argument(
            help="HTML files (also .gz), WARC archives, - (standard input), keys of the page store, or URLs.",
            metavar="FILE|URL|KEY...",
            show_default=False,
        ),
    ] = None,
    url: Annotated[str | None, typer.Option(help="Where a file came from.")] = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="URLs, and ids of entries and articles, mean their stored page.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say which witness and rule decided what.")] = False,
    save: Annotated[Path | None, typer.Option(help="Write the records to this file, to compare later.")] = None,
    compare: Annotated[
        str | None,
        typer.Option(
            help="Say what changed from the records in this file (--save) to those in another, or to today's parser "
            "over PAGES; 'indexed' compares the articles of the data folder with a fresh parse of their pages.",
            metavar="OLD.jsonl|indexed",
        ),
    ] = None,
    site: Annotated[str | None, typer.Option(help="With --compare indexed: only this domain.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="With --compare indexed: discovered at or after (UTC).")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="With --compare: at most so many pages.")] = None,
    examples: Annotated[int, typer.Option(min=0, max=1000, help="With --compare: so many of the worst.")] = 5,
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Explanation or comparison for a machine.")] = False,
) -> None:
    """The parser alone: prints one record a page, an article or a rejection with its reason."""
    _check_usage(pages, explain=explain, save=save, compare=compare, only_indexed=(site, since), limit=limit)
    _check_url(url)
    complaints = Complaints()
    with ExitStack() as stack:
        if compare == INDEXED:
            tally = compare_indexed(data, site, since, limit, examples, complaints)
            report(tally, as_json=as_json)
        else:
            read = stack.enter_context(_reader(data, url, stored=stored))
            if compare is not None:
                report(compare_files(compare, pages or [], read, limit, examples, complaints), as_json=as_json)
            elif explain:
                _explain(read, pages or [], complaints, as_json=as_json)
            elif save is not None:
                _save(read, pages or [], save, complaints)
            else:
                for page in readable(read, pages or [], complaints):
                    print_json(_record(page))
    complaints.close()
    if complaints.count:
        sys.exit(1)


def _check_usage(
    pages: list[str] | None,
    *,
    explain: bool,
    save: Path | None,
    compare: str | None,
    only_indexed: tuple[object, object],
    limit: int | None,
) -> None:
    """:raises BadParameter: for options that contradict one another, which ends with exit code 2."""
    if sum((explain, save is not None, compare is not None)) > 1:
        raise typer.BadParameter("--explain, --save and --compare are three different things: one at a time")
    if compare == INDEXED and pages:
        raise typer.BadParameter("--compare indexed takes its pages from the data folder")
    if compare != INDEXED and not pages:
        raise typer.BadParameter("which pages? FILE|URL|KEY..., or - for standard input")
    if compare != INDEXED and any(only_indexed):
        raise typer.BadParameter("--site and --since go with --compare indexed")
    if compare is None and limit is not None:
        raise typer.BadParameter("--limit goes with --compare")


def _check_url(url: str | None) -> None:
    """:raises BadParameter: for an address that no page can have come from."""
    from shared.webaddress import web_address

    try:
        if url is not None:
            web_address(url)
    except ValueError as error:
        raise typer.BadParameter(f"--url: {error}") from None


@contextmanager
def _reader(data: Path | None, url: str | None, *, stored: bool) -> Iterator[Pages]:
    from wiredesk.pages import Pages

    if not stored:
        yield Pages(settings_for(data), url=url)
        return
    from shared.reading.pages import page_key_of

    with desk(data) as opened:
        yield Pages(opened.settings, url=url, key_of=lambda name: page_key_of(opened.connection, name))


def _record(page: Page) -> dict[str, Any]:
    from services.parser.decisions import unwatched

    return {"file": page.name, **page.examine(unwatched).record.model_dump(mode="json")}


def _explain(read: Pages, names: list[str], complaints: Complaints, *, as_json: bool) -> None:
    from services.parser.explain import explain
    from wiredesk.explaining import Stopwatch, print_rich, shown

    for page in readable(read, names, complaints):
        watch = Stopwatch()
        examined = page.examine(watch)
        if watch.total < QUICK_MS:
            # Once more: what a process loads when it is first needed is not this page's time.
            watch = Stopwatch()
            examined = page.examine(watch)
        explanation = explain(examined, spent=watch.spent)
        if as_json:
            print_json({"file": page.name, **explanation.as_dict()})
        else:
            print_rich(*shown(explanation))


def _save(read: Pages, names: list[str], target: Path, complaints: Complaints) -> None:
    part = target.with_name(f"{target.name}.part")
    count = 0
    try:
        with part.open("w", encoding="utf-8") as file, counting("saved") as seen:
            for count, page in enumerate(readable(read, names, complaints), 1):
                file.write(json.dumps(_record(page), ensure_ascii=False) + "\n")
                seen(count)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    say(f"{counted(count, 'record')} in {target}")
