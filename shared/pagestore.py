"""The page store: every fetched page as a small gzipped WARC file, in a folder or a bucket.

A file holds a ``response`` record with the decoded body and a ``metadata`` record (JSON) with what the feed said about
the entry. Files put one after another are a valid WARC archive (ISO 28500:2017). Queues carry only the key.
"""

from __future__ import annotations

import io
import json
import os
import threading
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, cast

import obstore
from obstore.exceptions import BaseError as StoreError
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]

from shared.errors import ConfigurationError, EngineError
from shared.records import EntryHints, Instant, Record, rfc3339
from shared.text import storable_json
from shared.warc import CONTROL, record_id, warc_record
from shared.wording import one_line

if TYPE_CHECKING:
    from obstore.store import ClientConfig

# A bucket that is silent must be an EngineError, which blames no page, well before the parser's watchdog (half a minute
# by default) takes the page for one that hangs. obstore's own patience is 30 s a try and three minutes of tries.
REQUEST_SECONDS = 10
# What may be set of a bucket's HTTP client by environment (AWS_ALLOW_HTTP for a MinIO of one's own): obstore reads it
# only as long as it is told nothing else about the client.
CLIENT_OPTIONS = (
    "allow_http",
    "allow_invalid_certificates",
    "connect_timeout",
    "proxy_ca_certificate",
    "proxy_excludes",
    "proxy_url",
    "timeout",
    "user_agent",
)
BUCKET_PREFIXES = {"s3": "AWS", "s3a": "AWS", "gs": "GOOGLE"}
# Writing a page takes twice its size beside it. Of large ones only so many are written at once in a process, so that
# dozens of threads with ten megabytes each do not take three times that together.
LARGE_BYTES = 1024 * 1024
LARGE_AT_ONCE = 4
METADATA_TYPE = "application/vnd.wiredesk.page+json"
# The body is stored decoded: headers that describe its transfer would no longer be true of it. Common Crawl's
# convention keeps them under another name.
TRANSFER_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length"})


CHECK_KEY = "wiredesk-check"


class PageMetadata(Record):
    """What is known of a page beside its HTTP response."""

    entry_id: int
    url: str
    final_url: str
    fetched_at: Instant
    discovered_at: Instant
    truncated: bool = False
    robots: str | None = None
    hints: EntryHints | None = None


@dataclass(frozen=True)
class StoredPage:
    """A page as it was fetched; ``headers`` in the order and spelling of the site."""

    status: int
    body: bytes
    metadata: PageMetadata
    headers: tuple[tuple[str, str], ...] = field(default=())

    @property
    def header_map(self) -> dict[str, str]:
        """Headers by lower-case name, repeated ones joined by a comma (RFC 9110, 5.3)."""
        joined: dict[str, str] = {}
        for name, value in self.headers:
            key = name.lower().removeprefix("x-crawler-")
            joined[key] = f"{joined[key]}, {value}" if key in joined else value
        return joined


class PageMissingError(EngineError):
    """The page store does not have the page, or what it has is damaged."""


class PageStore:
    """Pages by key, in a folder or under a bucket URL (``s3://``, ``gs://``, ``az://``)."""

    def __init__(self, location: str) -> None:
        """Open the store, making its folder.

        :raises ConfigurationError: when ``location`` cannot be used, in one line.
        """
        self._store = _open(location)
        self._large = threading.BoundedSemaphore(LARGE_AT_ONCE)

    def check(self) -> None:
        """Write and remove a small file, so that a store that takes nothing is told before anybody works for it.

        :raises EngineError: in one line, when it cannot be written to.
        """
        try:
            obstore.put(self._store, CHECK_KEY, b"")
            obstore.delete(self._store, CHECK_KEY)
        except (StoreError, OSError) as error:
            raise EngineError(f"the page store cannot be written to: {' '.join(str(error).split())[:200]}") from None

    def put(self, key: str, page: StoredPage) -> None:
        """Keep a page. Writing the same key again replaces it whole: a reader never sees half a file.

        :raises EngineError: when the store refuses (a full disk, a missing bucket).
        """
        try:
            with self._large if len(page.body) > LARGE_BYTES else nullcontext():
                obstore.put(self._store, key, encode(page))
        except (StoreError, OSError) as error:
            raise EngineError(f"the page store cannot write {key}: {_one_line(error)}") from error

    def get(self, key: str) -> StoredPage:
        """The page under ``key``.

        :raises PageMissingError: when it is not there or cannot be read.
        """
        return decode(self.read(key))

    def read(self, key: str) -> bytes:
        """The WARC file under ``key`` as it is.

        :raises PageMissingError: when it is not there.
        :raises EngineError: when the store does not answer; that says nothing about the page.
        """
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except (FileNotFoundError, NotFoundError, ValueError) as error:
            raise PageMissingError(f"no page under {key}") from error
        except (StoreError, OSError) as error:
            raise EngineError(f"the page store cannot read {key}: {_one_line(error)}") from error


