"""An explanation of the parser as a person reads it, on a terminal or in a file of 80 columns."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from services.parser.story import BodyStory, Explanation, FieldStory, SiteRuleStory
from shared.wording import counted

PIPED_WIDTH = 80
OTHERS = 6
"""What so many others said is shown; ``--json`` has it all."""
_VALUE = 300
_LINE = 100


class Stopwatch:
    """Notes how long each step took. Wall clock: it is for the person who waited."""

    def __init__(self) -> None:
        """Begin now."""
        self.spent: dict[str, float] = {}
        self._since = time.perf_counter()

    @property
    def total(self) -> float:
        """Milliseconds so far."""
        return sum(self.spent.values())

    def __call__(self, step: str) -> None:
        """A step is done."""
        now = time.perf_counter()
        self.spent[step] = round(self.spent.get(step, 0.0) + (now - self._since) * 1000, 2)
        self._since = now


def print_rich(*parts: RenderableType) -> None:
    """Print on standard output: a pipe has no width of its own, and no use for spaces at the end of lines."""
    out = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)
    with out.capture() as captured:
        for part in parts:
            out.print(part)
    for line in captured.get().splitlines():
        typer.echo(line.rstrip())


def shown(explanation: Explanation) -> Iterator[RenderableType]:
    """An explanation, part by part."""
    yield _head(explanation)
    silent = [story.name for story in explanation.fields if _is_silent(story)]
    grid = _grid()
    for story in explanation.fields:
        if not _is_silent(story):
            grid.add_row(Text(story.name, style="bold"), _field(story))
    if silent:
        grid.add_row(Text("nobody says", style="bold"), Text(", ".join(silent)))
    if explanation.site_rule is not None:
        grid.add_row(Text("site rule", style="bold"), _site_rule(explanation.site_rule))
    if explanation.body is not None:
        grid.add_row(Text("text", style="bold"), _body(explanation.body))
        grid.add_row(Text("quality", style="bold"), _quality(explanation))
    else:
        seen = "\n".join(f"{name}: {_in_words(value)}" for name, value in explanation.seen.items())
        if seen:
            grid.add_row(Text("the page has", style="bold"), Text(seen))
    if explanation.spent:
        grid.add_row(Text("time", style="bold"), _time(explanation))
    yield grid


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 1, 0), expand=False)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _head(explanation: Explanation) -> Text:
    page, extraction = explanation.page, explanation.extraction
    head = Text(explanation.outcome, style="bold green" if explanation.outcome == "article" else "bold red")
    if explanation.detail:
        head.append(f": {explanation.detail}", style="not bold")
    gap = "\n" if explanation.detail else "  "
    head.append(f"{gap}{explanation.url or '(no URL: --url says where a file came from)'}", style="not bold default")
    declared = page.get("charset_declared")
    facts = [
        f"{page['bytes']:,} bytes" if "bytes" in page else None,
        page.get("content_type"),
        f"read as {page['charset']}" if "charset" in page else None,
        f"called {declared}" if declared and declared != page.get("charset") else None,
        page.get("key"),
        f"{extraction.get('extractor', '')} {extraction.get('version', '')}".strip() or None,
    ]
    head.append("\n" + ", ".join(str(fact) for fact in facts if fact) + "\n", style="not bold default dim")
    return head


def _is_silent(story: FieldStory) -> bool:
    return story.value in (None, [], "") and not story.others


def _field(story: FieldStory) -> Text:
    text = Text(_in_words(story.value) if story.value not in (None, [], "") else "null")
    if story.source == "none":
        text.append("\nnobody is believed", style="yellow")
    elif story.source:
        text.append(f"\n{story.source}", style="green").append(" won")
        if story.raw is not None and story.raw != story.value:
            text.append(f": {_cut(story.raw, _VALUE)}")
    if story.rule:
        text.append(f"\nrule: {story.rule}", style="dim")
    others: dict[tuple[str, str | None], list[str]] = {}
    for said in story.others:
        others.setdefault((said.value, said.reason), []).append(said.source)
    if agreeing := others.pop((story.raw or "", None), None):
        text.append(f"\n{', '.join(agreeing)}", style="cyan").append(" said the same")
    for (value, reason), sources in list(others.items())[:OTHERS]:
        text.append(f"\n{', '.join(sources)}", style="cyan").append(f" said {_cut(value, _VALUE)}")
        if reason:
            text.append(f" ({reason})", style="yellow")
    if len(others) > OTHERS:
        text.append(f"\nand {len(others) - OTHERS} more: --json has them", style="dim")
    return text


def _body(body: BodyStory) -> Text:
    text = Text(f"{counted(body.words, 'word')} in {counted(body.kept, 'line')}, from {body.source}")
    text.append(f"\n{body.chosen}", style="green")
    text.append(f": {body.because}")
    lengths = ", ".join(f"{name} {counted(words, 'word')}" for name, words in body.lengths.items())
    text.append(f"\nwitnesses: {lengths}", style="dim")
    if body.doubt:
        found = ", ".join(f"{name} {counted(words, 'word')}" for name, words in body.candidates.items())
        text.append(f"\ncandidates: {found}, asked since {body.doubt}", style="dim")
    text.append("\nstandfirst: ")
    text.append(_cut(body.standfirst, _LINE) if body.standfirst else "none was added")
    text.append(f"\ndropped lines: {len(body.dropped)}")
    for line in body.dropped:
        text.append(f"\n  {line.rule}", style="yellow")
        text.append(f"  {_cut(line.line, _LINE)}")
    return text


def _site_rule(rule: SiteRuleStory) -> Text:
    text = Text(rule.name)
    text.append(f"\ndecided: {', '.join(rule.used) or 'nothing'}", style="green" if rule.used else "yellow")
    for missed in rule.missed:
        text.append(f"\n{missed.source}", style="yellow").append(f" had no effect: {missed.value}")
    return text


def _quality(explanation: Explanation) -> Text:
    text = Text(f"{explanation.score}" + ("" if explanation.flags else ", no doubts"))
    for flag in explanation.flags:
        text.append(f"\n{flag.flag}", style="yellow")
        text.append(f" (-{flag.cost})" + (f": {flag.because}" if flag.because else ""))
    return text


def _time(explanation: Explanation) -> Text:
    spent = explanation.spent
    text = Text(f"{sum(spent.values()):.1f} ms: ")
    return text.append(", ".join(f"{step} {ms:.1f}" for step, ms in spent.items()))


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(_cut(part, _VALUE) for part in _parts(value))
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else "-"
    return _cut(str(value), _VALUE)


def _parts(values: list[object]) -> Iterator[str]:
    """The items of a list, each by its name, address or words."""
    for value in values:
        if isinstance(value, dict):
            yield " ".join(str(part) for part in value.values() if part is not None)
        else:
            yield str(value)


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
