"""The sample newspapers: what is written in them, and what the web serves of it."""

from __future__ import annotations

import http.client
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import py3langid
import pytest
from lxml import etree, html

from shared.urls import canonical_url
from wiredesk.demo import DemoPapers, build_demo, load_papers
from wiredesk.demo.pictures import picture
from wiredesk.testweb import NewsWeb

NOW = datetime(2026, 3, 14, 9, 30, 44, tzinfo=UTC)
ARTICLES = [(paper, article) for paper in load_papers() for article in paper.articles]
NAMES = [f"{paper.site}/{article.slug}" for paper, article in ARTICLES]

LANGUAGES = {"en", "de", "fr", "es", "it", "pt", "pl", "ru", "ar", "ja"}


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb() as opened:
        yield opened


@pytest.fixture
def papers(web: NewsWeb) -> DemoPapers:
    return build_demo(web, now=NOW)


def get(web: NewsWeb, url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)) as client:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        client.request(
            "GET", parts.path + (f"?{parts.query}" if parts.query else ""), headers={"Host": parts.netloc, **names}
        )
        response = client.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def entries(body: bytes) -> list[tuple[str, str]]:
    """Links and titles of a feed in whatever format."""
    if body.startswith(b"{"):
        return [(item["url"], item["title"]) for item in json.loads(body)["items"]]
    root = etree.fromstring(body)
    found = root.xpath("//*[local-name()='item' or local-name()='entry']")
    link = "string(*[local-name()='link'][not(@href)] | *[local-name()='link'][@rel='alternate']/@href)"
    return [(item.xpath(link), item.xpath("string(*[local-name()='title'])")) for item in found]


def working(papers: DemoPapers) -> list[str]:
    return [url for url in papers.feeds if url not in papers.broken_feeds]


def test_there_are_enough_articles_papers_and_languages():
    assert len(ARTICLES) >= 36
    assert len({paper.site for paper, _ in ARTICLES}) >= 5
    assert {paper.language for paper, _ in ARTICLES} == LANGUAGES


@pytest.mark.parametrize(("paper", "article"), ARTICLES, ids=NAMES)
def test_an_article_has_the_length_of_a_short_news_story(paper, article):
    text = " ".join((article.title, article.lead, *article.paragraphs))
    # Japanese sets no spaces: two characters make about a word.
    words = len(text) / 2 if paper.language == "ja" else len(text.split())
    assert 120 <= words <= 400
    assert 3 <= len(article.paragraphs) <= 7


@pytest.mark.parametrize(("paper", "article"), ARTICLES, ids=NAMES)
def test_an_article_is_in_the_language_of_its_paper(paper, article):
    assert py3langid.classify(" ".join(article.paragraphs))[0] == paper.language


def test_titles_are_told_once_except_in_a_reprint():
    repeated = [title for title, count in Counter(article.title for _, article in ARTICLES).items() if count > 1]
    assert repeated == [article.title for _, article in ARTICLES if article.copy_of]


def test_a_reprint_is_near_its_original_and_not_the_same(papers):
    pages = {page.url: page for page in papers.articles}
    assert papers.near_duplicates
    for original, copy in papers.near_duplicates:
        one, two = (set(" ".join(pages[url].paragraphs).split()) for url in (original, copy))
        assert 0.7 < len(one & two) / len(one | two) < 1


def test_every_page_holds_its_paragraphs(web, papers):
    for page in papers.articles:
        status, headers, body = get(web, page.url)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        tree = html.fromstring(body.decode())
        assert tree.xpath("string(//h1)") == page.title
        assert tuple(tree.xpath("//div[@class='article-body']/p/text()")) == page.paragraphs


def test_dates_count_back_from_now_in_the_zone_of_the_paper(papers):
    regatta = next(page for page in papers.articles if "regatta" in page.url)
    assert regatta.published == datetime(2026, 3, 14, 6, 0, tzinfo=UTC)
    japanese = next(page for page in papers.articles if page.language == "ja")
    assert japanese.published.utcoffset() == timedelta(hours=9)
    assert all(timedelta(0) < NOW - page.published < timedelta(days=3) for page in papers.articles)


def test_the_same_time_gives_the_same_papers():
    with NewsWeb() as web:
        port = web.port
        one = build_demo(web, now=NOW)
        bodies = [get(web, url) for url in one.feeds]
    with NewsWeb(port=port) as web:
        two = build_demo(web, now=NOW)
        assert two == one
        for (_, _, before), url in zip(bodies, two.feeds, strict=True):
            assert get(web, url)[2] == before


def test_working_feeds_are_well_formed_and_of_several_kinds(web, papers):
    kinds = set()
    for url in working(papers):
        status, headers, body = get(web, url)
        if status == 301:
            status, headers, body = get(web, urlsplit(url)._replace(path=headers["location"]).geturl())
        assert status == 200
        assert entries(body)
        kinds.add(headers["content-type"].split(";")[0])
    assert kinds == {"application/rss+xml", "application/rdf+xml", "application/atom+xml", "application/feed+json"}


def test_broken_feeds_are_broken_in_different_ways(web, papers):
    answers = [get(web, url) for url in papers.broken_feeds]
    assert set(papers.broken_feeds) <= set(papers.feeds)
    assert sorted(status for status, _, _ in answers) == [200, 200, 500]
    assert any("text/html" in headers["content-type"] for _, headers, _ in answers)
    for _, _, body in answers:
        with pytest.raises((etree.XMLSyntaxError, AssertionError)):
            assert etree.fromstring(body).tag in ("rss", "feed")


