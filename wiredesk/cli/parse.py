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

# What a file of the page store holds beside the page: headers, and what the feed said.
WARC_MARGIN = 1024 * 1024


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
            if page.startswith(("http://", "https://")):
                record = _parse_url(page, settings)
            else:
                record = _parse_file(page, url, max_bytes=settings.page_max_bytes)
        except (WiredeskError, OSError) as error:
            failed = True
            say(f"wiredesk: {page}: {error.strerror if isinstance(error, OSError) else error}")
            continue
        print_json({"file": page, **record})
    if failed:
        sys.exit(1)


def _parse_file(name: str, url: str | None, *, max_bytes: int) -> dict[str, object]:
    from services.parser import extract
    from services.parser.jobs import parse_stored
    from shared.pagestore import decode

    body = Path(name).read_bytes()
    if name.endswith(".warc.gz"):
        _unpack(body, max_bytes + WARC_MARGIN)
        return parse_stored(decode(body), key=name).model_dump(mode="json")
    if body.startswith(b"\x1f\x8b"):
        body = _unpack(body, max_bytes)
    return extract(body, url=url).model_dump(mode="json")


def _unpack(packed: bytes, max_bytes: int) -> bytes:
    """What a gzip file holds.

    :raises UsageError: when it is damaged, or holds more than ``max_bytes``: a few KB can unpack to gigabytes.
    """
    import gzip
    import io
    import zlib

    from shared.errors import UsageError

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            body = file.read(max_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"damaged gzip file: {error}") from None
    if len(body) > max_bytes:
        raise UsageError(f"unpacks to more than {max_bytes} bytes: WIREDESK_PAGE_MAX_BYTES")
    return body


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
