"""``wiredesk parse --save`` and ``--compare``: what another version of the parser makes of the same pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.parser.stored import parse_stored
from shared.database import Database
from shared.pagestore import PageStore
from shared.records import RejectionReason
from shared.settings import Settings
from tests.shared.reading.newsroom import Newsroom
from tests.wiredesk.test_parse_explain import URL, html, parse, stored


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("pages")
    files = [folder / f"{number}.html" for number in range(4)]
    for number, file in enumerate(files):
        file.write_bytes(html(number))
    return [str(file) for file in files]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, pages: list[str]) -> Path:
    """What was saved of the pages; tests only read it."""
    file = tmp_path_factory.mktemp("saved") / "old.jsonl"
    done = parse("--save", str(file), *pages)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"4 records in {file}\n"
    assert [path.name for path in file.parent.iterdir()] == ["old.jsonl"]
    return file


def rewrite(file: Path, target: Path, change: Callable[[int, dict[str, Any]], dict[str, Any] | None]) -> Path:
    """The records of a file as another parser might have made them."""
    records = [change(number, json.loads(line)) for number, line in enumerate(file.read_text("utf-8").splitlines())]
    target.write_text("".join(json.dumps(record) + "\n" for record in records if record), "utf-8")
    return target


def other(number: int, record: dict[str, Any]) -> dict[str, Any] | None:
    record["extraction"]["version"] = "next"
    if number == 1:
        record["title"] = "[red]Another[/red]"
    if number == 2:
        kept = {name: record[name] for name in ("file", "page", "extraction")}
        return kept | {"reason": "no_text"}
    return None if number == 3 else record


def test_a_saved_file_is_what_parse_prints(old: Path, pages: list[str]) -> None:
    assert old.read_text("utf-8") == parse(*pages).stdout


def test_a_page_that_cannot_be_read_is_told_and_the_others_are_saved(tmp_path: Path, pages: list[str]) -> None:
    file = tmp_path / "some.jsonl"
    done = parse("--save", str(file), pages[0], str(tmp_path / "missing.html"))
    assert done.returncode == 1
    assert "missing.html" in done.stderr
    assert len(file.read_text("utf-8").splitlines()) == 1


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path, pages: list[str]) -> None:
    done = parse("--save", str(tmp_path / "nowhere" / "x.jsonl"), pages[0])
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1


def test_today_s_parser_over_the_same_pages_changes_nothing(old: Path, pages: list[str]) -> None:
    done = parse("--compare", str(old), *pages)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("4 pages compared: 4 unchanged, 0 changed")


def test_two_files_are_compared_by_page(tmp_path: Path, old: Path) -> None:
    new = rewrite(old, tmp_path / "new.jsonl", other)
    done = parse("--compare", str(old), str(new), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert (report["pages"], report["unchanged"], report["changed"]) == (3, 1, 2)
    assert report["unmatched"] == {"only_old": 1}
    assert report["outcomes"] == {"article -> no_text": 1}
    assert report["fields"]["title"]["samples"][0]["new"] == "[red]Another[/red]"
    assert report["versions"]["new"] == {"next": 3}
    assert report["examples"][0]["outcome"] == ["article", "no_text"]


def test_a_report_for_a_person_tells_the_same(tmp_path: Path, old: Path) -> None:
    new = rewrite(old, tmp_path / "new.jsonl", other)
    done = parse("--compare", str(old), str(new))
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    told = " ".join(done.stdout.split())
    for part in (
        "3 pages compared: 1 unchanged, 2 changed (66.7%)",
        "1 only in the old file",
        "article -> no_text 1",
        "title 1 33.3% 1",
        "title: Crane 1 stands still -> [red]Another[/red]",
        "The worst",
    ):
        assert part in told


def test_a_limit_ends_the_comparison(old: Path, pages: list[str]) -> None:
    report = json.loads(parse("--compare", str(old), *pages, "--limit", "2", "--json").stdout)
    assert (report["pages"], report["unmatched"]) == (2, {"only_old": 2})


def test_bad_lines_are_told_by_file_and_number_and_cost_nothing_else(tmp_path: Path, old: Path) -> None:
    new = tmp_path / "new.jsonl"
    new.write_text('{"events": []}\n' + old.read_text("utf-8") + "{\n" * 20, "utf-8")
    done = parse("--compare", str(old), str(new), "--json")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[0] == f"wiredesk: {new} line 1: no record of an article or a rejection"
    assert lines[1] == f"wiredesk: {new} line 6: no JSON"
    assert lines[-1] == "wiredesk: and 11 more that could not be read"
    report = json.loads(done.stdout)
    assert (report["pages"], report["unchanged"], report["unmatched"]) == (4, 4, {"unread": 21})


@pytest.mark.parametrize("content", [None, "", "<html>\n"])
def test_a_file_that_holds_no_records_is_told(tmp_path: Path, pages: list[str], content: str | None) -> None:
    file = tmp_path / "bad.jsonl"
    if content is not None:
        file.write_text(content)
    done = parse("--compare", str(file), *pages)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert str(file) in done.stderr.splitlines()[-1]


class Indexed:
    """A data folder with pages that were parsed and indexed."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._newsroom = Newsroom(database)
        self._store = PageStore(settings.page_store_location)

    def publish(self, number: int, *, keep_page: bool = True, **older: Any) -> None:
        """A page indexed as a parser that gave ``older`` values would have."""
        article = parse_stored(stored(number), key=None).model_copy(update=older)
        self._newsroom.publish(article)
        if keep_page:
            self._store.put(self.key(number), stored(number))

    def reject(self, number: int, reason: RejectionReason) -> None:
        self._newsroom.reject(URL.format(number), reason, None)
        self._store.put(self.key(number), stored(number))

    def key(self, number: int) -> str:
        with self._newsroom.database.transaction() as connection:
            row = connection.execute("SELECT page_key FROM entries WHERE url = %s", [URL.format(number)]).fetchone()
        return row["page_key"]

    def parse(self, *arguments: str) -> Any:
        return parse(
            *arguments,
            WIREDESK_DATA=str(self._settings.data),
            WIREDESK_DATABASE_URL=str(self._settings.database_url),
            WIREDESK_REDIS_URL=str(self._settings.redis_url),
        )

    def report(self, *arguments: str) -> dict[str, Any]:
        done = self.parse("--compare", "indexed", "--json", *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)


