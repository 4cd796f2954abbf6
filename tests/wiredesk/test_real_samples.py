"""The real samples, served as if their sites were here; and the command that serves them."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree, html

from wiredesk.testweb import NewsWeb
from wiredesk.testweb.names import label, linked_hosts, rewrite_hosts
from wiredesk.testweb.samples import PAGE_SETS, SampleWeb, build_samples

DATA = Path(__file__).parents[2].parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the sample pages are not here: ../shared/data")

LONG = "<p>" + "Many words about little. " * 40 + "</p>"
FEED = f"""<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<title>Notes</title><link href="https://notes.example.org/"/><id>urn:x</id>
<entry><title>Whole</title><id>1</id><link rel="alternate" href="https://notes.example.org/whole?a=1&amp;b=2"/>
<published>2026-03-01T10:00:00+01:00</published><content type="html"><![CDATA[{LONG}]]></content></entry>
<entry><title>Teaser</title><id>2</id><link href="http://notes.example.org/teaser"/><summary>Short.</summary></entry>
<entry><title>W3</title><id>3</id><link href="https://www.w3.org/news"/><summary>See https://elsewhere.example/.</summary></entry>
</feed>""".encode()


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb() as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder laid out like the samples, with a page or two in each set."""
    gold = {
        "aed": [{"file": "a1.html.gz", "url": "https://www.news.example/a?id=1#top", "title": "One"}],
        "fundus": [{"file": "b1.html.gz", "url": "https://www.news.example/b/x/../.", "title": "Two"}],
        "trafilatura": [
            {"file": "c1.html.gz", "url": "xhttps://www.news.example/straße und platz "},
            {"file": "c2.html.gz", "url": "hard::news.example.html"},
        ],
        "htmldate": [{"file": "d1.html.gz", "url": "https://www.news.example/a?id=1", "date": "2026-01-01"}],
        "readability": [{"file": "e1.html.gz", "url": None, "title": "Nowhere"}],
    }
    for name, lines in gold.items():
        place = tmp_path / "pages" / name
        place.mkdir(parents=True)
        (place / "gold.jsonl").write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
        for line in lines:
            body = f"<html><body>{name} {line['file']} \xe4</body></html>".encode("latin-1")
            (place / line["file"]).write_bytes(gzip.compress(body))
    real, seed = tmp_path / "feeds" / "real", tmp_path / "seed"
    real.mkdir(parents=True)
    seed.mkdir()
    (real / "0123456789abcdef").write_bytes(FEED)
    (real / "fedcba9876543210").write_bytes(b"<html><body>Not found</body></html>")
    (seed / "page.html").write_text('<link rel="canonical" href="https://example.test/seed/">', "utf-8")
    (seed / "feed.xml").write_text("<rss><channel><link>https://example.test/</link></channel></rss>", "utf-8")
    return tmp_path


def get(web: NewsWeb, url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    with closing(http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)) as client:
        client.request(
            "GET", target, headers={"Host": parts.netloc} | {k.replace("_", "-"): v for k, v in headers.items()}
        )
        response = client.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def links(body: bytes) -> list[tuple[str, str]]:
    return [(item.findtext("link"), item.findtext("title")) for item in etree.fromstring(body).iter("item")]


@pytest.mark.parametrize(
    ("host", "name"),
    [("www.bbc.com", "www-bbc-com"), ("WWW.Example.ORG.", "www-example-org"), ("a.b:8080", "a-b-8080")],
)
def test_a_host_becomes_one_label(host, name):
    assert label(host) == name


@pytest.mark.parametrize("host", ["stössenseer.de", f"{'long.' * 20}example"])
def test_a_host_that_is_no_label_keeps_its_difference(host):
    assert re.fullmatch(r"[a-z0-9-]{1,62}[a-z0-9]", label(host))
    assert label(host) != label(f"other{host}")


