"""The page store: what was kept comes back whole, or is known to be missing; and it is a WARC archive."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from shared.errors import ConfigurationError, EngineError
from shared.pagestore import (
    LARGE_AT_ONCE,
    LARGE_BYTES,
    METADATA_TYPE,
    PageMetadata,
    PageMissingError,
    PageStore,
    StoredPage,
    decode,
    encode,
    page_key,
)
from shared.records import EntryHints
from shared.settings import Settings

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def page(body: bytes = b"<p>K\xc3\xb6ln</p>", *headers: tuple[str, str], truncated: bool = False) -> StoredPage:
    metadata = PageMetadata(
        entry_id=7,
        url="https://paper.example/a",
        final_url="https://paper.example/b?x=1&y=%20",
        fetched_at=NOW,
        discovered_at=NOW,
        truncated=truncated,
        robots="allowed",
        hints=EntryHints(title="Ж \n", feed_id=3),
    )
    return StoredPage(status=200, body=body, metadata=metadata, headers=headers)


@pytest.fixture
def store(tmp_path: Path) -> PageStore:
    return PageStore(str(tmp_path / "pages with spaces"))


def test_a_page_comes_back_as_it_was(store: PageStore) -> None:
    kept = page(b"<p>x</p>", ("Content-Type", "text/html; charset=koi8-r"), ("set-COOKIE", "a"), ("Set-Cookie", "b"))
    store.put("2026/03/01/7-1.warc.gz", kept)
    found = store.get("2026/03/01/7-1.warc.gz")
    assert (found.status, found.body, found.metadata) == (kept.status, kept.body, kept.metadata)
    assert found.headers[:3] == kept.headers
    assert found.header_map["set-cookie"] == "a, b"


@given(st.binary(max_size=2000))
def test_any_body_survives(body: bytes) -> None:
    assert decode(encode(page(body))).body == body


@pytest.mark.parametrize(
    "body", [b"", b"WARC/1.0\r\n\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"\x1f\x8b\x08"]
)
def test_a_body_that_looks_like_something_else_survives(body: bytes) -> None:
    headers = (("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip"), ("Content-Length", "99999"))
    found = decode(encode(page(body, *headers)))
    assert found.body == body
    # Kept under another name, because the stored body is decoded.
    assert found.header_map["transfer-encoding"] == "chunked"
    assert dict(found.headers)["Content-Length"] == str(len(body))


def test_a_header_cannot_bring_another_header() -> None:
    found = decode(encode(page(b"x", ("X-A", "a\r\nContent-Type: text/evil\r\n\r\nbody"))))
    assert [name for name, _ in found.headers] == ["X-A", "Content-Length"]
    assert found.body == b"x"


def test_files_one_after_another_are_a_warc_archive() -> None:
    archive = io.BytesIO(encode(page(b"one")) + encode(page(b"two", truncated=True)))
    records = [
        (record.rec_type, record.content_stream().read(), record.rec_headers.get_header("WARC-Truncated"))
        for record in ArchiveIterator(archive, check_digests="raise")
    ]
    assert [kind for kind, _, _ in records] == ["response", "metadata"] * 2
    assert [body for kind, body, _ in records if kind == "response"] == [b"one", b"two"]
    assert [cut for kind, _, cut in records if kind == "response"] == [None, "length"]


def test_large_pages_that_come_together_are_all_kept(store: PageStore) -> None:
    """Few of them are written at once, and none waits for ever."""
    bodies = [bytes([number]) * (2 * LARGE_BYTES) for number in range(3 * LARGE_AT_ONCE)]
    with ThreadPoolExecutor(len(bodies)) as pool:
        list(pool.map(lambda number: store.put(f"d/{number}", page(bodies[number])), range(len(bodies))))
    assert [store.get(f"d/{number}").body for number in range(len(bodies))] == bodies


def test_a_record_names_what_it_is_about() -> None:
    records = list(ArchiveIterator(io.BytesIO(encode(page(b"x", ("X-Umlaut", "\u00fc")))), check_digests="raise"))
    response, metadata = (record.rec_headers for record in records)
    assert response.get_header("WARC-Target-URI") == "https://paper.example/b?x=1&y=%20"
    assert response.get_header("WARC-Date") == "2026-03-01T12:30:15Z"
    assert response.get_header("WARC-Payload-Digest").startswith("sha1:")
    assert response.get_header("WARC-Block-Digest") != response.get_header("WARC-Payload-Digest")
    assert metadata.get_header("WARC-Concurrent-To") == response.get_header("WARC-Record-ID")
    assert metadata.get_header("WARC-Record-ID") != response.get_header("WARC-Record-ID")
    assert metadata.get_header("Content-Type") == METADATA_TYPE


@pytest.mark.parametrize("damage", ["empty", "head", "half", "end", "noise", "flip"])
def test_a_damaged_file_is_a_missing_page(store: PageStore, tmp_path: Path, damage: str) -> None:
    data = encode(page(b"x" * 1000))
    damaged = {
        "empty": b"",
        "head": data[:9],
        "half": data[: len(data) // 2],
        "end": data[:-30],
        "noise": b"not a page",
        "flip": data[:60] + bytes([data[60] ^ 0xFF]) + data[61:],
    }[damage]
    (tmp_path / "pages with spaces" / "k").write_bytes(damaged)
    with pytest.raises(PageMissingError, match="damaged"):
        store.get("k")


def test_a_file_with_only_its_second_record_is_a_missing_page() -> None:
    data = encode(page())
    second = data.index(b"\x1f\x8b", 10)
    with pytest.raises(PageMissingError):
        decode(data[second:])


@pytest.mark.parametrize("key", ["nope", "../../etc/passwd", "a/../../b", "a//b"])
def test_what_is_not_there_or_outside_is_missing(store: PageStore, key: str) -> None:
    with pytest.raises(PageMissingError):
        store.get(key)


def test_a_store_that_does_not_answer_says_nothing_about_the_page(store: PageStore, tmp_path: Path) -> None:
    """Taken for missing, every page would be downloaded again for as long as the bucket is away."""
    (tmp_path / "pages with spaces" / "file").write_text("where a folder must be")
    with pytest.raises(EngineError) as caught:
        store.get("file/k")
    assert not isinstance(caught.value, PageMissingError)
    assert "\n" not in str(caught.value)


def test_a_store_that_cannot_write_says_so_in_one_line(store: PageStore, tmp_path: Path) -> None:
    (tmp_path / "pages with spaces" / "2026").write_text("a file where a folder must be")
    with pytest.raises(EngineError, match="cannot write") as caught:
        store.put("2026/03/k", page())
    assert "\n" not in str(caught.value)


def test_writing_a_page_again_replaces_it_and_leaves_nothing_else(store: PageStore, tmp_path: Path) -> None:
    for body in (b"first", b"second"):
        store.put("d/k", page(body))
    assert store.get("d/k").body == b"second"
    assert [path.name for path in (tmp_path / "pages with spaces" / "d").iterdir()] == ["k"]


def test_a_key_names_its_day_and_its_dispatch() -> None:
    assert page_key(12, 3, NOW) == "2026/03/01/12-3.warc.gz"


@pytest.mark.parametrize("location", ["ftp://x/y", "nope://bucket", "s3://", "/proc/nope/pages", "az://container"])
def test_a_location_that_cannot_work_is_named_in_one_line(location: str) -> None:
    with pytest.raises(ConfigurationError, match="WIREDESK_PAGE_STORE") as caught:
        PageStore(location)
    assert "\n" not in str(caught.value)
    assert "source" not in str(caught.value)


@pytest.fixture
def silent_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[socket.socket]]:
    """An S3 endpoint that takes connections and says nothing; gives the connections that it took."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take)
        thread.start()
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{listener.getsockname()[1]}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "word",
            "AWS_REGION": "somewhere",
        }.items():
            monkeypatch.setenv(name, value)
        yield taken
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    for connection in taken:
        connection.close()


def test_a_silent_bucket_is_given_up_long_before_a_parse_counts_as_hung(silent_bucket: list[socket.socket]) -> None:
    """The parser's watchdog would end the process, three times, and a good page would be rejected."""
    began = time.monotonic()
    with pytest.raises(EngineError, match="cannot read") as caught:
        PageStore("s3://bucket/pages").get("k")
    assert time.monotonic() - began < Settings().parse_timeout_seconds - 5
    assert not isinstance(caught.value, PageMissingError)
    assert silent_bucket


@pytest.mark.usefixtures("silent_bucket")
def test_a_bucket_keeps_what_the_environment_says_of_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_TIMEOUT", "1 second")
    began = time.monotonic()
    with pytest.raises(EngineError, match="cannot write"):
        PageStore("s3://bucket/pages").put("k", page())
    assert time.monotonic() - began < 5
