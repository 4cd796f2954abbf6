"""Archives of pages: what was put one after another comes back one after another, whatever else is between."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import UsageError
from shared.pagearchive import MARGIN, DamagedPage, is_archive, stored_pages
from shared.pagestore import PageMetadata, StoredPage, encode
from shared.warc import warc_record

LIMIT = 64 * 1024


def page(number: int, body: bytes = b"<p>A crane</p>") -> StoredPage:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    url = f"https://paper.example/{number}"
    metadata = PageMetadata(entry_id=number, url=url, final_url=url, fetched_at=now, discovered_at=now)
    return StoredPage(status=200, body=body, metadata=metadata)


def read(data: bytes) -> list[StoredPage | DamagedPage]:
    return list(stored_pages(io.BytesIO(data), max_bytes=LIMIT))


def bodies(data: bytes) -> list[bytes | str]:
    return [one.body if isinstance(one, StoredPage) else one.why for one in read(data)]


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_pages_come_back_in_their_order(contents: list[bytes]) -> None:
    archive = b"".join(encode(page(number, body)) for number, body in enumerate(contents))
    assert bodies(archive) == contents


def test_what_was_read_of_the_file_already_is_not_lost() -> None:
    archive = encode(page(1)) + encode(page(2, b"second"))
    for cut in (1, 50, len(archive)):
        found = stored_pages(io.BytesIO(archive[cut:]), max_bytes=LIMIT, beginning=archive[:cut])
        assert [one.body for one in found if isinstance(one, StoredPage)] == [b"<p>A crane</p>", b"second"]


def test_an_archive_that_was_packed_anew_as_one_piece_is_read_too() -> None:
    assert bodies(gzip.compress(gzip.decompress(encode(page(1, b"whole"))))) == [b"whole"]


def test_a_page_without_its_metadata_is_told_and_the_next_is_read() -> None:
    lonely = b"".join(
        warc_record(
            "response", {"WARC-Target-URI": "https://paper.example/"}, b"x", content_type="application/http",
            http_header=b"HTTP/1.1 200 OK\r\n\r\n",
        )
    )  # fmt: skip
    assert bodies(lonely + encode(page(1, b"next"))) == ["damaged page file: a record is missing", b"next"]
    assert bodies(encode(page(1, b"first")) + lonely) == [b"first", "damaged page file: a record is missing"]


def test_a_file_that_ends_within_a_page_gives_what_was_before() -> None:
    archive = encode(page(1, b"first")) + encode(page(2))
    pages = stored_pages(io.BytesIO(archive[:-20]), max_bytes=LIMIT)
    assert next(pages).body == b"first"
    with pytest.raises(UsageError, match="damaged gzip file: it ends within a record"):
        next(pages)


def test_what_is_no_gzip_behind_a_page_is_told() -> None:
    pages = stored_pages(io.BytesIO(encode(page(1)) + b"<html>"), max_bytes=LIMIT)
    assert isinstance(next(pages), StoredPage)
    with pytest.raises(UsageError, match="damaged gzip file"):
        next(pages)


def test_a_page_unpacks_only_as_far_as_it_may() -> None:
    bomb = encode(page(1, b" " * (LIMIT + MARGIN)))
    assert len(bomb) < LIMIT
    with pytest.raises(UsageError, match=r"unpacks to more than \d+ bytes: WIREDESK_PAGE_MAX_BYTES"):
        read(bomb)


@given(st.binary(max_size=200))
def test_hostile_bytes_are_one_clear_error(data: bytes) -> None:
    with pytest.raises(UsageError, match="damaged gzip file"):
        read(b"\x1f\x8b" + data)


def test_an_archive_is_known_by_its_beginning() -> None:
    assert is_archive(encode(page(1))[:300])
    assert not is_archive(gzip.compress(b"<html>"))
    assert not is_archive(b"WARC/1.0")
    assert not is_archive(b"\x1f\x8b nonsense")
