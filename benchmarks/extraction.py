"""How good and how dear the parser is, beside trafilatura alone: ``python benchmarks/extraction.py [--json FILE]``.

Reads labelled pages from ``../shared/data/pages`` (its README says what they are) and prints one table a set. Body text
is scored as scrapinghub/article-extraction-benchmark does: bags of four-word sequences, shares a page, averages over
pages. A day counts where it is the day in the offset that the page gave. CPU is process time; both parsers read every
page in the same run, one after the other, so that the ratio stands although the milliseconds do not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from trafilatura import bare_extraction
from trafilatura.settings import Document

from services.parser import extract
from services.parser.text import words
from shared.records import Article

PAGES = Path(__file__).parent.parent.parent / "shared" / "data" / "pages"
SETS = ("aed", "fundus", "readability", "trafilatura", "htmldate")
_TOKEN = re.compile(r"\w+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " "})


@dataclass(frozen=True)
class Answer:
    """What a parser says of one page."""

    text: str = ""
    title: str | None = None
    authors: frozenset[str] | None = None
    day: str | None = None
    utc_day: str | None = None
    language: str | None = None
    rejected: str | None = None


@dataclass
class Score:
    """The tally of one parser over one set."""

    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    exact: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    segments: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, gold: dict[str, Any], answer: Answer) -> None:
        """Judge one answer."""
        if "text" in gold:
            found, spurious, missed = _shares(gold["text"], answer.text)
            if found + spurious:
                self.precision.append(found / (found + spurious))
            if found + missed:
                self.recall.append(found / (found + missed))
        self._segments(gold, answer.text)
        for name, right, said in (
            ("title", _title(gold.get("title")), _title(answer.title)),
            ("day", gold.get("date"), answer.day),
            ("utc_day", gold.get("date"), answer.utc_day),
            ("language", (gold.get("lang") or "").split("-")[0], answer.language),
        ):
            if right:
                self.asked[name] += 1
                self.exact[name] += right == said
        if gold.get("authors") and answer.authors is not None:
            self.asked["authors"] += 1
            wanted = gold["authors"] if isinstance(gold["authors"], list) else [gold["authors"]]
            self.exact["authors"] += frozenset(" ".join(words(name)) for name in wanted) == answer.authors

    def _segments(self, gold: dict[str, Any], text: str) -> None:
        """Passages that must be in the text, and passages that must not."""
        wanted, unwanted = gold.get("must_contain") or (), gold.get("must_not_contain") or ()
        self.segments["found"] += sum(segment in text for segment in wanted)
        self.segments["missed"] += sum(segment not in text for segment in wanted)
        self.segments["spurious"] += sum(segment in text for segment in unwanted)

    def figures(self, pages: int) -> dict[str, float]:
        """Averages, and milliseconds a page."""
        figures: dict[str, float] = {}
        if self.precision and self.recall:
            precision, recall = sum(self.precision) / len(self.precision), sum(self.recall) / len(self.recall)
            figures |= {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}
        if found := self.segments["found"]:
            figures["segments"] = 2 * found / (2 * found + self.segments["missed"] + self.segments["spurious"])
        figures |= {name: self.exact[name] / asked for name, asked in self.asked.items()}
        figures["ms"] = self.seconds / pages * 1000
        return figures


def main() -> int:
    """Measure and print; exit code 1 where the pages are not there."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--json", type=Path, help="also write the figures here")
    arguments.add_argument("--data", type=Path, default=PAGES, help="folder with the labelled sets")
    arguments.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    options = arguments.parse_args()
    if not options.data.is_dir():
        sys.stderr.write(f"no labelled pages at {options.data}\n")
        return 1
    logging.disable(logging.CRITICAL)
    results = {name: measure(list(pages(options.data / name))) for name in options.sets}
    for name, by_parser in results.items():
        Console(width=140).print(_table(name, by_parser))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


