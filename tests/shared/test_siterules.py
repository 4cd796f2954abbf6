"""The sites file: what its tables mean for an address, and what is wrong with it in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import ConfigurationError
from shared.siterules import SiteRule, SiteRules


def rules(tmp_path: Path, text: str) -> SiteRules:
    path = tmp_path / "sites.toml"
    path.write_text(text, "utf-8")
    return SiteRules.load(path)


def objection(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        rules(tmp_path, text)
    message = str(caught.value)
    assert "\n" not in message
    start = f"WIREDESK_SITES_FILE: {tmp_path / 'sites.toml'}: "
    assert message.startswith(start)
    return message.removeprefix(start)


def test_without_a_file_there_are_no_rules() -> None:
    none = SiteRules.load(None)
    assert none.budget_of("paper.example") == "paper.example"
    assert none.for_site("paper.example") == SiteRule()
    assert none.user_agent("https://paper.example/") is None
    assert none.robots("https://paper.example/") is None
    assert none.host_of("https://paper.example/") is None


def test_a_table_is_for_a_site_and_all_its_hosts(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        """
        ["Paper.Example"]
        interval_seconds = 5
        concurrency = 1
        user_agent = "Newsbot/2 (+https://bot.example)"
        robots = "record"
        """,
    )
    assert found.for_site("paper.example") == SiteRule(5, 1, "Newsbot/2 (+https://bot.example)", "record")
    for url in ("https://paper.example/a", "http://www.paper.example:8080/a"):
        assert found.user_agent(url) == "Newsbot/2 (+https://bot.example)"
        assert found.robots(url) == "record"
        assert found.host_of(url) is None
    assert found.robots("https://newspaper.example/") is None


def test_a_table_within_a_site_is_for_a_host(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        """
        ["paper.example"]
        user_agent = "Site/1"
        robots = "off"
        ["archive.paper.example"]
        interval_seconds = 10.5
        user_agent = "Host/1"
        ["blog.other.example"]
        robots = "record"
        """,
    )
    assert found.for_site("paper.example").interval_seconds is None
    assert found.host_of("https://old.archive.paper.example/a") == "archive.paper.example"
    assert found.host_of("https://www.paper.example/a") is None
    assert found.user_agent("https://archive.paper.example/a") == "Host/1"
    assert found.robots("https://archive.paper.example/a") == "off"
    # It says nothing about how much may be asked, so it has no gate of its own.
    assert found.host_of("https://blog.other.example/a") is None
    assert found.robots("https://blog.other.example/a") == "record"


def test_a_platform_s_sub_domains_and_further_domains_share_its_budget(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        """
        ["wordpress.com"]
        interval_seconds = 2
        also = ["wp.com", "files.example"]
        ["big.wordpress.com"]
        concurrency = 1
        """,
    )
    for site in ("wordpress.com", "a.wordpress.com", "big.wordpress.com", "wp.com", "files.example"):
        assert found.budget_of(site) == "wordpress.com"
    assert found.budget_of("wordpress.org") == "wordpress.org"
    assert found.host_of("https://big.wordpress.com/a") == "big.wordpress.com"
    assert found.for_site("wordpress.com").interval_seconds == 2


@pytest.mark.parametrize("name", ["127.0.0.1", "::1", "localhost", "münchen.example"])
def test_whatever_can_be_a_host_can_have_a_table(tmp_path: Path, name: str) -> None:
    found = rules(tmp_path, f'["{name}"]\nrobots = "off"')
    url = f"http://[{name}]/" if ":" in name else f"http://{name}/"
    assert found.robots(url) == "off"
    assert found.hosts == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('["a.example"]\nintervall = 5', '["a.example"] intervall: unknown, there are interval_seconds, concurrency,'),
        ('["a.example"]\ninterval_seconds = "5"', '["a.example"] interval_seconds: must be a number of seconds'),
        ('["a.example"]\ninterval_seconds = -1', '["a.example"] interval_seconds: must be a number of seconds'),
        ('["a.example"]\ninterval_seconds = nan', '["a.example"] interval_seconds: must be a number of seconds'),
        ('["a.example"]\ninterval_seconds = true', '["a.example"] interval_seconds: must be a number of seconds'),
        ('["a.example"]\nconcurrency = 0', '["a.example"] concurrency: must be a whole number from 1 (got 0)'),
        ('["a.example"]\nconcurrency = 1.5', '["a.example"] concurrency: must be a whole number from 1 (got 1.5)'),
        ('["a.example"]\nuser_agent = "a\\nb"', '["a.example"] user_agent: must be a line of ASCII'),
        ('["a.example"]\nuser_agent = ""', '["a.example"] user_agent: must be a line of ASCII'),
        ('["a.example"]\nrobots = "ignore"', '["a.example"] robots: must be one of honour, record, off'),
        ('["a.example"]\nrobots = ["off"]', '["a.example"] robots: must be one of honour, record, off'),
        ('["a.example"]\nalso = "b.example"', '["a.example"] also: must be a list of domains'),
        ('["a.example"]\nalso = ["not a host"]', "[\"a.example\"] also: 'not a host' is a host name that cannot be"),
        ('["a.example"]\nalso = ["b.example"]\n["b.example"]', '["a.example"] also: b.example is in another table'),
        ('["www.a.example"]\nalso = ["b.example"]', '["www.a.example"] also: this is a host within a site'),
        ('["A.example"]\n["a.example"]', '["a.example"]: a.example has a table already'),
        ('["http://a.example/"]', "[\"http://a.example/\"]: 'http://a.example/' is a host name that cannot be"),
        ('["co.uk"]', '["co.uk"]: co.uk is a public suffix'),
        ("[a.example]\nrobots = 'off'", '["a"] example: a table\'s name stands in quotes: ["a.example"]'),
        ('robots = "off"', "robots: stands outside of a table"),
        ('["a.example"]\nrobots = off', "is no TOML: Invalid value (at line 2, column 10)"),
    ],
)
def test_what_is_wrong_is_told_with_file_table_and_key(tmp_path: Path, text: str, message: str) -> None:
    assert objection(tmp_path, text).startswith(message)


def test_a_file_that_is_not_there_or_no_text_is_told_as_well(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere.toml: cannot be read: No such file"):
        SiteRules.load(tmp_path / "nowhere.toml")
    (tmp_path / "sites.toml").write_bytes(b'["a.example"]\nuser_agent = "\xff"')
    with pytest.raises(ConfigurationError, match=r"sites.toml: is no TOML"):
        SiteRules.load(tmp_path / "sites.toml")


def test_lists_in_lists_without_end_are_no_toml(tmp_path: Path) -> None:
    assert objection(tmp_path, "x = " + "[" * 100_000) == "is no TOML: nested too deep"
