"""Posting a form: through the same door, sent once, and followed only where the site asks for the same again."""

from __future__ import annotations

import threading

import pytest

from shared.errors import FetchError
from shared.http import GuardedClient

from .conftest import Clients, Request, Serve, reply

FORM = {"hub.mode": "subscribe", "hub.topic": "https://news.example/feed?a=b&c=ü"}
ENCODED = b"hub.mode=subscribe&hub.topic=https%3A%2F%2Fnews.example%2Ffeed%3Fa%3Db%26c%3D%C3%BC"


def failure(client: GuardedClient, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        client.post(url, data=FORM, max_bytes=1000)
    return caught.value


def test_a_form_is_sent_as_one(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(202, b"accepted"))
    response = client.post(site.url("/hub"), data=FORM, max_bytes=5, headers={"X-More": "yes"})
    assert (response.status, response.body, response.truncated) == (202, b"accep", True)
    asked = site.requests[0]
    assert (asked.method, asked.target, asked.body) == ("POST", "/hub", ENCODED)
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.headers["content-length"] == str(len(ENCODED))
    assert asked.headers["x-more"] == "yes"


def test_an_empty_form_is_a_form(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply())
    client.post(site.url(), data={}, max_bytes=10)
    assert (site.requests[0].method, site.requests[0].headers["content-length"]) == ("POST", "0")


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_asks_for_the_same_again_is_followed(client: GuardedClient, serve: Serve, status: int) -> None:
    there = serve(lambda _: reply(202))
    site = serve(lambda _: reply(status, Location=there.url("/new")))
    response = client.post(site.url("/old"), data=FORM, max_bytes=10)
    assert (response.status, response.url) == (202, there.url("/new"))
    assert response.redirects == ((status, site.url("/old")),)
    assert (there.requests[0].method, there.requests[0].body) == ("POST", ENCODED)
    assert there.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_any_other_redirect_is_the_answer(client: GuardedClient, serve: Serve, status: int) -> None:
    site = serve(lambda _: reply(status, Location="/new"))
    assert client.post(site.url(), data=FORM, max_bytes=10).status == status
    assert len(site.requests) == 1


def test_a_form_is_not_sent_a_second_time_where_a_kept_connection_ended(client: GuardedClient, serve: Serve) -> None:
    def hang_up_on_forms(request: Request) -> bytes:
        return b"" if request.method == "POST" else reply(body=b"x")

    site = serve(hang_up_on_forms)
    client.get(site.url(), max_bytes=10)
    assert failure(client, site.url()).reason == "reset"
    assert [request.method for request in site.requests] == ["GET", "POST"]


def test_the_caller_is_asked_before_every_hop(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda r: reply(307, Location="/b") if r.target == "/a" else reply())
    asked: list[str] = []
    client.post(site.url("/a"), data=FORM, max_bytes=10, before_request=asked.append)
    assert asked == [site.url("/a"), site.url("/b")]


def test_a_silent_site_is_given_up(client_with: Clients, serve: Serve) -> None:
    over = threading.Event()

    def answer(_: Request) -> bytes:
        over.wait(10)
        return b""

    error = failure(client_with(read_timeout_seconds=0.2), serve(answer).url())
    over.set()
    assert error.reason == "read_timeout"
