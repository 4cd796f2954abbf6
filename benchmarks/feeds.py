"""How quick and how right the feed reader is beside feedparser: ``python -m benchmarks.feeds [DIR] [--json FILE]``.

Reads the sample feeds (``../shared/data/feeds``) and prints one row a set: how many documents there are, how many are
read, and the share of those that the quick path takes; feeds a second of feedparser by its defaults, of feedparser
without sanitising and resolving links in markup, and of ours with everything (sanitised content, validated records);
how often ours is as fast; and on how many entries, and their fields, the quick path and feedparser agree, where the
quick path takes the document. CPU is process time. In each round each reader reads the whole set, one after the other,
and the figures are medians of the rounds, so that the ratios stand although the milliseconds do not.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import feedparser  # noqa: TID251 - what ours is measured by
from rich.console import Console
from rich.table import Table

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import read_feed, sniff
from services.fetcher.reader.build import build
from services.fetcher.reader.charset import decode
from services.fetcher.reader.facts import MalformedXmlError
from services.fetcher.reader.names import UnusualError
from services.fetcher.reader.wellformed import read_well_formed
from services.fetcher.reader.xmlfeed import read_unusual
from shared.records import FeedEntry

FEEDS = Path(__file__).parent.parent.parent / "shared" / "data" / "feeds"
SETS = {
    "real": "real/*",
    "feedparser, well-formed": "feedparser/wellformed/**/*",
    "feedparser, encodings": "feedparser/encoding/**/*",
    "feedparser, broken": "feedparser/illformed/**/*",
    "feedvalidator": "feedvalidator/**/*",
}
URL = "https://feeds.example/feed"
ROUNDS = 5
MAX_ENTRIES = 2000

Reader = Callable[[bytes], object]


@dataclass(frozen=True)
class Figures:
    """Of one set; the speeds in feeds a second of CPU."""

    documents: int
    read: int
    quick: int
    defaults: float
    bare: float
    ours: float
    entries: int
    agreeing_entries: int
    fields: int
    agreeing_fields: int


def main() -> int:
    """Measure and print; exit code 1 where the feeds are not there, or the paths disagree."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("dir", nargs="?", type=Path, default=FEEDS, help="folder with the sample feeds, or with any")
    arguments.add_argument("--json", type=Path, help="also write the figures here")
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    options = arguments.parse_args()
    sets = {name: files(options.dir, pattern) for name, pattern in SETS.items()}
    if not any(sets.values()):
        sets = {options.dir.name: files(options.dir, "**/*")}
    if not any(sets.values()):
        sys.stderr.write(f"no sample feeds at {options.dir}\n")
        return 1
    results = {name: measure([path.read_bytes() for path in paths], options.rounds) for name, paths in sets.items()}
    Console(width=160).print(_table(results))
    if options.json:
        options.json.write_text(json.dumps({name: vars(row) for name, row in results.items()}, indent=1) + "\n")
    return 0 if all(row.fields == row.agreeing_fields for row in results.values()) else 1


def files(folder: Path, pattern: str) -> list[Path]:
    """The files of a set, in order."""
    return sorted(path for path in folder.glob(pattern) if path.is_file())


def measure(bodies: list[bytes], rounds: int) -> Figures:
    """The figures of one set. Speed is measured on the documents that ours reads."""
    read = [body for body in bodies if _reads(body)]
    readers: dict[str, Reader] = {"defaults": _defaults, "bare": _bare, "ours": _ours}
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(rounds):
        for name, reader in readers.items():
            seconds[name].append(_seconds(reader, read))
    speeds = {name: len(read) / statistics.median(taken) if read else 0.0 for name, taken in seconds.items()}
    counts = [_agreement(body) for body in read]
    quick = [count for count in counts if count is not None]
    entries, agreeing_entries, fields, agreeing_fields = (
        (sum(column) for column in zip(*quick, strict=True)) if (quick) else (0, 0, 0, 0)
    )
    return Figures(
        documents=len(bodies),
        read=len(read),
        quick=len(quick),
        **speeds,
        entries=entries,
        agreeing_entries=agreeing_entries,
        fields=fields,
        agreeing_fields=agreeing_fields,
    )


def _seconds(reader: Reader, bodies: list[bytes]) -> float:
    gc.collect()
    began = time.process_time()
    for body in bodies:
        reader(body)
    return time.process_time() - began


def _reads(body: bytes) -> bool:
    try:
        read_feed(body, url=URL)
    except NotAFeedError:
        return False
    return True


def _defaults(body: bytes) -> object:
    return feedparser.parse(io.BytesIO(body))


def _bare(body: bytes) -> object:
    return feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)


def _ours(body: bytes) -> object:
    return read_feed(body, url=URL)


def _agreement(body: bytes) -> tuple[int, int, int, int] | None:
    """Entries, those that are equal, fields, and those that are; ``None`` where the quick path does not take it."""
    text = decode(body)[0]
    xml = text[sniff.skip_prolog(text) :].encode("utf-8", "replace")
    try:
        ours = build(read_well_formed(xml, max_entries=MAX_ENTRIES), url=URL)
    except (MalformedXmlError, UnusualError):
        return None
    theirs = build(read_unusual(xml, max_entries=MAX_ENTRIES), url=URL)
    pairs = list(zip(ours.entries, theirs.entries, strict=False))
    names = tuple(FeedEntry.model_fields)
    entries = max(len(ours.entries), len(theirs.entries))
    return (
        entries,
        sum(one == other for one, other in pairs),
        entries * len(names),
        sum(getattr(one, name) == getattr(other, name) for one, other in pairs for name in names),
    )


def _table(results: dict[str, Figures]) -> Table:
    columns = ("documents", "read", "quick path", "feedparser/s", "bare/s", "ours/s", "x feedparser", "x bare")
    table = Table("", *columns, "entries agree", "fields agree")
    for name, row in results.items():
        table.add_row(
            name,
            str(row.documents),
            str(row.read),
            f"{row.quick / row.read:.1%}" if row.read else "",
            f"{row.defaults:.1f}",
            f"{row.bare:.1f}",
            f"{row.ours:.1f}",
            f"{row.ours / row.defaults:.1f}" if row.defaults else "",
            f"{row.ours / row.bare:.1f}" if row.bare else "",
            f"{row.agreeing_entries} of {row.entries}",
            f"{row.agreeing_fields} of {row.fields}",
        )
    return table


if __name__ == "__main__":
    raise SystemExit(main())
