"""A site's rule on pages: what it decides, what it leaves to the general way, and what the record says of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml.html import HtmlElement

from services.parser import dom, extract, siterule
from shared.records import Article, EntryHints, Rejection
from shared.siterules import SiteRules

GUIDE = (Path(__file__).parents[3] / "docs" / "sites.md").read_text("utf-8")
URL = "https://www.paper.example/town/17"
FETCHED = datetime(2026, 3, 10, 12, tzinfo=UTC)
BRIDGE, FERRY, TUNNEL, OTHER = (
    f"The council of the town voted on Thursday evening for a new {thing} across the river, after five hours of debate "
    f"in which all that can be said about a {thing} was said, some of it twice."
    for thing in ("bridge", "ferry", "tunnel", "stadium")
)
ADVERTISEMENT = "A kitchen from Karlsen and Sons is a kitchen for life, and now at half of what it was in the autumn."
PAGE = f"""
    <html lang="en"><head><title>Town: bridge | The Paper</title>
    <script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Wrong of the system",
        "author": {{"@type": "Person", "name": "Webmaster Admin"}}, "datePublished": "2001-01-01T00:00:00Z"}}</script>
    </head><body>
    <div class="kicker">Town</div><div class="headline">A bridge at last</div>
    <div class="by">By <a>Ann Archer</a> and <a>Bob Baker</a></div><div class="stamp" data-at="2026-03-09">Monday</div>
    <div class="top"><p>{BRIDGE}</p><p>{FERRY}</p><p class="ad">{ADVERTISEMENT}</p></div>
    <div class="more"><p>{OTHER}</p><p>{OTHER.replace("stadium", "theatre")}</p></div>
    <div class="rest"><p>{TUNNEL}</p></div>
    </body></html>
