"""robots.txt: the verdict, the line that gave it, and what an answer without rules means."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from shared.robots import RobotsDecision, RobotsRules

US = "Wiredesk/0.1 (+https://desk.example)"
FILE = """
User-agent: *
Disallow: /private
Allow: /private/press
Crawl-delay: 2.5

User-agent: Wiredesk
User-agent: Otherbot/2.0
Disallow: /*.pdf$
Disallow: /search?q=
"""


def rule(text: str, url: str, user_agent: str = "Somebot/1") -> tuple[bool, str]:
    decision = RobotsRules.parse(text, 200).decision(f"https://news.example{url}", user_agent)
    assert not decision.temporary
    return decision.allowed, decision.rule


@pytest.mark.parametrize(
    ("url", "agent", "allowed", "line"),
    [
        ("/", "Somebot/1", True, "no rule matches"),
        ("/private/x", "Somebot/1", False, "User-agent: * / Disallow: /private"),
        ("/private/press/1", "Somebot/1", True, "User-agent: * / Allow: /private/press"),
        ("/private/x", US, True, "no rule matches"),
        ("/a/report.pdf", US, False, "User-agent: Wiredesk / Disallow: /*.pdf$"),
        ("/a/report.pdf?x=1", US, True, "no rule matches"),
        ("/search?q=1", "otherbot", False, "User-agent: Otherbot/2.0 / Disallow: /search?q="),
        ("/robots.txt", US, True, "no rule matches"),
    ],
)
def test_the_longest_matching_line_of_our_group_decides(url: str, agent: str, allowed: bool, line: str) -> None:
    assert rule(FILE, url, agent) == (allowed, line)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /a\nAllow: /a", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("user-agent:*\r\ndisallow:/a", False),
        ("\ufeffUser-agent: *\nDisallow: /a", False),
        ("USERAGENT *\nDissallow: /a # as people type", False),
        ("User-agent: *\nSitemap: https://x/s.xml\nUser-agent: Other\nDisallow: /a", False),
        ("User-agent: *\nDisallow: /b\nUser-agent: *\nDisallow: /a", False),
        ("User-agent: wiredesk\nAllow: /\nUser-agent: *\nDisallow: /", True),
        ("User-agent: wire\nDisallow: /", True),
        ("User-agent: wiredeskbot\nDisallow: /", True),
        ("User-agent: Wiredesk*\nDisallow: /", False),
        ("Disallow: /", True),
        ("User-agent: *\nDisallow: /%61", False),
        ("User-agent: *\nDisallow: /A", True),
        ("<html><body>Not found</body></html>", True),
        ("", True),
    ],
)
def test_files_are_read_as_their_authors_meant_them(text: str, allowed: bool) -> None:
    assert rule(text, "/a/b", US)[0] is allowed


def test_an_address_is_compared_in_its_escaped_form() -> None:
    assert rule("User-agent: *\nDisallow: /münchen", "/m%C3%BCnchen/1")[0] is False
    assert rule("User-agent: *\nDisallow: /m%c3%bcnchen", "/münchen/1")[0] is False


@pytest.mark.parametrize(
    ("status", "allowed", "words", "temporary"),
    [
        (404, True, "robots.txt absent (404)", False),
        (401, True, "robots.txt absent (401)", False),
        (403, True, "robots.txt absent (403)", False),
        (302, True, "robots.txt absent (302)", False),
        (500, False, "robots.txt unreachable (500)", True),
        (503, False, "robots.txt unreachable (503)", True),
        (999, False, "robots.txt unreachable (999)", True),
        (0, False, "robots.txt unreachable (0)", True),
    ],
)
def test_without_a_file_the_status_decides(status: int, allowed: bool, words: str, temporary: bool) -> None:
    rules = RobotsRules.parse("User-agent: *\nDisallow: /secret", status)
    assert rules.decision("https://news.example/x", US) == RobotsDecision(allowed, words, temporary)
    assert rules.crawl_delay(US) is None


def test_the_crawl_delay_is_that_of_our_group() -> None:
    rules = RobotsRules.parse(FILE, 200)
    assert rules.crawl_delay("Somebot/1") == 2.5
    assert rules.crawl_delay(US) is None
    assert RobotsRules.parse("User-agent: *\nCrawl-delay: soon", 200).crawl_delay(US) is None


def test_what_lies_beyond_the_cap_is_not_read_not_even_half_a_line() -> None:
    start = "User-agent: *\nDisallow: /x\n"
    padding = "#" * (500 * 1024 - len(start) - len("\nDisallow: /a")) + "\n"
    text = f"{start}{padding}Disallow: /a/very/long/path\n"
    assert len(text) > 500 * 1024
    assert rule(text, "/a/b") == (True, "no rule matches")
    assert rule(text, "/x")[0] is False


def test_half_a_megabyte_of_agents_and_rules_is_read_in_no_time() -> None:
    text = "User-agent: a\n" * 17_000 + "User-agent: *\n" + "Disallow: /x\n" * 20_000
    began = time.perf_counter()
    assert rule(text, "/x")[0] is False
    assert rule(text, "/y")[0] is True
    assert time.perf_counter() - began < 5


def test_an_endless_line_is_shown_short() -> None:
    allowed, line = rule("User-agent: *\nDisallow: /" + "a" * 10_000, "/" + "a" * 10_000)
    assert not allowed
    assert len(line) < 500


PATHS = st.sampled_from(["/", "/a", "/a/", "/a/b", "/b", "/a/b.html", "/c?x=1"])
VALUES = st.sampled_from(["", "/", "/a", "/a/", "/a/b", "/a/b.html", "/*b", "/*.html$", "/a*b", "/c?", "/$", "*"])
LINES = st.one_of(
    st.tuples(st.just("User-agent"), st.sampled_from(["*", "ours", "theirs", "OURS"])),
    st.tuples(st.sampled_from(["Allow", "Disallow", "disallow"]), VALUES),
    st.tuples(st.sampled_from(["Sitemap", "Crawl-delay", "Noindex"]), st.just("/a")),
)


@given(st.lists(LINES, max_size=12), PATHS, st.sampled_from(["ours", "else"]))
def test_the_verdict_is_protegos_and_the_line_explains_it(lines: list[tuple[str, str]], path: str, agent: str) -> None:
    text = "\n".join(f"{name}: {value}" for name, value in lines)
    url = f"https://news.example{path}"
    expected = Protego.parse(text).can_fetch(url, agent)
    allowed, line = rule(text, path, agent)
    assert allowed is expected
    if line == "no rule matches":
        assert allowed
    else:
        named, _, deciding = line.partition(" / ")
        assert deciding.lower().startswith("allow" if allowed else "disallow")
        assert deciding in text
        assert named.lower() in ("user-agent: *", f"user-agent: {agent}")
        if not allowed:
            assert not Protego.parse(f"User-agent: *\n{deciding}").can_fetch(url, "*")


@given(st.text(), st.text(), st.text(max_size=20))
def test_no_text_raises(text: str, url: str, agent: str) -> None:
    rules = RobotsRules.parse(text, 200)
    rules.decision(url, agent)
    rules.crawl_delay(agent)


@given(st.lists(LINES, max_size=12), PATHS, st.sampled_from(["ours/1.0", "else"]))
def test_an_excerpt_gives_its_robot_the_same_answers(lines: list[tuple[str, str]], path: str, agent: str) -> None:
    rules = RobotsRules.parse("\n".join(f"{name}: {value}" for name, value in lines), 200)
    excerpt = RobotsRules.parse(rules.excerpt(agent), 200)
    url = f"https://news.example{path}"
    assert excerpt.decision(url, agent) == rules.decision(url, agent)
    assert excerpt.crawl_delay(agent) == rules.crawl_delay(agent)


def test_an_excerpt_holds_nothing_that_is_meant_for_others() -> None:
    text = "".join(f"User-agent: bot{number}\nDisallow: /{number}\n" for number in range(5000))
    rules = RobotsRules.parse(f"{text}User-agent: wiredesk/1\nDisallow: /x # a remark\nCrawl-delay: 3\n", 200)
    assert rules.excerpt(US) == "User-agent: wiredesk/1\nDisallow: /x\nCrawl-delay: 3\n"
    assert rules.excerpt("Somebot/1") == ""
