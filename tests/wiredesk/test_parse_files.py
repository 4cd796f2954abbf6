"""``wiredesk parse`` on packed files: what they unpack to is bounded, and a damaged one is told in one line."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.pagestore import PageMetadata, StoredPage, encode

MIB = 1024 * 1024
PAGE = b"<html><head><title>A crane</title></head><body><p>It has stood at the harbour since 1904.</p></body></html>"


def parse(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    return subprocess.run(
        [sys.executable, "-m", "wiredesk", "parse", *arguments],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def stored(body: bytes) -> bytes:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    url = "https://paper.example/a"
    metadata = PageMetadata(entry_id=7, url=url, final_url=url, fetched_at=now, discovered_at=now)
    return encode(StoredPage(status=200, body=body, metadata=metadata))


@pytest.mark.parametrize("name", ["page.html.gz", "page.warc.gz"])
def test_a_packed_page_is_unpacked_only_as_far_as_a_page_may_go(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    bomb = b" " * (40 * MIB)
    file.write_bytes(stored(bomb) if name.endswith(".warc.gz") else gzip.compress(bomb))
    done = parse(str(file))
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"wiredesk: {file}: unpacks to more than ")
    assert line.endswith("bytes: WIREDESK_PAGE_MAX_BYTES")


@pytest.mark.parametrize("name", ["page.html.gz", "page.warc.gz"])
def test_a_packed_page_of_bearable_size_is_parsed(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(stored(PAGE) if name.endswith(".warc.gz") else gzip.compress(PAGE))
    done = parse(str(file), "--url", "https://paper.example/a", WIREDESK_PAGE_MAX_BYTES="1024")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["file"] == str(file)


@pytest.mark.parametrize("name", ["page.html.gz", "page.warc.gz"])
def test_a_damaged_packed_file_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(stored(PAGE)[:200])
    done = parse(str(file))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "damaged" in line


@pytest.mark.parametrize("url", ["http://[", "nowhere", "file:///etc/hosts"])
def test_an_address_that_is_none_is_told_before_anything_is_parsed(tmp_path: Path, url: str) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(PAGE)
    done = parse(str(file), "--url", url)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--url: " in done.stderr
    assert "Traceback" not in done.stderr