def test_what_is_expected_is_what_a_reader_finds(web, papers):
    """Walks the feeds as the pipeline would, and counts for itself."""
    links = set()
    for url in working(papers):
        status, headers, body = get(web, url)
        if status == 301:
            body = get(web, urlsplit(url)._replace(path=headers["location"]).geturl())[2]
        links |= {canonical_url(link) for link, _ in entries(body)}
    outcome: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for link in links:
        parts = urlsplit(link)
        status, _, robots = get(web, parts._replace(path="/robots.txt").geturl())
        disallowed = [line.split(": ")[1] for line in robots.decode().splitlines() if line.startswith("Disallow")]
        if status == 200 and parts.path.startswith(tuple(disallowed)):
            outcome["rejected"] += 1
            continue
        status, headers, body = get(web, link)
        if status == 301:
            assert urlsplit(link)._replace(path=headers["location"]).geturl() in links
            outcome["duplicate"] += 1
        elif status == 404:
            outcome["failed"] += 1
        elif headers["content-type"] == "application/pdf":
            assert body.startswith(b"%PDF-")
            outcome["rejected"] += 1
        else:
            outcome["indexed"] += 1
            languages[html.fromstring(body.decode()).get("lang")] += 1

    expected = papers.expected
    assert outcome == {name: getattr(expected, name) for name in ("indexed", "duplicate", "rejected", "failed")}
    assert len(links) == expected.discovered == outcome.total()
    assert dict(languages) == expected.by_language
    assert (expected.feeds_failed, expected.feeds_ok) == (len(papers.broken_feeds), len(working(papers)))
    assert (expected.duplicate, expected.rejected, expected.failed) == (1, 2, 1)


def test_one_article_is_listed_by_two_feeds_with_tracking_parameters(web, papers):
    plain = dict(entries(get(web, next(url for url in papers.feeds if "harbour" in url))[2]))
    tracked = dict(entries(get(web, next(url for url in papers.feeds if "culture.atom" in url))[2]))
    assert tracked
    for link, title in tracked.items():
        assert "utm_source" in link
        assert plain[canonical_url(link)] == title


def test_an_article_changes_once_it_was_read(web, papers):
    (edited,) = papers.edited
    feed = next(url for url in papers.feeds if urlsplit(url).netloc == urlsplit(edited.url).netloc)
    status, validators, before = get(web, feed)
    assert dict(entries(before))[edited.url] == edited.title_before
    assert get(web, feed, If_None_Match=validators["etag"])[0] == 304

    first = get(web, edited.url)[2].decode()
    assert "brought 42 boats" in first

    status, _, after = get(web, feed, If_None_Match=validators["etag"])
    assert status == 200
    assert dict(entries(after))[edited.url] == edited.title_after
    second = html.fromstring(get(web, edited.url)[2].decode())
    text = second.text_content()
    assert "brought 47 boats" in text
    assert "Correction:" in text
    assert second.xpath("string(//h1)") == edited.title_after
    assert second.xpath("string(//meta[@property='article:modified_time']/@content)") == "2026-03-14T09:30:00+00:00"
    assert len(dict(entries(after))) == len(dict(entries(before)))


def test_the_words_of_an_edit_occur_in_the_article():
    for _, article in ARTICLES:
        if article.edit:
            for old, new in article.edit.replace:
                assert sum(paragraph.count(old) for paragraph in article.paragraphs) == 1
                assert old != new


def test_every_language_has_a_search_that_its_article_answers(papers):
    assert {language for language, _, _ in papers.searches} == LANGUAGES
    pages = {page.url: page for page in papers.articles}
    for _, words, url in papers.searches:
        page = pages[url]
        text = " ".join((page.title, page.lead, *page.paragraphs)).casefold()
        for word in words.casefold().split():
            # Without its ending a word may stand in another form, which is what stemming is for.
            stem = word.removeprefix("ال")[: max(2, len(word) - 2)]
            assert stem in text, word


def test_pictures_are_whole_png_files(web, papers):
    status, headers, body = get(web, papers.articles[0].image)
    assert (status, headers["content-type"]) == (200, "image/png")
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    start = body.index(b"IDAT")
    length = int.from_bytes(body[start - 4 : start], "big")
    assert len(zlib.decompress(body[start + 4 : start + 4 + length])) == 360 * (640 + 1)


def test_pictures_differ_by_name_and_stay_the_same():
    assert picture("one") == picture("one") != picture("two")


def test_the_opml_list_names_every_feed(web, papers):
    status, _, body = get(web, papers.opml_url)
    assert (status, body) == (200, papers.opml)
    assert papers.opml_url == f"http://demo.localhost:{web.port}/feeds.opml"
    assert tuple(etree.fromstring(body).xpath("//outline/@xmlUrl")) == papers.feeds


def test_a_front_page_names_the_feeds_of_its_paper(web, papers):
    tree = html.fromstring(get(web, f"http://harbour.localhost:{web.port}/")[2])
    named = tree.xpath("//link[@rel='alternate']/@href")
    assert named == [url for url in papers.feeds if "//harbour." in url]


def test_everything_is_at_the_web_it_was_given():
    with NewsWeb(suffix="test") as web:
        papers = build_demo(web, now=NOW)
        assert all(f".test:{web.port}/" in url for url in papers.feeds)
        assert b"localhost" not in papers.opml
