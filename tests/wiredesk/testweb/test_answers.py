"""What a news web answers: its sites, their pages, and what HTTP asks of both."""

from __future__ import annotations

import gzip
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from wiredesk.testweb import Answer, NewsWeb

from .asking import ask, connection

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


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
