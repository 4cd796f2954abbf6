"""Rules for the parser in the sites file: which one is for a page, and what is wrong with one in one line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from shared.errors import ConfigurationError
from shared.parserules import ParseRule
from shared.siterules import SiteRules

PERIODS = """
    [["paper.example".parse]]
    valid_from = 2026-03-01
    title = "h1.new"

    [["paper.example".parse]]
    valid_until = 2025-12-31
    title = ["h1.old", "h2.old"]

    [["www.paper.example".parse]]
    valid_from = 2026-01-01
    valid_until = 2026-06-30
    body = "div.text"
"""


def rules(tmp_path: Path, text: str) -> SiteRules:
    path = tmp_path / "sites.toml"
    path.write_text(text, "utf-8")
    return SiteRules.load(path)


def for_page(found: SiteRules, url: str | None, day: str | None = None) -> str | None:
    at = None if day is None else datetime.fromisoformat(day).replace(tzinfo=UTC)
    rule = found.parse_rule(url, at)
    return None if rule is None else f"{rule.site} {rule.period}"


def test_a_rule_holds_on_its_first_and_its_last_day(tmp_path: Path) -> None:
    found = rules(tmp_path, PERIODS)
    url = "https://paper.example/a"
    assert for_page(found, url, "2025-12-31T23:59:59") == "paper.example ..2025-12-31"
    assert for_page(found, url, "2026-01-01") is None
    assert for_page(found, url, "2026-02-28T23:59:59") is None
    assert for_page(found, url, "2026-03-01") == "paper.example 2026-03-01.."


def test_days_are_those_of_utc(tmp_path: Path) -> None:
    found = rules(tmp_path, PERIODS)
    tokyo = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=9)))
    assert found.parse_rule("https://paper.example/a", tokyo) is None


def test_the_nearest_table_that_has_a_rule_for_the_day_is_taken(tmp_path: Path) -> None:
    found = rules(tmp_path, PERIODS)
    url = "http://WWW.paper.example:8080/a"
    assert for_page(found, url, "2026-02-01") == "www.paper.example 2026-01-01..2026-06-30"
    assert for_page(found, url, "2026-07-01") == "paper.example 2026-03-01.."
    assert for_page(found, "https://m.www.paper.example/", "2026-02-01") == "www.paper.example 2026-01-01..2026-06-30"


@pytest.mark.parametrize("url", [None, "", "no address", "https://newspaper.example/", "https://example/"])
def test_other_sites_have_none(tmp_path: Path, url: str | None) -> None:
    assert for_page(rules(tmp_path, PERIODS), url, "2026-03-01") is None


def test_of_a_page_whose_time_is_not_known_the_last_rule_is_taken(tmp_path: Path) -> None:
    assert for_page(rules(tmp_path, PERIODS), "https://paper.example/a") == "paper.example 2026-03-01.."


def test_a_table_may_say_how_a_site_is_asked_and_how_it_is_read(tmp_path: Path) -> None:
    found = rules(tmp_path, '["a.example"]\nconcurrency = 5\n[["a.example".parse]]\ndrop = ".ad"')
    assert found.for_site("a.example").concurrency == 5
    assert found.parse_rule("https://a.example/", None) is not None


def test_a_table_that_only_says_how_pages_are_read_changes_no_budget(tmp_path: Path) -> None:
    """`["tumblr.com"]` alone would make one site of all blogs."""
    found = rules(tmp_path, '[["tumblr.com".parse]]\ndrop = ".ad"\n["www.a.example".parse]\ndrop = ".ad"')
    assert found.budget_of("blog.tumblr.com") == "blog.tumblr.com"
    assert (found.sites, found.hosts) == ({}, {})
    assert found.parse_rule("https://blog.tumblr.com/post", None) is not None
    assert found.parse_rule("https://www.a.example/", None) is not None


def test_the_digest_changes_with_whatever_the_rule_says(tmp_path: Path) -> None:
    texts = [
        'body = "div"',
        'drop = "div"',
        'body = ["div", "p"]',
        'body = "div"\nvalid_from = 2026-01-01',
        'body = "div"\nvalid_until = 2026-01-01',
    ]
    found = [rules(tmp_path, f'["a.example".parse]\n{text}').parsing["a.example"][0] for text in texts]
    assert len({rule.digest for rule in found}) == len(texts)
    assert found[0].digest == ParseRule("a.example", body=found[0].body).digest
    assert ParseRule("b.example", body=found[0].body).digest != found[0].digest


def test_a_rule_goes_by_its_site_digest_and_days(tmp_path: Path) -> None:
    (rule,) = rules(tmp_path, '["a.example".parse]\nbody = "p"\nvalid_from = 2026-01-01').parsing["a.example"]
    assert rule.name == f"a.example:{rule.digest}:2026-01-01.."
    assert rule.valid_from == date(2026, 1, 1)


TABLE = '[["a.example".parse]]\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'{TABLE}titel = "h1"', "titel: unknown, there are valid_from, valid_until, body, drop, title, author, date"),
        (f'{TABLE}title = "h1["', "title: 'h1[' is no selector: not understood from '[' on"),
        (f'{TABLE}title = ["h1", ""]', "title: '' is no selector: it is empty"),
        (f"{TABLE}title = 1", "title: must be a CSS selector, or a list of them (got 1)"),
        (f"{TABLE}title = []", "title: must be a CSS selector, or a list of them (got [])"),
        (f'{TABLE}title = ["h1", 2]', "title: must be a CSS selector, or a list of them (got ['h1', 2])"),
        (f'{TABLE}body = "div @id"', "body: 'div @id' names an attribute, it must name elements"),
        (f"{TABLE}drop = {['p'] * 31}", "drop: more than 30 selectors"),
        (
            f'{TABLE}body = "p"\nvalid_from = "2026-01-01"',
            "valid_from: must be a day without quotes, such as 2026-03-01",
        ),
        (
            f'{TABLE}body = "p"\nvalid_until = 2026-01-01T00:00:00Z',
            "valid_until: must be a day without quotes, such as",
        ),
        (
            f'{TABLE}body = "p"\nvalid_from = 2026-01-02\nvalid_until = 2026-01-01',
            "valid_until: 2026-01-01 is before valid_from, 2026-01-02",
        ),
        (f"{TABLE}valid_from = 2026-01-02", "says nothing about the page, with body, drop, title, author or date"),
        (TABLE, "says nothing about the page, with body, drop, title, author or date"),
        (f'{TABLE}body = "p"\n{TABLE}body = "q"', "valid_from: two periods overlap, all days and all days"),
        (
            f'{TABLE}body = "p"\nvalid_until = 2026-01-01\n{TABLE}body = "q"\nvalid_from = 2026-01-01',
            "valid_from: two periods overlap, ..2026-01-01 and 2026-01-01..",
        ),
        (f'{TABLE}body = "p"\n{TABLE}bodi = "q"', "2, bodi: unknown"),
        ('["a.example"]\nparse = "p"', 'must be a table, [["a.example".parse]]'),
        ('["a.example"]\nparse = []', 'must be a table, [["a.example".parse]]'),
    ],
)
def test_what_is_wrong_is_told_with_file_site_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rules(tmp_path, text)
    start = f'WIREDESK_SITES_FILE: {tmp_path / "sites.toml"}: [["a.example".parse]] '
    assert str(caught.value).startswith(start + message)
    assert "\n" not in str(caught.value)


def test_a_site_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"co\.uk is a public suffix"):
        rules(tmp_path, '[["co.uk".parse]]\nbody = "p"')
