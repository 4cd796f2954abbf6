"""The news web that other tests rely on, asked with the standard library's own client."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest
from lxml import etree, html

from wiredesk.testweb import Answer, ArticlePage, Ask, Channel, Furniture, Item, NewsWeb, article_page, build_feed, opml

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb() as opened:
        yield opened


class Reply:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()


def ask(web: NewsWeb, url: str, method: str = "GET", **headers: str) -> Reply:
    with closing(connection(web)) as client:
        return ask_on(client, url, method, **headers)


def connection(web: NewsWeb) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)


def ask_on(client: http.client.HTTPConnection, url: str, method: str = "GET", **headers: str) -> Reply:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    client.request(method, target, headers={"Host": parts.netloc, **names})
    return Reply(client.getresponse())


def test_sites_are_told_apart_by_name(web):
    one = web.site("harbour").page("/a", "<p>harbour</p>")
    two = web.site("hills").page("/a", "<p>hills</p>")

    assert one == f"http://harbour.localhost:{web.port}/a"
    assert ask(web, one).body == b"<p>harbour</p>"
    assert ask(web, two).body == b"<p>hills</p>"


def test_the_suffix_can_be_another():
    with NewsWeb(suffix="test") as other:
        url = other.site("harbour").page("/a", "x")
        assert url == f"http://harbour.test:{other.port}/a"
        assert ask(other, url).status == 200


def test_an_unknown_site_says_which_there_are(web):
    web.site("harbour")
    reply = ask(web, f"http://nowhere.localhost:{web.port}/")
    assert reply.status == 404
    assert b"nowhere.localhost" in reply.body
    assert b"\nharbour\n" in reply.body


def test_a_path_that_nobody_put_there_is_not_found(web):
    assert ask(web, web.site("harbour").url("/none")).status == 404


def test_robots_txt_is_absent_until_it_is_written(web):
    site = web.site("harbour")
    assert ask(web, site.url("/robots.txt")).status == 404
    site.robots("User-agent: *\nDisallow: /private/\n")
    assert b"Disallow: /private/" in ask(web, site.url("/robots.txt")).body


def test_a_removed_page_is_not_found(web):
    site = web.site("harbour")
    url = site.page("/a", "x")
    site.remove("/a")
    assert ask(web, url).status == 404


def test_tracking_parameters_do_not_hide_a_page(web):
    site = web.site("harbour")
    site.page("/a", "plain")
    site.page("/a?id=2", "second")
    assert ask(web, site.url("/a?utm_source=rss")).body == b"plain"
    assert ask(web, site.url("/a?id=2")).body == b"second"


def test_two_slashes_at_the_start_of_a_path_are_not_one(web):
    site = web.site("harbour")
    site.page("//a", "double")
    site.page("/a", "single")
    with closing(connection(web)) as client:
        client.request("GET", "//a", headers={"Host": urlsplit(site.url()).netloc})
        assert client.getresponse().read() == b"double"
    assert web.log[0].path == "//a"


def test_percent_encoding_does_not_hide_a_page(web):
    site = web.site("harbour")
    site.page("/straße", "found")
    assert ask(web, site.url("/stra%c3%9fe")).body == b"found"
    assert ask(web, site.url("/stra%C3%9Fe")).body == b"found"


def test_the_etag_of_a_page_brings_a_304_without_a_body(web):
    url = web.site("harbour").page("/a", "hello", modified=NOW)
    first = ask(web, url)
    again = ask(web, url, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert ask(web, url, If_None_Match=f'"other", W/{first.headers["etag"]}').status == 304
    assert ask(web, url, If_None_Match='"other"').status == 200


def test_last_modified_brings_a_304_until_the_page_changes(web):
    site = web.site("harbour")
    url = site.page("/a", "hello", modified=NOW)
    since = ask(web, url).headers["last-modified"]
    assert since == "Sat, 14 Mar 2026 09:30:00 GMT"
    assert ask(web, url, If_Modified_Since=since).status == 304
    site.page("/a", "hello again", modified=NOW + timedelta(seconds=1))
    assert ask(web, url, If_Modified_Since=since).status == 200


def test_the_etag_decides_where_both_validators_are_sent(web):
    url = web.site("harbour").page("/a", "hello", modified=NOW)
    since = ask(web, url).headers["last-modified"]
    assert ask(web, url, If_Modified_Since=since, If_None_Match='"other"').status == 200


def test_nonsense_validators_are_ignored(web):
    url = web.site("harbour").page("/a", "hello")
    assert ask(web, url, If_Modified_Since="yesterday").status == 200


def test_a_lying_server_never_says_304(web):
    url = web.site("liar").respond("/a", headers=(("ETag", '"same"'),), body=b"news", conditional=False)
    assert ask(web, url, If_None_Match='"same"').body == b"news"


def test_pages_are_compressed_for_those_who_take_it(web):
    url = web.site("harbour").page("/a", "hello " * 500)
    plain, packed = ask(web, url), ask(web, url, Accept_Encoding="br, gzip;q=0.5")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == b"hello " * 500


def test_head_has_the_headers_without_the_body(web):
    url = web.site("harbour").page("/a", "hello")
    reply = ask(web, url, "HEAD")
    assert (reply.status, reply.headers["content-length"], reply.body) == (200, "5", b"")


def test_a_post_is_kept_with_its_body(web):
    url = web.site("hook").respond("/in", status=204)
    with closing(connection(web)) as client:
        client.request("POST", "/in", body=b"payload", headers={"Host": urlsplit(url).netloc})
        assert client.getresponse().status == 204
    (seen,) = web.requests(site="hook")
    assert (seen.method, seen.body) == ("POST", b"payload")


def test_a_redirect_keeps_its_status_and_target(web):
    url = web.site("harbour").redirect("/old", "/new", status=308)
    reply = ask(web, url)
    assert (reply.status, reply.headers["location"]) == (308, "/new")


def test_a_script_goes_on_from_request_to_request_and_stays_at_its_end(web):
    steps = [Answer(status=503, headers=(("Retry-After", "1"),)), Answer(body=b"one"), Answer(body=b"two")]
    url = web.site("harbour").script("/x", steps)
    replies = [ask(web, url) for _ in range(4)]
    assert [(reply.status, reply.body) for reply in replies] == [
        (503, b""),
        (200, b"one"),
        (200, b"two"),
        (200, b"two"),
    ]
    assert replies[0].headers["retry-after"] == "1"


def test_a_script_without_steps_is_refused(web):
    with pytest.raises(ValueError, match="needs a step"):
        web.site("harbour").script("/x", [])


def test_one_connection_serves_many_requests(web):
    url = web.site("harbour").page("/a", "hello")
    with closing(connection(web)) as client:
        for _ in range(3):
            assert ask_on(client, url).body == b"hello"
            sock = client.sock
            assert sock is not None
        assert client.sock is sock


def test_a_delay_is_kept_on_its_own_site_only(web):
    slow, quick = web.site("slow"), web.site("quick")
    slow.delay(0.5)
    urls = slow.page("/", "x"), quick.page("/", "x")
    for url in urls:
        ask(web, url)
    took = [seen.finished_at - seen.at for seen in web.log]
    assert took[0] >= 0.5 > took[1]


def test_a_broken_answer_ends_before_what_it_announced(web):
    url = web.site("harbour").broken("/cut", body=b"half")
    with closing(connection(web)) as client, pytest.raises(http.client.IncompleteRead) as failure:
        ask_on(client, url)
    assert failure.value.partial == b"half"


def test_a_hanging_path_answers_nothing_until_the_web_closes():
    with NewsWeb() as web:
        site = web.site("harbour")
        site.hang("/hang")
        client = socket.create_connection(("127.0.0.1", web.port), timeout=20)
        client.sendall(f"GET /hang HTTP/1.1\r\nHost: harbour.localhost:{web.port}\r\n\r\n".encode())
        wait_for(lambda: len(web.log) == 1)
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)
        assert web.log[0].status is None
        assert web.log[0].finished_at is None
    client.settimeout(5)
    assert client.recv(1) == b""
    client.close()
    assert web.log[0].finished_at is not None


def test_a_slow_loris_sends_byte_by_byte(web):
    url = web.site("loris").slow_loris("/s", pause=0.05, body=b"abcd")
    began = time.monotonic()
    assert ask(web, url).body == b"abcd"
    assert time.monotonic() - began >= 4 * 0.05


def test_a_slow_loris_can_keep_its_headers_back(web):
    web.site("loris").slow_loris("/s", pause=0.1, body=b"abcd", headers_too=True)
    with closing(socket.create_connection(("127.0.0.1", web.port), timeout=5)) as client:
        client.sendall(f"GET /s HTTP/1.1\r\nHost: loris.localhost:{web.port}\r\n\r\n".encode())
        assert client.recv(1000) == b"H"


def test_an_endless_page_goes_on_until_the_client_has_had_enough(web):
    url = web.site("harbour").endless("/huge", piece=b"x" * 10_000)
    with closing(connection(web)) as client:
        client.request("GET", "/huge", headers={"Host": urlsplit(url).netloc})
        response = client.getresponse()
        assert response.getheader("content-length") is None
        assert len(response.read(3_000_000)) == 3_000_000
        response.close()
    wait_for(lambda: web.log[0].finished_at is not None)


def test_an_endless_page_has_an_end_all_the_same(web):
    url = web.site("harbour").endless("/huge", piece=b"x" * 1000, most=5000)
    assert len(ask(web, url).body) == 5000


def test_the_log_tells_who_asked_for_what(web):
    url = web.site("harbour").page("/a", "hello")
    ask(web, f"{url}?from=rss", User_Agent="reader/1")
    ask(web, web.site("hills").url("/none"))

    first, second = web.log
    assert (first.site, first.path, first.method, first.status) == ("harbour", "/a?from=rss", "GET", 200)
    assert first.headers["user-agent"] == "reader/1"
    assert first.at <= first.finished_at <= second.at
    assert second.status == 404
    assert web.requests(site="harbour", path="/a") == (first,)
    assert web.requests(path="/a?from=rss") == (first,)
    assert web.requests(path="/a?from=mail") == ()


def test_two_hundred_clients_are_served_at_once(web):
    # Each answer waits for the last of the clients: with one place too few, none would ever get any.
    together = threading.Barrier(200)

    def wait(_: Ask) -> Answer:
        together.wait(timeout=60)
        return Answer(body=b"together")

    urls = [web.site(f"site{number % 20}").answer("/", wait) for number in range(200)]
    with ThreadPoolExecutor(200) as pool:
        bodies = list(pool.map(lambda url: ask(web, url).body, urls))

    assert bodies == [b"together"] * 200
    assert web.most_in_flight() == 200
    assert web.most_in_flight("site3") == 10
    assert all(seen.finished_at is not None for seen in web.log)


def test_a_polite_client_is_never_seen_twice_at_once(web):
    # The next request may arrive before the thread of the last has ended: it must not be counted as a second one.
    url = web.site("harbour").page("/a", "x" * 300_000)
    with closing(connection(web)) as one, closing(connection(web)) as two:
        for _ in range(100):
            assert len(ask_on(one, url).body) == len(ask_on(two, url).body) == 300_000
    assert len(web.log) == 200
    assert web.most_in_flight("harbour") == 1


def test_the_least_gap_is_between_arrivals_at_one_site(web):
    url = web.site("harbour").page("/a", "x")
    other = web.site("hills").page("/a", "x")
    assert web.least_gap("harbour") == float("inf")
    ask(web, url)
    time.sleep(0.2)
    ask(web, other)
    ask(web, url)
    assert 0.2 <= web.least_gap("harbour") < 2


def test_a_closed_web_leaves_no_thread_and_no_open_door():
    before = threading.active_count()
    with NewsWeb() as web:
        url = web.site("harbour").page("/a", "x")
        idle = [connection(web) for _ in range(5)]
        for client in idle:
            ask_on(client, url)
        port = web.port
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError), closing(socket.create_connection(("127.0.0.1", port), timeout=5)):
        pass
    for client in idle:
        client.close()


def test_addresses_exist_inside_the_with_block_only():
    with pytest.raises(RuntimeError, match="with block"):
        NewsWeb().site("harbour").url()


ITEMS = [
    Item(
        link="http://harbour.localhost/a?x=1&y=2",
        title="Fish & chips <cheap>",
        published=datetime(2026, 3, 14, 10, 0, tzinfo=timezone(timedelta(hours=2))),
        updated=datetime(2026, 3, 14, 11, 0, tzinfo=UTC),
        summary="<p>A &amp; B</p>",
        content="<p>Whole text.</p>",
        authors=("Ada Quill",),
        tags=("food",),
        image="http://harbour.localhost/a.png",
    ),
    Item(link="http://harbour.localhost/b"),
]
CHANNEL = Channel(title="The Ledger", site_url="http://harbour.localhost/", feed_url="http://harbour.localhost/feed")


@pytest.mark.parametrize(
    ("kind", "entry", "link"),
    [
        ("rss", "//item", "string(link)"),
        ("rss10", "//*[local-name()='item']", "string(@*[local-name()='about'])"),
        ("atom", "//*[local-name()='entry']", "string(*[local-name()='link'][@rel='alternate']/@href)"),
    ],
)
def test_xml_feeds_are_well_formed_and_keep_every_item(kind, entry, link):
    root = etree.fromstring(build_feed(kind, CHANNEL, ITEMS))
    found = root.xpath(entry)
    assert [item.xpath(link) for item in found] == [item.link for item in ITEMS]
    assert found[0].xpath("string(*[local-name()='title'])") == "Fish & chips <cheap>"
    assert "Whole text." in "".join(found[0].itertext())
    assert "Ada Quill" in "".join(found[0].itertext())


@pytest.mark.parametrize(
    ("kind", "date"), [("rss", b"Sat, 14 Mar 2026 10:00:00 +0200"), ("atom", b"2026-03-14T10:00:00+02:00")]
)
def test_feeds_keep_the_zone_of_a_date(kind, date):
    assert date in build_feed(kind, CHANNEL, ITEMS)


def test_a_json_feed_keeps_every_item():
    feed = json.loads(build_feed("json", CHANNEL, ITEMS))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["url"] for item in feed["items"]] == [item.link for item in ITEMS]
    assert feed["items"][0]["date_published"] == "2026-03-14T10:00:00+02:00"
    assert "date_published" not in feed["items"][1]


def test_a_feed_without_items_is_a_feed_all_the_same():
    for kind in ("rss", "rss10", "atom"):
        assert etree.fromstring(build_feed(kind, CHANNEL, [])) is not None
    assert json.loads(build_feed("json", CHANNEL, []))["items"] == []


def test_a_feed_is_served_with_its_content_type(web):
    url = web.site("harbour").feed("/feed", ITEMS, kind="atom")
    reply = ask(web, url)
    assert reply.headers["content-type"].startswith("application/atom+xml")
    assert b"<title>Harbour</title>" in reply.body


def test_an_opml_list_has_a_folder_a_category():
    body = opml(
        "All & sundry", [("http://a/?x=1&y=2", "A", "News"), ("http://b/", "B", "News"), ("http://c/", "C", None)]
    )
    root = etree.fromstring(body)
    assert root.xpath("//outline/@xmlUrl") == ["http://a/?x=1&y=2", "http://b/", "http://c/"]
    assert root.xpath("//outline[@text='News']/outline/@text") == ["A", "B"]


PAGE = ArticlePage(
    url="http://harbour.localhost/a",
    title='The "Old" Bell & <its> ring',
    lead="A bell rings again.",
    paragraphs=("First.", "Second </script> one.", "Third.", "Fourth."),
    author="Ada Quill",
    published=datetime(2026, 3, 14, 10, 0, tzinfo=timezone(timedelta(hours=2))),
    section="Town",
    tags=("bells",),
    image="http://harbour.localhost/bell.png",
    caption="The bell",
    credit="Tom Lens",
    site_name="The Ledger",
    furniture=Furniture(related=(("Other story", "/other"),)),
)


def test_an_article_page_says_the_same_in_every_place():
    tree = html.fromstring(article_page(PAGE))
    assert tree.xpath("string(//h1)") == PAGE.title
    assert tree.xpath("string(//meta[@property='og:title']/@content)") == PAGE.title
    linked = json.loads(tree.xpath("string(//script[@type='application/ld+json'])"))
    assert linked["headline"] == PAGE.title
    assert linked["datePublished"] == tree.xpath("string(//time/@datetime)") == "2026-03-14T10:00:00+02:00"
    assert tree.xpath("string(//link[@rel='canonical']/@href)") == PAGE.url
    assert tuple(tree.xpath("//div[@class='article-body']/p/text()")) == PAGE.paragraphs
    assert tree.xpath("string(//figcaption)") == "The bell Photo: Tom Lens"


def test_an_article_page_has_what_a_parser_must_leave_out():
    tree = html.fromstring(article_page(PAGE))
    assert tree.xpath("string(//div[@class='article-body']/div[@class='read-more'])") == "Other story"
    for place in ("//nav", "//div[@class='share']", "//aside[@class='newsletter']", "//footer"):
        assert tree.xpath(f"string({place})").strip()


def test_an_arabic_page_runs_from_right_to_left():
    page = ArticlePage(url="http://a/", title="خبر", paragraphs=("نص",), language="ar")
    assert '<html lang="ar" dir="rtl">' in article_page(page)


def wait_for(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 10 seconds"
        time.sleep(0.01)
