"""How good and how dear the parser is, beside trafilatura and three others: ``make bench-parser``, or
``python -m benchmarks.extraction [--sets aed] [--sample 40] [--folds 5] [--json FILE] [--no-rivals]``.

Reads labelled pages from ``../shared/data/pages`` (its README says what they are) and prints, set by set, every
parser's measures (see :mod:`benchmarks.extraction_score`) and CPU (:mod:`benchmarks.extraction_cpu`), then how much
better this parser is than trafilatura, with the interval in which 95 % of bootstrap draws of whole domains lie.
``ratio`` is CPU relative to ``trafilatura.bare_extraction(html, with_metadata=True)`` over the same pages.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import extraction_cpu as cpu
from benchmarks import extraction_rivals as rivals
from benchmarks.extraction_pages import PAGES, SETS, Labelled, labelled, pages, spread
from benchmarks.extraction_parsers import BEST, DEFAULTS, OURS, PARSERS
from benchmarks.extraction_score import MEASURES, Answer, Mark, judge, total
from benchmarks.extraction_statistics import Difference, Spread, by_domain, differences, folds

__all__ = ["PAGES", "PARSERS", "SETS", "Answer", "judge", "labelled", "main", "measure", "pages", "total"]

CPU_PAGES = 60
ROUNDS = 3
_CPU_COLUMNS = ("ms", "ratio")


@dataclass(frozen=True)
class Result:
    """What one set came to."""

    pages: int
    figures: dict[str, dict[str, float]]
    differences: dict[str, dict[str, Difference]]
    folds: dict[str, dict[str, Spread]]
    skipped: dict[str, str]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 where the pages are not there."""
    options = _options(argv)
    if not options.data.is_dir():
        sys.stderr.write(f"no labelled pages at {options.data}: nothing to measure\n")
        return 1
    logging.disable(logging.CRITICAL)
    console = Console(width=150)
    results: dict[str, Any] = {}
    for name in options.sets:
        result = measure(
            labelled(options.data / name, sample=options.sample),
            rounds=options.rounds,
            cpu_pages=options.cpu_pages,
            fold_count=options.folds,
            with_rivals=options.rivals,
        )
        _print(console, name, result)
        results[name] = asdict(result)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--json", type=Path, help="also write the figures here")
    arguments.add_argument("--data", type=Path, default=PAGES, help="folder with the labelled sets")
    arguments.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    arguments.add_argument("--sample", type=int, help="only so many pages of each set, the same in every run")
    arguments.add_argument("--folds", type=int, default=0, help="also the mean and spread over so many domain folds")
    arguments.add_argument("--rounds", type=int, default=ROUNDS, help="of measuring CPU; 0: do not")
    arguments.add_argument("--cpu-pages", type=int, default=CPU_PAGES, help="pages of each set that CPU is measured on")
    arguments.add_argument("--no-rivals", dest="rivals", action="store_false", help="only trafilatura beside ours")
    return arguments.parse_args(argv)


def measure(
    chosen: Sequence[Labelled],
    *,
    rounds: int = ROUNDS,
    cpu_pages: int = CPU_PAGES,
    fold_count: int = 0,
    with_rivals: bool = False,
) -> Result:
    """The figures of every parser over these pages."""
    marks: dict[str, list[Mark]] = {name: [] for name in PARSERS}
    for page in chosen:
        body = page.body()
        for name, parse in PARSERS.items():
            marks[name].append(judge(page.gold, parse(body, page.url)))
    timed = spread(list(chosen), cpu_pages)
    took = cpu.milliseconds(timed, PARSERS, rounds=rounds, clock=cpu.cpu_clock) if rounds else {}
    skipped: dict[str, str] = {}
    for rival in rivals.RIVALS if with_rivals else ():
        interpreter = rivals.python()
        found = rivals.read(interpreter, rival, chosen) if interpreter else "not installed: make bench-parser does it"
        if isinstance(found, str):
            skipped[rival] = found
            continue
        marks[rival] = [judge(page.gold, answer) for page, answer in zip(chosen, found.answers, strict=True)]
        if took:
            among = {page.path for page in timed}
            took[rival] = [ms for page, ms in zip(chosen, found.milliseconds, strict=True) if page.path in among]
    figures = {name: total(group).figures() for name, group in marks.items()}
    if took:
        for name, costs in cpu.compared(took, by=DEFAULTS).items():
            figures[name] |= costs
    domains = [page.domain for page in chosen]
    grouped: Mapping[str, dict[str, Mark]] = {name: by_domain(domains, group) for name, group in marks.items()}
    return Result(
        pages=len(chosen),
        figures=figures,
        differences={other: differences(grouped[OURS], grouped[other]) for other in (DEFAULTS, BEST)},
        folds={name: folds(group, fold_count) for name, group in grouped.items()} if fold_count else {},
        skipped=skipped,
    )


def _print(console: Console, name: str, result: Result) -> None:
    columns = [one for one in (*MEASURES, *_CPU_COLUMNS) if any(one in row for row in result.figures.values())]
    table = Table("", *columns, title=f"{name}, {result.pages} pages")
    for parser, figures in result.figures.items():
        table.add_row(parser, *(_cell(one, figures.get(one)) for one in columns))
    for other, better in result.differences.items():
        table.add_row(f"{OURS} - {other}", *(_difference(better.get(one)) for one in columns), style="dim")
    for parser, by_measure in result.folds.items():
        table.add_row(f"{parser}, folds", *(_spread(by_measure.get(one)) for one in columns), style="dim")
    console.print(table)
    for parser, why in result.skipped.items():
        console.print(f"{parser}: {why}")


def _cell(column: str, value: float | None) -> str:
    return "" if value is None else f"{value:.1f}" if column == "ms" else f"{value:.3f}"


def _difference(found: Difference | None) -> str:
    return f"{found.value:+.3f}\n{found.low:+.3f}\n{found.high:+.3f}" if found else ""


def _spread(found: Spread | None) -> str:
    return f"{found.mean:.3f}\n±{found.deviation:.3f}" if found else ""


if __name__ == "__main__":
    raise SystemExit(main())