def page_key(entry_id: int, lease: int, fetched_at: datetime) -> str:
    """The key of one download: by day, so that retention can drop whole folders; by dispatch, so that running it
    twice writes the same file.
    """
    return f"{fetched_at:%Y/%m/%d}/{entry_id}-{lease}.warc.gz"


def encode(page: StoredPage) -> bytes:
    """A page as the bytes of a gzipped WARC file with two records."""
    headers = [
        (f"X-Crawler-{name}" if name.lower() in TRANSFER_HEADERS else name, CONTROL.sub(" ", value))
        for name, value in page.headers
    ]
    headers.append(("Content-Length", str(len(page.body))))
    http = StatusAndHeaders(f"{page.status} {_phrase(page.status)}", headers, protocol="HTTP/1.1")
    name = record_id()
    about = {
        "WARC-Target-URI": page.metadata.final_url,
        "WARC-Date": rfc3339(page.metadata.fetched_at.replace(microsecond=0)),
    }
    response = warc_record(
        "response",
        {"WARC-Record-ID": name, **about, **({"WARC-Truncated": "length"} if page.metadata.truncated else {})},
        page.body,
        content_type="application/http; msgtype=response",
        http_header=http.to_ascii_bytes(),
    )
    metadata = warc_record(
        "metadata",
        {"WARC-Record-ID": record_id(), **about, "WARC-Concurrent-To": name},
        storable_json(page.metadata).encode(),
        content_type=METADATA_TYPE,
    )
    return b"".join([*response, *metadata])


def decode(data: bytes) -> StoredPage:
    """The page in the bytes of a WARC file.

    :raises PageMissingError: when the file is damaged.
    """
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body = b""
    metadata = None
    try:
        for record in ArchiveIterator(io.BytesIO(data)):
            if record.rec_type == "response":
                status = int(record.http_headers.get_statuscode())
                headers = tuple((name, value) for name, value in record.http_headers.headers)
                body = record.raw_stream.read()
            elif record.rec_type == "metadata":
                metadata = PageMetadata.model_validate(json.loads(record.content_stream().read()))
    except (ValueError, OSError, EOFError, AttributeError) as error:
        raise PageMissingError(f"damaged page file: {error}") from error
    except Exception as error:
        # warcio's own errors share no base class, but they all come from its modules.
        if type(error).__module__.startswith("warcio"):
            raise PageMissingError(f"damaged page file: {error}") from error
        raise
    if metadata is None or status is None:
        raise PageMissingError("damaged page file: a record is missing")
    return StoredPage(status=status, headers=headers, body=body, metadata=metadata)


def _open(location: str) -> ObjectStore:
    try:
        if "://" in location:
            return from_url(
                location,
                client_options=_client_options(location.partition("://")[0]),
                # Further tries begin within this time: two silent ones are the most.
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=REQUEST_SECONDS)},
            )
        Path(location).mkdir(parents=True, exist_ok=True)
        return LocalStore(Path(location).resolve(), mkdir=True)
    except (StoreError, ValueError, OSError) as error:
        raise ConfigurationError(f"WIREDESK_PAGE_STORE: {location} cannot be used: {_one_line(error)}") from None


def _client_options(scheme: str) -> ClientConfig:
    options: dict[str, str] = {
        "connect_timeout": f"{REQUEST_SECONDS // 2} seconds",
        "timeout": f"{REQUEST_SECONDS} seconds",
    }
    prefix = BUCKET_PREFIXES.get(scheme, "AZURE")
    given = {name: os.environ.get(f"{prefix}_{name.upper()}") for name in CLIENT_OPTIONS}
    options.update({name: value for name, value in given.items() if value})
    return cast("ClientConfig", options)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _one_line(error: BaseException) -> str:
    # obstore appends the Rust value behind its message.
    return one_line(str(error).partition("Debug source:")[0])