@pytest.mark.parametrize(
    "link",
    [
        "<link>https://a.example/x</link>",
        "<link><![CDATA[ http://A.example]]></link>",
        "<link rel='alternate' href='https://a.example/'/>",
        "<rss:link>https://a.example/x</rss:link>",
        '<guid isPermaLink="true">https://a.example/x</guid>',
        '<entry xml:base="https://a.example/blog/">',
    ],
)
def test_the_hosts_of_a_feed_are_those_of_its_links(link):
    assert linked_hosts(f"<p>https://b.example/</p>{link}<b>https://c.example</b>".encode()) == {"a.example"}


def test_rewriting_changes_addresses_of_known_hosts_only():
    body = b'<a xmlns="http://w3.example/ns" href="http://w3.example:80/x">http://other.example/ w3.example \xff</a>'
    assert rewrite_hosts(body, {"w3.example": "http://w3.localhost:1"}) == (
        b'<a xmlns="http://w3.example/ns" href="http://w3.localhost:1/x">http://other.example/ w3.example \xff</a>'
    )


def test_a_page_is_sent_as_it_was_fetched(web, folder):
    samples = build_samples(web, folder)
    url = f"http://www-news-example.localhost:{web.port}/a?id=1"
    assert samples.pages[0].url == url
    status, headers, body = get(web, url)
    assert (status, headers["content-type"]) == (200, "text/html")
    assert body == b"<html><body>aed a1.html.gz \xe4</body></html>"
    status, headers, packed = get(web, url, Accept_Encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == body


def test_the_first_set_keeps_a_url_that_two_have(web, folder):
    samples = build_samples(web, folder)
    assert [page.set for page in samples.pages if page.url.endswith("/a?id=1")] == ["aed"]
    assert not any(url.endswith("/htmldate.xml") for url in samples.page_feeds)


def test_odd_addresses_find_a_place(web, folder):
    pages = {page.file.name: page.url for page in build_samples(web, folder).pages}
    assert pages["b1.html.gz"] == f"http://www-news-example.localhost:{web.port}/b/"
    assert pages["c1.html.gz"] == f"http://www-news-example.localhost:{web.port}/stra%C3%9Fe%20und%20platz"
    assert pages["c2.html.gz"] == f"http://unnamed.localhost:{web.port}/trafilatura/c2"
    assert pages["e1.html.gz"] == f"http://unnamed.localhost:{web.port}/readability/e1"
    assert all(get(web, url)[0] == 200 for url in pages.values())


def test_the_feeds_of_pages_give_links_and_titles_and_no_text(web, folder):
    samples = build_samples(web, folder)
    listed = [entry for url in samples.page_feeds for entry in links(get(web, url)[2])]
    assert sorted(link for link, _ in listed) == sorted(page.url for page in samples.pages if page.set != "seed")
    assert {title for _, title in listed} == {"One", "Two", "Nowhere", None}
    assert all(b"<description>" not in get(web, url)[2].partition(b"<item>")[2] for url in samples.page_feeds)


def test_a_real_feed_keeps_its_bytes_but_for_the_hosts_of_its_links(web, folder):
    samples = build_samples(web, folder)
    url = f"http://feed-01234567.localhost:{web.port}/feed"
    assert url in samples.real_feeds
    status, headers, body = get(web, url)
    assert (status, headers["content-type"]) == (200, "application/atom+xml")
    notes, w3 = (f"http://{name}.localhost:{web.port}".encode() for name in ("notes-example-org", "www-w3-org"))
    expected = re.sub(rb"https?://notes\.example\.org", notes, FEED).replace(b"https://www.w3.org", w3)
    assert body == expected
    assert b'xmlns="http://www.w3.org/2005/Atom"' in body


def test_an_entry_with_its_text_has_a_page_and_another_has_none(web, folder):
    samples = build_samples(web, folder)
    base = f"http://notes-example-org.localhost:{web.port}"
    assert samples.full_entries == (f"{base}/whole?a=1&b=2",)
    assert samples.missing_entries == (f"{base}/teaser", f"http://www-w3-org.localhost:{web.port}/news")
    status, _, body = get(web, samples.full_entries[0])
    tree = html.fromstring(body.decode())
    assert (status, tree.xpath("string(//h1)")) == (200, "Whole")
    assert tree.xpath("string(//meta[@property='article:published_time']/@content)") == "2026-03-01T09:00:00+00:00"
    assert tree.text_content().count("Many words about little.") == 40
    assert [get(web, url)[0] for url in samples.missing_entries] == [404, 404]


def test_a_real_feed_that_is_none_is_served_all_the_same(web, folder):
    samples = build_samples(web, folder)
    (url,) = samples.unreadable
    assert url in samples.feeds
    assert get(web, url)[1]["content-type"] == "text/html"


def test_the_list_names_every_feed(web, folder):
    samples = build_samples(web, folder)
    assert tuple(etree.fromstring(samples.opml()).xpath("//outline/@xmlUrl")) == samples.feeds


def test_a_limit_counts_pages_of_a_set_and_feeds(web, folder):
    samples = build_samples(web, folder, limit=1)
    assert [page.set for page in samples.pages] == ["aed", "fundus", "trafilatura", "readability", "seed"]
    assert len(samples.real_feeds) == 1


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[NewsWeb, SampleWeb]]:
    with NewsWeb() as opened:
        yield opened, build_samples(opened, DATA)


