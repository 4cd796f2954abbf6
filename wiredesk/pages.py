"""Pages to parse, from wherever they are: files, standard input, archives, the page store, the web."""

from __future__ import annotations

import gzip
import io
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from services.parser.assemble import examine
from services.parser.decisions import Examined, Watch
from services.parser.stored import examine_stored
from shared.errors import FetchError, UsageError, WiredeskError
from shared.pagearchive import DamagedPage, is_archive, stored_pages
from shared.pagestore import PageMissingError, PageStore, StoredPage
from shared.settings import MIB, Settings
from shared.siterules import SiteRules

STDIN = "-"
LARGEST_FILE = 100 * MIB
"""Bytes of a file that is read at all: four times what the parser takes for a page."""
_BEGINNING = 64 * 1024
_KEY = re.compile(r"(?:^|[/\\])(\d{4}/\d\d/\d\d/\d+-\d+\.warc\.gz)$")


@dataclass(frozen=True)
class Page:
    """A page by the name it was asked for under; it is parsed when ``examine`` is called."""

    name: str
    examine: Callable[[Watch], Examined]


@dataclass(frozen=True)
class Unread:
    """A page that cannot be read, and why, in one line."""

    name: str
    why: str


class Pages:
    """Reads pages one after another, each only when its turn comes."""

    def __init__(
        self, settings: Settings, *, url: str | None = None, key_of: Callable[[str], str] | None = None
    ) -> None:
        """Prepare to read.

        :param url: where files came from.
        :param key_of: the key of a page in the page store by what else it is called; ``None``: URLs are downloaded.
        :raises ConfigurationError: when the sites file cannot be read.
        """
        self._settings = settings
        self._rules = SiteRules.load(settings.sites_file)
        self._url = url
        self._key_of = key_of
        self._store: PageStore | None = None

    def read(self, names: Iterable[str]) -> Iterator[Page | Unread]:
        """The pages that are named; an archive has many. What cannot be read does not end it."""
        for name in names:
            try:
                yield from self._named(name)
            except (WiredeskError, OSError) as error:
                why = error.strerror if isinstance(error, OSError) and error.strerror else error
                yield Unread(name, str(why))

    def _named(self, name: str) -> Iterator[Page | Unread]:
        if name == STDIN:
            yield from self._file(name, sys.stdin.buffer)
        elif Path(name).is_file():
            with Path(name).open("rb") as file:
                yield from self._file(name, file)
        elif (key := _KEY.fullmatch(name)) is not None:
            yield self._stored(name, key[1])
        elif self._key_of is not None:
            yield self._stored(name, self._key_of(name))
        elif name.startswith(("http://", "https://")):
            yield self._fetched(name)
        else:
            # The system's own words for what is missing.
            Path(name).open("rb").close()

    def _file(self, name: str, file: BinaryIO) -> Iterator[Page | Unread]:
        beginning = file.read(_BEGINNING)
        if is_archive(beginning):
            yield from self._archive(name, file, beginning)
            return
        body = beginning + file.read(LARGEST_FILE)
        if len(body) > LARGEST_FILE:
            raise UsageError(f"more than {LARGEST_FILE} bytes: no page is so large")
        if body.startswith(b"\x1f\x8b"):
            body = _unpacked(body, self._settings.page_max_bytes)
        yield Page(name, lambda watch: examine(body, url=self._url, rules=self._rules, watch=watch))

    def _archive(self, name: str, file: BinaryIO, beginning: bytes) -> Iterator[Page | Unread]:
        # A file of the page store itself is the only page in it, and known by its key.
        key = match[1] if (match := _KEY.search(name)) else None
        number = 0
        try:
            for number, page in enumerate(
                stored_pages(file, beginning=beginning, max_bytes=self._settings.page_max_bytes), 1
            ):
                if isinstance(page, DamagedPage):
                    yield Unread(name, f"page {number}: {page.why}")
                else:
                    yield Page(name, partial(self._examined, page, key if number == 1 else None))
        except UsageError as error:
            raise UsageError(f"page {number + 1}: {error}" if number else str(error)) from None

    def _stored(self, name: str, key: str) -> Page:
        if self._store is None:
            location = self._settings.page_store_location
            if "://" not in location and not Path(location).is_dir():
                raise PageMissingError(f"there is no page store at {location}: --data names its folder")
            self._store = PageStore(location)
        return Page(name, partial(self._examined, self._store.get(key), key))

    def _fetched(self, url: str) -> Page:
        from shared.http import GuardedClient  # noqa: PLC0415 - half of the time that a file takes

        with GuardedClient(self._settings) as client:
            response = client.get(url, max_bytes=self._settings.page_max_bytes)
        if not response.is_success:
            raise FetchError(f"http_{response.status}", f"answered {response.status}", url=url)
        now = datetime.now(UTC)
        return Page(
            url,
            lambda watch: examine(
                response.body, url=response.url, headers=response.headers, now=now, rules=self._rules, watch=watch
            ),
        )

    def _examined(self, page: StoredPage, key: str | None, watch: Watch) -> Examined:
        return examine_stored(page, key=key, rules=self._rules, watch=watch)


def _unpacked(packed: bytes, max_bytes: int) -> bytes:
    """What a gzip file holds.

    :raises UsageError: when it is damaged, or holds more than ``max_bytes``: a few KB can unpack to gigabytes.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            body = file.read(max_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"damaged gzip file: {error}") from None
    if len(body) > max_bytes:
        raise UsageError(f"unpacks to more than {max_bytes} bytes: WIREDESK_PAGE_MAX_BYTES")
    return body
