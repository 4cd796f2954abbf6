"""Addresses: which are one page, whose site they belong to, and what a link in a feed means."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shared.urls import absolute_url, canonical_url, is_aggregator_link, same_site, site_of
from shared.webaddress import web_address


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("HTTP://News.Example", "http://news.example/"),
        ("https://news.example:443/a", "https://news.example/a"),
        ("http://news.example:80/a", "http://news.example/a"),
        ("https://news.example:80/a", "https://news.example:80/a"),
        ("https://news.example:/a", "https://news.example/a"),
        ("https://news.example:00443/a", "https://news.example/a"),
        ("https://news.example./a", "https://news.example/a"),
        ("  https://news.example/a\n", "https://news.example/a"),
        ("https://news.example/a#part", "https://news.example/a"),
        ("https://news.example/a?", "https://news.example/a"),
        ("https://news.example/a?&&b=1&", "https://news.example/a?b=1"),
        ("https://news.example?b=1", "https://news.example/?b=1"),
        ("https://news.example/A/b/../C/./d", "https://news.example/A/C/d"),
        ("https://news.example/../..", "https://news.example/"),
        ("https://news.example/a/%2e%2E/b", "https://news.example/b"),
        ("https://news.example/a//b/", "https://news.example/a//b/"),
        ("https://news.example/%7Euser/%c3%bc%2f", "https://news.example/~user/%C3%BC%2F"),
        ("https://news.example/ü b", "https://news.example/%C3%BC%20b"),
        ("https://news.example/100%", "https://news.example/100%25"),
        ("https://news.example/%%41", "https://news.example/%25A"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
        ("https://\u2603.example/", "https://xn--n3h.example/"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://news\u3002example/", "https://news.example/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://017700000001/", "http://127.0.0.1/"),
        ("http://[2001:DB8:0::1]:8080/", "http://[2001:db8::1]:8080/"),
    ],
)
def test_spellings_of_one_page_have_one_key(url: str, key: str) -> None:
    assert canonical_url(url) == key


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&b=0&a=1", "a=2&a=1&b=0"),
        ("b&a=&c", "a=&b&c"),
        ("a=1+2", "a=1+2"),
        ("a=1%202", "a=1%202"),
        ("a=%c3%a4%41", "a=%C3%A4A"),
        ("a=b=c", "a=b=c"),
        ("x[]=1&x[]=0", "x[]=1&x[]=0"),
        ("id=3&utm_source=rss&UTM_Campaign=x", "id=3"),
        ("%75tm_source=rss&id=3", "id=3"),
        ("fbclid=1&gclid=2&mc_cid=3&xtor=RSS-1&at_medium=x&wt.mc_id=y", ""),
        ("ref=x&source=y&id=z&s=1&cmp=2&from=rss&p=3", "cmp=2&from=rss&id=z&p=3&ref=x&s=1&source=y"),
    ],
)
def test_only_what_shows_nothing_is_taken_from_a_query(query: str, kept: str) -> None:
    assert canonical_url(f"https://news.example/?{query}") == f"https://news.example/{'?' if kept else ''}{kept}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/a", "http://news.example/a"),
        ("https://news.example/a", "https://www.news.example/a"),
        ("https://news.example/a", "https://news.example/A"),
        ("https://news.example/a", "https://news.example/a/"),
        ("https://news.example/a", "https://news.example:8443/a"),
        ("https://news.example/a%2Fb", "https://news.example/a/b"),
        ("https://news.example/?a=1+2", "https://news.example/?a=1%202"),
        ("https://news.example/?a", "https://news.example/?a="),
        ("https://news.example/?a=1&a=2", "https://news.example/?a=2&a=1"),
    ],
)
def test_what_a_site_could_tell_apart_stays_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "not an http"),
        ("ftp://news.example/", "not an http"),
        ("news.example", "not an http"),
        ("https:/news.example", "not an http"),
        ("mailto:a@news.example", "not an http"),
        ("https://", "no host"),
        ("https:///a", "no host"),
        ("https://:80/", "no host"),
        ("https://user:secret@news.example/", "password"),
        ("https://news.example\\@evil.example/", "password"),
        ("https://news.example\\.evil.example/", "host"),
        ("https://news.example:0/", "port"),
        ("https://news.example:65536/", "port"),
        ("https://news.example:99999999999999999999/", "port"),
        ("https://news.example:8o/", "host"),
        ("https://news.example:\u0664\u0663/", "host"),
        ("https://news..example/", "host"),
        ("https://news example/", "host"),
        ("https://%6eews.example/", "host"),
        ("https://[::1/", "host"),
        ("https://[fe80::1%25eth0]/", "host"),
        ("https://1.2.3.4.5/", "host"),
        ("https://256.1.1.1/", "host"),
        ("https://1.2.3.08/", "host"),
        (f"https://{'a' * 64}.example/", "host"),
        (f"https://{'ü' * 60}.example/", "host"),
        ("https://\u200b.example\ufffd/", "host"),
        ("https://news.example/a\x00b", "control"),
        ("https://news.example/a\nb", "control"),
        ("https://news.example/\ud800", "half a character"),
        (f"https://news.example/{'a' * 2048}", "2048"),
        (f"https://news.example/{'ü' * 1000}", "2048"),
    ],
)
def test_what_is_no_address_says_why_in_a_few_words(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        canonical_url(url)
    assert type(caught.value) is ValueError
    assert len(str(caught.value)) < 80


HOSTS = st.sampled_from(["news.example", "NEWS.example.", "bücher.example", "127.1", "[::1]", "x.localhost"])
PIECES = st.text(st.sampled_from("aZ09-._~%25/41c3eE&=+;:@!$'()*,[]|^ü \\\"<>{}`?utm_"), max_size=30)


@given(st.sampled_from(["http", "HTTPS"]), HOSTS, st.sampled_from(["", ":80", ":443", ":8080"]), PIECES, PIECES)
@example("http", "news.example", "", "%2%35", "%75tm_a=1&%%32=5")
def test_the_key_of_a_key_is_itself(scheme: str, host: str, port: str, path: str, query: str) -> None:
    key = canonical_url(f"{scheme}://{host}{port}/{path}?{query}")
    assert canonical_url(key) == key
    assert key.isascii()
    assert "#" not in key
    assert str(web_address(key)) == key


@given(st.lists(st.tuples(st.text("abcXYZ é", min_size=1, max_size=4), st.text("01 ü&=%+", max_size=4)), max_size=6))
def test_no_parameter_changes_its_meaning(parameters: list[tuple[str, str]]) -> None:
    key = canonical_url(f"https://news.example/?{urlencode(parameters)}")
    kept = parse_qsl(urlsplit(key).query, keep_blank_values=True)
    assert sorted(kept) == sorted(parameters)
    for name, _ in parameters:
        assert [v for n, v in kept if n == name] == [v for n, v in parameters if n == name]


@given(st.text())
def test_any_text_has_a_key_or_a_reason(text: str) -> None:
    for url in (text, f"https://{text}", f"https://news.example/{text}"):
        try:
            key = canonical_url(url)
        except ValueError:
            continue
        assert canonical_url(key) == key
        assert site_of(key)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.news.example/a", "news.example"),
        ("https://NEWS.example./", "news.example"),
        ("https://www.bbc.co.uk:8080/news", "bbc.co.uk"),
        ("https://foo.github.io/feed", "foo.github.io"),
        ("https://a.foo.github.io/feed", "foo.github.io"),
        ("https://github.io/", "github.io"),
        ("http://127.0.0.1:8080/", "127.0.0.1"),
        ("http://127.1/", "127.0.0.1"),
        ("http://[::1]:8080/", "::1"),
        ("http://localhost:1234/", "localhost"),
        ("http://daily.localhost:1234/", "daily.localhost"),
        ("http://www.daily.localhost/", "daily.localhost"),
        ("http://wiki/", "wiki"),
        ("https://www.食狮.公司.cn/", "xn--85x722f.xn--55qx5d.cn"),
        ("https://user@www.news.example/", "news.example"),
        ("entry:3:ab12", ""),
        ("", ""),
        ("https://", ""),
        ("https://a..b/", ""),
        ("mailto:a@news.example", ""),
    ],
)
def test_a_site_is_what_somebody_registered(url: str, site: str) -> None:
    assert site_of(url) == site


@given(st.text())
def test_no_text_is_too_odd_to_ask_for_its_site(text: str) -> None:
    assert isinstance(site_of(text), str)
    assert isinstance(site_of(f"https://{text}"), str)


def test_addresses_of_one_site_know_each_other() -> None:
    assert same_site("https://www.news.example/a", "http://feeds.news.example:8080/b")
    assert not same_site("https://a.github.io/", "https://b.github.io/")
    assert not same_site("entry:1:a", "entry:2:b")


BASE = "https://feeds.news.example/rss/world.xml?x=1"


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("https://other.example/a", "https://other.example/a"),
        ("HTTP://other.example/a", "http://other.example/a"),
        ("//other.example/a", "https://other.example/a"),
        ("/a", "https://feeds.news.example/a"),
        ("a/b", "https://feeds.news.example/rss/a/b"),
        ("../a", "https://feeds.news.example/a"),
        ("?p=12", "https://feeds.news.example/rss/world.xml?p=12"),
        ("story.html", "https://feeds.news.example/rss/story.html"),
        ("story.php?id=3#c", "https://feeds.news.example/rss/story.php?id=3#c"),
        ("www.other.example/a", "https://www.other.example/a"),
        ("https:/other.example/a", "https://other.example/a"),
        ("https:\\\\other.example/a", "https://other.example/a"),
        ("\n  https://other.example/a\n", "https://other.example/a"),
        ("https://other.example/a\n    /b\tc", "https://other.example/a/bc"),
        ("https://other.example/a\x00b", "https://other.example/ab"),
        ("/a title.html", "https://feeds.news.example/a title.html"),
    ],
)
def test_a_link_is_read_as_the_feed_means_it(link: str, absolute: str) -> None:
    assert absolute_url(BASE, link) == absolute


def test_a_link_without_scheme_takes_that_of_the_feed() -> None:
    assert absolute_url("http://feeds.news.example/rss", "//host.example/path") == "http://host.example/path"
    assert absolute_url("https://feeds.news.example/rss", "//host.example/path") == "https://host.example/path"


@pytest.mark.parametrize(
    "link",
    [
        *("", "   ", "#top", "mailto:a@news.example", "javascript:void(0)", "urn:uuid:1234", "data:text/html,x"),
        *("tag:news.example,2024:/a/1", "yt:video:abc", "doi:10.1/2", "ftp://news.example/a", "https:", "https://"),
        *("12345", "t3_abcdef", "9f86d081-884c-4d63", "A title of a story", "A / B or: what is news?", "v1.2"),
        "news.example:8080/a",
    ],
)
def test_what_names_no_page_is_no_link(link: str) -> None:
    assert absolute_url(BASE, link) is None


@given(st.text(), st.text())
def test_any_link_resolves_to_an_address_or_to_nothing(base: str, link: str) -> None:
    resolved = absolute_url(base, link)
    assert resolved is None or resolved.lower().startswith(("http://", "https://"))


def test_a_hostile_link_is_read_in_no_time() -> None:
    began = time.perf_counter()
    for link in (" " * 1_000_000 + "x", "a." * 500_000, "/." * 500_000, "a\n " * 300_000, "http:" + "/" * 1_000_000):
        absolute_url(BASE, link)
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize(
    ("url", "wrapped"),
    [
        ("https://news.google.com/rss/articles/CBMiABC?oc=5", True),
        ("https://news.google.com/articles/CBMiABC", True),
        ("https://news.google.com/read/CBMiABC?hl=de", True),
        ("https://news.google.com/__i/rss/rd/articles/CBMiABC", True),
        ("https://news.google.com/rss/articles/CBMiABC", True),
        ("http://NEWS.google.com/atom/articles/CBMiABC", True),
        ("https://news.google.com/u/0/read/CBMiABC", True),
        ("https://www.google.com/url?rct=j&sa=t&url=https://news.example/a&ct=ga&usg=AOv", True),
        ("https://google.co.uk/url?q=https://news.example/a", True),
        ("https://c.newsnow.co.uk/A/1245106548?-29494:15630", True),
        ("https://apple.news/AbCdEfGhIjKlMnOpQrStUvW", True),
        ("https://apple.news/subscribe", False),
        ("https://www.newsnow.co.uk/h/World+News", False),
        ("https://www.google.com/search?q=url", False),
        ("https://www.google.com.evil.example/url?q=x", False),
        ("https://google.example.com/url?q=x", False),
        ("https://news.google.com/topics/CAAqABC", False),
        ("https://flip.it/abc", False),
        ("https://www.msn.com/en-us/news/world/a-title/ar-AA1abc", False),
        ("https://news.google.com/rss?hl=de", False),
        ("https://news.google.com/", False),
        ("https://www.bing.com/news/apiclick.aspx?url=https%3a%2f%2fnews.example%2fa", False),
        ("https://feedproxy.google.com/~r/news/1", False),
        ("https://t.co/abc", False),
        ("https://news.google.com.evil.example/articles/CBMiABC", False),
        ("nonsense", False),
    ],
)
def test_only_wrappers_that_no_redirect_undoes_are_aggregators(url: str, wrapped: bool) -> None:
    assert is_aggregator_link(url) is wrapped


@given(st.text("abcü%/.? ", max_size=40))
def test_what_goes_over_the_wire_is_the_sites_own_spelling(path: str) -> None:
    assume("/." not in f"/{path}")
    address = web_address(f"https://news.example/{path}x")
    assert address.target.replace("%C3%BC", "ü").replace("%20", " ") == f"/{path}x"
