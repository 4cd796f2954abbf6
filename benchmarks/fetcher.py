"""How many pages one fetcher process gets, and at what CPU: ``python -m benchmarks.fetcher [--pages N] [--json FILE]``.

A web of many sites on loopback, in a process of its own, answers real pages (from ``../shared/data/pages``, else
invented ones) gzipped after some latency. Real engines, a ledger full of entries that are due, the real scheduler and
one real fetcher process work on it; nobody parses. Politeness is on, with no time between two requests and two at once
for each site, and so many sites that it is never the limit.

Requests in flight are counted by the web. CPU is that of whole processes between the first and the last tenth of the
pages: what the fetcher, which one GIL serves, spends on a page says what is possible where nobody else uses the cores.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.fetcher_run import Result, measure, page_bodies

PAGES = Path(__file__).parent.parent.parent / "shared" / "data" / "pages"
SITES = 100


def main() -> int:
    """Measure and print; exit code 1 where pages were not fetched."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5000, help="pages a run (default %(default)s)")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[32, 64], help="requests in flight, run by run")
    parser.add_argument("--latency", type=float, default=0.3, help="seconds that sites think (default %(default)s)")
    parser.add_argument("--sites", type=int, default=SITES, help="sites (default %(default)s)")
    parser.add_argument("--data", type=Path, default=PAGES, help="folder with real pages")
    parser.add_argument("--noise", type=float, metavar="MIB", help="instead of pages, so many MiB that do not compress")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    bodies = page_bodies(options.data) if options.noise is None else [os.urandom(round(options.noise * 2**20))]
    results = []
    for concurrency in options.concurrency:
        with tempfile.TemporaryDirectory(prefix="wiredesk-", ignore_cleanup_errors=True) as folder:
            results.append(measure(Path(folder), bodies, concurrency, options))
        Console(width=140).print(_table(results[-1:]))
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
    return int(any(set(result.left) != {"fetched"} for result in results))


def _table(results: Sequence[Result]) -> Table:
    names = list(results[0].cpu_ms)
    columns = ("at once", "pages", "pages/s", "most", "median", *(f"{name} ms" for name in names), "RSS MiB", "left")
    table = Table(*columns, title=f"one fetcher process, pages of {results[0].kib:.0f} KiB")
    for result in results:
        rss = f"{result.rss_mib[0]:.0f} .. {result.rss_mib[-1]:.0f}" if result.rss_mib else ""
        table.add_row(
            str(result.concurrency),
            str(result.pages),
            f"{result.pages_per_second:.1f}",
            str(result.most_in_flight),
            f"{result.median_in_flight:.0f}",
            *(f"{result.cpu_ms[name]:.1f}" for name in names),
            rss,
            ", ".join(f"{count} {what}" for what, count in result.left.items()),
        )
    return table


if __name__ == "__main__":
    raise SystemExit(main())