@pytest.fixture
def indexed(settings: Settings, database: Database) -> Indexed:
    return Indexed(settings, database)


def test_what_was_indexed_is_compared_with_a_fresh_parse_of_its_page(indexed: Indexed) -> None:
    indexed.publish(1)
    indexed.publish(2, title="Crane 2 stands still | Paper")
    indexed.publish(3, keep_page=False)
    indexed.reject(4, RejectionReason.NO_TEXT)
    indexed.reject(5, RejectionReason.ROBOTS)
    indexed.reject(6, RejectionReason.PARSER_TIMEOUT)
    report = indexed.report()
    assert (report["pages"], report["unchanged"]) == (3, 1)
    assert report["unmatched"] == {"page_missing": 1, "not_tried": 1}
    assert report["outcomes"] == {"no_text -> article": 1}
    assert report["fields"]["title"]["samples"] == [
        {"page": indexed.key(2), "old": "Crane 2 stands still | Paper", "new": "Crane 2 stands still"}
    ]


def test_indexed_articles_are_narrowed_by_site_time_and_number(indexed: Indexed) -> None:
    for number in (1, 2, 3):
        indexed.publish(number)
    assert indexed.report("--limit", "2", "--site", "paper.example", "--since", "2020-01-01")["pages"] == 2
    assert indexed.report("--site", "nobody.example")["pages"] == 0


def test_a_stored_page_is_parsed_by_its_url(indexed: Indexed) -> None:
    indexed.publish(1)
    done = indexed.parse("--stored", URL.format(1))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["page"]["key"] == indexed.key(1)
    unknown = indexed.parse("--stored", URL.format(9))
    assert unknown.returncode == 1
    assert "was never discovered" in unknown.stderr
