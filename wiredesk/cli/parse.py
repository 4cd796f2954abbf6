"""``wiredesk parse``: the parser alone, on files or URLs, without engines."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wiredesk.cli.common import DataOption, print_json, say, settings_for

if TYPE_CHECKING:
    from shared.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(parse)


def parse(
    pages: Annotated[
        list[str],
        typer.Argument(help="HTML files (also .gz), WARC files of the page store, or URLs.", metavar="FILE|URL..."),
    ],
    url: Annotated[str | None, typer.Option(help="Where a file came from.")] = None,
    data: DataOption = None,
) -> None:
    """The parser alone: prints one record a page, an article or a rejection with its reason."""
    from shared.errors import WiredeskError

    settings = settings_for(data)
    failed = False
    for page in pages:
        try:
            record = _parse_url(page, settings) if page.startswith(("http://", "https://")) else _parse_file(page, url)
        except (WiredeskError, OSError) as error:
            failed = True
            say(f"wiredesk: {page}: {error.strerror if isinstance(error, OSError) else error}")
            continue
        print_json({"file": page, **record})
    if failed:
        sys.exit(1)


def _parse_file(name: str, url: str | None) -> dict[str, object]:
    import gzip
    import zlib

    from services.parser import extract
    from services.parser.jobs import parse_stored
    from shared.errors import UsageError
    from shared.pagestore import decode

    body = Path(name).read_bytes()
    if name.endswith(".warc.gz"):
        return parse_stored(decode(body), key=name).model_dump(mode="json")
    if body.startswith(b"\x1f\x8b"):
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(f"damaged gzip file: {error}") from None
    return extract(body, url=url).model_dump(mode="json")


def _parse_url(url: str, settings: Settings) -> dict[str, object]:
    from services.parser import extract
    from shared.errors import FetchError
    from shared.http import GuardedClient

    with GuardedClient(settings) as client:
        response = client.get(url, max_bytes=settings.page_max_bytes)
    if not response.is_success:
        raise FetchError(f"http_{response.status}", f"answered {response.status}", url=url)
    found = extract(response.body, url=response.url, headers=response.headers, now=datetime.now(UTC))
    return found.model_dump(mode="json")
