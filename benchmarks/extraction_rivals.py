"""newspaper4k, news-please and readability-lxml, read by a process of another environment (``make bench-parser``).

They pin what we do not want to be pinned to, so that they are installed beside us and never with us.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.extraction_pages import Labelled
from benchmarks.extraction_score import Answer

RIVALS = ("newspaper4k", "news-please", "readability-lxml")
ENVIRONMENT = Path(__file__).parent.parent / ".venv-bench"
READER = Path(__file__).parent / "extraction_rival_run.py"

_SECONDS_A_PAGE = 12
_SECONDS_TO_START = 120
_FIELDS = {"readability-lxml": frozenset({"authors", "day", "utc_day", "language"})}


@dataclass(frozen=True)
class Reading:
    """What a rival says of each page, and its CPU in milliseconds."""

    answers: list[Answer]
    milliseconds: list[float]


def python() -> Path | None:
    """The interpreter that has the rivals; ``None`` where they are not installed."""
    path = ENVIRONMENT / "bin" / "python"
    return path if path.exists() else None


def read(interpreter: Path, rival: str, chosen: Sequence[Labelled]) -> Reading | str:
    """The pages as ``rival`` reads them, or in one line why it did not."""
    with tempfile.TemporaryDirectory(prefix="rival-") as folder:
        wanted, found = Path(folder) / "pages.jsonl", Path(folder) / "answers.jsonl"
        wanted.write_text("".join(json.dumps({"path": str(page.path), "url": page.url}) + "\n" for page in chosen))
        try:
            done = subprocess.run(  # noqa: S603 - ourselves
                [interpreter, READER, rival, wanted, found],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_SECONDS_TO_START + _SECONDS_A_PAGE * len(chosen),
                cwd=folder,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "took too long"
        if done.returncode:
            return (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
        rows = [json.loads(line) for line in found.read_text().splitlines()]
    return Reading([_answer(rival, row) for row in rows], [row["ms"] for row in rows])


def _answer(rival: str, row: dict[str, object]) -> Answer:
    authors = row.get("authors")
    day = _text(row.get("day"))
    return Answer(
        text=_text(row.get("text")) or "",
        title=_text(row.get("title")),
        authors=tuple(map(str, authors)) if isinstance(authors, list) else (),
        day=day,
        utc_day=_text(row.get("utc_day")) or day,
        language=_text(row.get("language")),
        silent=_FIELDS.get(rival, frozenset()),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
