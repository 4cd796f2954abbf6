"""Redirects are followed by hand: bounded, checked on every hop, and nothing private goes along."""

from __future__ import annotations

import pytest

from shared.http import GuardedClient, Validators
from shared.http.wanted import within_site
from shared.webaddress import web_address

from .conftest import Clients, Request, Serve, failure, reply


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_kind_of_redirect_is_followed_and_remembered(client: GuardedClient, serve: Serve, status: int) -> None:
    site = serve(lambda r: reply(status, Location="/there#part") if r.target == "/here" else reply(body=b"there"))
    response = client.get(site.url("/here"), max_bytes=100)
    assert response.body == b"there"
    assert response.url == site.url("/there")
    assert response.redirects == ((status, site.url("/here")),)


@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_other_statuses_in_the_three_hundreds_are_answers(client: GuardedClient, serve: Serve, status: int) -> None:
    site = serve(lambda _: reply(status, Location="/there"))
    assert client.get(site.url(), max_bytes=100).status == status


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("next?x=1", "/a/next?x=1"),
        ("?x=1", "/a/page?x=1"),
        ("../up", "/up"),
        ("/grüße und küsse", "/gr%C3%BC%C3%9Fe%20und%20k%C3%BCsse"),
        ("  /padded ", "/padded"),
    ],
)
def test_a_location_is_read_as_browsers_read_it(
    client: GuardedClient, serve: Serve, location: str, target: str
) -> None:
    def answer(request: Request) -> bytes:
        if request.target == "/a/page":
            return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
        return reply(body=b"there")

    site = serve(answer)
    assert client.get(site.url("/a/page"), max_bytes=100).body == b"there"
    assert site.requests[-1].target == target


def test_a_location_without_a_scheme_keeps_the_scheme(client: GuardedClient, serve: Serve) -> None:
    there = serve(lambda _: reply(body=b"there"))
    here = serve(lambda _: reply(302, Location=f"//127.0.0.1:{there.port}/x"))
    assert client.get(here.url(), max_bytes=100).url == there.url("/x")


@pytest.mark.parametrize("location", [None, "", "mailto:a@b.example", "file:///etc/passwd", "javascript:1", "http://"])
def test_a_redirect_to_nowhere_is_an_error(client: GuardedClient, serve: Serve, location: str | None) -> None:
    site = serve(lambda _: reply(302) if location is None else reply(302, Location=location))
    error = failure(client, site.url("/page"))
    assert (error.reason, error.url) == ("bad_redirect", site.url("/page"))


def test_a_redirect_with_a_password_is_an_error(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(302, Location="http://user:secret@127.0.0.1/"))
    assert failure(client, site.url()).reason == "bad_redirect"


def test_only_so_many_redirects_are_followed(client_with: Clients, serve: Serve) -> None:
    site = serve(lambda r: reply(302, Location=f"/{int(r.target[1:]) + 1}"))
    assert failure(client_with(max_redirects=3), site.url("/0")).reason == "too_many_redirects"
    assert len(site.requests) == 4


def test_a_circle_is_left_at_once(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda r: reply(302, Location="/b" if r.target == "/a" else "/a"))
    assert failure(client, site.url("/a")).reason == "too_many_redirects"
    assert len(site.requests) == 2


def test_a_page_that_redirects_to_itself_is_a_circle(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(302, Location="/a#again"))
    assert failure(client, site.url("/a")).reason == "too_many_redirects"


def test_secrets_and_validators_stay_with_their_origin(client: GuardedClient, serve: Serve) -> None:
    other = serve(lambda _: reply())
    site = serve(lambda r: reply(302, Location="/b" if r.target == "/a" else other.url("/c")))
    client.get(
        site.url("/a"),
        max_bytes=10,
        headers={"Authorization": "Bearer secret", "Cookie": "id=1", "X-Key": "k", "Accept": "text/html"},
        conditional=Validators('"1"'),
    )
    for request in site.requests:
        assert request.headers["authorization"] == "Bearer secret"
        assert request.headers["if-none-match"] == '"1"'
    assert [request.target for request in site.requests] == ["/a", "/b"]
    assert not {"authorization", "cookie", "x-key", "if-none-match"} & set(other.requests[0].headers)
    assert other.requests[0].headers["accept"] == "text/html"


@pytest.mark.parametrize(
    ("there", "within"),
    [
        ("https://news.example/feed", True),
        ("https://www.news.example/feed", True),
        ("https://other.example/feed", False),
        ("http://news.example:8080/feed", False),
    ],
)
def test_validators_go_along_to_https_and_www_of_their_site(there: str, within: bool) -> None:
    assert within_site(web_address("http://news.example/feed"), web_address(there)) is within
