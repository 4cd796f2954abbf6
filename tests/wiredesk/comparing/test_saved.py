"""Records in files: read line by line, found again by the page they are of, and bad lines told by number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.errors import UsageError
from shared.records import Article, Page, Rejection, Urls
from tests.wiredesk.comparing.records import article, found, rejection
from wiredesk.comparing.saved import SavedIndex, SavedRecords

KEY = "2026/03/01/1-1.warc.gz"


class File:
    """A file of records, and what was said about its lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bad: list[str] = []
        path.write_bytes(b"")

    def write(self, *lines: Article | Rejection | dict[str, Any] | bytes) -> File:
        with self.path.open("ab") as file:
            for line in lines:
                if isinstance(line, Article | Rejection):
                    file.write(line.model_dump_json().encode() + b"\n")
                else:
                    file.write((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n")
        return self

    def records(self) -> list[Article | Rejection]:
        return [one.record for one in SavedRecords(self.path, self.bad.append)]

    def take(self, *wanted: Article) -> tuple[list[Article | Rejection | None], int]:
        """The record of each page, and how many records nobody asked for."""
        with SavedIndex(self.path, self.bad.append) as index:
            taken = [index.take(found(one)) for one in wanted]
            return [one and one.record for one in taken], len(index)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[File]:
    return File(tmp_path / "old.jsonl")


def at(path: str, sha: str | None = "a", key: str | None = None) -> Article:
    url = f"https://gazette.example{path}"
    return article(url=url, urls=Urls(final=url), page=Page(sha256=sha and sha * 64, key=key))


def test_records_come_back_as_they_were_written(file: File) -> None:
    records = [article(), rejection(detail="a wall"), article(title=None)]
    assert file.write(*records).records() == records
    assert file.bad == []


def test_what_an_export_adds_is_read_too(file: File) -> None:
    exported = article().model_dump(mode="json") | {"id": "01J" + "0" * 23, "version": 2, "seq": 5}
    assert file.write(exported).records()[0].version == 2


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[1, 2]", "no record of an article or a rejection"),
        (b'{"events": []}', "no record of an article or a rejection"),
        (b'{"text": "a", "schema_version": 2}', "a record of schema version 2; this wiredesk reads 1"),
        (b'{"text": "a"}', "no record that this wiredesk knows: content_source: field required"),
        (b'{"reason": "mood"}', "no record that this wiredesk knows: reason: "),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_the_others_are_read(file: File, line: bytes, why: str) -> None:
    file.write(article(), b"", line, rejection())
    assert len(file.records()) == 2
    (told,) = file.bad
    assert told.startswith(f"{file.path} line 3: {why}")
    assert "\n" not in told


def test_a_line_that_is_too_long_is_told_and_skipped(file: File) -> None:
    file.write(article(), b'{"text": "' + b"x" * 9_000 + b'"}', rejection(), b"y" * 3_000)
    records = list(SavedRecords(file.path, file.bad.append, longest=2_000))
    assert len(records) == 2
    assert [line.removeprefix(f"{file.path} ") for line in file.bad] == [
        "line 2: longer than 2000 bytes",
        "line 4: longer than 2000 bytes",
    ]


def test_a_file_without_a_record_is_refused(file: File) -> None:
    with pytest.raises(UsageError, match=r"no record in it: wiredesk parse --save"):
        file.write(b"").take(article())


def test_the_same_bytes_at_the_same_address_are_the_same_page(file: File) -> None:
    file.write(at("/a", "a"), at("/b", "a"), at("/b", "b"))
    assert file.take(at("/b", "a")) == ([at("/b", "a")], 2)


def test_the_same_key_is_the_same_page(file: File) -> None:
    stored = at("/a", "a", KEY)
    assert file.write(at("/other", "b"), stored).take(at("/moved", None, KEY)) == ([stored], 1)


def test_the_same_bytes_are_the_same_page_where_one_has_no_address(file: File) -> None:
    nowhere = article(url=None, urls=Urls(), page=Page(sha256="a" * 64))
    assert file.write(at("/a", "a")).take(nowhere) == ([at("/a", "a")], 0)


def test_an_error_page_at_two_addresses_is_two_pages(file: File) -> None:
    assert file.write(at("/a", "a")).take(at("/b", "a")) == ([None], 1)


def test_another_download_of_an_address_is_the_same_page(file: File) -> None:
    assert file.write(at("/a", "a")).take(at("/a", "b")) == ([at("/a", "a")], 0)


def test_a_page_that_became_an_article_is_found(file: File) -> None:
    assert file.write(rejection()).take(article()) == ([rejection()], 0)


def test_a_record_is_named_for_its_file_else_its_key_else_its_url(file: File) -> None:
    file.write(article().model_dump(mode="json") | {"file": "a.html"}, at("/b", "b", KEY), at("/c", "c"))
    names = [one.name for one in SavedRecords(file.path, file.bad.append)]
    assert names == ["a.html", KEY, "https://gazette.example/c"]
