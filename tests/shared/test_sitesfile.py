"""The sites file as a worker follows it: changes count at once, mistakes cost nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.errors import ConfigurationError
from shared.sitesfile import SitesFile


def write(path: Path, text: str, *, at: int) -> None:
    """As an editor does it: a new file in the place of the old one, ``at`` seconds of some day."""
    new = path.with_suffix(".new")
    new.write_text(text, "utf-8")
    os.utime(new, (at, at))
    new.replace(path)


def titles(file: SitesFile) -> list[str]:
    return [selection.text for rules in file.rules().parsing.values() for rule in rules for selection in rule.title]


def test_without_a_file_there_are_no_rules() -> None:
    assert SitesFile(None).rules().parsing == {}


def test_a_change_is_in_force_at_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    write(path, '[["a.example".parse]]\ntitle = "h1"', at=1000)
    file = SitesFile(path)
    first = file.rules()
    assert titles(file) == ["h1"]
    assert file.rules() is first
    write(path, '[["a.example".parse]]\ntitle = "h2"', at=1001)
    assert titles(file) == ["h2"]


def test_a_change_that_cannot_be_read_is_told_once_and_the_rules_of_before_stay(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    write(path, '[["a.example".parse]]\ntitle = "h1"', at=1000)
    file = SitesFile(path)
    write(path, '[["a.example".parse]]\ntitle = "h1 >"', at=1001)
    with capture_logs() as logs:
        assert titles(file) == ["h1"]
        assert titles(file) == ["h1"]
        path.unlink()
        assert titles(file) == ["h1"]
        write(path, '[["a.example".parse]]\ntitle = "h3"', at=1002)
        assert titles(file) == ["h3"]
    assert [line["log_level"] for line in logs] == ["warning", "warning", "info"]
    assert "[[\"a.example\".parse]] title: 'h1 >' is no selector" in logs[0]["error"]


def test_at_the_start_a_mistake_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    write(path, '[["a.example".parse]]\ntitel = "h1"', at=1000)
    with pytest.raises(ConfigurationError, match="titel: unknown"):
        SitesFile(path)


def test_a_file_that_is_being_written_is_read_when_that_is_over(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    write(path, '[["a.example".parse]]\ntitle = "h1"', at=1000)
    file = SitesFile(path)
    path.write_text("", "utf-8")
    assert titles(file) == ["h1"]
    path.write_text('[["a.example".parse]]\ntitle = "h2"', "utf-8")
    assert titles(file) == ["h1"]
    os.utime(path, (1001, 1001))
    assert titles(file) == ["h2"]
