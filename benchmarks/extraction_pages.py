"""The labelled pages: what there is, what gold says of each, and a smaller choice of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import html

from shared.urls import site_of

PAGES = Path(__file__).parent.parent.parent / "shared" / "data" / "pages"
SETS = ("aed", "fundus", "readability", "trafilatura", "htmldate")

# Regions of fundus in which no publisher writes for foreigners in their language; gold itself names none.
_LANGUAGES = {
    "at": "de",
    "au": "en",
    "de": "de",
    "fr": "fr",
    "it": "it",
    "kr": "ko",
    "lt": "lt",
    "se": "sv",
    "uk": "en",
    "us": "en",
}
_BLOCKS = frozenset(
    ("p", "div", "br", "li", "ul", "ol", "td", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre")
)


@dataclass(frozen=True)
class Labelled:
    """A page on disk with its gold."""

    path: Path
    gold: dict[str, Any]

    @property
    def url(self) -> str | None:
        """Where the page was."""
        return self.gold.get("url") or None

    @cached_property
    def domain(self) -> str:
        """The registered domain, by which folds are cut: pages of one newspaper are alike."""
        return (site_of(self.url) if self.url else "") or self.path.name

    def body(self) -> bytes:
        """The bytes as fetched."""
        return gzip.decompress(self.path.read_bytes())


def labelled(folder: Path, *, sample: int | None = None) -> list[Labelled]:
    """A set's pages; with ``sample`` that many of them, spread evenly and the same in every run."""
    with (folder / "gold.jsonl").open(encoding="utf-8") as gold:
        rows = [_completed(folder.name, json.loads(line)) for line in gold]
    every = [Labelled(folder / row["file"], row) for row in rows]
    return spread(every, sample) if sample else every


def spread(every: list[Labelled], count: int) -> list[Labelled]:
    """At most ``count`` of ``every``, at even distances."""
    count = min(count, len(every))
    return [every[number * len(every) // count] for number in range(count)]


def pages(folder: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Every labelled page of a set as its gold and its bytes."""
    for page in labelled(folder):
        yield page.gold, page.body()


def _completed(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Gold with what it leaves to be understood: all of aed is English, readability gives its text as HTML."""
    if name == "aed":
        row.setdefault("lang", "en")
    if language := _LANGUAGES.get(row.get("region", "")):
        row.setdefault("lang", language)
    if "content_html" in row:
        row["text"] = html_text(row.pop("content_html"))
    return row


def html_text(markup: str) -> str:
    """HTML as text with a line a block."""
    parts: list[str] = []
    tree = html.fromstring(markup or "<p></p>")
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in _BLOCKS:
            parts.append("\n")
        parts.append(element.text or "")
        if element.tail:
            parts.append(f"\n{element.tail}" if element.tag in _BLOCKS else element.tail)
    return "".join(parts)