"""
Parse = Callable[..., Article]


@pytest.fixture
def ruled(tmp_path: Path) -> Callable[[str], SiteRules]:
    """Reads a rule for the site."""

    def read(rule: str) -> SiteRules:
        path = tmp_path / "sites.toml"
        path.write_text(f'[["paper.example".parse]]\n{rule}', "utf-8")
        return SiteRules.load(path)

    return read


@pytest.fixture
def parse(ruled: Callable[[str], SiteRules]) -> Parse:
    """Parses a page under a rule."""

    def run(rule: str, page: str = PAGE, **facts: Any) -> Article:
        found = extract(page.encode(), **{"url": URL, "now": FETCHED, "rules": ruled(rule)} | facts)
        assert isinstance(found, Article)
        return found

    return run


def told(article: Article) -> tuple[str | None, dict[str, str]]:
    """What the record says: the keys that took effect, and why the others did not."""
    said = article.provenance["site_rule"]
    return said.raw, {candidate.source: candidate.value for candidate in said.candidates}


def source(article: Article, field: str) -> str:
    return article.provenance[field].source


def plain(page: str = PAGE) -> Article:
    found = extract(page.encode(), url=URL, now=FETCHED)
    assert isinstance(found, Article)
    return found


def test_the_text_is_what_the_containers_hold_in_the_order_of_the_page(parse: Parse) -> None:
    article = parse('body = [".rest", ".top"]\ndrop = ".ad"')
    assert article.text == f"{BRIDGE}\n\n{FERRY}\n\n{TUNNEL}"
    assert told(article) == ("body drop", {})
    assert OTHER in plain().text


def test_containers_within_one_another_are_taken_once(parse: Parse) -> None:
    article = parse('body = ["p", ".top", ".rest p"]\ndrop = ".ad, .more"')
    assert article.text == f"{BRIDGE}\n\n{FERRY}\n\n{TUNNEL}"


def test_what_a_container_is_called_does_not_matter(parse: Parse) -> None:
    """Extraction leaves out what is an aside, is hidden, or is called a comment."""
    page = PAGE.replace('<div class="top">', '<aside class="top comments hidden related" style="display:none">')
    page = page.replace('</div>\n    <div class="more">', '</aside>\n    <div class="more">')
    article = parse('body = ".top"\ndrop = ".ad"', page)
    assert article.text == f"{BRIDGE}\n\n{FERRY}"


def test_the_container_goes_before_what_json_ld_and_feed_have_for_a_text(parse: Parse) -> None:
    other = " ".join(f"Word{number} of quite another article." for number in range(60))
    page = PAGE.replace('"headline"', f'"articleBody": "{other}", "headline"')
    article = parse('body = ".top, .rest"\ndrop = ".ad"', page, entry=EntryHints(content=other))
    assert article.text == f"{BRIDGE}\n\n{FERRY}\n\n{TUNNEL}"


def test_title_authors_and_date_are_those_that_it_names(parse: Parse) -> None:
    article = parse('title = ".headline"\nauthor = ".by a"\ndate = ".stamp @data-at"')
    assert article.title == "A bridge at last"
    assert [author.name for author in article.authors] == ["Ann Archer", "Bob Baker"]
    assert article.published_at is not None
    assert (article.published_at.date(), article.published_precision) == (date(2026, 3, 9), "day")
    assert {source(article, field) for field in ("title", "authors", "published_at")} == {"site_rule"}
    assert "Wrong of the system" in [one.value for one in article.provenance["title"].candidates]
    assert told(article) == ("title author date", {})


def test_a_by_line_is_read_as_one(parse: Parse) -> None:
    article = parse('author = ".by"')
    assert [author.name for author in article.authors] == ["Ann Archer", "Bob Baker"]


def test_of_several_selectors_the_first_that_says_something_is_taken(parse: Parse) -> None:
    article = parse('title = [".none", ".kicker span", ".headline", ".kicker"]\ndate = [".kicker", ".stamp @data-at"]')
    assert article.title == "A bridge at last"
    assert source(article, "published_at") == "site_rule"


def test_wrong_json_ld_can_be_dropped(parse: Parse) -> None:
    article = parse("drop = \"script[type='application/ld+json']\"")
    assert "Webmaster" not in str(article.authors)
    assert article.title != "Wrong of the system"


@pytest.mark.parametrize(
    ("rule", "missed"),
    [
        ('body = ".gone"\ntitle = ".gone"\nauthor = ".gone"\ndate = ".gone"\ndrop = ".gone"', "not on the page"),
        ('body = ".ad"\ndrop = ".ad"\ntitle = "script"', "dropped"),
        ('body = ".kicker"', "1 word of text in it"),
        ('date = ".headline"', "no date: A bridge at last"),
        ('title = ".headline @title"', "nothing readable in it"),
        ('author = "title @lang"', "nothing readable in it"),
    ],
)
def test_what_is_not_found_is_left_to_the_general_way_and_told(parse: Parse, rule: str, missed: str) -> None:
    article, general = parse(rule), plain()
    assert missed in told(article)[1].values()
    assert (article.title, article.authors, article.published_at) == (
        general.title,
        general.authors,
        general.published_at,
    )
    assert BRIDGE in article.text


@pytest.mark.parametrize("rule", ['drop = "div"', 'drop = "*"', 'drop = "div"\nbody = ".top"\ntitle = ".headline"'])
def test_a_rule_that_drops_the_text_has_no_effect(parse: Parse, rule: str) -> None:
    article = parse(rule)
    assert article.text == plain().text
    assert told(article)[0] is None
    assert told(article)[1]["drop"] == "hardly any text was left"


def test_a_page_that_has_no_text_anyway_is_rejected_under_the_rule(ruled: Callable[[str], SiteRules]) -> None:
    found = extract(b"<html><body><p></p></body></html>", url=URL, now=FETCHED, rules=ruled('drop = ".ad"\nbody = "p"'))
    assert isinstance(found, Rejection)
    assert found.extraction is not None
    assert "site_rule=paper.example:" in (found.extraction.config or "")


def test_the_record_names_the_rule(parse: Parse, ruled: Callable[[str], SiteRules]) -> None:
    rule = 'body = ".top"\nvalid_from = 2026-03-01'
    (read,) = ruled(rule).parsing["paper.example"]
    article = parse(rule)
    assert article.provenance["site_rule"].source == read.name == f"paper.example:{read.digest}:2026-03-01.."
    assert (article.extraction.config or "").endswith(f" site_rule={read.name}")


@pytest.mark.parametrize(
    "facts",
    [
        {"url": "https://newspaper.example/town/17"},
        {"url": None},
        {"now": datetime(2026, 2, 28, 23, tzinfo=UTC)},
    ],
)
def test_pages_without_a_rule_are_read_as_if_there_were_none(parse: Parse, facts: dict[str, Any]) -> None:
    rule = 'title = ".headline"\nvalid_from = 2026-03-01'
    article = parse(rule, **facts)
    assert article == extract(PAGE.encode(), **{"url": URL, "now": FETCHED} | facts)
    assert "site_rule" not in article.provenance


def applied(ruled: Callable[[str], SiteRules], rule: str, page: str) -> tuple[HtmlElement, siterule.Ruled]:
    """A page's tree after the rule, and what that made of it."""
    tree = dom.parse(page.encode())
    assert tree is not None
    return tree, siterule.apply(tree, ruled(rule).parse_rule(URL, FETCHED), latest=FETCHED)


