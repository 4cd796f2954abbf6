"""Logs: one line per event, JSON where a machine reads, and no words of a site that act on the terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def logged(code: str, **environment: str) -> list[str]:
    script = (
        "import logging, structlog\nfrom shared.settings import get_settings\nfrom shared.telemetry import"
        " configure_logging\nconfigure_logging(get_settings(), service='tests')\n"
        "log = structlog.get_logger('tests')\n" + code
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        env={**os.environ, **environment},
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_events_are_json_lines_off_a_terminal_and_name_their_service() -> None:
    lines = logged("log.info('polled', feed='Zürich')\nlogging.getLogger('other').warning('from a library')")
    first, second = (json.loads(line) for line in lines)
    assert (first["event"], first["feed"], first["service"], first["level"]) == ("polled", "Zürich", "tests", "info")
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["level"]) == ("from a library", "warning")


def test_the_level_holds_for_us_and_quiet_libraries_stay_quiet() -> None:
    code = "log.info('a')\nlog.warning('b')\nlogging.getLogger('rq.worker').info('c')"
    assert [json.loads(line)["event"] for line in logged(code, WIREDESK_LOG_LEVEL="warning")] == ["b"]


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_site_cannot_break_the_line_or_speak_to_the_terminal(form: str) -> None:
    (line,) = logged("log.warning('bad', detail='a\\x1b[2J\\r\\nforged')", WIREDESK_LOG_FORMAT=form)
    assert "forged" in line
    assert "\x1b[2J" not in line