def pages(folder: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Every labelled page of a set with its gold."""
    with (folder / "gold.jsonl").open(encoding="utf-8") as gold:
        for line in gold:
            row = json.loads(line)
            yield row, gzip.decompress((folder / row["file"]).read_bytes())


def measure(labelled: list[tuple[dict[str, Any], bytes]]) -> dict[str, dict[str, float]]:
    """The figures of each parser over one set; ``ratio`` is CPU relative to trafilatura by its defaults."""
    parsers = {
        "trafilatura, defaults": _defaults,
        "trafilatura, text only": _trafilatura_text,
        "trafilatura": _trafilatura,
        "wiredesk": _wiredesk,
    }
    scores = {name: Score() for name in parsers}
    for gold, body in labelled[:3]:  # models and caches are loaded once a process, not once a page
        for parser in parsers.values():
            parser(body, gold.get("url"))
    for gold, body in labelled:
        for name, parser in parsers.items():
            began = time.process_time()
            answer = parser(body, gold.get("url"))
            scores[name].seconds += time.process_time() - began
            scores[name].add(gold, answer)
    figures = {name: score.figures(len(labelled)) for name, score in scores.items()}
    for row in figures.values():
        row["ratio"] = row["ms"] / figures["trafilatura, defaults"]["ms"]
    return figures


def _wiredesk(body: bytes, url: str | None) -> Answer:
    found = extract(body, url=url)
    if not isinstance(found, Article):
        return Answer(rejected=found.reason, authors=frozenset())
    return Answer(
        text=found.text,
        title=found.title,
        authors=frozenset(" ".join(words(author.name)) for author in found.authors),
        day=_local_day(found),
        utc_day=found.published_at.date().isoformat() if found.published_at else None,
        language=found.language,
    )


def _trafilatura(body: bytes, url: str | None) -> Answer:
    return _answer(bare_extraction(body, url=url, include_comments=False, with_metadata=True))


def _answer(document: Document | dict[str, Any] | None) -> Answer:
    if not isinstance(document, Document):
        return Answer(authors=frozenset())
    authors = (document.author or "").split(";")
    return Answer(
        text=document.text or "",
        title=document.title,
        authors=frozenset(" ".join(words(name)) for name in authors if name.strip()),
        day=document.date,
        utc_day=document.date,
    )


def _defaults(body: bytes, url: str | None) -> Answer:
    """What the CPU of everything else is measured by, called as the bar is worded."""
    return _answer(bare_extraction(body, url=url, with_metadata=True))


def _trafilatura_text(body: bytes, url: str | None) -> Answer:
    document = bare_extraction(body, url=url, include_comments=False)
    return Answer(text=document.text or "") if isinstance(document, Document) else Answer()


def _local_day(article: Article) -> str | None:
    if article.published_at is None:
        return None
    provenance = article.provenance.get("published_at")
    if provenance is None or provenance.offset is None:
        return article.published_at.date().isoformat()
    zone = datetime.fromisoformat(f"2000-01-01T00:00:00{provenance.offset}").tzinfo
    return article.published_at.astimezone(zone).date().isoformat()


def _shares(gold: str, said: str) -> tuple[float, float, float]:
    right, given = _sequences(gold), _sequences(said)
    found = sum((right & given).values())
    spurious, missed = sum((given - right).values()), sum((right - given).values())
    total = found + spurious + missed
    return (found / total, spurious / total, missed / total) if total else (0.0, 0.0, 0.0)


def _sequences(text: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(text)
    if len(tokens) < 4:
        return Counter([tuple(tokens)] if tokens else [])
    return Counter(zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False))


def _title(title: str | None) -> str | None:
    return " ".join(title.translate(_QUOTES).split()).casefold() if title else None


def _table(name: str, by_parser: dict[str, dict[str, float]]) -> Table:
    columns = ("precision", "recall", "f1", "segments", "title", "day", "utc_day", "authors", "language", "ms", "ratio")
    table = Table("", *columns, title=name)
    for parser, figures in by_parser.items():
        table.add_row(parser, *_cells(figures, columns))
    return table


def _cells(figures: dict[str, float], columns: Iterable[str]) -> Iterator[str]:
    for column in columns:
        value = figures.get(column)
        yield "" if value is None else f"{value:.1f}" if column == "ms" else f"{value:.3f}"


if __name__ == "__main__":
    raise SystemExit(main())