def test_what_stands_after_thousands_of_dropped_elements_stays_and_takes_no_time(
    ruled: Callable[[str], SiteRules],
) -> None:
    page = f"<p>{'<b class=x>Ad</b>So they said, and so it was in the end. ' * 15_000}</p>"
    began = time.process_time()

    tree, found = applied(ruled, 'drop = ".x"', page)

    # One after another they took ten seconds.
    assert time.process_time() - began < 2
    assert found.used == ("drop",)
    assert tree.text_content() == "So they said, and so it was in the end. " * 15_000


def test_what_is_dropped_within_something_dropped_is_gone_with_it(ruled: Callable[[str], SiteRules]) -> None:
    page = "<div>a<div class=out>b<i class=in>c</i>d</div>e<i class=in>f</i>g</div>"

    tree, _ = applied(ruled, 'drop = [".in", ".out", "i"]', page)

    assert tree.text_content() == "aeg"


def test_on_a_page_that_is_too_large_for_anybody_the_rule_has_no_effect(ruled: Callable[[str], SiteRules]) -> None:
    tree, found = applied(ruled, 'title = ".kicker"\ndrop = "i"', PAGE.replace("</body>", "<i></i>" * 200_000))

    assert (found.title, found.used) == (None, ())
    assert [key for key, why in found.missed if why.endswith("elements")] == ["drop", "title"]
    assert tree.find(".//i") is not None


def test_the_containers_are_made_as_harmless_as_a_page(ruled: Callable[[str], SiteRules]) -> None:
    marks = "\u0301\u0316" * 1_000
    _, found = applied(ruled, 'body = ".top"', PAGE.replace("after five hours", f"after{marks} five hours"))

    assert found.story is not None
    assert "\u0301" in found.story.text_content()
    assert marks not in found.story.text_content()


def test_it_is_deterministic(parse: Parse) -> None:
    rule = 'body = ".top, .rest"\ndrop = ".ad"\nauthor = ".by"'
    assert len({parse(rule).model_dump_json() for _ in range(3)}) == 1


