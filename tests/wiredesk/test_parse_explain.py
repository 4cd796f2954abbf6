"""``wiredesk parse``: one record a page wherever pages come from, and ``--explain`` tells why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.pagestore import PageMetadata, PageStore, StoredPage, encode

URL = "https://paper.example/harbour/{}"
KEY = "2026/03/01/7-1.warc.gz"


def html(number: int = 1) -> bytes:
    paragraphs = f"<p>Crane {number} has stood at the harbour since 1904, and nobody has moved it since.</p>" * 8
    return (
        f"<html lang='en'><head><title>Crane {number} stands still | Paper</title></head><body><article>"
        f"<h1>Crane {number} stands still</h1>{paragraphs}</article></body></html>"
    ).encode()


def stored(number: int = 1) -> StoredPage:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    url = URL.format(number)
    metadata = PageMetadata(entry_id=number, url=url, final_url=url, fetched_at=now, discovered_at=now)
    return StoredPage(status=200, body=html(number), metadata=metadata)


def parse(*arguments: str, stdin: bytes | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    done = subprocess.run(
        [sys.executable, "-m", "wiredesk", "parse", *arguments],
        env={**clean, **environment},
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def urls(done: subprocess.CompletedProcess[str]) -> list[str | None]:
    return [json.loads(line)["urls"]["final"] for line in done.stdout.splitlines()]


def test_an_archive_gives_a_record_for_each_of_its_pages(tmp_path: Path) -> None:
    file = tmp_path / "pages.warc.gz"
    file.write_bytes(b"".join(encode(stored(number)) for number in (1, 2, 3)))
    done = parse(str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert urls(done) == [URL.format(number) for number in (1, 2, 3)]


def test_a_damaged_page_of_an_archive_is_told_after_those_before_it(tmp_path: Path) -> None:
    file = tmp_path / "pages.warc.gz"
    file.write_bytes(encode(stored(1)) + encode(stored(2))[:-30])
    done = parse(str(file))
    assert done.returncode == 1
    assert urls(done) == [URL.format(1)]
    assert done.stderr.splitlines() == [f"wiredesk: {file}: page 2: damaged gzip file: it ends within a record"]


@pytest.mark.parametrize("what", [html(), encode(stored())])
def test_standard_input_is_a_page_or_an_archive(what: bytes) -> None:
    done = parse("-", "--url", URL.format(1), stdin=what)
    assert (done.returncode, done.stderr) == (0, "")
    assert urls(done) == [URL.format(1)]
    assert json.loads(done.stdout)["file"] == "-"


def test_a_key_is_looked_up_in_the_page_store_without_engines(tmp_path: Path) -> None:
    PageStore(str(tmp_path / "pages")).put(KEY, stored())
    done = parse(KEY, "--data", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["page"]["key"] == KEY
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pages"]


def test_a_file_of_the_page_store_has_the_key_it_has_there(tmp_path: Path) -> None:
    PageStore(str(tmp_path / "pages")).put(KEY, stored())
    done = parse(str(tmp_path / "pages" / KEY))
    assert json.loads(done.stdout)["page"]["key"] == KEY


@pytest.mark.parametrize("folder", ["here", "missing"])
def test_a_key_that_is_not_in_the_store_is_told_and_makes_no_folder(tmp_path: Path, folder: str) -> None:
    (tmp_path / "here" / "pages").mkdir(parents=True)
    done = parse(KEY, "--data", str(tmp_path / folder))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"wiredesk: {KEY}: ")
    assert not (tmp_path / "missing").exists()


def test_a_name_that_is_nothing_is_told() -> None:
    done = parse("no-such-file.html")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "wiredesk: no-such-file.html: No such file or directory\n"


def test_an_explanation_for_a_person_tells_fields_text_quality_and_time(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(html().replace(b"</article>", b"<p>Sign up for our newsletter</p></article>"))
    done = parse("--explain", str(file), "--url", URL.format(1))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"article  {URL.format(1)}"
    assert max(map(len, lines)) <= 80
    assert all(line == line.rstrip() for line in lines)
    told = " ".join(done.stdout.split())
    for part in (
        "title Crane 1 stands still h1 won rule: the first h1",
        "nobody says",
        "Sign up for our newsletter",
        "quality ",
        " ms: bytes to tree ",
    ):
        assert part in told


def test_an_explanation_for_a_machine_is_one_object_a_page(tmp_path: Path) -> None:
    file = tmp_path / "pages.warc.gz"
    file.write_bytes(encode(stored(1)) + encode(stored(2)))
    done = parse("--explain", "--json", str(file))
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["outcome"], first["url"], second["url"]) == ("article", URL.format(1), URL.format(2))
    assert {one["name"]: one["source"] for one in first["fields"]}["title"] == "h1"
    assert first["body"]["source"] == "page"
    assert set(first["spent"]) >= {"bytes to tree", "text"}


def test_an_explanation_of_a_rejection_says_what_the_page_has(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(b"<html><head><title>[bold]Wait[/bold]</title></head><body></body></html>")
    done = parse("--explain", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("no_text: ")
    assert "title: [bold]Wait[/bold]" in done.stdout


def test_an_explanation_tells_what_a_site_rule_did(tmp_path: Path) -> None:
    rules = tmp_path / "sites.toml"
    rules.write_text('["paper.example"]\nparse = [{ title = "h2.real", drop = "div.promo" }]\n')
    file = tmp_path / "page.html"
    file.write_bytes(html().replace(b"</h1>", b"</h1><div class=promo>Buy the paper, it is cheap.</div>"))
    done = parse("--explain", "--json", str(file), "--url", URL.format(1), WIREDESK_SITES_FILE=str(rules))
    assert (done.returncode, done.stderr) == (0, "")
    rule = json.loads(done.stdout)["site_rule"]
    assert rule["used"] == ["drop"]
    assert [missed["source"] for missed in rule["missed"]] == ["title"]
    shown = parse("--explain", str(file), "--url", URL.format(1), WIREDESK_SITES_FILE=str(rules)).stdout
    assert "decided: drop" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--explain", "--save", "x.jsonl", "page.html"],
        ["--compare", "old.jsonl"],
        ["--compare", "indexed", "page.html"],
        ["--compare", "old.jsonl", "page.html", "--site", "paper.example"],
        ["page.html", "--limit", "3"],
    ],
)
def test_options_that_contradict_one_another_are_wrong_usage(arguments: list[str]) -> None:
    done = parse(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
