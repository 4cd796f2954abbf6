"""``wiredesk articles``: list, search, show, export."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wiredesk.cli.common import DataOption, JsonOption, desk, print_json, print_json_lines, say, table

if TYPE_CHECKING:
    from shared.reading.articles import ArticleQuery

app = typer.Typer(help="Articles: list, search, show, export.", no_args_is_help=True)
LimitOption = Annotated[int, typer.Option(min=1, max=200, help="How many.")]
LanguageOption = Annotated[str | None, typer.Option("--lang", help="ISO 639-1 code.")]
SourceOption = Annotated[str | None, typer.Option(help="Domain of the publication.")]
SinceOption = Annotated[datetime | None, typer.Option("--from", help="Published at or after (UTC).")]
UntilOption = Annotated[datetime | None, typer.Option("--to", help="Published before (UTC).")]


class ExportFormat(StrEnum):
    """What articles can be exported as."""

    JSONL = "jsonl"


def _query(
    q: str | None,
    lang: str | None,
    source: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int = 50,
    cursor: str | None = None,
) -> ArticleQuery:
    from shared.reading.articles import ArticleQuery

    return ArticleQuery(
        q=q,
        language=lang,
        source=source,
        since=since.replace(tzinfo=since.tzinfo or UTC) if since else None,
        until=until.replace(tzinfo=until.tzinfo or UTC) if until else None,
        cursor=cursor,
        limit=limit,
    )


@app.command(name="list")
def list_(
    lang: LanguageOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = 20,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """The latest articles."""
    _show_list(_query(None, lang, source, since, until, limit), data, as_json=as_json)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help='Words, "a phrase", or, -not.', metavar="WORDS...")],
    lang: LanguageOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = 20,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Articles that match, in each article's own language."""
    _show_list(_query(" ".join(words), lang, source, since, until, limit), data, as_json=as_json)


def _show_list(query: ArticleQuery, data: Path | None, *, as_json: bool) -> None:
    from shared.reading.articles import find_articles

    with desk(data) as opened:
        page = find_articles(opened.connection, query)
    if as_json:
        print_json_lines(page.articles)
        return
    rows = [
        [
            article["id"],
            (article["published_at"] or "")[:16].replace("T", " "),
            article["language"],
            article["source"]["name"] or article["source"]["domain"],
            article["title"],
        ]
        for article in page.articles
    ]
    table(None, ["id", "published (UTC)", "lang", "source", "title"], rows)
    if page.next_cursor:
        say("there are more: raise --limit, or narrow with --from and --to")


@app.command()
def show(
    article: Annotated[str, typer.Argument(help="The article's id.", metavar="ID")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """One article."""
    from shared.errors import UsageError
    from shared.reading.articles import get_article

    with desk(data) as opened:
        found = get_article(opened.connection, article.replace("\x00", ""))
    if found is None:
        raise UsageError(f"no article {article} here")
    if as_json:
        print_json(found)
        return
    sys.stdout.write(_as_text(found))


def _as_text(article: dict[str, Any]) -> str:
    names = ", ".join(author["name"] for author in article["authors"])
    head = [
        article["title"] or "(no title)",
        article["url"],
        " · ".join(part for part in (article["published_at"], names, article["language"]) if part),
    ]
    return "\n".join([*head, "", str(article["text"]), ""])


@app.command()
def export(
    form: Annotated[ExportFormat, typer.Option("--format", help="The form.")] = ExportFormat.JSONL,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; stdout when not given.")] = None,
    q: Annotated[str | None, typer.Option("--query", help="Only articles that match.")] = None,
    lang: LanguageOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = None,
) -> None:
    """All articles that match, newest first, streamed: one JSON record a line."""
    import json

    from shared.reading.articles import iterate_articles

    count = 0
    with desk(data) as opened:
        assert form is ExportFormat.JSONL
        # One snapshot for the whole export: an article that is updated meanwhile is neither missed nor there twice.
        opened.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        target = output.open("w", encoding="utf-8") if output else sys.stdout
        try:
            for article in iterate_articles(opened.connection, _query(q, lang, source, since, until)):
                target.write(json.dumps(article, ensure_ascii=False) + "\n")
                count += 1
        finally:
            if output:
                target.close()
    if output:
        say(f"{count} articles written to {output}")
