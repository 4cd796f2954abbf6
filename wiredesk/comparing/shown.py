"""A report of what would change, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from shared.wording import counted
from wiredesk.comparing.report import Report

SITES = 10
_FIELD_SAMPLES = 2
LEFT_OUT = {
    "only_old": "only in the old file",
    "only_new": "not in the old file",
    "page_missing": "no longer in the page store",
    "not_tried": "had ended a parser before: not tried",
    "unread": "could not be read",
}
"""Why pages were not compared, in words."""


def shown(report: Report) -> Iterator[RenderableType]:
    """A report, part by part."""
    yield _head(report)
    if report.changed:
        for part in (_outcomes, _fields, _texts, _sites, _examples):
            yield from part(report)


def _head(report: Report) -> Text:
    text = Text(f"{counted(report.pages, 'page')} compared: ", style="bold")
    text.append(f"{report.unchanged:,} unchanged, {report.changed:,} changed{_share(report.changed, report.pages)}")
    old, new = (", ".join(f"{name} ({count:,})" for name, count in side.items()) for side in report.versions)
    if report.pages:
        text.append(f"\nold {old}\nnew {new}", style="not bold dim")
    if report.only_witnesses:
        text.append(
            f"\n{report.only_witnesses:,} of the unchanged have other witnesses for the same values", style="not bold"
        )
    if report.other_bytes:
        text.append(
            f"\n{report.other_bytes:,} were read from other bytes: there the page changed, perhaps not the parser",
            style="not bold",
        )
    for why, count in report.unmatched.items():
        text.append(f"\n{count:,} {LEFT_OUT.get(why, why)}", style="not bold yellow")
    return text


def _outcomes(report: Report) -> Iterator[RenderableType]:
    if not report.outcomes:
        return
    table = _table("before and after", "pages")
    for change, count in report.outcomes.items():
        table.add_row(Text(change), f"{count:,}")
    yield _title("Outcomes")
    yield table


def _fields(report: Report) -> Iterator[RenderableType]:
    table = _table("field", "pages", "share", "changed", "gained", "lost")
    for name, count in report.fields.items():
        share = _share(count.total, report.pages).strip(" ()")
        table.add_row(
            Text(name),
            f"{count.total:,}",
            share,
            *(f"{part or ''}" for part in (count.changed, count.gained, count.lost)),
        )
    yield _title("Fields")
    yield table
    for name, count in report.fields.items():
        for sample in count.samples[:_FIELD_SAMPLES]:
            yield Text("  ").append_text(_arrow(name, sample["old"], sample["new"]))


def _texts(report: Report) -> Iterator[RenderableType]:
    if not any(report.overlaps.values()):
        return
    table = _table("overlap", "pages")
    for name, count in report.overlaps.items():
        table.add_row(name, f"{count:,}")
    yield _title("Texts that changed, by the four-word sequences they share")
    yield table
    words = report.words
    yield (
        f"{words['words_before']:,} words became {words['words_after']:,}: "
        f"{words['words_added']:,} added, {words['words_lost']:,} lost"
    )


def _sites(report: Report) -> Iterator[RenderableType]:
    table = _table("site", "pages", "changed", "texts", "mean overlap")
    for name, count in list(report.sites.items())[:SITES]:
        overlap = f"{count.overlap / count.text_changed:.3f}" if count.text_changed else ""
        table.add_row(Text(name), f"{count.pages:,}", f"{count.changed:,}", f"{count.text_changed or ''}", overlap)
    yield _title("Sites")
    yield table
    if len(report.sites) > SITES:
        yield (f"and {counted(len(report.sites) - SITES, 'more site', 'more sites')}: --json has them all")


def _examples(report: Report) -> Iterator[RenderableType]:
    if not report.examples:
        return
    yield _title("The worst")
    for number, example in enumerate(report.examples, 1):
        yield _example(number, example)


def _example(number: int, example: Mapping[str, Any]) -> Text:
    text = Text(f"{number}. {example['url'] or example['page']}", style="bold")
    if example["url"]:
        text.append(f"\n   {example['page']}", style="not bold dim")
    if example["overlap"] is not None:
        text.append(f"\n   text: overlap {example['overlap']}", style="not bold default")
    for name, (old, new) in example["fields"].items():
        text.append("\n   ").append_text(_arrow(name, old, new))
    for line in example["text"]:
        style = {"-": "red", "+": "green"}.get(line[:1], "default")
        text.append(f"\n   {line}", style=f"not bold {style}")
    return text


def _arrow(name: str, old: object, new: object) -> Text:
    text = Text(f"{name}: ", style="not bold default")
    text.append(_value(old), style="not bold red").append(" -> ", style="not bold default")
    return text.append(_value(new), style="not bold green")


def _value(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _share(count: int, of: int) -> str:
    return f" ({count / of:.1%})" if of else ""


def _table(first: str, *others: str) -> Table:
    table = Table(header_style="dim", box=None, pad_edge=False)
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="right")
    return table


def _title(words: str) -> Text:
    return Text(f"\n{words}", style="bold")