@needs_data
def test_every_real_sample_is_served(served):
    _, samples = served
    noted = set()
    for name in PAGE_SETS:
        for line in (DATA / "pages" / name / "gold.jsonl").read_text("utf-8").splitlines():
            gold = json.loads(line)
            url = gold["url"].split("#")[0].strip() if gold["url"] else gold["file"]
            noted.add(re.sub(r"^x?https?://", "", url))
    assert len(samples.pages) == len(noted) + 1
    assert len({page.url for page in samples.pages}) == len(samples.pages)
    assert len(samples.real_feeds) == len(list((DATA / "feeds" / "real").iterdir()))


@needs_data
def test_real_pages_come_as_they_lie_in_the_files(served):
    web, samples = served
    for page in samples.pages[::50]:
        status, _, body = get(web, page.url)
        raw = page.file.read_bytes()
        assert (status, body) == (200, gzip.decompress(raw) if page.file.suffix == ".gz" else raw)


@needs_data
def test_the_entries_of_real_feeds_all_lead_here(served):
    web, samples = served
    assert len(samples.full_entries) > 1000
    for url in (*samples.full_entries, *samples.missing_entries):
        assert web.find(urlsplit(url).netloc) is not None, url
    assert all(get(web, url)[0] == 200 for url in samples.full_entries[::40])
    assert all(get(web, url)[0] == 404 for url in samples.missing_entries[::40])


@needs_data
def test_the_seed_article_is_where_its_feed_says(served):
    web, _ = served
    body = get(web, f"http://example-test.localhost:{web.port}/feed.xml")[2]
    ((link, title),) = links(body)
    assert link.startswith(f"http://example-test.localhost:{web.port}/international/138977-")
    status, _, page = get(web, link)
    assert status == 200
    assert title in page.decode()


def run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "wiredesk.testweb", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_command_serves_the_demo_until_it_is_told_to_stop(tmp_path):
    list_file = tmp_path / "feeds.opml"
    with run("--demo", "--opml", str(list_file)) as process:
        try:
            assert process.stdout.readline() == f"{list_file}\n"
            feed = urlsplit(etree.parse(list_file).xpath("//outline/@xmlUrl")[0])
            with closing(http.client.HTTPConnection("127.0.0.1", feed.port, timeout=20)) as client:
                client.request("GET", feed.path, headers={"Host": feed.netloc})
                assert client.getresponse().status == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()


def test_the_command_names_the_list_of_the_samples(folder):
    with run("--samples", str(folder), "--suffix", "test") as process:
        try:
            assert re.fullmatch(r"http://samples\.test:\d+/feeds\.opml\n", process.stdout.readline())
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def test_the_command_says_in_one_line_that_there_are_no_samples(tmp_path):
    with run("--samples", str(tmp_path / "none")) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors == f"news web: {tmp_path}/none/pages/aed/gold.jsonl: No such file or directory\n"


def test_the_command_says_in_one_line_that_the_port_is_taken(web):
    with run("--demo", "--port", str(web.port)) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors == f"news web: 127.0.0.1:{web.port}: Address already in use\n"