@pytest.mark.parametrize(
    "page",
    [
        "<html><frameset><frame></frameset></html>",
        "<p>" * 3000 + BRIDGE,
        "<html><body>" + "<div class=top>" * 1900 + BRIDGE,
        "<html><body><a><b><a:b></a:b><ad class=ad></a:b>" + BRIDGE,
        "<svg><style><p class=top></style></svg>" + BRIDGE,
    ],
)
@pytest.mark.parametrize(
    "rule", ['body = "*"\ndrop = "html, body, head, .ad"\ntitle = "*"\ndate = "*"\nauthor = "*"', 'body = "html"']
)
def test_no_page_and_no_rule_make_it_raise(ruled: Callable[[str], SiteRules], page: str, rule: str) -> None:
    assert extract(page.encode(), url=URL, now=FETCHED, rules=ruled(rule)) is not None


# The example of the guide, on pages such as it speaks of.


def example(tmp_path: Path) -> SiteRules:
    (block,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    path = tmp_path / "sites.toml"
    path.write_text(block, "utf-8")
    return SiteRules.load(path)


OLD_GAZETTE = f"""
    <html lang="en"><head><title>A bridge at last - Gazette</title></head><body><h1>A bridge at last</h1>
    <span class="written-by">by <a>Ann Archer</a></span>
    <div class="story-top"><p>{BRIDGE}</p></div><div class="ad-box"><p>{ADVERTISEMENT}</p></div>
    <div class="box"><p>{OTHER}</p></div>
    <div class="story-rest"><p>{TUNNEL}</p><p class="read-also">{OTHER}</p></div></body></html>
"""
NEW_GAZETTE = f"""
    <html lang="en"><head><title>Gazette</title><meta name="gazette:day" content="2026-03-08"></head><body>
    <header><p class="headline">A bridge at last</p></header>
    <main><section data-part="tip"><p>{OTHER}</p></section>
    <section data-part="text"><p>{BRIDGE}</p><p>{TUNNEL}</p></section></main></body></html>
"""


def test_the_guide_s_rules_read_the_guide_s_site_before_and_after_its_relaunch(tmp_path: Path) -> None:
    rules = example(tmp_path)
    assert rules.for_site("gazette.example").interval_seconds == 2
    url = "https://www.gazette.example/bridge"
    old = extract(OLD_GAZETTE.encode(), url=url, now=datetime(2026, 2, 28, 12, tzinfo=UTC), rules=rules)
    assert isinstance(old, Article)
    assert old.text == f"{BRIDGE}\n\n{TUNNEL}"
    assert [author.name for author in old.authors] == ["Ann Archer"]
    new = extract(NEW_GAZETTE.encode(), url=url, now=datetime(2026, 3, 9, 12, tzinfo=UTC), rules=rules)
    assert isinstance(new, Article)
    assert (new.title, new.text) == ("A bridge at last", f"{BRIDGE}\n\n{TUNNEL}")
    assert new.published_at == datetime(2026, 3, 8, tzinfo=UTC)
    blog = rules.parse_rule("https://blogs.gazette.example/a", None)
    assert blog is not None
    assert blog.site == "blogs.gazette.example"


def test_the_guide_names_every_key_and_every_state() -> None:
    from shared.drift import WORDS, State
    from shared.parserules import SELECTING

    for name in (*SELECTING, "valid_from", "valid_until", *State):
        assert re.search(rf"^\| [^|]*`{name}`", GUIDE, re.MULTILINE), name
    for mark in WORDS:
        assert f"`{mark}`" in GUIDE or mark.startswith("no_")


def test_a_date_ahead_of_the_fetch_is_told_among_what_the_rule_missed(ruled: Callable[[str], SiteRules]) -> None:
    text = f"<p>{'The bridge was opened by the mayor, and many people came to see it. ' * 20}</p>"
    page = f"<html><body><h1>A bridge</h1><i class='when'>2099-01-01</i>{text}</body></html>".encode()
    found = extract(page, url=URL, now=FETCHED, rules=ruled('date = ".when"'))
    assert isinstance(found, Article)
    assert found.published_at is None
    assert told(found) == (None, {"date": "lies in the future: 2099-01-01"})
