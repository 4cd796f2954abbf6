"""Cookies live as long as one request with its redirects, and go where they belong."""

from __future__ import annotations

from itertools import count

import pytest

from shared.errors import FetchError
from shared.http import GuardedClient
from shared.http.cookies import MOST_COOKIES, ChainCookies, cookie_header
from shared.webaddress import web_address

from .conftest import Request, Serve, reply


def back(set_cookie: str, *, of: str = "https://www.news.example/a/b", to: str) -> dict[str, str]:
    cookies = ChainCookies()
    cookies.take(set_cookie, web_address(of))
    return cookies.for_address(web_address(to))


@pytest.mark.parametrize(
    ("set_cookie", "to"),
    [
        ("id=1", "https://www.news.example/a/c"),
        ("id=1; Path=/", "https://www.news.example/elsewhere"),
        ("id=1; path=nonsense", "https://www.news.example/a/c"),
        ("id=1; Domain=news.example; Path=/", "https://news.example/"),
        ("id=1; domain=.NEWS.example; path=/", "https://login.news.example/"),
        ("id=1; Path=/a", "https://www.news.example/a"),
        ("id=1; Path=/", "http://www.news.example:8080/"),
        ("id=1; Secure; HttpOnly; SameSite=Lax; Path=/", "https://www.news.example/"),
        ('id="1"; Path=/; Expires=Wed, 21 Oct 2037 07:28:00 GMT; Max-Age=60', "https://www.news.example/"),
    ],
)
def test_a_cookie_comes_back_to_whom_it_belongs(set_cookie: str, to: str) -> None:
    assert back(set_cookie, to=to) in ({"id": "1"}, {"id": '"1"'})


@pytest.mark.parametrize(
    ("set_cookie", "to"),
    [
        ("id=1", "https://www.news.example/elsewhere"),
        ("id=1; Path=/", "https://news.example/"),
        ("id=1; Path=/", "https://login.news.example/"),
        ("id=1; Path=/", "https://evil.example/"),
        ("id=1; Domain=news.example; Path=/", "https://badnews.example/"),
        ("id=1; Domain=example; Path=/", "https://www.news.example/"),
        ("id=1; Domain=evil.example; Path=/", "https://evil.example/"),
        ("id=1; Domain=www.news.example.evil.example; Path=/", "https://www.news.example/"),
        ("id=1; Secure; Path=/", "http://www.news.example/"),
        ("id=1; Path=/ab", "https://www.news.example/a"),
        ("id=1; Path=/a/b", "https://www.news.example/a/bc"),
        ("id=1; Max-Age=0; Path=/", "https://www.news.example/"),
        ("id; Path=/", "https://www.news.example/"),
        ("=1; Path=/", "https://www.news.example/"),
        ("id=a\x00b; Path=/", "https://www.news.example/"),
        ("id=" + "x" * 5000 + "; Path=/", "https://www.news.example/"),
    ],
)
def test_a_cookie_goes_nowhere_else(set_cookie: str, to: str) -> None:
    assert back(set_cookie, to=to) == {}


def test_a_public_suffix_has_no_cookies() -> None:
    assert back("id=1; Domain=github.io; Path=/", of="https://a.github.io/", to="https://b.github.io/") == {}
    assert back("id=1; Domain=co.uk; Path=/", of="https://bbc.co.uk/", to="https://itv.co.uk/") == {}


def test_an_address_in_digits_has_cookies_of_its_own_only() -> None:
    assert back("id=1; Path=/", of="http://192.0.2.1/", to="http://192.0.2.1/") == {"id": "1"}
    assert back("id=1; Domain=2.1; Path=/", of="http://192.0.2.1/", to="http://192.0.2.1/") == {}


def test_a_later_cookie_replaces_an_earlier_one_and_max_age_takes_it_back() -> None:
    cookies, address = ChainCookies(), web_address("https://news.example/")
    cookies.take("id=1", address)
    cookies.take("id=2", address)
    assert cookies.for_address(address) == {"id": "2"}
    cookies.take("id=; Max-Age=0", address)
    assert cookies.for_address(address) == {}


def test_there_is_an_end_to_what_is_remembered_and_sent() -> None:
    cookies, address = ChainCookies(), web_address("https://news.example/")
    for number in range(1000):
        cookies.take(f"id{number}={'x' * 1000}", address)
    assert len(cookies.for_address(address)) == MOST_COOKIES
    assert cookie_header(cookies.for_address(address)) is None


def test_a_site_that_checks_for_cookies_gets_its_own_back(client: GuardedClient, serve: Serve) -> None:
    def check(request: Request) -> bytes:
        if "seen=1" in request.headers.get("cookie", ""):
            return reply(body=b"<rss/>")
        return reply(302, Location="/feed", Set_Cookie="seen=1; Path=/")

    site = serve(check)
    assert client.get(site.url("/feed"), max_bytes=100).body == b"<rss/>"
    assert len(site.requests) == 2


def test_no_cookie_outlives_its_request(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda r: reply(302, Location="/b", Set_Cookie="id=1; Path=/") if r.target == "/a" else reply())
    for _ in range(2):
        client.get(site.url("/a"), max_bytes=10)
    assert ["cookie" in request.headers for request in site.requests] == [False, True, False, True]


def test_a_cookie_does_not_follow_to_another_site(client: GuardedClient, serve: Serve) -> None:
    other = serve(lambda _: reply(), host="127.0.0.2")
    site = serve(lambda _: reply(302, Location=other.url(host="127.0.0.2"), Set_Cookie="id=1; Path=/"))
    client.get(site.url(), max_bytes=10)
    assert "cookie" not in other.requests[0].headers


def test_a_site_that_does_not_want_its_own_cookie_is_a_circle(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(302, Location="/feed", Set_Cookie="seen=1; Path=/"))
    with pytest.raises(FetchError) as caught:
        client.get(site.url("/feed"), max_bytes=100)
    assert caught.value.reason == "too_many_redirects"
    assert len(site.requests) == 2


def test_a_new_cookie_at_each_turn_ends_with_the_redirects_that_are_allowed(
    client: GuardedClient, serve: Serve
) -> None:
    turns = count()
    site = serve(lambda _: reply(302, Location="/", Set_Cookie=f"n={next(turns)}; Path=/"))
    with pytest.raises(FetchError) as caught:
        client.get(site.url(), max_bytes=100)
    assert caught.value.reason == "too_many_redirects"
    assert len(site.requests) == 11
